//! Messages of one session shown in another, and one party's as another's.

use crate::presigning::{Run, Table, party, randomness};
use crate::report;
use conclave_threshold::envelope::{Bulk, Envelope, To};
use conclave_threshold::fault::Fault;
use conclave_threshold::machine::Machine;
use conclave_threshold::ot::base::{AliceStart, bob_respond};
use conclave_threshold::ot::{Pair, PairSeeds};
use conclave_threshold::party::PartyId;
use std::collections::BTreeMap;

/// All ways to show a message of another session without anybody's key: as it is, with the
/// session's name changed, as another sender's, to another receiver.
fn shown_without_a_key(old: &Envelope, sid: [u8; 32], me: PartyId, link: PartyId) -> [Envelope; 4] {
    let renamed = Envelope { sid, ..old.clone() };
    let as_another = Envelope { from: link, ..renamed.clone() };
    let readdressed = Envelope {
        to: if old.to == To::All { To::One(me) } else { To::All },
        ..as_another.clone()
    };
    [old.clone(), renamed, as_another, readdressed]
}

/// Shows everything of an old session to everybody at every step of a new one; how often.
fn replay_without_keys(table: &Table, number: u64) -> usize {
    let old = Run::honest(table.configs(2 * number, [1; 32]));
    assert_eq!(old.batches.len(), table.set().len());
    let sid = randomness(b"session", number).bytes();
    let (mut machines, mut queue) = (BTreeMap::new(), Vec::new());
    for (id, config) in table.configs(2 * number + 1, sid) {
        let (machine, messages) = conclave_threshold::presign::Ceremony::start(config).unwrap();
        machines.insert(id, machine);
        queue.extend(messages);
    }
    let (set, mut replays) = (table.set(), 0);
    while !queue.is_empty() {
        for (me, machine) in &mut machines {
            for message in &old.sent {
                for link in set.iter().filter(|link| *link != me) {
                    for shown in shown_without_a_key(message, sid, *me, *link) {
                        replays += 1;
                        let outcome = machine.receive(*link, shown);
                        assert!(
                            matches!(outcome, Err(Fault::Mismatch { .. } | Fault::Rejected { .. })),
                            "{outcome:?}"
                        );
                    }
                }
            }
        }
        for envelope in std::mem::take(&mut queue) {
            for id in set.iter().filter(|id| {
                **id != envelope.from && [To::All, To::One(**id)].contains(&envelope.to)
            }) {
                queue.extend(
                    machines.get_mut(id).unwrap().receive(envelope.from, envelope.clone()).unwrap(),
                );
            }
        }
    }
    assert!(
        machines.values_mut().all(|machine| machine.output().is_some()),
        "replays changed the run"
    );
    replays
}

/// Which of an old session's messages the corrupt party shows as its own, under its own signature.
#[derive(Clone, Copy, Debug)]
enum Theft {
    /// None: it only signs its own anew.
    Nothing,
    /// One message, by its place among those that its author sent.
    One { author: u16, at: usize },
    /// Everything of that author.
    All { author: u16 },
}

/// The new run with the theft.
fn run_with(table: &Table, number: u64, theft: Theft) -> Run {
    let thief = party(1);
    let old = Run::honest(table.configs(2 * number, [1; 32]));
    let (author, only) = match theft {
        Theft::Nothing => (None, None),
        Theft::One { author, at } => (Some(party(author)), Some(at)),
        Theft::All { author } => (Some(party(author)), None),
    };
    let stolen: Vec<_> = old.sent.iter().filter(|envelope| Some(envelope.from) == author).collect();
    let sid = randomness(b"session", number).bytes();
    Run::new(table.configs(2 * number + 1, sid), &mut |envelope, _| {
        if envelope.from != thief {
            return vec![envelope.clone()];
        }
        let same_place = |old: &Envelope| {
            old.round == envelope.round && (old.to == To::All) == (envelope.to == To::All)
        };
        let found = stolen
            .iter()
            .enumerate()
            .find(|(at, old)| same_place(old) && only.is_none_or(|only| only == *at));
        let Envelope { body, bulk, .. } = found.map_or(envelope, |(_, old)| old).clone();
        let key = &table.keys[&thief];
        vec![Envelope::seal_with_bulk(
            key,
            sid,
            envelope.round,
            thief,
            envelope.to,
            body.0,
            Bulk::new(bulk.0),
        )]
    })
}

