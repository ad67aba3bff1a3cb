//! Schnorr's proof that the sender of `Fh_i` knows its logarithm to the base R. Without it whoever
//! speaks last could solve for the point that makes all sums come out right.

use crate::codec::Encode;
use crate::group::{Curve, Secp256k1};
use crate::party::PartyId;
use crate::session::SessionId;
use crate::transcript::{Tag, Transcript};
use k256::{AffinePoint, ProjectivePoint, Scalar};

/// What the proof is about, and all that its challenge is bound to.
pub struct Statement<'a> {
    /// The run.
    pub sid: &'a SessionId,
    /// The presignature of its batch.
    pub index: u32,
    /// The party that proves.
    pub prover: PartyId,
    /// `R`, the base of the logarithm.
    pub r: &'a AffinePoint,
    /// Its `B_i`.
    pub b: &'a AffinePoint,
    /// Its `phi_i R`.
    pub fh: &'a AffinePoint,
    /// Its `v_i R`.
    pub wh: &'a AffinePoint,
    /// Its `u_i`.
    pub u: &'a Scalar,
}

impl Statement<'_> {
    /// Hash of all of it and the prover's commitment.
    pub fn challenge(&self, commitment: &AffinePoint) -> Scalar {
        let mut transcript =
            Transcript::new(Tag::PresignProof).with(self.sid).with_number(u64::from(self.index));
        transcript.append(&self.prover.encoded()).append(&self.u.encoded());
        for point in [self.r, self.b, self.fh, self.wh, commitment] {
            transcript.append(&point.encoded());
        }
        transcript.finish_scalar::<Secp256k1>()
    }

    /// Whether the response answers the challenge: Schnorr, one equation.
    pub fn verify(&self, commitment: &AffinePoint, response: &Scalar) -> bool {
        let terms = [
            (ProjectivePoint::from(self.r), *response),
            (ProjectivePoint::from(commitment), -Scalar::ONE),
            (ProjectivePoint::from(self.fh), -self.challenge(commitment)),
        ];
        Secp256k1::is_identity(&Secp256k1::public_sum_of_products(&terms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_the_logarithm_of_its_statement_and_no_other() {
        let (phi, nonce, u) = (Scalar::from(3u64), Scalar::from(5u64), Scalar::from(7u64));
        let r = ProjectivePoint::GENERATOR * Scalar::from(2u64);
        let [r, b, fh, commitment] = [r, r + r, r * phi, r * nonce].map(AffinePoint::from);
        let prover = PartyId::new(1).expect("above 0");
        let statement =
            Statement { sid: &[0; 32], index: 0, prover, r: &r, b: &b, fh: &fh, wh: &b, u: &u };
        let response = nonce + statement.challenge(&commitment) * phi;
        assert!(statement.verify(&commitment, &response));
        assert!(!statement.verify(&commitment, &(response + Scalar::ONE)));
        assert!(!statement.verify(&fh, &response));
        assert!(!Statement { fh: &b, ..statement }.verify(&commitment, &response));
    }

    /// What does not count in the challenge can be chosen after it.
    #[test]
    fn every_part_of_the_statement_and_the_commitment_count_in_the_challenge() {
        let point =
            |number: u64| AffinePoint::from(Secp256k1::generator_times(&Scalar::from(number)));
        let [r, b, fh, wh, commitment, other] = [1, 2, 3, 4, 5, 6].map(point);
        let prover = PartyId::new(1).expect("above 0");
        let (u, another) = (Scalar::from(7u64), Scalar::from(8u64));
        let statement =
            || Statement { sid: &[0; 32], index: 0, prover, r: &r, b: &b, fh: &fh, wh: &wh, u: &u };
        let challenge = statement().challenge(&commitment);
        assert_eq!(statement().challenge(&commitment), challenge);
        let altered = [
            ("session", Statement { sid: &[1; 32], ..statement() }),
            ("index", Statement { index: 1, ..statement() }),
            ("prover", Statement { prover: PartyId::new(2).expect("above 0"), ..statement() }),
            ("R", Statement { r: &other, ..statement() }),
            ("B", Statement { b: &other, ..statement() }),
            ("Fh", Statement { fh: &other, ..statement() }),
            ("Wh", Statement { wh: &other, ..statement() }),
            ("u", Statement { u: &another, ..statement() }),
            ("Fh and Wh exchanged", Statement { fh: &wh, wh: &fh, ..statement() }),
        ];
        for (part, statement) in altered {
            assert_ne!(statement.challenge(&commitment), challenge, "{part}");
        }
        assert_ne!(statement().challenge(&other), challenge, "commitment");
    }
}
