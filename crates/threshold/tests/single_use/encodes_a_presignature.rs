use conclave_threshold::codec::Encode;
use conclave_threshold::presignature::Presignature;

fn encode(presignature: Presignature) -> Vec<u8> {
    presignature.encoded()
}

fn main() {}
