//! Interpolation in G2 with small integers.
//!
//! The Lagrange coefficients at 0 are fractions of small numbers, which modulo the order of the
//! group look like any scalar. With `d` the least common multiple of their denominators, `d
//! lambda_i` are integers of a few bits (12 for 7 of 10), so that one multiplication by `1/d` is
//! all that costs as much as a multiplication.

use crate::group::{Bls12381G1, Curve};
use crate::key::lagrange;
use crate::party::PartyId;
use blstrs::{G2Affine, G2Projective, Scalar};
use group::Group;

/// A Lagrange coefficient at 0: a fraction in lowest terms and its sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Fraction {
    numerator: u128,
    denominator: u128,
    negative: bool,
}

/// `sum lambda_i S_i`: the value at 0. `None` when a party stands in the list twice, or the list is
/// empty.
pub(super) fn interpolate(shares: &[(PartyId, G2Affine)]) -> Option<G2Projective> {
    let set: Vec<_> = shares.iter().map(|(party, _)| *party).collect();
    match integers(&set) {
        Some((integers, denominator)) => {
            let signed = shares.iter().zip(&integers).map(|((_, point), (integer, negative))| {
                let point = if *negative { -*point } else { *point };
                (point, *integer)
            });
            let inverse = Bls12381G1::invert(&from_u128(denominator))?;
            Some(sum_of_small_products(&signed.collect::<Vec<_>>()) * inverse)
        }
        // Parties in such numbers, or so far apart, that the integers do not fit.
        None => {
            let addend = |(party, point): &(PartyId, G2Affine)| {
                Some(point * lagrange::<Bls12381G1>(*party, &set)?)
            };
            let addends = shares.iter().map(addend).collect::<Option<Vec<_>>>()?;
            (!addends.is_empty()).then(|| addends.iter().sum())
        }
    }
}

/// For each party `d lambda_i` with its sign, and `d`. `None` when one does not fit, a party stands
/// in the list twice, or it is empty.
fn integers(set: &[PartyId]) -> Option<(Vec<(u128, bool)>, u128)> {
    let fractions = set.iter().map(|party| fraction(*party, set)).collect::<Option<Vec<_>>>()?;
    let common = |all: u128, fraction: &Fraction| {
        (all / gcd(all, fraction.denominator)).checked_mul(fraction.denominator)
    };
    let denominator = fractions.iter().try_fold(1, common)?;
    let integer = |fraction: &Fraction| {
        let integer = (denominator / fraction.denominator).checked_mul(fraction.numerator)?;
        Some((integer, fraction.negative))
    };
    let integers = fractions.iter().map(integer).collect::<Option<Vec<_>>>()?;
    (!integers.is_empty()).then_some((integers, denominator))
}

/// The product of `j / (j - i)` over all others `j`.
fn fraction(party: PartyId, set: &[PartyId]) -> Option<Fraction> {
    if set.iter().filter(|other| **other == party).count() != 1 {
        return None;
    }
    let mut product = Fraction { numerator: 1, denominator: 1, negative: false };
    for other in set.iter().filter(|other| **other != party) {
        let (j, i) = (other.number(), party.number());
        let numerator = product.numerator.checked_mul(j.into())?;
        let denominator = product.denominator.checked_mul(j.abs_diff(i).into())?;
        let common = gcd(numerator, denominator);
        let negative = product.negative != j.cmp(&i).is_lt();
        product =
            Fraction { numerator: numerator / common, denominator: denominator / common, negative };
    }
    Some(product)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    // Without a remainder when `b` is 0.
    while let Some(remainder) = a.checked_rem(b) {
        (a, b) = (b, remainder);
    }
    a
}

fn from_u128(number: u128) -> Scalar {
    let mut bytes = [0; 64];
    bytes[48..].copy_from_slice(&number.to_be_bytes());
    Bls12381G1::reduce_wide(&bytes)
}

/// Doubling and adding all points together, from the highest bit of the largest integer. Variable
/// time: everything here is public.
fn sum_of_small_products(terms: &[(G2Affine, u128)]) -> G2Projective {
    let bits = terms
        .iter()
        .map(|(_, integer)| u128::BITS - integer.leading_zeros())
        .max()
        .unwrap_or_default();
    let mut sum = G2Projective::identity();
    for bit in (0..bits).rev() {
        sum = sum.double();
        for (point, _) in terms.iter().filter(|(_, integer)| integer >> bit & 1 == 1) {
            sum += point;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::lagrange_at;
    use proptest::prelude::*;

    fn parties(numbers: &[u16]) -> Vec<PartyId> {
        numbers.iter().filter_map(|number| PartyId::new(*number)).collect()
    }

    /// `interpolate` of distinct points, and the same from the group's own coefficients.
    fn both(numbers: &[u16]) -> (Option<G2Projective>, G2Projective) {
        let ids: Vec<_> = numbers.iter().map(|number| u64::from(*number)).collect();
        let points =
            (3u64..).map(|number| G2Affine::from(G2Projective::generator() * Scalar::from(number)));
        let shares: Vec<_> = parties(numbers).into_iter().zip(points).collect();
        let product = |(id, (_, point)): (&u64, &(PartyId, G2Affine))| {
            point * lagrange_at::<Bls12381G1>(*id, &ids, 0).unwrap()
        };
        (interpolate(&shares), ids.iter().zip(&shares).map(product).sum())
    }

    #[test]
    fn the_integers_of_a_known_set() {
        // 3, -3, 1 for 1, 2, 3; and for 1, 2, 4: 8/3, -2, 1/3.
        assert_eq!(
            integers(&parties(&[1, 2, 3])),
            Some((vec![(3, false), (3, true), (1, false)], 1))
        );
        assert_eq!(
            integers(&parties(&[1, 2, 4])),
            Some((vec![(8, false), (6, true), (1, false)], 3))
        );
        assert_eq!(
            integers(&parties(&[4, 1, 2])),
            Some((vec![(1, false), (8, false), (6, true)], 3))
        );
        assert_eq!(integers(&parties(&[9])), Some((vec![(1, false)], 1)));
        assert_eq!(integers(&[]), None);
        assert_eq!(integers(&parties(&[1, 2, 2])), None);
    }

    #[test]
    fn seven_of_ten_need_twelve_bits() {
        let (integers, denominator) = integers(&parties(&[1, 2, 3, 5, 7, 9, 10])).unwrap();
        assert!(integers.iter().all(|(integer, _)| *integer < 1 << 12) && denominator < 1 << 7);
    }

    #[test]
    fn a_set_whose_integers_do_not_fit_interpolates_too() {
        let numbers: Vec<u16> = (0..24).map(|number| 60_013 - 997 * number).collect();
        assert_eq!(integers(&parties(&numbers)), None);
        let (sum, expected) = both(&numbers);
        assert_eq!(sum, Some(expected));
    }

    #[test]
    fn no_shares_and_repeated_parties_have_no_interpolation() {
        assert_eq!(interpolate(&[]), None);
        let point = G2Affine::from(G2Projective::generator());
        let [one, two] = [1, 2].map(|number| PartyId::new(number).unwrap());
        assert_eq!(interpolate(&[(one, point), (two, point), (one, point)]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_set_interpolates_as_with_the_groups_coefficients(small in prop::collection::hash_set(1..64u16, 1..9),
                                                                large in prop::collection::hash_set(1..u16::MAX, 1..5)) {
            for numbers in [small, large] {
                let (sum, expected) = both(&numbers.into_iter().collect::<Vec<_>>());
                prop_assert_eq!(sum, Some(expected));
            }
        }
    }
}
