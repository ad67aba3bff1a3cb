//! The group G1 of BLS12-381, on `blst` through the `blstrs` crate.

use super::Curve;
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
        Option::from(Scalar::from_bytes_be(&reader.array()?)).ok_or(DecodeError::NotCanonical("scalar"))
    }
}

impl Encode for G1Projective {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_compressed());
    }
}

impl Decode for G1Projective {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let point: Option<G1Affine> = G1Affine::from_compressed(&reader.array()?).into();
        let point = point.filter(|point| !bool::from(point.is_identity()));
        point.map(G1Projective::from).ok_or(DecodeError::NotCanonical("point"))
    }
}
