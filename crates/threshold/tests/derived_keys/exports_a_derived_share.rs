use conclave_threshold::derivation::DerivedShare;

fn export(share: &DerivedShare) -> Vec<u8> {
    share.encode_secret().to_vec()
}

fn main() {}
