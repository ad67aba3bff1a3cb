//! Scalars of secp256k1 for the loops that touch thousands of them: in machine words, everything
//! inlined, products summed before they are reduced. Constant time throughout, but for reading a
//! message.

use k256::Scalar;
use k256::elliptic_curve::ops::Reduce;
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroize;

/// The group's order `q`, least significant word first.
const ORDER: [u64; 4] =
    [0xbfd2_5e8c_d036_4141, 0xbaae_dce6_af48_a03b, 0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff];

/// `2^256 - q`: what `2^256` is modulo the order.
const FOLD: [u64; 3] = [0x402d_a173_2fc9_bebf, 0x4551_2319_50b7_5fc4, 1];

/// A scalar below the order, least significant word first.
#[derive(Clone, Copy, Default, Zeroize)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub struct Words([u64; 4]);

/// `a + b + carry`, and the next carry.
#[inline(always)]
fn add_carry(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let sum = u128::from(a) + u128::from(b) + u128::from(carry);
    (sum as u64, (sum >> 64) as u64)
}

/// `a - b - borrow`, and the next borrow.
#[inline(always)]
fn sub_borrow(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let difference = u128::from(a).wrapping_sub(u128::from(b)).wrapping_sub(u128::from(borrow));
    (difference as u64, (difference >> 127) as u64)
}

#[inline(always)]
fn minus_order(words: &[u64; 4]) -> ([u64; 4], u64) {
    let (mut difference, mut borrow) = ([0; 4], 0);
    for ((place, word), order) in difference.iter_mut().zip(words).zip(&ORDER) {
        (*place, borrow) = sub_borrow(*word, *order, borrow);
    }
    (difference, borrow)
}

/// `a` where `mask` is all ones, `b` where it is zero.
#[expect(clippy::indexing_slicing, reason = "from_fn counts as far as these arrays go")]
#[inline(always)]
fn select(mask: u64, a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    core::array::from_fn(|at| b[at] ^ ((a[at] ^ b[at]) & mask))
}

impl Words {
    /// 256 bits modulo the order.
    #[inline(always)]
    pub fn reduce(low: u128, high: u128) -> Self {
        Self::reduce_once([low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64])
    }

    #[inline(always)]
    fn reduce_once(words: [u64; 4]) -> Self {
        let (difference, borrow) = minus_order(&words);
        Words(select(borrow.wrapping_neg(), &words, &difference))
    }

    #[inline(always)]
    pub fn plus(&self, other: &Words) -> Self {
        let (mut sum, mut carry) = ([0; 4], 0);
        for ((place, a), b) in sum.iter_mut().zip(&self.0).zip(&other.0) {
            (*place, carry) = add_carry(*a, *b, carry);
        }
        let (difference, borrow) = minus_order(&sum);
        Words(select((borrow & !carry).wrapping_neg(), &sum, &difference))
    }

    #[inline(always)]
    pub fn minus(&self, other: &Words) -> Self {
        let (mut difference, mut borrow) = ([0; 4], 0);
        for ((place, a), b) in difference.iter_mut().zip(&self.0).zip(&other.0) {
            (*place, borrow) = sub_borrow(*a, *b, borrow);
        }
        let (mask, mut carry) = (borrow.wrapping_neg(), 0);
        for (place, order) in difference.iter_mut().zip(&ORDER) {
            (*place, carry) = add_carry(*place, order & mask, carry);
        }
        Words(difference)
    }

    /// Itself, or zero when the choice is 0.
    #[inline(always)]
    pub fn when(&self, choice: Choice) -> Self {
        let mask = u64::conditional_select(&0, &u64::MAX, choice);
        Words(self.0.map(|word| word & mask))
    }

    /// 32 big-endian bytes.
    #[inline(always)]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(self.0.iter().rev()) {
            *bytes = word.to_be_bytes();
        }
        bytes
    }

    /// `None` for the order and above. For bytes that everybody may know.
    #[inline(always)]
    pub fn from_canonical(bytes: &[u8; 32]) -> Option<Self> {
        let words = Self::from_bytes(bytes);
        (minus_order(&words.0).1 == 1).then_some(words)
    }

    #[inline(always)]
    fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().rev().zip(bytes.as_chunks().0) {
            *word = u64::from_be_bytes(*bytes);
        }
        Words(words)
    }
}

impl From<&Scalar> for Words {
    fn from(scalar: &Scalar) -> Self {
        Self::from_bytes(&scalar.to_bytes().into())
    }
}

impl From<Words> for Scalar {
    fn from(words: Words) -> Self {
        <Scalar as Reduce<k256::FieldBytes>>::reduce(&words.to_bytes().into())
    }
}

/// A sum that is reduced once at the end. The ninth word makes room for 2^63 products.
#[derive(Default, Zeroize)]
pub(crate) struct SumOfProducts([u64; 9]);

impl SumOfProducts {
    #[expect(clippy::indexing_slicing, reason = "the shift is one of four, of nine words")]
    #[inline(always)]
    pub(crate) fn add_product(&mut self, a: &Words, b: &Words) {
        for (shift, a) in a.0.iter().enumerate() {
            add_scaled(&mut self.0[shift..], *a, &b.0);
        }
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, a: &Words) {
        add_scaled(&mut self.0, 1, &a.0);
    }

