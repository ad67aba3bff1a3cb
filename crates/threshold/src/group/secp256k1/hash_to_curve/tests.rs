use super::*;
use crate::randomness::Randomness;
use hash2curve::{MapToCurve, hash_from_bytes};
use k256::elliptic_curve::Generate;

/// RFC 9380, appendix J.8.1: the message, the elements it hashes to, and the point.
fn published() -> [(Vec<u8>, [&'static str; 2], [&'static str; 2]); 5] {
    [
        (
            b"".to_vec(),
            [
                "6b0f9910dd2ba71c78f2ee9f04d73b5f4c5f7fc773a701abea1e573cab002fb3",
                "1ae6c212e08fe1a5937f6202f929a2cc8ef4ee5b9782db68b0d5799fd8f09e16",
            ],
            [
                "c1cae290e291aee617ebaef1be6d73861479c48b841eaba9b7b5852ddfeb1346",
                "64fa678e07ae116126f08b022a94af6de15985c996c3a91b64c406a960e51067",
            ],
        ),
        (
            b"abc".to_vec(),
            [
                "128aab5d3679a1f7601e3bdf94ced1f43e491f544767e18a4873f397b08a2b61",
                "5897b65da3b595a813d0fdcc75c895dc531be76a03518b044daaa0f2e4689e00",
            ],
            [
                "3377e01eab42db296b512293120c6cee72b6ecf9f9205760bd9ff11fb3cb2c4b",
                "7f95890f33efebd1044d382a01b1bee0900fb6116f94688d487c6c7b9c8371f6",
            ],
        ),
        (
            b"abcdef0123456789".to_vec(),
            [
                "ea67a7c02f2cd5d8b87715c169d055a22520f74daeb080e6180958380e2f98b9",
                "7434d0d1a500d38380d1f9615c021857ac8d546925f5f2355319d823a478da18",
            ],
            [
                "bac54083f293f1fe08e4a70137260aa90783a5cb84d3f35848b324d0674b0e3a",
                "4436476085d4c3c4508b60fcf4389c40176adce756b398bdee27bca19758d828",
            ],
        ),
        (
            [b"q128_", &[b'q'; 128][..]].concat(),
            [
                "eda89a5024fac0a8207a87e8cc4e85aa3bce10745d501a30deb87341b05bcdf5",
                "dfe78cd116818fc2c16f3837fedbe2639fab012c407eac9dfe9245bf650ac51d",
            ],
            [
                "e2167bc785333a37aa562f021f1e881defb853839babf52a7f72b102e41890e9",
                "f2401dd95cc35867ffed4f367cd564763719fbc6a53e969fb8496a1e6685d873",
            ],
        ),
        (
            [b"a512_", &[b'a'; 512][..]].concat(),
            [
                "8d862e7e7e23d7843fe16d811d46d7e6480127a6b78838c277bca17df6900e9f",
                "68071d2530f040f081ba818d3c7188a94c900586761e9115efa47ae9bd847938",
            ],
            [
                "e3c8d35aaaf0b9b647e88a0a0a7ee5d5bed5ad38238152e4e6fd8c1f8cb7c998",
                "8446eeb6181bf12f56a9d24e262221cc2f0c4725c7e3803024b5888ee5823aa6",
            ],
        ),
    ]
}

const DOMAIN: &[u8] = b"QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_RO_";

#[test]
fn gives_the_points_of_the_published_vectors() {
    let vectors = published();
    let messages: Vec<_> = vectors.iter().map(|(message, ..)| message).collect();
    let points = hash_to_curve(&messages, DOMAIN);
    assert_eq!(points.len(), vectors.len());
    for (point, (message, elements, coordinates)) in points.iter().zip(&vectors) {
        assert_eq!(
            hash_to_field(message, DOMAIN).map(|element| hex::encode(element.to_bytes())),
            *elements
        );
        let point = point.to_affine();
        assert_eq!([point.x(), point.y()].map(hex::encode), *coordinates);
    }
}

#[test]
fn agrees_with_the_map_of_one_message_at_a_time() {
    let mut randomness = Randomness::from_seed([6; 32]);
    let messages: Vec<[u8; 32]> = (0..40).map(|_| randomness.bytes()).collect();
    for (point, message) in hash_to_curve(&messages, DOMAIN).iter().zip(&messages) {
        let expected =
            hash_from_bytes::<k256::Secp256k1, ExpandMsgXmd<Sha256>>(&[message], &[DOMAIN]);
        assert_eq!(*point, expected.unwrap());
    }
    assert!(hash_to_curve::<&[u8]>(&[], DOMAIN).is_empty());
}

#[test]
fn maps_the_exceptional_elements_as_the_library_does() {
    // The denominator is 0 for 0 and where Z u^2 = -1, Z being -11.
    let root_of_eleventh = square_root(&FieldElement::from(11).invert().unwrap());
    assert!(bool::from(
        (root_of_eleventh.square().mul_single(11) + FieldElement::ONE.negate(1))
            .normalizes_to_zero()
    ));
    let mut randomness = Randomness::from_seed([7; 32]);
    let mut elements = vec![
        FieldElement::ZERO,
        root_of_eleventh,
        -root_of_eleventh,
        FieldElement::ONE,
        -FieldElement::ONE,
    ];
    elements.extend((0..20).map(|_| FieldElement::generate_from_rng(&mut randomness)));
    let elements: Vec<_> = elements.iter().map(FieldElement::normalize).collect();
    for (point, element) in map_to_curve(&elements).iter().zip(&elements) {
        assert_eq!(ProjectivePoint::from(*point), k256::Secp256k1::map_to_curve(*element));
    }
}

#[test]
fn a_point_of_the_kernel_becomes_the_identity_and_spoils_no_other() {
    let points = [
        Undivided::new(&FieldElement::ONE),
        Undivided { x: ISOGENY.kernel, y: FieldElement::ONE, d: FieldElement::ONE },
    ];
    assert!(!bool::from(points[0].kernel_distance().normalizes_to_zero()));
    assert!(bool::from(points[1].kernel_distance().normalizes_to_zero()));
    assert_eq!(points[1].finish(&FieldElement::ZERO, &FieldElement::ONE), AffinePoint::IDENTITY);
}
