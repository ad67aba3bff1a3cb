//! The sum of the shares: an ECDSA signature like any other.

use super::answer::Checked;
use super::nonce::r_of;
use crate::ids::Digest;
use crate::party::PartyId;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{self, RecoveryId, VerifyingKey};
use k256::elliptic_curve::point::AffineCoordinates;
use k256::elliptic_curve::scalar::IsHigh;
use k256::{AffinePoint, FieldBytes, Scalar};
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// An ECDSA signature in its low-s form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// The x-coordinate of the nonce modulo the order, big-endian.
    pub r: [u8; 32],
    /// Big-endian, in the lower half (BIP 62).
    pub s: [u8; 32],
    /// 0 or 1 is the parity of R's y-coordinate; 2 more when its x-coordinate is not below the
    /// order.
    pub recovery_id: u8,
}

/// Sums `shares` made under the nonce point `big_r`. `None` unless the sum is a signature of
/// `public_key` (compressed) on `digest`.
pub fn assemble(
    public_key: &[u8; 33],
    digest: &Digest,
    big_r: &AffinePoint,
    shares: &[Scalar],
) -> Option<Signature> {
    let sum: Scalar = shares.iter().sum();
    let high = bool::from(sum.is_high());
    let (r, s) = (r_of(big_r), if high { -sum } else { sum });
    let (r_bytes, s_bytes): (FieldBytes, FieldBytes) = (r.to_bytes(), s.to_bytes());
    // Fails for zeros.
    let signature = ecdsa::Signature::from_scalars(r_bytes, s_bytes).ok()?;
    let key = VerifyingKey::from_sec1_bytes(public_key).ok()?;
    key.verify_prehash(digest.as_bytes(), &signature).ok()?;
    let is_y_odd = bool::from(big_r.y_is_odd()) != high;
    let is_x_reduced = r_bytes != big_r.x();
    let recovery_id = RecoveryId::new(is_y_odd, is_x_reduced).to_byte();
    Some(Signature { r: r_bytes.into(), s: s_bytes.into(), recovery_id })
}

/// Why answers make no signature.
#[derive(Debug, Error, PartialEq, Eq, Clone)]
pub enum CombineError {
    /// Ask these, or wait.
    #[error("the answers of {missing:?} are missing")]
    Incomplete {
        /// Members of the set without an answer.
        missing: Vec<PartyId>,
    },
    /// Their signed answers prove it.
    #[error("wrong shares of {liars:?}")]
    WrongShares {
        /// The members whose shares do not fit their certificates.
        liars: Vec<PartyId>,
    },
    /// Every share fits its certificate and the sum is no signature: the set's own certificate is
    /// false, which takes all of the set.
    #[error("the set certified a presignature that cannot sign")]
    FalseCertificate,
}

/// Makes the signature of the first complete set among `answers`, which may be of several uses.
pub fn combine(answers: &[Checked]) -> Result<Signature, CombineError> {
    // One nonce point is one use: everything that makes the use is hashed into it.
    let mut uses: BTreeMap<[u8; 33], BTreeMap<PartyId, &Checked>> = BTreeMap::new();
    for answer in answers {
        uses.entry(answer.big_r()).or_default().insert(answer.from, answer);
    }
    let mut failures = Vec::new();
    for members in uses.values() {
        match combine_one_use(members) {
            Ok(signature) => return Ok(signature),
            Err(failure) => failures.push(failure),
        }
    }
    Err(failures
        .into_iter()
        .min_by_key(rank)
        .unwrap_or(CombineError::Incomplete { missing: Vec::new() }))
}

fn combine_one_use(members: &BTreeMap<PartyId, &Checked>) -> Result<Signature, CombineError> {
    let Some(any) = members.values().next() else {
        return Err(CombineError::Incomplete { missing: Vec::new() });
    };
    let missing: Vec<_> = any.set.iter().filter(|id| !members.contains_key(id)).copied().collect();
    if missing.is_empty() {
        let shares: Vec<_> = members.values().map(|answer| answer.share).collect();
        if let Some(signature) = assemble(&any.public_key, &any.digest, &any.big_r, &shares) {
            return Ok(signature);
        }
    }
    let liars: BTreeSet<_> = members
        .values()
        .filter(|answer| answer.check_share().is_err())
        .map(|answer| answer.from)
        .collect();
    Err(match (liars.is_empty(), missing.is_empty()) {
        (false, _) => CombineError::WrongShares { liars: liars.into_iter().collect() },
        (true, false) => CombineError::Incomplete { missing },
        (true, true) => CombineError::FalseCertificate,
    })
}

/// The most telling first: a named liar before a missing answer, and of two incomplete uses the one
/// that lacks less.
fn rank(failure: &CombineError) -> (u8, usize) {
    match failure {
        CombineError::WrongShares { .. } => (0, 0),
        CombineError::FalseCertificate => (1, 0),
        CombineError::Incomplete { missing } => (2, missing.len()),
    }
}
