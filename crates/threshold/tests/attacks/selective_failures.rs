//! A peer who cheats in the transfers to learn from whether the run fails: whatever it touches, it
//! sees the same end, and the batch with all its transfers is gone.

use crate::presigning::{Run, Table, party, randomness};
use crate::report;
use conclave_threshold::codec::{Decode, Message};
use conclave_threshold::envelope::{Bulk, Envelope, To};
use conclave_threshold::fault::Fault;
use conclave_threshold::machine::Machine;
use conclave_threshold::presign::messages::{ExtensionMessage, Multiplication};
use std::collections::{BTreeMap, BTreeSet};

/// The places that each check guards, and what the honest party says there.
const CHECKS: [(u16, &str, &str); 6] = [
    (1, "corrections", "transfer extension consistency"),
    (1, "choices_hash", "transfer extension consistency"),
    (1, "columns_hash", "transfer extension consistency"),
    (2, "rows", "multiplication rows"),
    (2, "gamma_u", "multiplication in the exponent"),
    (2, "gamma_v", "multiplication in the exponent"),
];

fn cheat(table: &Table, number: u64) -> (u16, usize) {
    let (cheater, victim) = (party(1), party(2));
    let (round, field, check) = CHECKS[number as usize % CHECKS.len()];
    let mut dice = randomness(b"dice", number);
    let mut below = |bound: usize| u32::from_be_bytes(dice.bytes()) as usize % bound;
    let mut run = Run::new(table.configs(number, [3; 32]), &mut |envelope, _| {
        if (envelope.from, envelope.round, envelope.to) != (cheater, round, To::One(victim)) {
            return vec![envelope.clone()];
        }
        let (mut body, mut bulk) = (envelope.body.0.clone(), envelope.bulk.0.clone());
        let spans = match round {
            1 => ExtensionMessage::decode_all(&body).unwrap().field_spans(),
            _ => Multiplication::decode_all(&body).unwrap().field_spans(),
        };
        let span = |field| spans.iter().find(|(name, _)| *name == field).unwrap().1.clone();
        match field {
            // A point: that of the other input.
            "gamma_u" => body.copy_within(span("gamma_v"), span("gamma_u").start),
            "gamma_v" => body.copy_within(span("gamma_u"), span("gamma_v").start),
            // A scalar of 32 bytes: its lower half, where every value is one.
            "rows" => {
                bulk[32 * below(envelope.bulk.0.len() / 32) + 16 + below(16)] ^= 1 << below(8)
            }
            "corrections" => bulk[below(envelope.bulk.0.len())] ^= 1 << below(8),
            "choices_hash" => body[span(field).start + below(span(field).len())] ^= 1 << below(8),
            _ => body[span(field).start + 4 + below(span(field).len() - 4)] ^= 1 << below(8),
        }
        let (key, sid, bulk) = (&table.keys[&cheater], envelope.sid, Bulk::new(bulk));
        vec![Envelope::seal_with_bulk(key, sid, round, cheater, envelope.to, body, bulk)]
    });
    assert!(run.batches.is_empty(), "{field}");
    let first = run.faults.iter().find(|(id, _)| *id == victim).map(|(_, fault)| fault);
    assert_eq!(first, Some(&Fault::Pairwise { peer: cheater, check }), "{field}");
    // The state cannot be tried again.
    let machine = run.machines.get_mut(&victim).unwrap();
    let again = machine.receive(cheater, run.sent[0].clone());
    assert_eq!(again, Err(Fault::Misuse("the batch is burnt")));
    assert!(machine.output().is_none() && machine.waiting_for().is_empty());
    (round, run.sent_by(victim))
}

/// How many cheats; what the cheater gets from its victim depends on the round alone.
fn cheats(count: u64) {
    let table = Table::new(3);
    let mut seen: BTreeMap<u16, BTreeSet<usize>> = BTreeMap::new();
    for (round, sent) in (0..count).map(|number| cheat(&table, number)) {
        seen.entry(round).or_default().insert(sent);
    }
    // Round 1: a commitment and an extension. Round 2 besides: an opening and a multiplication.
    assert_eq!(seen, BTreeMap::from([(1, BTreeSet::from([2])), (2, BTreeSet::from([4]))]));
}

#[test]
fn a_cheat_in_the_transfers_burns_the_batch_and_looks_the_same_whichever_bit_it_touched() {
    cheats(60);
}

#[test]
#[ignore = "long"]
fn long_cheats_in_the_transfers() {
    cheats(2_000);
    report(format_args!("2000 cheats over 6 checked fields, 2000 batches burnt, 0 tried again"));
}
