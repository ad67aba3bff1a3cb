//! The group G1 of BLS12-381, on `blst` through the `blstrs` crate.

use super::{Curve, Uncompressed};
use crate::codec::{Decode, DecodeError, Encode, Reader};
use blstrs::{G1Affine, G1Projective, Scalar};
use ff::Field;
use group::Group;
use group::prime::PrimeCurveAffine;

/// The group of the network's own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bls12381G1;

/// 2^256 in the scalar field, for reducing 64 bytes.
fn two_to_the_256() -> Scalar {
    let two_to_the_64 = Scalar::from(u64::MAX) + Scalar::ONE;
    two_to_the_64.square().square()
}

/// The 32 bytes need not be below the order.
fn reduce(bytes: &[u8]) -> Scalar {
    let radix = Scalar::from(256);
    bytes.iter().fold(Scalar::ZERO, |sum, &byte| sum * radix + Scalar::from(u64::from(byte)))
}

impl Curve for Bls12381G1 {
    type Scalar = Scalar;
    type Point = G1Projective;
    type Affine = G1Affine;
    type Uncompressed = Uncompressed<G1Affine>;

    const NAME: &'static str = "BLS12-381 G1";

    fn scalar(number: u64) -> Scalar {
        Scalar::from(number)
    }

    fn reduce_wide(bytes: &[u8; 64]) -> Scalar {
        let (high, low) = bytes.split_at(32);
        reduce(high) * two_to_the_256() + reduce(low)
    }

    fn invert(scalar: &Scalar) -> Option<Scalar> {
        Field::invert(scalar).into()
    }

    fn erase(scalar: &mut Scalar) {
        // `blstrs` has no `Zeroize`; the barrier keeps the write from being optimised away.
        *scalar = Scalar::ZERO;
        core::hint::black_box(scalar);
    }

    fn identity() -> G1Projective {
        G1Projective::identity()
    }

    fn normalise(points: &[G1Projective]) -> Vec<G1Affine> {
        points.iter().map(G1Affine::from).collect()
    }

    fn generator_times(scalar: &Scalar) -> G1Projective {
        G1Projective::generator() * scalar
    }

    fn times(point: &G1Projective, scalar: &Scalar) -> G1Projective {
        point * scalar
    }

    fn sum_of_products(terms: &[(G1Projective, Scalar)]) -> G1Projective {
        terms.iter().map(|(point, scalar)| point * scalar).sum()
    }

    fn public_sum_of_products(terms: &[(G1Projective, Scalar)]) -> G1Projective {
        Self::sum_of_products(terms)
    }
}

impl Encode for Scalar {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes_be());
    }
}

impl Decode for Scalar {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Option::from(Scalar::from_bytes_be(&reader.array()?))
            .ok_or(DecodeError::NotCanonical("scalar"))
    }
}

impl Encode for G1Affine {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_compressed());
    }
}

impl Decode for G1Affine {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let point: Option<G1Affine> = G1Affine::from_compressed(&reader.array()?).into();
        point
            .filter(|point| !bool::from(point.is_identity()))
            .ok_or(DecodeError::NotCanonical("point"))
    }
}

impl Encode for G1Projective {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_compressed());
    }
}

impl Decode for G1Projective {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        G1Affine::decode(reader).map(G1Projective::from)
    }
}

/// The bits of the first byte that are flags in this encoding, none of which an uncompressed point
/// has.
const FLAGS: u8 = 0b1110_0000;

impl From<Uncompressed<G1Affine>> for G1Projective {
    fn from(point: Uncompressed<G1Affine>) -> Self {
        point.0.into()
    }
}

impl Encode for Uncompressed<G1Affine> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_uncompressed());
    }
}

impl Decode for Uncompressed<G1Affine> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Uncompressed::<G1Projective>::decode(reader).map(|point| Uncompressed(point.0.into()))
    }
}

impl Encode for Uncompressed<G1Projective> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.to_uncompressed());
    }
}

impl Decode for Uncompressed<G1Projective> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        // With its flags set, `blst` would read a compressed point or the identity, and look no
        // further than that.
        let bytes = Some(reader.array()?).filter(|bytes: &[u8; 96]| bytes[0] & FLAGS == 0);
        let point = bytes.and_then(|bytes| Option::from(G1Affine::from_uncompressed(&bytes)));
        let point = point.filter(|point: &G1Affine| !bool::from(point.is_identity()));
        point.map(|point| Uncompressed(point.into())).ok_or(DecodeError::NotCanonical("point"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Result<G1Projective, DecodeError> {
        Uncompressed::decode_all(bytes).map(|point| point.0)
    }

    #[test]
    fn an_uncompressed_point_is_its_two_coordinates() {
        let point = G1Projective::generator() * Scalar::from(7);
        let bytes = Uncompressed(point).encoded();
        assert_eq!(bytes.len(), 96);
        assert_eq!(bytes, G1Affine::from(point).to_uncompressed());
        assert_eq!(decoded(&bytes), Ok(point));
    }

    #[test]
    fn rejects_every_other_form_of_an_uncompressed_point() {
        let not_canonical = Err(DecodeError::NotCanonical("point"));
        let point = G1Projective::generator();
        let bytes = Uncompressed(point).encoded();
        assert_eq!(decoded(&bytes[..95]), Err(DecodeError::TooShort));
        assert_eq!(decoded(&[&bytes[..], &[0]].concat()), Err(DecodeError::TooLong));
        for at in (0..96).step_by(5) {
            let mut off_the_curve = bytes.clone();
            off_the_curve[at] ^= 1;
            assert_eq!(decoded(&off_the_curve), not_canonical, "byte {at}");
        }
        assert_eq!(decoded(&Uncompressed(G1Projective::identity()).encoded()), not_canonical);
        assert_eq!(decoded(&[0; 96]), not_canonical);
        for flag in [0x20, 0x40, 0x80] {
            let mut flagged = bytes.clone();
            flagged[0] |= flag;
            assert_eq!(decoded(&flagged), not_canonical);
        }
        let compressed = [&point.encoded()[..], &bytes[48..]].concat();
        assert_eq!(decoded(&compressed), not_canonical, "the compressed form, filled up");
    }

    /// The point with x = 4 and the smaller y is on the curve, and outside the subgroup.
    #[test]
    fn rejects_a_point_outside_the_subgroup() {
        let mut compressed = [0; 48];
        (compressed[0], compressed[47]) = (0x80, 4);
        let outside: G1Affine = G1Affine::from_compressed_unchecked(&compressed).unwrap();
        assert!(bool::from(outside.is_on_curve()));
        assert_eq!(decoded(&outside.to_uncompressed()), Err(DecodeError::NotCanonical("point")));
    }
}
