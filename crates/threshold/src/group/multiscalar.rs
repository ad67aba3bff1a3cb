//! Sums of products with scalars that everybody may know, in signed digits. Many terms share a
//! bucket for each digit (Pippenger 1976); a few have a table of multiples each (Straus 1964).

use super::Curve;
use crate::codec::Encode;

/// From this many terms on, buckets cost less than a table for each point.
const MANY_TERMS: usize = 32;

/// Of the digits that a table serves.
const TABLE_WIDTH: usize = 4;

/// Of a scalar.
const BITS: usize = 256;

/// Whether buckets are for so many terms.
pub(super) fn are_many(terms: usize) -> bool {
    terms >= MANY_TERMS
}

/// Time and addresses depend on the scalars.
pub(super) fn public_sum_of_products<C: Curve>(terms: &[(C::Point, C::Scalar)]) -> C::Point {
    if are_many(terms.len()) { sum_by_buckets::<C>(terms) } else { sum_by_tables::<C>(terms) }
}

fn sum_by_tables<C: Curve>(terms: &[(C::Point, C::Scalar)]) -> C::Point {
    let multiples = |point: C::Point| {
        core::iter::successors(Some(point), move |multiple| Some(*multiple + point))
    };
    let tables: Vec<Vec<_>> = terms
        .iter()
        .map(|(point, _)| multiples(*point).take(largest_digit(TABLE_WIDTH)).collect())
        .collect();
    sum_by_windows::<C>(terms, TABLE_WIDTH, |digits| {
        let add = |sum: C::Point, (digit, table): (i32, &Vec<C::Point>)| match place(digit)
            .and_then(|at| table.get(at))
        {
            Some(multiple) if digit.is_negative() => sum - *multiple,
            Some(multiple) => sum + *multiple,
            None => sum,
        };
        digits.zip(&tables).fold(C::identity(), add)
    })
}

fn sum_by_buckets<C: Curve>(terms: &[(C::Point, C::Scalar)]) -> C::Point {
    let width = best_width(terms.len());
    let mut buckets = vec![C::identity(); largest_digit(width)];
    sum_by_windows::<C>(terms, width, |digits| {
        buckets.fill(C::identity());
        for (digit, (point, _)) in digits.zip(terms) {
            let Some(bucket) = place(digit).and_then(|at| buckets.get_mut(at)) else { continue };
            *bucket = if digit.is_negative() { *bucket - *point } else { *bucket + *point };
        }
        weighted_sum::<C>(&buckets)
    })
}

/// Of signed digits of `width` bits: as many multiples has a table, and as many buckets there are.
fn largest_digit(width: usize) -> usize {
    1 << (width - 1)
}

/// Where in a table or among buckets a digit stands, whatever its sign. `None` for 0.
fn place(digit: i32) -> Option<usize> {
    (digit.unsigned_abs() as usize).checked_sub(1)
}

/// Horner's rule over the windows, of which `sum_of` gets the digits of all terms.
fn sum_by_windows<C: Curve>(
    terms: &[(C::Point, C::Scalar)],
    width: usize,
    mut sum_of: impl FnMut(&mut dyn Iterator<Item = i32>) -> C::Point,
) -> C::Point {
    let digits: Vec<_> =
        terms.iter().map(|(_, scalar)| signed_digits(&scalar.encoded(), width)).collect();
    // Coefficients of 128 bits leave the upper half empty.
    let used = digits
        .iter()
        .filter_map(|digits| digits.iter().rposition(|digit| *digit != 0))
        .max()
        .map_or(0, |last| last + 1);
    (0..used).rev().fold(C::identity(), |sum, window| {
        let shifted = (0..width).fold(sum, |sum, _| C::double(&sum));
        shifted + sum_of(&mut digits.iter().map(|digits| digits.get(window).copied().unwrap_or(0)))
    })
}

/// The width of a digit, in bits, that makes the fewest additions: one for each term and two for
/// each bucket, in each window.
fn best_width(terms: usize) -> usize {
    (3..=12).min_by_key(|width| BITS / width * (terms + (1 << width))).unwrap_or(3)
}

