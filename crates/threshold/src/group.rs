//! The two groups that keys live in, behind one trait.

mod bls12_381;
mod multiscalar;
pub(crate) mod secp256k1;

pub use bls12_381::Bls12381G1;
pub use secp256k1::Secp256k1;

use crate::codec::{Decode, DecodeError, Encode, Reader};
use core::fmt::{self, Debug};
use core::iter::Sum;
use core::ops::{Add, Mul, Neg, Sub};
use rand_core::CryptoRng;
use std::collections::BTreeSet;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A group of prime order. Scalars travel as 32 big-endian bytes below the order, points
/// compressed; decoding rejects every other form, points outside the group, and the identity.
pub trait Curve: 'static + Copy + Debug + Send + Sync {
    /// A number modulo the group's order; its form is 32 bytes, big-endian.
    type Scalar: Copy
        + Debug
        + Default
        + Eq
        + Send
        + Sync
        + ConstantTimeEq
        + Encode
        + Decode
        + Add<Output = Self::Scalar>
        + Sub<Output = Self::Scalar>
        + Mul<Output = Self::Scalar>
        + Neg<Output = Self::Scalar>
        + Sum;
    /// An element of the group, as it is computed with.
    type Point: Copy
        + Debug
        + Eq
        + Send
        + Sync
        + Encode
        + Decode
        + Add<Output = Self::Point>
        + Sub<Output = Self::Point>
        + Neg<Output = Self::Point>
        + Sum
        + From<Self::Affine>;
    /// A point of which encoding takes no inversion.
    type Affine: Copy + Debug + Eq + Send + Sync + Encode + Decode;
    /// [`Uncompressed`] of the former.
    type Uncompressed: Copy
        + Debug
        + Eq
        + Send
        + Sync
        + Encode
        + Decode
        + From<Self::Affine>
        + Into<Self::Point>;

    /// Stands in hashes: two curves never share one.
    const NAME: &'static str;

    /// A small number as a scalar.
    fn scalar(number: u64) -> Self::Scalar;
    /// 512 bits, big-endian, modulo the order: uniform up to 2^-256.
    fn reduce_wide(bytes: &[u8; 64]) -> Self::Scalar;
    /// `None` for zero.
    fn invert(scalar: &Self::Scalar) -> Option<Self::Scalar>;
    /// Overwrites a secret.
    fn erase(scalar: &mut Self::Scalar);
    /// The neutral element.
    fn identity() -> Self::Point;
    /// Whether this is the neutral element.
    fn is_identity(point: &Self::Point) -> bool {
        *point == Self::identity()
    }
    /// The point added to itself.
    fn double(point: &Self::Point) -> Self::Point {
        *point + *point
    }
    /// All of `points` in affine form, for the price of one inversion where the library allows.
    fn normalise(points: &[Self::Point]) -> Vec<Self::Affine>;
    /// Constant time.
    fn generator_times(scalar: &Self::Scalar) -> Self::Point;
    /// Constant time.
    fn times(point: &Self::Point, scalar: &Self::Scalar) -> Self::Point;
    /// Constant time in the scalars.
    fn sum_of_products(terms: &[(Self::Point, Self::Scalar)]) -> Self::Point;
    /// Faster, for scalars that everybody may know.
    fn public_sum_of_products(terms: &[(Self::Point, Self::Scalar)]) -> Self::Point;

    /// `number * point`, both of which everybody may know, in as many doublings as `number` has
    /// bits.
    fn times_small(point: &Self::Point, number: u16) -> Self::Point {
        let bits = (0..u16::BITS - number.leading_zeros()).rev().map(|bit| number >> bit & 1 == 1);
        bits.fold(Self::identity(), |sum, bit| {
            if bit { Self::double(&sum) + *point } else { Self::double(&sum) }
        })
    }

    /// Uniform up to 2^-256, from 64 bytes of the stream.
    fn random_scalar(rng: &mut impl CryptoRng) -> Self::Scalar {
        let mut wide = [0; 64];
        rng.fill_bytes(&mut wide);
        let scalar = Self::reduce_wide(&wide);
        wide.zeroize();
        scalar
    }

    /// A coefficient of 128 bits for checking many equations as one.
    fn random_coefficient(rng: &mut impl CryptoRng) -> Self::Scalar {
        let mut wide = [0; 64];
        rng.fill_bytes(&mut wide[48..]);
        Self::reduce_wide(&wide)
    }
}

/// A scalar that nobody else may know: erased on drop, never printed.
#[derive(Clone)]
pub struct Secret<C: Curve>(pub C::Scalar);

impl<C: Curve> Drop for Secret<C> {
    fn drop(&mut self) {
        C::erase(&mut self.0);
    }
}

