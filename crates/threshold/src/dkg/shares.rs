//! One receiver's part: every dealer's vectors and points summed to key shares, and checked.

use super::messages::{Opening, Shares};
use crate::fault::Fault;
use crate::group::{Curve, Secret};
use crate::key::{KeyShare, evaluate_in_the_exponent};
use crate::party::PartyId;
use crate::randomness::Randomness;
use std::collections::BTreeMap;

/// What one dealer dealt: its opening, which has passed its own checks, and its points for this receiver.
pub(super) struct Dealt<C: Curve> {
    pub(super) opening: Opening<C>,
    pub(super) shares: Shares<C>,
}

/// The receiver's key shares, one for each key.
pub(super) fn combine<C: Curve>(
    me: PartyId,
    keys: u32,
    dealt: &BTreeMap<PartyId, Dealt<C>>,
    randomness: &mut Randomness,
) -> Result<Vec<KeyShare<C>>, Fault> {
    if let Some((dealer, _)) = dealt.iter().find(|(_, dealt)| dealt.shares.shares.len() != keys as usize) {
        return Err(Fault::Proven { party: *dealer, check: "number of shares" });
    }
    let combined: Option<Vec<_>> = (0..keys as usize).map(|key| sum_over_dealers(me, key, dealt)).collect();
    let combined = combined.ok_or(Fault::Misuse("a dealer's vectors were not checked"))?;
    if combined.iter().any(|share| share.commitments().iter().any(C::is_identity)) {
        return Err(Fault::Joint { check: "public key" });
    }
    if !all_verify(&combined, randomness) {
        return Err(find_liar(me, dealt));
    }
    Ok(combined)
}

/// `None` when a dealer has no such key.
fn sum_over_dealers<C: Curve>(me: PartyId, key: usize, dealt: &BTreeMap<PartyId, Dealt<C>>) -> Option<KeyShare<C>> {
    let mut commitments: Vec<C::Point> = Vec::new();
    let mut share = Secret::<C>(C::Scalar::default());
    for dealer in dealt.values() {
        let vector = dealer.opening.vectors.get(key)?;
        commitments.resize(vector.len(), C::identity());
        commitments.iter_mut().zip(vector).for_each(|(sum, point)| *sum = *sum + (*point).into());
        share.0 = share.0 + dealer.shares.shares.get(key)?.0;
    }
    KeyShare::new(me, commitments, share)
}

/// Checks every key's share as one equation. Summing over the dealers first loses nothing: a share that fits the summed commitments is
/// right, whatever two dealers cancelled between them, because nothing but the sums is ever used. The coefficients are drawn here, after
/// every message of the round: a dealer who knew them could choose errors that cancel over the keys.
fn all_verify<C: Curve>(combined: &[KeyShare<C>], randomness: &mut Randomness) -> bool {
    let coefficients: Vec<_> = combined.iter().map(|_| C::random_coefficient(randomness)).collect();
    let weighted = combined.iter().zip(&coefficients).map(|(share, coefficient)| share.share().0 * *coefficient);
    let share = Secret::<C>(weighted.sum());
    let expected: Vec<_> = combined.iter().map(|share| share.public_share(share.me())).zip(coefficients).collect();
    C::generator_times(&share.0) == C::public_sum_of_products(&expected)
}

/// The dealer whose signed point does not fit its own signed vector.
fn find_liar<C: Curve>(me: PartyId, dealt: &BTreeMap<PartyId, Dealt<C>>) -> Fault {
    let lied = |dealt: &Dealt<C>| {
        let mut pairs = dealt.shares.shares.iter().zip(&dealt.opening.vectors);
        pairs.any(|(share, vector)| {
            let commitments: Vec<_> = vector.iter().map(|point| (*point).into()).collect();
            C::generator_times(&share.0) != evaluate_in_the_exponent::<C>(&commitments, me)
        })
    };
    let liar = dealt.iter().find(|(_, dealt)| lied(dealt));
    liar.map_or(Fault::Joint { check: "shares" }, |(dealer, _)| Fault::Proven { party: *dealer, check: "share" })
}
