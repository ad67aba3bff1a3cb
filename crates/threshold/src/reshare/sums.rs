//! The dealers' vectors and points, summed to the new epoch's vectors and shares, and checked.
//!
//! Only the sums are used, so only the sums are checked, and dealer by dealer when that fails, to name the culprit. Errors that two dealers
//! cancel between them change nothing: what is left is a polynomial with the key as its constant term and an honest dealer's randomness in
//! every other.

use crate::fault::Fault;
use crate::feldman::all_fit;
use crate::group::{Curve, Secret};
use crate::key::{KeyShare, evaluate_in_the_exponent, lagrange};
use crate::party::PartyId;
use crate::randomness::Randomness;
use std::collections::BTreeMap;

/// What one dealer opened: the vector of each key.
pub(super) type Opened<C> = BTreeMap<PartyId, Vec<Vec<<C as Curve>::Uncompressed>>>;

/// Checks the form of a dealer's vectors: one of exactly `threshold` points for each key.
pub(super) fn check_form<C: Curve>(dealer: PartyId, vectors: &[Vec<C::Uncompressed>], keys: usize, threshold: u16) -> Result<(), Fault> {
    if vectors.len() != keys {
        return Err(Fault::Proven { party: dealer, check: "number of polynomials" });
    }
    if vectors.iter().any(|vector| vector.len() != usize::from(threshold)) {
        return Err(Fault::Proven { party: dealer, check: "length of a polynomial" });
    }
    Ok(())
}

/// The new vector of each key of the `old` ones. What the dealers opened has passed [`check_form`].
pub(super) fn new_vectors<C: Curve>(old: &[Vec<C::Point>], opened: &Opened<C>, threshold: u16) -> Result<Vec<Vec<C::Point>>, Fault> {
    let mut new = vec![vec![C::identity(); usize::from(threshold)]; old.len()];
    for vectors in opened.values() {
        let pairs = new.iter_mut().zip(vectors).flat_map(|(sum, vector)| sum.iter_mut().zip(vector));
        pairs.for_each(|(sum, point)| *sum = *sum + (*point).into());
    }
    if new.iter().zip(old).any(|(new, old)| new.first() != old.first()) {
        return Err(find_another_constant::<C>(old, opened));
    }
    // No dealer could aim at this, each being committed before any opened.
    if new.iter().flatten().any(C::is_identity) {
        return Err(Fault::Joint { check: "new vector" });
    }
    Ok(new)
}

/// The dealer whose constant term is not its weighted public share.
fn find_another_constant<C: Curve>(old: &[Vec<C::Point>], opened: &Opened<C>) -> Fault {
    let dealers: Vec<_> = opened.keys().copied().collect();
    let lied = |(dealer, vectors): &(&PartyId, &Vec<Vec<C::Uncompressed>>)| {
        let weight = lagrange::<C>(**dealer, &dealers).unwrap_or_default();
        let expected = |old: &[C::Point]| C::public_sum_of_products(&[(evaluate_in_the_exponent::<C>(old, **dealer), weight)]);
        let mut pairs = vectors.iter().zip(old);
        pairs.any(|(vector, old)| vector.first().map(|constant| (*constant).into()) != Some(expected(old)))
    };
    let liar = opened.iter().find(lied);
    liar.map_or(Fault::Joint { check: "constant terms" }, |(dealer, _)| Fault::Proven { party: *dealer, check: "constant term" })
}

/// The receiver's new shares, one for each of the `new` vectors.
pub(super) fn new_shares<C: Curve>(
    me: PartyId,
    new: Vec<Vec<C::Point>>,
    opened: &Opened<C>,
    dealt: &BTreeMap<PartyId, Vec<Secret<C>>>,
    randomness: &mut Randomness,
) -> Result<Vec<KeyShare<C>>, Fault> {
    if let Some((dealer, _)) = dealt.iter().find(|(_, shares)| shares.len() != new.len()) {
        return Err(Fault::Proven { party: *dealer, check: "number of shares" });
    }
    let mut sums: Vec<Secret<C>> = new.iter().map(|_| Secret(C::Scalar::default())).collect();
    for shares in dealt.values() {
        sums.iter_mut().zip(shares).for_each(|(sum, share)| sum.0 = sum.0 + share.0);
    }
    if !all_fit(me, &new, &sums, randomness) {
        return Err(find_wrong_share(me, opened, dealt));
    }
    let keys = new.into_iter().zip(sums).map(|(vector, share)| KeyShare::new(me, vector, share));
    keys.collect::<Option<_>>().ok_or(Fault::Misuse("a vector of no points"))
}

/// The dealer whose signed point does not fit its own signed vector.
fn find_wrong_share<C: Curve>(me: PartyId, opened: &Opened<C>, dealt: &BTreeMap<PartyId, Vec<Secret<C>>>) -> Fault {
    let lied = |(dealer, shares): &(&PartyId, &Vec<Secret<C>>)| {
        let mut pairs = shares.iter().zip(opened.get(dealer).into_iter().flatten());
        pairs.any(|(share, vector)| {
            let vector: Vec<_> = vector.iter().map(|point| (*point).into()).collect();
            C::generator_times(&share.0) != evaluate_in_the_exponent::<C>(&vector, me)
        })
    };
    let liar = dealt.iter().find(lied);
    liar.map_or(Fault::Joint { check: "shares" }, |(dealer, _)| Fault::Proven { party: *dealer, check: "share" })
}
