//! Hashing to the curve: secp256k1_XMD:SHA-256_SSWU_RO_ of RFC 9380, for many messages at once and
//! in constant time.
//!
//! A message hashes to two field elements, each of which is mapped to a point, and the two points
//! are added. The map goes by the simplified SWU method to the curve E': y^2 = x^3 + A x + B, and
//! from there by an isogeny of degree 3 to secp256k1. Here all divisions of all maps, those of the
//! isogeny included, are one inversion: what is left of a map is one exponentiation.
//!
//! `k256` computes field elements lazily: a sum is as large as its terms together, a product is
//! reduced from factors of at most 8 times the modulus, and `negate` is told how large its operand
//! may be.

use hash2curve::{ExpandMsg, ExpandMsgXmd, Expander};
use k256::elliptic_curve::array::Array;
use k256::elliptic_curve::bigint::{ArrayEncoding, U256};
use k256::elliptic_curve::consts::{U16, U48};
use k256::elliptic_curve::ff::PrimeField;
use k256::elliptic_curve::hazmat::FieldArithmetic;
use k256::elliptic_curve::ops::{BatchInvert, Reduce};
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{AffinePoint, ProjectivePoint};
use primeorder::osswu::{OsswuMap, Sgn0};
use sha2::Sha256;
use std::num::NonZeroU16;
use std::sync::LazyLock;
use subtle::ConditionallySelectable;
use zeroize::{Zeroize, Zeroizing};

type FieldElement = <k256::Secp256k1 as FieldArithmetic>::FieldElement;

/// Hashes each message to a point: a random oracle into the group. `domain` is of 1 to 255 bytes.
pub(crate) fn hash_to_curve<M: AsRef<[u8]>>(messages: &[M], domain: &[u8]) -> Vec<ProjectivePoint> {
    let elements = messages.iter().flat_map(|message| hash_to_field(message.as_ref(), domain));
    let points = Zeroizing::new(map_to_curve(&Zeroizing::new(elements.collect::<Vec<_>>())));
    points.as_chunks().0.iter().map(|[one, other]| ProjectivePoint::from(*one) + other).collect()
}

/// RFC 9380, section 5.2, with 48 bytes for each element.
fn hash_to_field(message: &[u8], domain: &[u8]) -> [FieldElement; 2] {
    const LENGTH: NonZeroU16 = NonZeroU16::new(2 * 48).expect("not zero");
    let domain = [domain];
    let expander =
        <ExpandMsgXmd<Sha256> as ExpandMsg<U16>>::expand_message(&[message], &domain, LENGTH);
    #[expect(clippy::expect_used, reason = "every domain tag is a constant of this crate")]
    let mut expander = expander.expect("a domain tag of its proper length");
    [(); 2].map(|()| {
        let mut bytes = Array::<u8, U48>::default();
        #[expect(clippy::expect_used, reason = "both calls together take LENGTH bytes")]
        expander.fill_bytes(&mut bytes).expect("as many bytes as were asked for");
        FieldElement::reduce(&bytes).normalize()
    })
}

/// The constants of both steps, beside those of [`OsswuMap::PARAMS`].
struct Isogeny {
    /// The x-coordinate of the two points of E' that the isogeny sends to the identity (RFC 9380,
    /// appendix E.1, has -2 times it as `k_(2,1)`). The rest follows from it by the formulas of
    /// Vélu.
    kernel: FieldElement,
    t: FieldElement,
    w: FieldElement,
    /// 1/3: the formulas lead to y^2 = x^3 + 7 * 3^6.
    third: FieldElement,
}

static ISOGENY: LazyLock<Isogeny> = LazyLock::new(|| {
    let kernel =
        U256::from_be_hex("89291c84de3e11f1041da6957255eed5fc964a4df050df221d6ad4ce6ab9c5a5");
    let kernel = FieldElement::from_repr(kernel.to_be_byte_array()).expect("below the modulus");
    let (a, b) = (FieldElement::PARAMS.map_a, FieldElement::PARAMS.map_b);
    let square = kernel.square();
    Isogeny {
        kernel,
        t: (square.mul_single(3) + a).double().normalize(),
        w: (kernel * (square + a) + b).mul_single(4).normalize(),
        third: FieldElement::from(3).invert().expect("not zero"),
    }
});

/// A point of E' by the simplified SWU method, before division: (x / d, y / d^2) up to the sign of
/// y.
#[derive(Zeroize)]
struct Undivided {
    x: FieldElement,
    y: FieldElement,
    d: FieldElement,
}