    /// The sum modulo the order.
    ///
    /// Everything above bit 256 is multiplied by [`FOLD`] and added to what is below: from 576 bits
    /// to 450, to 323, to 257, and to 256, which are below twice the order.
    #[expect(clippy::indexing_slicing, reason = "of nine words, at most five are high")]
    #[inline(always)]
    pub(crate) fn reduce(&self) -> Words {
        let mut words = self.0;
        for high_words in [5, 4, 2, 1] {
            let (low, high) = words.split_at(4);
            let mut folded = [0; 9];
            folded[..4].copy_from_slice(low);
            for (shift, word) in high[..high_words].iter().enumerate() {
                add_scaled(&mut folded[shift..], *word, &FOLD);
            }
            words = folded;
        }
        Words::reduce_once([words[0], words[1], words[2], words[3]])
    }
}

/// `into += factor * words`, with the carry through to the end of `into`.
#[inline(always)]
fn add_scaled(into: &mut [u64], factor: u64, words: &[u64]) {
    let mut carry = 0;
    let (low, high) = into.split_at_mut(words.len());
    for (place, word) in low.iter_mut().zip(words) {
        let sum = u128::from(factor) * u128::from(*word) + u128::from(*place) + carry;
        *place = sum as u64;
        carry = sum >> 64;
    }
    let mut carry = carry as u64;
    for place in high {
        (*place, carry) = add_carry(*place, 0, carry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Curve, Secp256k1};
    use crate::randomness::Randomness;

    /// Random ones, and those at which a carry, a borrow or the order shows.
    fn scalars() -> Vec<Scalar> {
        let mut randomness = Randomness::from_seed([1; 32]);
        let two = |power: u32| (0..power).fold(Scalar::ONE, |power, _| power + power);
        let edges = [0, 1, 63, 64, 127, 128, 129, 191, 192, 255, 256, 257].map(two);
        let random = (0..30).map(|_| Secp256k1::random_scalar(&mut randomness));
        let edges = edges
            .into_iter()
            .flat_map(|edge| [edge, edge - Scalar::ONE, -edge, Scalar::ONE - edge]);
        random.chain(edges).collect()
    }

    #[test]
    fn agrees_with_scalar_arithmetic() {
        for a in scalars() {
            assert_eq!(Scalar::from(Words::from(&a)), a);
            assert_eq!(Words::from(&a).to_bytes(), <[u8; 32]>::from(a.to_bytes()));
            for b in scalars() {
                let (left, right) = (Words::from(&a), Words::from(&b));
                assert_eq!(Scalar::from(left.plus(&right)), a + b);
                assert_eq!(Scalar::from(left.minus(&right)), a - b);
                let mut product = SumOfProducts::default();
                product.add_product(&left, &right);
                assert_eq!(Scalar::from(product.reduce()), a * b);
            }
            assert_eq!(Scalar::from(Words::from(&a).when(Choice::from(0))), Scalar::ZERO);
            assert_eq!(Scalar::from(Words::from(&a).when(Choice::from(1))), a);
        }
    }

    #[test]
    fn sums_many_products_without_overflow() {
        for (count, scalar) in
            [(0, Scalar::ONE), (416, -Scalar::ONE), (5000, -Scalar::ONE), (5000, scalars()[0])]
        {
            let words = Words::from(&scalar);
            let mut sum = SumOfProducts::default();
            for _ in 0..count {
                sum.add_product(&words, &words);
                sum.add(&words);
            }
            assert_eq!(
                Scalar::from(sum.reduce()),
                (scalar * scalar + scalar) * Scalar::from(count as u64)
            );
        }
        let mut full = [u64::MAX; 9];
        let big = |power| (0..power).fold(Scalar::ONE, |power, _| power + power);
        assert_eq!(Scalar::from(SumOfProducts(full).reduce()), big(576) - Scalar::ONE);
        full[8] = 0;
        assert_eq!(Scalar::from(SumOfProducts(full).reduce()), big(512) - Scalar::ONE);
    }

    #[test]
    fn only_numbers_below_the_order_are_canonical() {
        let order = {
            let mut bytes = (-Scalar::ONE).to_bytes();
            bytes[31] += 1;
            <[u8; 32]>::from(bytes)
        };
        let mut below = order;
        below[31] -= 1;
        assert!(
            Words::from_canonical(&below).is_some_and(|words| Scalar::from(words) == -Scalar::ONE)
        );
        assert!(Words::from_canonical(&order).is_none());
        assert!(Words::from_canonical(&[0xff; 32]).is_none());
        assert!(Words::from_canonical(&[0; 32]).is_some_and(|words| words == Words::default()));
        let fold = Words([FOLD[0], FOLD[1], FOLD[2], 0]);
        assert_eq!(
            Scalar::from(Words::reduce(u128::MAX, u128::MAX)),
            Scalar::from(fold) - Scalar::ONE
        );
    }
}
