use conclave_threshold::derivation::DerivedShare;
use conclave_threshold::group::{Secp256k1, Secret};

fn read(share: &DerivedShare) -> &Secret<Secp256k1> {
    share.share()
}

fn main() {}