impl Undivided {
    /// RFC 9380, section 6.6.2. Where the value of the first candidate for x is not a square, the
    /// square root of its negative gives that of the second one.
    fn new(element: &FieldElement) -> Self {
        let (a, b) = (FieldElement::PARAMS.map_a, FieldElement::PARAMS.map_b);
        let (z, root_of_minus_z_cubed) = (FieldElement::PARAMS.z, FieldElement::PARAMS.c2);
        let square = element.square();
        let z_square = z * square;
        let sum = z_square.square() + z_square;
        let d = FieldElement::conditional_select(
            &(sum * a.negate(1)),
            &(z * a),
            sum.normalizes_to_zero(),
        );
        let first_x = b * (sum + FieldElement::ONE);
        let d_square = d.square();
        // The value of the curve's polynomial at the first candidate, times d^4.
        let value = (first_x * (first_x.square() + a * d_square) + b * d_square * d) * d;
        let root = square_root(&value);
        let is_root = (root.square() + value.negate(1)).normalizes_to_zero();
        let second_y = root * root_of_minus_z_cubed * square * element;
        Undivided {
            x: FieldElement::conditional_select(&(z_square * first_x), &first_x, is_root),
            y: FieldElement::conditional_select(&second_y, &root, is_root),
            d,
        }
    }

    /// `d` times the difference between x and the isogeny's kernel.
    fn kernel_distance(&self) -> FieldElement {
        self.x + (ISOGENY.kernel * self.d).negate(1)
    }

    /// Divides, gives y the sign of `element`, and follows the isogeny. `inverse` is that of `d *
    /// kernel_distance()`, which is 0 in the kernel alone; the inverse is then 0 as well, and the
    /// point the identity, as section 4.1 of RFC 9380 has it.
    fn finish(&self, inverse: &FieldElement, element: &FieldElement) -> AffinePoint {
        let Isogeny { kernel: _, t, w, third } = &*ISOGENY;
        let inverse_of_d = *inverse * self.kernel_distance();
        let step = *inverse * self.d.square();
        let x = self.x * inverse_of_d;
        let y = self.y * inverse_of_d.square();
        let y = FieldElement::conditional_select(&y, &y.negate(1), y.sgn0() ^ element.sgn0());
        let slope = FieldElement::ONE + (step.square() * (*t + step * w.double())).negate(1);
        let x = (x + step * (*t + step * w)) * third.square();
        let y = y * slope * third.square() * third;
        AffinePoint::from_coordinates(&x.to_bytes(), &y.to_bytes()).unwrap_or(AffinePoint::IDENTITY)
    }
}

/// RFC 9380, section 6.6.3, for all elements together.
fn map_to_curve(elements: &[FieldElement]) -> Vec<AffinePoint> {
    let undivided = Zeroizing::new(elements.iter().map(Undivided::new).collect::<Vec<_>>());
    let mut inverses = Zeroizing::new(
        undivided.iter().map(|point| point.d * point.kernel_distance()).collect::<Vec<_>>(),
    );
    let mut scratch = Zeroizing::new(vec![FieldElement::ZERO; inverses.len()]);
    FieldElement::batch_invert_in_place(&mut inverses, &mut scratch);
    let points = undivided.iter().zip(inverses.iter()).zip(elements);
    points.map(|((point, inverse), element)| point.finish(inverse, element)).collect()
}

/// The power (p + 1) / 4: a square root of `value` or, as that power is even, of its negative.
fn square_root(value: &FieldElement) -> FieldElement {
    // The exponent in binary is three runs of ones, of 223, 22 and 2, with 1 zero, 4 zeros and 2
    // zeros behind them.
    let shifted =
        |value: &FieldElement, count: usize| (0..count).fold(*value, |value, _| value.square());
    let ones_2 = shifted(value, 1) * value;
    let ones_3 = shifted(&ones_2, 1) * value;
    let ones_6 = shifted(&ones_3, 3) * ones_3;
    let ones_9 = shifted(&ones_6, 3) * ones_3;
    let ones_11 = shifted(&ones_9, 2) * ones_2;
    let ones_22 = shifted(&ones_11, 11) * ones_11;
    let ones_44 = shifted(&ones_22, 22) * ones_22;
    let ones_88 = shifted(&ones_44, 44) * ones_44;
    let ones_176 = shifted(&ones_88, 88) * ones_88;
    let ones_220 = shifted(&ones_176, 44) * ones_44;
    let ones_223 = shifted(&ones_220, 3) * ones_3;
    let first_runs = shifted(&ones_223, 23) * ones_22;
    shifted(&(shifted(&first_runs, 6) * ones_2), 2)
}

#[cfg(test)]
mod tests;