impl<C: Curve> Debug for Secret<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// For a share on its way to its owner.
impl<C: Curve> Encode for Secret<C> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

impl<C: Curve> Decode for Secret<C> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        C::Scalar::decode(reader).map(Secret)
    }
}

/// A point that travels as both its coordinates, big-endian, one after the other: twice the bytes,
/// and no square root for whoever decodes it. Decoding rejects coordinates that are not below the
/// field's order, points outside the group, and the identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Uncompressed<P>(pub P);

impl<P> From<P> for Uncompressed<P> {
    fn from(point: P) -> Self {
        Uncompressed(point)
    }
}

/// The Lagrange coefficient at `at` of the party `id` among `ids`. `None` when `id` is not among
/// them or an id is repeated.
pub fn lagrange_at<C: Curve>(id: u64, ids: &[u64], at: u64) -> Option<C::Scalar> {
    let distinct: BTreeSet<_> = ids.iter().collect();
    if distinct.len() != ids.len() || !distinct.contains(&id) {
        return None;
    }
    let (mut numerator, mut denominator) = (C::scalar(1), C::scalar(1));
    for &other in ids.iter().filter(|&&other| other != id) {
        numerator = numerator * (C::scalar(at) - C::scalar(other));
        denominator = denominator * (C::scalar(id) - C::scalar(other));
    }
    Some(numerator * C::invert(&denominator)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::Randomness;
    use core::cell::Cell;

    fn small_multiples<C: Curve>() {
        let point = C::generator_times(&C::scalar(7));
        for number in [0, 1, 2, 3, 10, 255, 256, u16::MAX] {
            assert_eq!(
                C::times_small(&point, number),
                C::generator_times(&C::scalar(7 * u64::from(number)))
            );
        }
    }

    fn normalised_points_are_the_same<C: Curve>() {
        let points: Vec<_> = (1..5).map(|number| C::generator_times(&C::scalar(number))).collect();
        for (point, affine) in points.iter().zip(C::normalise(&points)) {
            assert_eq!(C::Point::from(affine), *point);
            assert_eq!(affine.encoded(), point.encoded());
            assert_eq!(C::Affine::decode_all(&affine.encoded()), Ok(affine));
            let uncompressed = C::Uncompressed::from(affine);
            assert_eq!(C::Uncompressed::decode_all(&uncompressed.encoded()), Ok(uncompressed));
            assert_eq!(uncompressed.into(), *point);
        }
        assert!(C::normalise(&[]).is_empty());
        let with_identity = [points[0], C::identity(), points[1]];
        assert_eq!(
            C::normalise(&with_identity).into_iter().map(C::Point::from).collect::<Vec<_>>(),
            with_identity
        );
    }

    /// `3 + 2 x + x^2` from its values at three places.
    fn lagrange_coefficients_interpolate<C: Curve>() {
        let f = |x: u64| C::scalar(3 + 2 * x + x * x);
        for at in [0, 1, 3, 7] {
            let ids = [1, 2, 5];
            let value = ids
                .iter()
                .map(|&id| lagrange_at::<C>(id, &ids, at).unwrap() * f(id))
                .sum::<C::Scalar>();
            assert_eq!(value, f(at));
        }
        assert_eq!(lagrange_at::<C>(9, &[9], 0), Some(C::scalar(1)));
        for (id, ids) in [(3, &[1, 2, 5][..]), (1, &[]), (1, &[1, 1, 2]), (1, &[1, 2, 2])] {
            assert_eq!(lagrange_at::<C>(id, ids, 0), None, "{id} among {ids:?}");
        }
    }

    #[test]
    fn lagrange_coefficients_interpolate_on_both_curves() {
        lagrange_coefficients_interpolate::<Secp256k1>();
        lagrange_coefficients_interpolate::<Bls12381G1>();
    }

    fn arithmetic_agrees<C: Curve>() {
        let (two, three, seven) = (C::scalar(2), C::scalar(3), C::scalar(7));
        for bytes in [[0xff; 64], Randomness::from_seed([2; 32]).bytes()] {
            let bits = bytes.iter().flat_map(|byte| {
                (0..8).rev().map(move |bit| C::scalar(u64::from(byte >> bit & 1)))
            });
            assert_eq!(C::reduce_wide(&bytes), bits.fold(C::scalar(0), |sum, bit| sum + sum + bit));
        }
        assert_eq!(C::invert(&three).map(|inverse| inverse * three), Some(C::scalar(1)));
        assert_eq!(C::invert(&C::scalar(0)), None);
        let point = C::generator_times(&seven);
        assert_eq!(C::times(&point, &three), point + point + point);
        let sum =
            C::sum_of_products(&[(point, two), (point, three), (C::generator_times(&two), seven)]);
        assert_eq!(sum, C::generator_times(&C::scalar(49)));
        assert!(
            C::is_identity(&(point + -point))
                && C::is_identity(&C::identity())
                && !C::is_identity(&point)
        );
        assert_eq!(C::double(&point), C::generator_times(&C::scalar(14)));
    }

    #[test]
    fn arithmetic_agrees_on_both_curves() {
        arithmetic_agrees::<Secp256k1>();
        arithmetic_agrees::<Bls12381G1>();
    }

    fn random_scalars_are_whole_and_coefficients_half<C: Curve>() {
        let mut randomness = Randomness::from_seed([1; 32]);
        let mut drawn = Vec::new();
        for _ in 0..8 {
            let (scalar, coefficient) = (
                C::random_scalar(&mut randomness).encoded(),
                C::random_coefficient(&mut randomness).encoded(),
            );
            assert!(scalar[..16] != [0; 16] && scalar[16..] != [0; 16]);
            assert!(
                coefficient[..16] == [0; 16]
                    && coefficient[16..20] != [0; 4]
                    && coefficient[28..] != [0; 4]
            );
            drawn.extend([scalar, coefficient]);
        }
        assert!((1..drawn.len()).all(|at| !drawn[..at].contains(&drawn[at])));
    }

    #[test]
    fn random_scalars_are_whole_and_coefficients_half_on_both_curves() {
        random_scalars_are_whole_and_coefficients_half::<Secp256k1>();
        random_scalars_are_whole_and_coefficients_half::<Bls12381G1>();
    }

    fn secrets_travel_as_their_scalars_and_can_be_erased<C: Curve>() {
        let mut secret = Secret::<C>(C::scalar(7));
        assert_eq!(secret.encoded(), C::scalar(7).encoded());
        assert_eq!(
            Secret::<C>::decode_all(&secret.encoded()).map(|secret| secret.0),
            Ok(C::scalar(7))
        );
        assert!(Secret::<C>::decode_all(&[0xff; 32]).is_err());
        C::erase(&mut secret.0);
        assert_eq!(secret.0, C::scalar(0));
    }

    #[test]
    fn secrets_travel_as_their_scalars_and_can_be_erased_on_both_curves() {
        secrets_travel_as_their_scalars_and_can_be_erased::<Secp256k1>();
        secrets_travel_as_their_scalars_and_can_be_erased::<Bls12381G1>();
    }

    thread_local! {
        static ERASED: Cell<Option<k256::Scalar>> = const { Cell::new(None) };
    }

    /// Tells what was erased, and is good for nothing else.
    #[derive(Clone, Copy, Debug)]
    struct Telltale;

    impl Curve for Telltale {
        type Scalar = k256::Scalar;
        type Point = k256::ProjectivePoint;
        type Affine = k256::AffinePoint;
        type Uncompressed = Uncompressed<k256::AffinePoint>;
        const NAME: &'static str = "telltale";

        fn erase(scalar: &mut Self::Scalar) {
            ERASED.set(Some(*scalar));
        }
        fn scalar(_: u64) -> Self::Scalar {
            unreachable!()
        }
        fn reduce_wide(_: &[u8; 64]) -> Self::Scalar {
            unreachable!()
        }
        fn invert(_: &Self::Scalar) -> Option<Self::Scalar> {
            unreachable!()
        }
        fn identity() -> Self::Point {
            unreachable!()
        }
        fn normalise(_: &[Self::Point]) -> Vec<Self::Affine> {
            unreachable!()
        }
        fn generator_times(_: &Self::Scalar) -> Self::Point {
            unreachable!()
        }
        fn times(_: &Self::Point, _: &Self::Scalar) -> Self::Point {
            unreachable!()
        }
        fn sum_of_products(_: &[(Self::Point, Self::Scalar)]) -> Self::Point {
            unreachable!()
        }
        fn public_sum_of_products(_: &[(Self::Point, Self::Scalar)]) -> Self::Point {
            unreachable!()
        }
    }

    #[test]
    fn a_secret_is_erased_on_drop() {
        let secret = Secret::<Telltale>(k256::Scalar::from(7u64));
        assert_eq!(ERASED.get(), None);
        drop(secret);
        assert_eq!(ERASED.get(), Some(k256::Scalar::from(7u64)));
    }

    #[test]
    fn small_multiples_on_both_curves() {
        small_multiples::<Secp256k1>();
        small_multiples::<Bls12381G1>();
    }

    #[test]
    fn points_are_the_same_in_all_their_forms_on_both_curves() {
        normalised_points_are_the_same::<Secp256k1>();
        normalised_points_are_the_same::<Bls12381G1>();
    }
}
