//! A machine resumed twice from one snapshot: the operating system's randomness repeats, and no
//! nonce does.

use crate::presigning::{Run, Table, party, randomness};
use crate::report;
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::envelope::To;
use conclave_threshold::group::{Curve, Secp256k1};
use conclave_threshold::presign::messages::Opening;
use conclave_threshold::randomness::{Hedge, Randomness};
use std::collections::BTreeSet;

const FRESH: [u8; 32] = [7; 32];

/// The stream of a clone: what a snapshot repeats is the same, what it runs for differs in one
/// thing.
fn cloned(session: [u8; 32], boot_nonce: [u8; 16], counter: u64) -> Randomness {
    Randomness::hedged(Hedge {
        fresh: &FRESH,
        long_term: &[9; 32],
        session: &session,
        boot_nonce: &boot_nonce,
        counter,
    })
}

fn session(number: u64) -> [u8; 32] {
    randomness(b"session of a clone", number).bytes()
}

/// The points of all streams' first scalars.
fn points(count: u64) {
    let mut seen = BTreeSet::new();
    for number in 0..count {
        let mut boot = [0; 16];
        boot[..8].copy_from_slice(&number.to_be_bytes());
        for mut stream in [
            cloned(session(number), [0; 16], 0),
            cloned(session(0), [1; 16], number),
            cloned(session(0), boot, 0),
        ] {
            seen.insert(
                Secp256k1::generator_times(&Secp256k1::random_scalar(&mut stream)).encoded(),
            );
        }
    }
    // The third and the first have the first session of the first boot in common.
    assert_eq!(seen.len() as u64, 3 * count - 1);
    let mut again = [(); 2].map(|()| cloned(session(5), [0; 16], 0));
    assert_eq!(
        again[0].bytes::<32>(),
        again[1].bytes::<32>(),
        "the same in everything is the same"
    );
}

/// Whole runs of two clones, which draw everything from the repeated randomness.
fn runs(count: u64) {
    let table = Table::new(3);
    let (mut seen, clone) = (BTreeSet::new(), party(1));
    for number in 0..count {
        let mut configs = table.configs(0, session(number));
        configs.get_mut(&clone).unwrap().randomness = cloned(session(number), [0; 16], 0);
        let run = Run::honest(configs);
        let opening = run
            .sent
            .iter()
            .find(|envelope| (envelope.from, envelope.round, envelope.to) == (clone, 2, To::All));
        let Opening { r, b, entropy_commitments, .. } =
            Opening::decode_all(&opening.unwrap().body.0).unwrap();
        seen.extend([r[0].encoded(), b[0].encoded(), entropy_commitments[0].to_vec()]);
        assert_eq!(run.batches.len(), 2);
    }
    assert_eq!(seen.len() as u64, 3 * count);
}

#[test]
fn a_cloned_machine_repeats_no_nonce_in_another_session_boot_or_count() {
    points(200);
    runs(10);
}

#[test]
#[ignore = "long"]
fn long_cloned_machines() {
    points(10_000);
    runs(500);
    report(format_args!(
        "30000 streams and 500 runs from one state of the operating system, no point twice"
    ));
}
