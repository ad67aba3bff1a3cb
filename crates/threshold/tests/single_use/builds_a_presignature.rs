use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::{BatchCertificate, Leaf, Presignature, PresignatureSecrets};
use std::sync::Arc;

fn build(certificate: Arc<BatchCertificate>, leaf: Leaf, me: PartyId, secrets: PresignatureSecrets) -> Option<Presignature> {
    Presignature::new(certificate, leaf, Vec::new(), me, secrets)
}

fn main() {}
