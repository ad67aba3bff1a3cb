//! The nonce of one use: the presignature's R, re-randomised by everything that the use is.

use super::assignment::Assignment;
use crate::codec::Encode;
use crate::group::Secp256k1;
use crate::ids::Digest;
use crate::presignature::LeafPoints;
use crate::transcript::{Tag, Transcript};
use k256::elliptic_curve::BatchNormalize;
use k256::elliptic_curve::ops::{MulVartime, Reduce};
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{AffinePoint, ProjectivePoint, Scalar};

/// Everything that a use is, byte for byte: the assignment (session, index, set, epoch, key,
/// derivation, digest, request, name, attempt), R, B, and the members' entropy in the order of the
/// set. What is hashed to `rho`, and no two uses have in common.
pub(super) fn use_bytes(
    assignment: &Assignment,
    points: &LeafPoints,
    entropies: &[[u8; 32]],
) -> Vec<u8> {
    let mut bytes = assignment.encoded();
    [points.r, points.b].iter().for_each(|point| point.encode(&mut bytes));
    entropies.iter().for_each(|entropy| entropy.encode(&mut bytes));
    bytes
}

/// `R' = rho R`, and what follows from it.
pub(super) struct Nonce {
    pub(super) big_r: AffinePoint,
    /// The x-coordinate of R' modulo the order.
    pub(super) r: Scalar,
    pub(super) rho_inverse: Scalar,
}

impl Nonce {
    /// `None` when `rho` or `r` is zero: such a use has no signature.
    pub(super) fn new(use_bytes: &[u8], points: &LeafPoints) -> Option<Self> {
        let rho = Transcript::new(Tag::Use).with(use_bytes).finish_scalar::<Secp256k1>();
        // rho is public: neither its inverse nor its product with R needs constant time.
        let rho_inverse = Option::from(rho.invert_vartime())?;
        let [big_r] = ProjectivePoint::batch_normalize_vartime(&[
            ProjectivePoint::from(points.r).mul_vartime(&rho)
        ]);
        let r = r_of(&big_r);
        (r != Scalar::ZERO).then_some(Nonce { big_r, r, rho_inverse })
    }
}

/// ECDSA's `r` of a nonce point.
pub(super) fn r_of(big_r: &AffinePoint) -> Scalar {
    Scalar::reduce(&big_r.x())
}

/// The digest as a number modulo the order.
pub(super) fn h_of(digest: &Digest) -> Scalar {
    Scalar::reduce(&k256::FieldBytes::from(*digest.as_bytes()))
}
