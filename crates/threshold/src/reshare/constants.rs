//! The keys stay the same: the dealers' constant terms against the old public shares.

use crate::fault::Fault;
use crate::feldman::sum_of_vectors;
use crate::group::Curve;
use crate::key::{evaluate_in_the_exponent, lagrange};
use crate::party::PartyId;
use std::collections::BTreeMap;

/// The vectors that one dealer opened, one for each key.
pub(super) type Opened<C> = BTreeMap<PartyId, Vec<Vec<<C as Curve>::Uncompressed>>>;

/// The new vector of each key of the `old` ones. What the dealers opened has the right form.
///
/// Exact equality of every sum with its key is the whole check: what a dealer opens is fixed before
/// any other opens, a share that does not fit names its dealer, and errors that dealers cancel
/// between them leave a polynomial with the key as its constant term.
pub(super) fn new_vectors<C: Curve>(
    old: &[Vec<C::Point>],
    opened: &Opened<C>,
) -> Result<Vec<Vec<C::Point>>, Fault> {
    let new = sum_of_vectors::<C>(old.len(), opened.values().map(Vec::as_slice));
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
        let expected = |old: &[C::Point]| {
            C::public_sum_of_products(&[(evaluate_in_the_exponent::<C>(old, **dealer), weight)])
        };
        let mut pairs = vectors.iter().zip(old);
        pairs.any(|(vector, old)| {
            vector.first().map(|constant| (*constant).into()) != Some(expected(old))
        })
    };
    let liar = opened.iter().find(lied);
    liar.map_or(Fault::Joint { check: "constant terms" }, |(dealer, _)| Fault::Proven {
        party: *dealer,
        check: "constant term",
    })
}
