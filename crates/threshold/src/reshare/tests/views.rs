//! What an adversary of `t - 1` old and `t' - 1` new members learns, as linear algebra: everything
//! it sees is a linear function of the old polynomial's coefficients and of the honest dealers'
//! random ones, and the key is outside the span of what it sees.

use super::*;
use std::collections::BTreeSet;

type Scalar = <Secp256k1 as Curve>::Scalar;

/// `at^0, at^1, ...`
fn powers(at: PartyId, count: usize) -> Vec<Scalar> {
    let at = Secp256k1::scalar(at.number().into());
    core::iter::successors(Some(Secp256k1::scalar(1)), |power| Some(*power * at))
        .take(count)
        .collect()
}

/// Whether `wanted` is a linear combination of `rows`.
fn spanned(mut rows: Vec<Vec<Scalar>>, mut wanted: Vec<Scalar>) -> bool {
    let zero = Secp256k1::scalar(0);
    for column in 0..wanted.len() {
        let Some(at) = rows.iter().position(|row| row[column] != zero) else { continue };
        let pivot = rows.swap_remove(at);
        let inverse = Secp256k1::invert(&pivot[column]).unwrap();
        for row in rows.iter_mut().chain([&mut wanted]) {
            let factor = row[column] * inverse;
            row.iter_mut().zip(&pivot).for_each(|(cell, pivot)| *cell -= factor * *pivot);
        }
    }
    wanted.iter().all(|cell| *cell == zero)
}

/// Whether the members `old` of the old epoch and `new` of the new one find the key together. The
/// unknowns: the old polynomial's coefficients, and above the constant term those of every
/// dealer's.
fn learn_the_key(
    dealers: &[PartyId],
    thresholds: (usize, usize),
    old: &BTreeSet<PartyId>,
    new: &BTreeSet<PartyId>,
) -> bool {
    let (before, after) = thresholds;
    let unknowns = before + dealers.len() * (after - 1);
    let of_old = |at: PartyId, weight: Scalar| {
        let mut row: Vec<_> = powers(at, before).into_iter().map(|power| power * weight).collect();
        row.resize(unknowns, Secp256k1::scalar(0));
        row
    };
    let mut rows: Vec<_> = old.iter().map(|id| of_old(*id, Secp256k1::scalar(1))).collect();
    for (number, dealer) in dealers.iter().enumerate() {
        let dealt = |at: PartyId| {
            let mut row = of_old(*dealer, lagrange::<Secp256k1>(*dealer, dealers).unwrap());
            let start = before + number * (after - 1);
            row[start..start + after - 1].copy_from_slice(&powers(at, after)[1..]);
            row
        };
        rows.extend(new.iter().map(|id| dealt(*id)));
        if old.contains(dealer) {
            // Its own polynomial, which it knows.
            let coefficient = |at: usize| {
                let mut row = vec![Secp256k1::scalar(0); unknowns];
                row[before + number * (after - 1) + at] = Secp256k1::scalar(1);
                row
            };
            rows.extend((0..after - 1).map(coefficient));
        }
    }
    let mut key = vec![Secp256k1::scalar(0); unknowns];
    key[0] = Secp256k1::scalar(1);
    spanned(rows, key)
}

fn subsets(ids: &[u16], size: usize) -> Vec<BTreeSet<PartyId>> {
    let all = (0u32..1 << ids.len()).filter(|mask| mask.count_ones() as usize == size);
    all.map(|mask| {
        ids.iter()
            .enumerate()
            .filter(|(at, _)| mask >> at & 1 == 1)
            .map(|(_, id)| party(*id))
            .collect()
    })
    .collect()
}

#[test]
fn one_member_below_the_threshold_in_each_epoch_learns_nothing_of_the_key() {
    let cases: [[&[u16]; 3]; 3] = [
        [&[1, 2, 3], &[1, 2, 3], &[1, 3]],
        [&[1, 2, 3, 4], &[1, 2, 3, 5], &[1, 2, 4]],
        [&[1, 2, 3, 4, 5], &[2, 3, 4], &[1, 2, 4, 5]],
    ];
    for [old, new, dealers] in cases {
        let [before, after] = [old, new].map(|ids| usize::from(two_thirds(ids.len())));
        let dealers = parties(dealers);
        for few in subsets(old, before - 1) {
            for some in subsets(new, after - 1) {
                assert!(
                    !learn_the_key(&dealers, (before, after), &few, &some),
                    "{few:?} and {some:?}"
                );
            }
        }
        // The bound is tight: a whole threshold of either epoch has the key.
        for enough in subsets(old, before) {
            assert!(learn_the_key(&dealers, (before, after), &enough, &BTreeSet::new()));
        }
        for enough in subsets(new, after) {
            assert!(learn_the_key(&dealers, (before, after), &BTreeSet::new(), &enough));
        }
    }
}

#[test]
fn any_mix_of_old_and_new_shares_makes_another_key() {
    let table = Table::<Secp256k1>::new(&[1, 2, 3, 4], &[1, 2, 3, 4], &[1, 2, 3], 1);
    let new = by_key(&table.run()).remove(0);
    let key = table.vectors()[0][0];
    for of_three in subsets(&[1, 2, 3, 4], 3) {
        for mask in 0u8..8 {
            let take = |(at, id): (usize, &PartyId)| {
                if mask >> at & 1 == 1 { new[id].clone() } else { table.shares[0][id].clone() }
            };
            let mix: Vec<_> = of_three.iter().enumerate().map(take).collect();
            assert_eq!(
                Secp256k1::generator_times(&reveal_key(&mix)) == key,
                mask == 0 || mask == 7
            );
        }
    }
}