/// `scalar` (big-endian) in digits of `width` bits, lowest first, each from `-2^(width - 1) + 1` to
/// `2^(width - 1)`.
fn signed_digits(scalar: &[u8], width: usize) -> Vec<i32> {
    let largest = largest_digit(width) as i32;
    let mut carry = 0;
    // One window more than the bits fill: the last one takes the last carry.
    let digit = |window: usize| {
        let start = window * width;
        let three = scalar
            .iter()
            .rev()
            .skip(start / 8)
            .take(3)
            .rev()
            .fold(0, |sum, byte| sum * 256 + i32::from(*byte));
        let digit = (three >> (start % 8) & ((1 << width) - 1)) + carry;
        carry = i32::from(digit > largest);
        digit - (carry << width)
    };
    (0..BITS / width + 1).map(digit).collect()
}

/// `1 b_1 + 2 b_2 + 3 b_3 + ...`
fn weighted_sum<C: Curve>(buckets: &[C::Point]) -> C::Point {
    let start = (C::identity(), C::identity());
    let add = |(running, total): (C::Point, C::Point), bucket: &C::Point| {
        (running + *bucket, total + running + *bucket)
    };
    buckets.iter().rev().fold(start, add).1
}

#[cfg(test)]
mod tests {
    use super::super::{Bls12381G1, Secp256k1};
    use super::*;
    use crate::randomness::Randomness;

    fn sums_any_number_of_terms<C: Curve>() {
        let mut randomness = Randomness::from_seed([1; 32]);
        for count in [0, 1, 2, MANY_TERMS - 1, MANY_TERMS, 100] {
            let (mut expected, mut terms) = (C::Scalar::default(), Vec::new());
            for at in 0..count {
                let point = C::random_scalar(&mut randomness);
                let scalar = match at {
                    0 => C::random_coefficient(&mut randomness),
                    1 => C::scalar(0),
                    2 => C::scalar(1),
                    3 => -C::scalar(1),
                    _ => C::random_scalar(&mut randomness),
                };
                terms.push((C::generator_times(&point), scalar));
                expected = expected + point * scalar;
            }
            assert_eq!(
                public_sum_of_products::<C>(&terms),
                C::generator_times(&expected),
                "{count} terms"
            );
            assert_eq!(
                C::public_sum_of_products(&terms),
                C::generator_times(&expected),
                "{count} terms"
            );
        }
    }

    #[test]
    fn sums_any_number_of_terms_on_both_curves() {
        sums_any_number_of_terms::<Secp256k1>();
        sums_any_number_of_terms::<Bls12381G1>();
    }

    #[test]
    fn one_term_with_the_smallest_and_the_largest_scalar() {
        let point = Secp256k1::generator_times(&Secp256k1::scalar(7));
        for scalar in [0, 1, 8, 9, 16].map(Secp256k1::scalar) {
            for scalar in [scalar, -scalar] {
                assert_eq!(
                    public_sum_of_products::<Secp256k1>(&[(point, scalar)]),
                    Secp256k1::times(&point, &scalar)
                );
            }
        }
    }

    #[test]
    fn buckets_are_for_many_terms_and_reach_to_the_largest_digit() {
        assert_eq!([MANY_TERMS - 1, MANY_TERMS, MANY_TERMS + 1].map(are_many), [false, true, true]);
        assert_eq!([1, 3, TABLE_WIDTH, 12].map(largest_digit), [1, 4, 8, 2048]);
    }

    #[test]
    fn signed_digits_of_every_width_make_the_scalar_and_stay_in_their_range() {
        let mut randomness = Randomness::from_seed([1; 32]);
        let scalars =
            [[0; 32], [0xff; 32], [0x80; 32], [0x7f; 32], randomness.bytes(), randomness.bytes()];
        for (scalar, width) in
            scalars.iter().flat_map(|scalar| (3..=12).map(move |width| (scalar, width)))
        {
            let digits = signed_digits(scalar, width);
            assert_eq!(digits.len(), BITS / width + 1);
            assert!(
                digits
                    .iter()
                    .all(|digit| (-(1 << (width - 1)) + 1..=1 << (width - 1)).contains(digit))
            );
            let wide = |number: i32| Secp256k1::scalar(number.unsigned_abs().into());
            let value = digits.iter().rev().fold(Secp256k1::scalar(0), |sum, digit| {
                let shifted = sum * Secp256k1::scalar(1 << width);
                if *digit < 0 { shifted - wide(*digit) } else { shifted + wide(*digit) }
            });
            let mut bytes = [0; 64];
            bytes[32..].copy_from_slice(scalar);
            assert_eq!(value, Secp256k1::reduce_wide(&bytes), "width {width}");
        }
    }

    #[test]
    fn wider_digits_for_more_terms() {
        assert_eq!([1, 64, 1000, 1 << 20].map(best_width), [3, 5, 8, 12]);
    }
}
