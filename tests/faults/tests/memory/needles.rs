//! The forms in which a scalar may lie in a memory or a file.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Curve;
use k256::Scalar;
use std::collections::BTreeMap;

/// One form of one secret.
#[derive(Clone, Debug)]
pub struct Needle {
    pub what: String,
    pub bytes: Vec<u8>,
}

/// Every form of a wallet key or one of its shares.
pub fn of_scalar(name: &str, scalar: &Scalar) -> Vec<Needle> {
    of::<conclave_threshold::group::Secp256k1>(name, scalar)
}

/// Every form of a scalar of this curve: as bytes in both orders and in the libraries' layouts,
/// which are 64-bit limbs from the lowest on, of the number itself (`k256`) or of the number in
/// Montgomery form (`blst`); and as text.
pub fn of<C: Curve>(name: &str, scalar: &C::Scalar) -> Vec<Needle> {
    // 2^256 times the scalar.
    let montgomery = (0..256).fold(*scalar, |doubled, _| doubled + doubled);
    let (plain, montgomery) = (scalar.encoded(), montgomery.encoded());
    let little_endian: Vec<u8> = plain.iter().rev().copied().collect();
    let mut forms = BTreeMap::from([
        (limbs(&montgomery), "Montgomery limbs".to_owned()),
        (montgomery, "Montgomery form".to_owned()),
    ]);
    for (order, bytes) in [("big-endian", plain), ("little-endian", little_endian)] {
        forms.insert(hex::encode(&bytes).into_bytes(), format!("hex, {order}"));
        forms.insert(hex::encode_upper(&bytes).into_bytes(), format!("upper-case hex, {order}"));
        for skipped in 0..3 {
            let padded = [&[0; 3][..skipped], &bytes].concat();
            for (engine, alphabet) in
                [(&STANDARD_NO_PAD, "base64"), (&URL_SAFE_NO_PAD, "base64url")]
            {
                forms.insert(
                    inner_digits(&engine.encode(&padded), skipped, padded.len()),
                    format!("{alphabet}, {order}"),
                );
            }
        }
        forms.insert(bytes, order.to_owned());
    }
    // On most machines these are the little-endian bytes.
    forms.insert(limbs(&scalar.encoded()), "limbs".to_owned());
    forms
        .into_iter()
        .map(|(bytes, form)| Needle { what: format!("{name} ({form})"), bytes })
        .collect()
}

/// The number in the machine's own words, the lowest first.
fn limbs(big_endian: &[u8]) -> Vec<u8> {
    let words = big_endian
        .rchunks(8)
        .map(|word| word.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte)));
    words.flat_map(u64::to_ne_bytes).collect()
}

/// The digits of base64 that depend on nothing but the bytes from `skipped` to `end`.
fn inner_digits(text: &str, skipped: usize, end: usize) -> Vec<u8> {
    text.as_bytes()[(8 * skipped).div_ceil(6)..8 * end / 6].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Searcher;
    use conclave_threshold::group::{Bls12381G1, Secp256k1};

    fn found<C: Curve>(scalar: &C::Scalar, hay: &[u8]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hay");
        std::fs::write(&path, hay).unwrap();
        !Searcher::new(of::<C>("it", scalar)).search(&path).is_empty()
    }

    #[test]
    fn every_form_is_found_wherever_it_lies() {
        let scalar =
            Secp256k1::scalar(0xfeed) * Secp256k1::invert(&Secp256k1::scalar(0xbeef)).unwrap();
        let bytes = scalar.encoded();
        let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
        for (before, after) in (0..70).zip((0..70).rev()) {
            let around = |inner: &[u8]| [&vec![0xaa; before], inner, &vec![0xbb; after]].concat();
            let mut hays = vec![
                around(&bytes),
                around(&reversed),
                around(hex::encode(&bytes).as_bytes()),
                around(hex::encode_upper(&reversed).as_bytes()),
            ];
            hays.push(STANDARD_NO_PAD.encode(around(&bytes)).into_bytes());
            hays.push(URL_SAFE_NO_PAD.encode(around(&reversed)).into_bytes());
            for (at, hay) in hays.iter().enumerate() {
                assert!(found::<Secp256k1>(&scalar, hay), "form {at} behind {before} bytes");
            }
        }
        assert!(!found::<Secp256k1>(&scalar, &[around_nothing(), bytes[1..].to_vec()].concat()));
    }

    fn around_nothing() -> Vec<u8> {
        vec![0xcc; 100]
    }

    #[test]
    fn the_layouts_are_those_of_the_numbers() {
        let one = [[0; 31].as_slice(), &[1]].concat();
        assert_eq!(limbs(&one), [1u64, 0, 0, 0].map(u64::to_ne_bytes).concat());
        // 2^256 modulo the order of BLS12-381's groups, as its libraries write the number one.
        let one = [
            0x0000_0001_ffff_fffe_u64,
            0x5884_b7fa_0003_4802,
            0x998c_4fef_ecbc_4ff5,
            0x1824_b159_acc5_056f,
        ];
        let bytes = one.map(u64::to_ne_bytes).concat();
        assert!(
            of::<Bls12381G1>("one", &Bls12381G1::scalar(1))
                .iter()
                .any(|needle| needle.bytes == bytes)
        );
    }
}
