//! Parties that run with different configurations tell each other so, and blame nobody.

use crate::presigning::{Table, party, randomness};
use crate::report;
use conclave_threshold::envelope::To;
use conclave_threshold::fault::Fault;
use conclave_threshold::machine::Machine;
use conclave_threshold::ot::{Pair, PairSeeds, base};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presign::{Ceremony, Config};
use conclave_threshold::session::session_id;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one party believes that the others do not.
const SKEWS: usize = 6;

fn config(table: &Table, me: PartyId, skew: Option<usize>, number: u64) -> Config {
    let (right, mut set, mut size) = (&table.epoch, table.set(), 1);
    let (mut network, mut epoch_number, mut version) =
        (*right.network(), right.number(), "presign");
    let mut nonces: BTreeMap<_, [u8; 32]> =
        set.iter().map(|id| (*id, randomness(b"nonce", number).bytes())).collect();
    match skew {
        Some(0) => network[0] ^= 1,
        Some(1) => epoch_number += 1,
        Some(2) => size += 1,
        Some(3) => set = vec![party(1), party(2), party(3), party(5)],
        Some(4) => version = "presign/2",
        Some(_) => nonces.values_mut().for_each(|nonce| nonce[0] ^= 1),
        None => {}
    }
    let epoch = Arc::new(
        Epoch::new(network, epoch_number, right.members().to_vec(), right.threshold()).unwrap(),
    );
    let sid = session_id(version, &epoch, &set, &[size as u8], &nonces);
    let peers = set.iter().filter(|peer| **peer != me);
    let ots = peers.map(|peer| {
        let stream = randomness(b"skewed transfers", number);
        let alice = base::deal(
            Pair { epoch: epoch.digest(), alice: me, bob: *peer },
            stream.fork(b"alice", 0),
        )
        .0;
        let bob = base::deal(
            Pair { epoch: epoch.digest(), alice: *peer, bob: me },
            stream.fork(b"bob", 0),
        )
        .1;
        (*peer, PairSeeds { alice, bob })
    });
    let (ots, signing_key) = (ots.collect(), table.keys[&me].clone());
    Config {
        epoch,
        set,
        me,
        size,
        sid,
        signing_key,
        ots,
        randomness: randomness(b"skewed", number),
    }
}

/// One of the set's four believes something else. Everybody hears everybody.
fn run(table: &Table, number: u64) -> usize {
    let (set, odd) = (table.set(), party(2));
    let (mut machines, mut messages) = (BTreeMap::new(), Vec::new());
    for id in &set {
        let skew = (*id == odd).then_some(number as usize % SKEWS);
        let (machine, sent) = Ceremony::start(config(table, *id, skew, number)).unwrap();
        machines.insert(*id, machine);
        messages.extend(sent);
    }
    let mut mismatches = 0;
    for envelope in messages {
        let receivers = set
            .iter()
            .filter(|id| **id != envelope.from && [To::All, To::One(**id)].contains(&envelope.to));
        for receiver in receivers {
            let heard =
                machines.get_mut(receiver).unwrap().receive(envelope.from, envelope.clone());
            if (*receiver == odd) != (envelope.from == odd) {
                assert_eq!(heard, Err(Fault::Mismatch { party: envelope.from, field: "session" }));
                mismatches += 1;
            } else {
                assert_eq!(heard, Ok(Vec::new()));
            }
        }
    }
    // The machines are as they were: they wait for the odd one, and it for them.
    for (id, machine) in &machines {
        assert!(if *id == odd {
            !machine.waiting_for().is_empty()
        } else {
            machine.waiting_for() == [odd]
        });
    }
    mismatches
}

fn skewed(runs: u64) -> usize {
    let table = Table::new(5);
    (0..runs).map(|number| run(&table, number)).sum()
}

#[test]
fn skewed_configurations_are_a_mismatch_and_blame_nobody() {
    // From and to three others, a broadcast and a message of its own each; who runs with another
    // set tells one of them nothing.
    assert_eq!(skewed(6), 5 * 12 + 11);
}

#[test]
#[ignore = "long"]
fn long_skewed_configurations() {
    report(format_args!("1000 runs, {} messages between skewed parties, 0 blamed", skewed(1_000)));
}
