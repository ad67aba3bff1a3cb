//! Another use has another nonce point, whatever it differs in.

use super::*;
use crate::online::nonce::{Nonce, use_bytes};
use std::collections::BTreeSet;

/// `R'` of uses that each differ from the first in one field, in one bit somewhere.
fn nonces_of_altered_uses(count: usize) {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let points = table.take(party(1), 0).points;
    let base = table.assignment(0, DIGEST);
    let big_r = |assignment: &Assignment, entropies: &[[u8; 32]]| {
        crate::codec::Encode::encoded(
            &Nonce::new(&use_bytes(assignment, &points, entropies), &points).unwrap().big_r,
        )
    };
    let entropies = [[1; 32], [2; 32]];
    let mut seen = BTreeSet::from([big_r(&base, &entropies)]);
    for number in 0..count {
        let (mut other, mut others) = (base.clone(), entropies);
        let (field, at) = (number % 10, number / 10);
        let flip = |bytes: &mut [u8]| bytes[at / 8 % bytes.len()] ^= 1 << (at % 8);
        match field {
            0 => flip(&mut other.sid),
            1 => other.index ^= 1 << (at % 32),
            2 => other.set[at % 2] = party(10 + (at / 2) as u16),
            3 => other.epoch.flip(at % 256),
            4 => flip(&mut other.public_key),
            5 => other.digest.flip(at % 256),
            6 => other.request_key.flip(at % 256),
            7 => other.name_hash.flip(at % 256),
            8 => other.attempt = 1 + at as u16,
            _ => flip(&mut others[at / 256 % 2]),
        }
        let fresh = seen.insert(big_r(&other, &others));
        // A field of so many bits has no more single flips.
        let bits = match field {
            1 => 32,
            4 => 33 * 8,
            9 => 512,
            2 | 8 => usize::MAX,
            _ => 256,
        };
        assert_eq!(fresh, at < bits, "field {field}, number {at}");
    }
}

#[test]
fn an_alteration_of_any_field_of_a_use_changes_its_nonce_point() {
    nonces_of_altered_uses(300);
}

#[test]
#[ignore = "long"]
fn long_nonces_of_altered_uses() {
    nonces_of_altered_uses(10_000);
    println!("long: 10000 uses that differ in a bit of one field, no nonce point in common");
}
