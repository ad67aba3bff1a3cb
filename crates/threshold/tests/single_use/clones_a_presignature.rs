use conclave_threshold::presignature::Presignature;

fn clone(presignature: &Presignature) -> Presignature {
    Presignature::clone(presignature)
}

fn main() {}
