use conclave_threshold::derivation::SigningShare;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;

fn read<'a>(share: SigningShare<'a>) -> &'a KeyShare<Secp256k1> {
    share.key
}

fn main() {}
