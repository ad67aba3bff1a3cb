//! Bytes that are no point of BLS12-381's two groups are not read as one.

use blstrs::{G1Affine, G2Affine};
use conclave_threshold::bls::Signature;
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::group::{Bls12381G1, Curve};
use conclave_threshold::randomness::Randomness;

type PublicKey = <Bls12381G1 as Curve>::Point;

const CASES: usize = 10_000;
/// The flags of a compressed point: compressed, identity, the larger of the two.
const COMPRESSED: u8 = 0x80;
const IDENTITY: u8 = 0x40;
const FLAGS: u8 = 0xe0;

/// Random bytes, half of them with the flags of a compressed point.
fn random<const N: usize>(case: usize, randomness: &mut Randomness) -> [u8; N] {
    let mut bytes: [u8; N] = randomness.bytes();
    if case.is_multiple_of(2) {
        bytes[0] = bytes[0] & !IDENTITY | COMPRESSED;
    }
    bytes
}

#[test]
fn random_bytes_are_no_public_key_and_no_signature() {
    let mut randomness = Randomness::from_seed([1; 32]);
    for case in 0..CASES {
        // A point of the curve is one of the group with probability below 2^-125 in G1 and 2^-250
        // in G2.
        let bytes = random::<48>(case, &mut randomness);
        assert!(PublicKey::decode_all(&bytes).is_err(), "{}", hex::encode(bytes));
        let bytes = random::<96>(case, &mut randomness);
        assert!(Signature::decode_all(&bytes).is_err(), "{}", hex::encode(bytes));
    }
}

#[test]
fn points_of_the_curve_outside_the_group_are_among_the_rejected() {
    let mut randomness = Randomness::from_seed([1; 32]);
    let (mut first, mut second) = (0, 0);
    for _ in 0..200 {
        // 381 bits: below the prime, mostly.
        let mut bytes = random::<48>(0, &mut randomness);
        bytes[0] &= !0x1f;
        if let Some(point) = Option::<G1Affine>::from(G1Affine::from_compressed_unchecked(&bytes)) {
            first += usize::from(
                bool::from(point.is_on_curve()) && !bool::from(point.is_torsion_free()),
            );
            assert!(PublicKey::decode_all(&bytes).is_err());
        }
        let mut bytes = random::<96>(0, &mut randomness);
        bytes[0] &= !0x1f;
        bytes[48] &= 0x0f;
        if let Some(point) = Option::<G2Affine>::from(G2Affine::from_compressed_unchecked(&bytes)) {
            second += usize::from(
                bool::from(point.is_on_curve()) && !bool::from(point.is_torsion_free()),
            );
            assert!(Signature::decode_all(&bytes).is_err());
        }
    }
    assert!(first > 50 && second > 50, "{first} and {second} of 200 were points");
}

/// Every other form of a point that decodes: other flags, a coordinate that is not below the prime,
/// the identity.
fn has_one_form<T: Encode + Decode + PartialEq + core::fmt::Debug>(good: &[u8]) {
    let point = T::decode_all(good).expect("a good point");
    assert_eq!(point.encoded(), good);
    for flags in (0..=FLAGS).step_by(0x20) {
        let mut bytes = good.to_vec();
        bytes[0] = bytes[0] & !FLAGS | flags;
        if let Ok(other) = T::decode_all(&bytes) {
            assert_eq!(other.encoded(), bytes);
            assert!(flags & COMPRESSED != 0 && flags & IDENTITY == 0, "flags {flags:x}");
        }
    }
    let mut identity = vec![0; good.len()];
    for flags in [COMPRESSED | IDENTITY, IDENTITY, FLAGS, 0] {
        identity[0] = flags;
        assert!(T::decode_all(&identity).is_err());
    }
    // The prime itself, which is zero.
    let prime = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
    for at in (0..good.len()).step_by(48) {
        let mut bytes = good.to_vec();
        bytes[at..at + 48].copy_from_slice(&hex::decode(prime).expect("hex"));
        bytes[0] |= COMPRESSED;
        assert!(T::decode_all(&bytes).is_err());
    }
    assert!(T::decode_all(&good[1..]).is_err());
    assert!(T::decode_all(&[good, &[0]].concat()).is_err());
}

#[test]
fn a_point_has_one_form() {
    use blstrs::{G1Projective, G2Projective, Scalar};
    use group::{Curve as _, Group};
    for number in [1u64, 2, 5, 77] {
        has_one_form::<PublicKey>(
            &(G1Projective::generator() * Scalar::from(number)).to_affine().to_compressed(),
        );
        has_one_form::<Signature>(
            &(G2Projective::generator() * Scalar::from(number)).to_affine().to_compressed(),
        );
    }
}
