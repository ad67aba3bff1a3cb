//! secp256k1, on the `k256` crate.

use super::Curve;
use crate::codec::{Decode, DecodeError, Encode, Reader};

use k256::elliptic_curve::bigint::U512;
use k256::elliptic_curve::ff::PrimeField;
use k256::elliptic_curve::group::GroupEncoding;
use k256::elliptic_curve::ops::{LinearCombination, Reduce};
use k256::{AffinePoint, ProjectivePoint, Scalar};
use zeroize::Zeroize;

/// The group of wallet keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secp256k1;

impl Curve for Secp256k1 {
    type Scalar = Scalar;
    type Point = ProjectivePoint;

    const NAME: &'static str = "secp256k1";

    fn scalar(number: u64) -> Scalar {
        Scalar::from(number)
    }

    fn reduce_wide(bytes: &[u8; 64]) -> Scalar {
        <Scalar as Reduce<U512>>::reduce(&U512::from_be_slice(bytes))
    }

    fn invert(scalar: &Scalar) -> Option<Scalar> {
        scalar.invert().into()
    }

    fn erase(scalar: &mut Scalar) {
        scalar.zeroize();
    }

    fn identity() -> ProjectivePoint {
        ProjectivePoint::IDENTITY
    }

    fn generator_times(scalar: &Scalar) -> ProjectivePoint {
        ProjectivePoint::mul_by_generator(scalar)
    }

    fn times(point: &ProjectivePoint, scalar: &Scalar) -> ProjectivePoint {
        point * scalar
    }

    fn sum_of_products(terms: &[(ProjectivePoint, Scalar)]) -> ProjectivePoint {
        ProjectivePoint::lincomb(terms)
    }

    fn public_sum_of_products(terms: &[(ProjectivePoint, Scalar)]) -> ProjectivePoint {
        ProjectivePoint::lincomb_vartime(terms)
    }
}

impl Encode for Scalar {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }
}

impl Decode for Scalar {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes: [u8; 32] = reader.array()?;
        Option::from(Scalar::from_repr(bytes.into())).ok_or(DecodeError::NotCanonical("scalar"))
    }
}

impl Encode for AffinePoint {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_bytes());
    }
}

impl Decode for AffinePoint {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes: [u8; 33] = reader.array()?;
        // `k256` reads a second form of every point, SEC1's compact one, and the identity; the prefixes 2 and 3 are neither.
        let point = Some(bytes).filter(|bytes| matches!(bytes[0], 2 | 3));
        let point = point.and_then(|bytes| AffinePoint::from_bytes(&bytes.into()).into());
        point.ok_or(DecodeError::NotCanonical("point"))
    }
}

impl Encode for ProjectivePoint {
    fn encode(&self, out: &mut Vec<u8>) {
        self.to_affine().encode(out);
    }
}

impl Decode for ProjectivePoint {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        AffinePoint::decode(reader).map(ProjectivePoint::from)
    }
}
