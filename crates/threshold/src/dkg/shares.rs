//! One receiver's part: every dealer's vectors and points summed to key shares, and checked.

use super::messages::{Opening, Shares};
use crate::fault::Fault;
use crate::feldman::{self, sum_of_shares, sum_of_vectors};
use crate::group::Curve;
use crate::key::KeyShare;
use crate::party::PartyId;
use crate::randomness::Randomness;
use std::collections::BTreeMap;

/// What one dealer dealt: its opening, which has passed its own checks, and its points for this
/// receiver.
pub(super) struct Dealt<C: Curve> {
    pub(super) opening: Opening<C>,
    pub(super) shares: Shares<C>,
}

/// The receiver's key shares, one for each key.
pub(super) fn combine<'a, C: Curve>(
    me: PartyId,
    keys: u32,
    dealt: &'a BTreeMap<PartyId, Dealt<C>>,
    randomness: &mut Randomness,
) -> Result<Vec<KeyShare<C>>, Fault> {
    let view = |(dealer, dealt): (&PartyId, &'a Dealt<C>)| {
        (*dealer, feldman::Dealt { vectors: &dealt.opening.vectors, shares: &dealt.shares.shares })
    };
    let dealt: BTreeMap<_, _> = dealt.iter().map(view).collect();
    let vectors = sum_of_vectors::<C>(keys as usize, dealt.values().map(|dealt| dealt.vectors));
    if vectors.iter().flatten().any(C::is_identity) {
        return Err(Fault::Joint { check: "public key" });
    }
    sum_of_shares(me, vectors, &dealt, randomness)
}