/// Whatever is stolen, nobody honest may hold a batch, and for a reason that is in the session and
/// in the party, not in the form.
fn replay_with_a_key(table: &Table, number: u64, theft: Theft) {
    let (thief, victim) = (party(1), party(2));
    let run = run_with(table, number, theft);
    assert!(!run.batches.contains_key(&victim), "{theft:?}");
    let fault = run.faults.iter().find(|(id, _)| *id == victim).map(|(_, fault)| fault);
    assert!(fault.is_some_and(Fault::is_fatal), "{theft:?}: {fault:?}");
    assert!(fault.and_then(Fault::culprit).is_none_or(|culprit| culprit == thief));
    let check = fault.map(ToString::to_string).unwrap_or_default();
    assert!(!check.contains("form"), "{theft:?}: {check}");
}

/// The seeds of one base transfer against another's with the same message of Alice or of Bob: a run
/// with them fails, and blames nobody.
fn replay_base_transfers(table: &Table, number: u64) {
    let (alice, bob) = (party(1), party(2));
    let pair = Pair { epoch: table.epoch.digest(), alice, bob };
    let stream = |part: &[u8]| randomness(part, number);
    let (start, message) = AliceStart::new(pair, stream(b"alice"));
    let (_, first) = bob_respond(pair, &message, stream(b"first bob")).unwrap();
    let (replayed_to, _) = bob_respond(pair, &message, stream(b"second bob")).unwrap();
    let mine = start.finish(&first).unwrap();
    assert_ne!(mine.id(), replayed_to.id());

    let (again, _) = AliceStart::new(pair, stream(b"second alice"));
    let replayed_answer = again.finish(&first).unwrap();
    assert_ne!(replayed_answer.id(), replayed_to.id());
    for seeds in [mine, replayed_answer] {
        let mut configs = table.configs(number, [2; 32]);
        let theirs = configs.get_mut(&alice).unwrap().ots.remove(&bob).unwrap();
        configs
            .get_mut(&alice)
            .unwrap()
            .ots
            .insert(bob, PairSeeds { alice: seeds, bob: theirs.bob });
        let run = Run::honest(configs);
        assert!(run.batches.is_empty());
        assert_eq!(
            run.faults.first(),
            Some(&(alice, Fault::Pairwise { peer: bob, check: "transfer extension consistency" }))
        );
    }
}

fn replay(runs: u64, thefts: u64) -> usize {
    let table = Table::new(3);
    let replays: usize = (0..runs).map(|number| replay_without_keys(&table, number)).sum();
    assert_eq!(run_with(&table, 0, Theft::Nothing).batches.len(), table.set().len());
    for number in 0..thefts {
        for author in [1, 2] {
            // Six messages each: two in each of the first two rounds, one in each of the others.
            (0..6).for_each(|at| replay_with_a_key(&table, number, Theft::One { author, at }));
            replay_with_a_key(&table, number, Theft::All { author });
        }
        replay_base_transfers(&table, number);
    }
    replays + 16 * thefts as usize
}

#[test]
fn a_message_of_another_session_or_party_is_never_taken() {
    let replays = replay(2, 2);
    assert!(replays > 500, "{replays}");
}

#[test]
#[ignore = "long"]
fn long_replays_of_a_session_in_another() {
    let replays = replay(150, 200);
    assert!(replays >= 50_000, "{replays}");
    report(format_args!("{replays} replays, none taken"));
}
