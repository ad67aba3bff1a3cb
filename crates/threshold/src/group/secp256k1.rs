//! secp256k1, on the `k256` crate.

pub(crate) mod hash_to_curve;
pub(crate) mod multiples;

use super::{Curve, Uncompressed, multiscalar};
use crate::codec::{Decode, DecodeError, Encode, Reader};

use k256::elliptic_curve::BatchNormalize;
use k256::elliptic_curve::bigint::U512;
use k256::elliptic_curve::ff::PrimeField;
use k256::elliptic_curve::group::GroupEncoding;
use k256::elliptic_curve::ops::{LinearCombination, Reduce};
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{AffinePoint, ProjectivePoint, Scalar};
use zeroize::Zeroize;

/// The group of wallet keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secp256k1;

/// Below 2^128.
fn is_short(scalar: &Scalar) -> bool {
    scalar.to_bytes().iter().take(16).all(|byte| *byte == 0)
}

/// A few full scalars gain from the curve's endomorphism, coefficients of 128 bits nothing.
fn gain_from_the_endomorphism(terms: &[(ProjectivePoint, Scalar)]) -> bool {
    !multiscalar::are_many(terms.len()) && !terms.iter().all(|(_, scalar)| is_short(scalar))
}

impl Curve for Secp256k1 {
    type Scalar = Scalar;
    type Point = ProjectivePoint;
    type Affine = AffinePoint;
    type Uncompressed = Uncompressed<AffinePoint>;

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

    fn double(point: &ProjectivePoint) -> ProjectivePoint {
        point.double()
    }

    fn normalise(points: &[ProjectivePoint]) -> Vec<AffinePoint> {
        ProjectivePoint::batch_normalize(points)
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
        if gain_from_the_endomorphism(terms) {
            ProjectivePoint::lincomb_vartime(terms)
        } else {
            multiscalar::public_sum_of_products::<Self>(terms)
        }
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
        // `k256` reads a second form of every point, SEC1's compact one, and the identity; the
        // prefixes 2 and 3 are neither.
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

/// The identity, which has no coordinates, encodes to what no one decodes.
impl Encode for Uncompressed<AffinePoint> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0.x());
        out.extend_from_slice(&self.0.y());
    }
}

impl Decode for Uncompressed<AffinePoint> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let [x, y]: [[u8; 32]; 2] = [reader.array()?, reader.array()?];
        let point = AffinePoint::from_coordinates(&x.into(), &y.into());
        Option::from(point).map(Uncompressed).ok_or(DecodeError::NotCanonical("point"))
    }
}

impl From<Uncompressed<AffinePoint>> for ProjectivePoint {
    fn from(point: Uncompressed<AffinePoint>) -> Self {
        point.0.into()
    }
}

impl Encode for Uncompressed<ProjectivePoint> {
    fn encode(&self, out: &mut Vec<u8>) {
        Uncompressed(self.0.to_affine()).encode(out);
    }
}

impl Decode for Uncompressed<ProjectivePoint> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Uncompressed::<AffinePoint>::decode(reader).map(|point| Uncompressed(point.0.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The field's order, big-endian.
    const FIELD_ORDER: [u8; 32] = {
        let mut order = [0xff; 32];
        (order[27], order[30], order[31]) = (0xfe, 0xfc, 0x2f);
        order
    };

    fn decoded(bytes: &[u8]) -> Result<AffinePoint, DecodeError> {
        Uncompressed::decode_all(bytes).map(|point| point.0)
    }

    #[test]
    fn a_short_scalar_is_below_2_to_the_128() {
        let longest = Scalar::from(u128::MAX);
        assert_eq!(
            [Scalar::ZERO, longest, longest + Scalar::ONE, -Scalar::ONE]
                .map(|scalar| is_short(&scalar)),
            [true, true, false, false]
        );
    }

    #[test]
    fn the_endomorphism_is_for_a_few_terms_not_all_of_them_short() {
        let gain = |short: usize, long: usize| {
            let scalars = [vec![Scalar::ONE; short], vec![-Scalar::ONE; long]].concat();
            gain_from_the_endomorphism(
                &scalars
                    .into_iter()
                    .map(|scalar| (ProjectivePoint::GENERATOR, scalar))
                    .collect::<Vec<_>>(),
            )
        };
        assert!(gain(0, 1) && gain(5, 1));
        assert!(!gain(0, 0) && !gain(6, 0) && !gain(0, 100) && !gain(100, 0));
    }

    #[test]
    fn an_uncompressed_point_is_its_two_coordinates() {
        let point = (ProjectivePoint::GENERATOR * Scalar::from(7u64)).to_affine();
        let bytes = Uncompressed(point).encoded();
        assert_eq!(bytes.len(), 64);
        assert_eq!((&bytes[..32], &bytes[32..]), (&*point.x(), &*point.y()));
        assert_eq!(decoded(&bytes), Ok(point));
        assert_eq!(Uncompressed(ProjectivePoint::from(point)).encoded(), bytes);
        assert_eq!(
            Uncompressed::decode_all(&bytes),
            Ok(Uncompressed(ProjectivePoint::from(point)))
        );
        assert_eq!(decoded(&Uncompressed(-point).encoded()), Ok(-point));
    }

    #[test]
    fn rejects_every_other_form_of_an_uncompressed_point() {
        let bytes = Uncompressed(AffinePoint::GENERATOR).encoded();
        assert_eq!(decoded(&bytes[..63]), Err(DecodeError::TooShort));
        assert_eq!(decoded(&[&bytes[..], &[0]].concat()), Err(DecodeError::TooLong));
        for at in 0..64 {
            let mut off_the_curve = bytes.clone();
            off_the_curve[at] ^= 1;
            assert_eq!(
                decoded(&off_the_curve),
                Err(DecodeError::NotCanonical("point")),
                "byte {at}"
            );
        }
        let identity = Uncompressed(AffinePoint::IDENTITY).encoded();
        assert_eq!(decoded(&identity), Err(DecodeError::NotCanonical("point")));
    }

    /// The x coordinate 1 is on the curve, and so is 1 plus the field's order when nobody reduces
    /// it.
    #[test]
    fn rejects_coordinates_that_are_not_reduced() {
        let compressed = [&[2][..], &[0; 31], &[1]].concat();
        let point = AffinePoint::decode_all(&compressed).unwrap();
        let mut bytes = Uncompressed(point).encoded();
        assert_eq!(decoded(&bytes), Ok(point));
        bytes[..32].copy_from_slice(&FIELD_ORDER);
        bytes[31] += 1;
        assert_eq!(decoded(&bytes), Err(DecodeError::NotCanonical("point")));
    }
}
