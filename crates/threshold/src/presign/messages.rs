//! The six messages of a presigning run; two of them travel with a [bulk](crate::envelope::Bulk).
//! Every list has one entry per presignature, in order of index.

use crate::group::Uncompressed;
use crate::messages;
use crate::multiplication::RowsCheck;
pub use crate::ot::extension::ExtensionMessage;
use k256::{AffinePoint, Scalar};

messages! {
    /// Round 1, to all: binds the sender to its [`Opening`] before it has seen anybody's.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Commitment {
        /// Hash of the sender's opening.
        pub commitment: [u8; 32],
    }

    /// Round 2, to all.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Opening {
        /// Hides the opening in its commitment.
        pub nonce: [u8; 32],
        /// `R_i = k_i G`.
        pub r: Vec<Uncompressed<AffinePoint>>,
        /// `B_i = b_i G`.
        pub b: Vec<Uncompressed<AffinePoint>>,
        /// [`entropy_commitment`](crate::presignature::entropy_commitment) to `e_i`.
        pub entropy_commitments: Vec<[u8; 32]>,
    }

    /// Round 2, to each: the sender as Alice, with `k_i` and `b_i` as the inputs. Its bulk are the
    /// rows of the multiplications.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Multiplication {
        /// What the receiver holds the rows against.
        pub check: RowsCheck,
        /// `c G` of the sum `c` over all presignatures of the shares of the products with `k_i`.
        pub gamma_u: Uncompressed<AffinePoint>,
        /// The same of the products with `b_i`.
        pub gamma_v: Uncompressed<AffinePoint>,
        /// `phi_i - chi`, with `chi` the sender's as Bob towards the receiver: what turns a random
        /// product into one with `phi_i`.
        pub psi: Vec<Scalar>,
    }

    /// Round 3, to all.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Products {
        /// [Hash](super::contribution::echo) of the openings that the sender holds. Who holds
        /// others cannot judge the proofs below.
        pub openings: [u8; 32],
        /// The shares of `phi k`.
        pub u: Vec<Scalar>,
        /// `phi_i R`.
        pub fh: Vec<Uncompressed<AffinePoint>>,
        /// `v_i R`, with `v_i` the share of `phi b`.
        pub wh: Vec<Uncompressed<AffinePoint>>,
        /// Proofs of knowledge of the logarithm of `fh` to the base `R`: the commitments,
        pub proof_commitments: Vec<Uncompressed<AffinePoint>>,
        /// and the responses.
        pub proof_responses: Vec<Scalar>,
    }

    /// Round 4, to all.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct RootSignature {
        /// Of the Merkle tree over the batch's leaves.
        pub root: [u8; 32],
        /// [`BatchCertificate::sign`](crate::presignature::BatchCertificate::sign).
        pub signature: [u8; 64],
    }
}
