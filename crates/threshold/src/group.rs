//! The two groups that keys live in, behind one trait.

mod bls12_381;
pub(crate) mod secp256k1;

pub use bls12_381::Bls12381G1;
pub use secp256k1::Secp256k1;

use crate::codec::{Decode, DecodeError, Encode, Reader};
use core::fmt::{self, Debug};
use core::iter::Sum;
use core::ops::{Add, Mul, Neg, Sub};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A group of prime order. Scalars travel as 32 big-endian bytes below the order, points compressed; decoding rejects every other
/// form, points outside the group, and the identity.
pub trait Curve: 'static + Copy + Debug + Send + Sync {
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
        + Sum;

    const NAME: &'static str;

    fn scalar(number: u64) -> Self::Scalar;
    fn reduce_wide(bytes: &[u8; 64]) -> Self::Scalar;
    /// `None` for zero.
    fn invert(scalar: &Self::Scalar) -> Option<Self::Scalar>;
    /// Overwrites a secret.
    fn erase(scalar: &mut Self::Scalar);
    fn identity() -> Self::Point;
    fn is_identity(point: &Self::Point) -> bool {
        *point == Self::identity()
    }
    /// Constant time.
    fn generator_times(scalar: &Self::Scalar) -> Self::Point;
    /// Constant time.
    fn times(point: &Self::Point, scalar: &Self::Scalar) -> Self::Point;
    /// Constant time in the scalars.
    fn sum_of_products(terms: &[(Self::Point, Self::Scalar)]) -> Self::Point;
    /// Faster, for scalars that everybody may know.
    fn public_sum_of_products(terms: &[(Self::Point, Self::Scalar)]) -> Self::Point;

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

/// A point that travels as both its coordinates, big-endian, one after the other: twice the bytes, and no square root for whoever
/// decodes it. Decoding rejects coordinates that are not below the field's order, points outside the group, and the identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Uncompressed<P>(pub P);

/// The Lagrange coefficient at `at` of the party `id` among `ids`. `None` when `id` is not among them or an id is repeated.
pub fn lagrange_at<C: Curve>(id: u64, ids: &[u64], at: u64) -> Option<C::Scalar> {
    if !ids.contains(&id) {
        return None;
    }
    let (mut numerator, mut denominator) = (C::scalar(1), C::scalar(1));
    for &other in ids.iter().filter(|&&other| other != id) {
        numerator = numerator * (C::scalar(at) - C::scalar(other));
        denominator = denominator * (C::scalar(id) - C::scalar(other));
    }
    if ids.iter().filter(|&&other| other == id).count() != 1 {
        return None;
    }
    Some(numerator * C::invert(&denominator)?)
}
