use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::{KeyShare, PublicShares};
use conclave_threshold::online::SignedAssignment;
use conclave_threshold::party::Epoch;
use conclave_threshold::presignature::Presignature;
use ed25519_dalek::SigningKey;
use std::sync::Arc;

fn twice(
    presignature: Presignature,
    assignments: [SignedAssignment; 2],
    share: &KeyShare<Secp256k1>,
    public: &Arc<PublicShares>,
    epoch: &Arc<Epoch>,
    key: &SigningKey,
) {
    let _ = presignature.bind(&assignments[0], share, public, epoch, key);
    let _ = presignature.bind(&assignments[1], share, public, epoch, key);
}

fn main() {}
