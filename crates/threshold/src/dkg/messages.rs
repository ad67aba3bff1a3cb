//! What the participants of a ceremony send each other.

use crate::codec::Bytes;
use crate::group::{Curve, Secret};
use crate::machine::RoundShape;
use crate::messages;

pub(super) const COMMIT: u16 = 1;
pub(super) const OPEN: u16 = 2;
pub(super) const ATTEST: u16 = 3;

pub(super) const ROUNDS: [RoundShape; 3] = [
    RoundShape { broadcast: true, direct: false },
    RoundShape { broadcast: true, direct: true },
    RoundShape { broadcast: true, direct: false },
];

messages! {
    /// Round 1, to all.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Commitment {
        /// Hash of the sender's whole opening.
        pub commitment: [u8; 32],
    }

    /// Round 2, to all. Everything has one entry for each key.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Opening<C: Curve> {
        /// Hides the opening in its commitment.
        pub nonce: [u8; 32],
        /// The polynomial's coefficients times the generator, lowest first.
        pub vectors: Vec<Vec<C::Uncompressed>>,
        /// Schnorr proofs of knowledge of the constant coefficients: `K`.
        pub proof_points: Vec<C::Uncompressed>,
        /// The same proofs' `z`.
        pub proof_responses: Vec<C::Scalar>,
    }

    /// Round 2, to each: the receiver's point of the polynomial of each key.
    #[derive(Clone)]
    pub struct Shares<C: Curve> {
        /// By key.
        pub shares: Vec<Secret<C>>,
    }

    /// Round 3, to all.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Attestation {
        /// What the sender saw. Two participants who saw different things notice it here.
        pub transcript: [u8; 32],
        /// A signature of the caller's own making, over the transcript and whatever else it
        /// registers.
        pub attestation: Bytes,
    }
}
