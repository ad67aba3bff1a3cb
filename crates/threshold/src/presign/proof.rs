//! Schnorr's proof that the sender of `Fh_i` knows its logarithm to the base R. Without it whoever speaks last could solve for the
//! point that makes all sums come out right.

use crate::codec::Encode;
use crate::group::{Curve, Secp256k1};
use crate::message::SessionId;
use crate::party::PartyId;
use crate::transcript::{Tag, Transcript};
use k256::{AffinePoint, ProjectivePoint, Scalar};

/// What the proof is about, and all that its challenge is bound to.
pub struct Statement<'a> {
    pub sid: &'a SessionId,
    pub index: u32,
    pub prover: PartyId,
    pub r: &'a AffinePoint,
    pub b: &'a AffinePoint,
    pub fh: &'a AffinePoint,
    pub wh: &'a AffinePoint,
    pub u: &'a Scalar,
}

impl Statement<'_> {
    pub fn challenge(&self, commitment: &AffinePoint) -> Scalar {
        let mut transcript = Transcript::new(Tag::PresignProof).with(self.sid).with_number(u64::from(self.index));
        transcript.append(&self.prover.encoded()).append(&self.u.encoded());
        for point in [self.r, self.b, self.fh, self.wh, commitment] {
            transcript.append(&point.encoded());
        }
        transcript.finish_scalar::<Secp256k1>()
    }

    pub fn verify(&self, commitment: &AffinePoint, response: &Scalar) -> bool {
        let terms = [
            (ProjectivePoint::from(self.r), *response),
            (ProjectivePoint::from(commitment), -Scalar::ONE),
            (ProjectivePoint::from(self.fh), -self.challenge(commitment)),
        ];
        Secp256k1::is_identity(&Secp256k1::public_sum_of_products(&terms))
    }
}
