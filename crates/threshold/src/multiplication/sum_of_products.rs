//! Sums of products of scalars, reduced once at the end.

use k256::Scalar;
use k256::elliptic_curve::bigint::U512;
use k256::elliptic_curve::ops::Reduce;
use zeroize::Zeroize;

/// A scalar's canonical number in 64-bit limbs, least significant first.
#[derive(Clone, Copy, Default, Zeroize)]
pub struct Limbs([u64; 4]);

impl From<&Scalar> for Limbs {
    fn from(scalar: &Scalar) -> Self {
        let bytes: [u8; 32] = scalar.to_bytes().into();
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().rev().zip(bytes.as_chunks().0) {
            *limb = u64::from_be_bytes(*bytes);
        }
        Limbs(limbs)
    }
}

/// At least 2^63 products fit before the last of the limbs could overflow. Constant time.
#[derive(Default, Zeroize)]
pub struct SumOfProducts([u64; 9]);

impl SumOfProducts {
    #[inline(always)]
    pub fn add_product(&mut self, a: &Limbs, b: &Limbs) {
        for (shift, a) in a.0.iter().enumerate() {
            let mut carry = 0;
            for (limb, b) in self.0[shift..].iter_mut().zip(&b.0) {
                let sum = u128::from(*a) * u128::from(*b) + u128::from(*limb) + carry;
                *limb = sum as u64;
                carry = sum >> 64;
            }
            carry_into(&mut self.0[shift + 4..], carry as u64);
        }
    }

    #[inline(always)]
    pub fn add(&mut self, a: &Limbs) {
        let mut carry = 0;
        for (limb, a) in self.0.iter_mut().zip(&a.0) {
            let sum = u128::from(*limb) + u128::from(*a) + carry;
            *limb = sum as u64;
            carry = sum >> 64;
        }
        carry_into(&mut self.0[4..], carry as u64);
    }

    /// The sum modulo the order.
    pub fn reduce(&self) -> Scalar {
        let mut high = [0; 64];
        let (lowest, rest) = (self.0[0], &self.0[1..]);
        for (bytes, limb) in high.as_chunks_mut().0.iter_mut().zip(rest.iter().rev()) {
            *bytes = limb.to_be_bytes();
        }
        let reduced = <Scalar as Reduce<U512>>::reduce(&U512::from_be_slice(&high));
        high.zeroize();
        reduced * Scalar::from(1u128 << 64) + Scalar::from(lowest)
    }
}

#[inline(always)]
fn carry_into(limbs: &mut [u64], mut carry: u64) {
    for limb in limbs {
        let (sum, overflow) = limb.overflowing_add(carry);
        *limb = sum;
        carry = u64::from(overflow);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Curve, Secp256k1};
    use crate::randomness::Randomness;

    #[test]
    fn agrees_with_scalar_arithmetic_at_random_and_at_the_extremes() {
        let mut randomness = Randomness::from_seed([1; 32]);
        for count in [0, 1, 2, 416, 1000] {
            let mut random = || Secp256k1::random_scalar(&mut randomness);
            let pairs: Vec<_> = (0..count).map(|_| (random(), random(), random())).collect();
            for pairs in [pairs, vec![(-Scalar::ONE, -Scalar::ONE, -Scalar::ONE); count]] {
                let mut sum = SumOfProducts::default();
                for (a, b, c) in &pairs {
                    sum.add_product(&a.into(), &b.into());
                    sum.add(&c.into());
                }
                assert_eq!(sum.reduce(), pairs.iter().map(|(a, b, c)| a * b + c).sum::<Scalar>());
            }
        }
    }
}
