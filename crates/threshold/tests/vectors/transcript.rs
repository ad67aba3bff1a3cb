//! The hash that everything is bound to: no two inputs are the same bytes, and none of it changes
//! by accident.

use conclave_threshold::codec::Encode;
use conclave_threshold::group::{Bls12381G1, Secp256k1};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::transcript::{Tag, Transcript};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

fn hash(fields: &[Vec<u8>]) -> [u8; 32] {
    fields
        .iter()
        .fold(Transcript::new(Tag::Session), |transcript, field| transcript.with(field))
        .finish()
}

#[test]
fn is_sha_256_over_length_prefixed_fields_behind_the_tag() {
    let tag = b"conclave/v1/session";
    let mut bytes = Vec::new();
    for field in [&tag[..], b"one", b"", &7u64.to_be_bytes()] {
        bytes.extend((field.len() as u64).to_be_bytes());
        bytes.extend(field);
    }
    let expected: [u8; 32] = Sha256::digest(&bytes).into();
    assert_eq!(
        Transcript::new(Tag::Session).with(b"one").with(b"").with_number(7).finish(),
        expected
    );
}

/// Pinned: a change of any of these is a change of what members say to each other.
#[test]
fn keeps_its_pinned_values() {
    let transcript = Transcript::new(Tag::Use).with(b"pinned").with_number(1);
    let pinned = [
        (transcript.clone().finish().to_vec(), PINNED[0]),
        (transcript.clone().finish_wide().to_vec(), PINNED[1]),
        (transcript.clone().finish_scalar::<Secp256k1>().encoded(), PINNED[2]),
        (transcript.finish_scalar::<Bls12381G1>().encoded(), PINNED[3]),
    ];
    for (computed, expected) in pinned {
        assert_eq!(hex::encode(computed), expected);
    }
}

const PINNED: [&str; 4] = [
    "c38f269de24f851f6ebf0aca3e45770fda6f269ecfc0481e65bc8232e6170a5f",
    "bd568a54606cf3a8a726d8294736e96e8c8b1b9a16ee1a5941416cd61c12e96342e63afa3dc12916147547cd2f42c67b747c98fe4caae49bd00c2b2b90e675cc",
    "5bda2122b8e82cdb33f7e8c678ef1d9abb6975dfe08eaa7fbe6d054517498fa9",
    "2e71fc2e8cca3cc4ecacaf6ac5e94a1b313de21a5bfc09de358f693471104685",
];

/// Lists that only their borders tell apart, and such that have what looks like a length or a tag
/// inside a field.
#[test]
fn borders_count_wherever_they_fall() {
    let length = |number: u64| number.to_be_bytes().to_vec();
    let tag = b"conclave/v1/session".to_vec();
    let lists: Vec<Vec<Vec<u8>>> = vec![
        vec![],
        vec![vec![]],
        vec![vec![], vec![]],
        vec![b"ab".to_vec()],
        vec![b"a".to_vec(), b"b".to_vec()],
        vec![b"ab".to_vec(), vec![]],
        vec![vec![], b"ab".to_vec()],
        vec![[length(1), b"a".to_vec()].concat(), b"b".to_vec()],
        vec![b"a".to_vec(), length(1), b"b".to_vec()],
        vec![[b"a".to_vec(), length(1), b"b".to_vec()].concat()],
        vec![length(0)],
        vec![length(0), vec![]],
        vec![vec![0; 16]],
        vec![tag.clone()],
        vec![[length(19), tag].concat()],
        vec![b"a\0b".to_vec()],
        vec![b"a".to_vec(), b"\0b".to_vec()],
        vec![b"a,b|c$".to_vec()],
        vec![b"a".to_vec(), b"b|c$".to_vec()],
    ];
    let distinct: BTreeMap<_, _> = lists.iter().map(|list| (hash(list), list)).collect();
    assert_eq!(distinct.len(), lists.len());
}

/// Pairs of different lists of fields, most of them the same bytes cut elsewhere: their hashes
/// differ.
fn different_lists_hash_differently(pairs: usize) {
    let mut dice = Randomness::from_seed([8; 32]);
    let mut below = |bound: usize| u32::from_be_bytes(dice.bytes()) as usize % bound;
    let mut done = 0;
    while done < pairs {
        let bytes: Vec<u8> =
            (0..below(24)).map(|_| if below(2) == 0 { 0 } else { below(256) as u8 }).collect();
        let mut cut = |bytes: &[u8]| {
            let mut fields = vec![Vec::new()];
            for byte in bytes {
                while below(4) == 0 {
                    fields.push(Vec::new());
                }
                fields.last_mut().unwrap().push(*byte);
            }
            fields
        };
        let (one, two) = (cut(&bytes), cut(&bytes));
        if one != two {
            assert_ne!(hash(&one), hash(&two), "{one:?} and {two:?}");
            done += 1;
        }
    }
}

#[test]
fn the_same_bytes_cut_elsewhere_hash_differently() {
    different_lists_hash_differently(20_000);
}

#[test]
#[ignore = "a million pairs"]
fn long_the_same_bytes_cut_elsewhere_hash_differently() {
    different_lists_hash_differently(1_000_000);
    println!("long: 1000000 pairs of different lists");
}
