//! For every message kind and every field of it: one altered copy is caught, whether its author
//! signed the alteration or somebody on the way made it, and whether all or one received it.

use super::*;
use crate::codec::FieldSpans;

const CHEAT: u16 = 2;

/// The cheat deals and stays; party 3 deals and leaves, party 4 joins.
fn table() -> Table<Secp256k1> {
    Table::new(&[1, 2, 3], &[1, 2, 4], &[2, 3], 2)
}

fn spans(envelope: &Envelope) -> (&'static str, FieldSpans) {
    fn of<M: Message>(body: &[u8]) -> (&'static str, FieldSpans) {
        (M::KIND, M::decode_all(body).unwrap().field_spans())
    }
    let body = &envelope.body.0;
    match (envelope.round, envelope.to) {
        (COMMIT, To::All) => of::<Commitment>(body),
        (OPEN, To::All) => of::<Opening<Secp256k1>>(body),
        (OPEN, To::One(_)) => of::<Shares<Secp256k1>>(body),
        (SIGN, To::All) => of::<Signoff>(body),
        other => panic!("no such message: {other:?}"),
    }
}

/// Every message kind of an honest run with its fields.
fn kinds() -> BTreeMap<(u16, bool), (&'static str, FieldSpans)> {
    let mut kinds = BTreeMap::new();
    table().start().settle(&mut |_, envelope| {
        kinds.insert((envelope.round, envelope.to == To::All), spans(&envelope));
        vec![envelope]
    });
    assert_eq!(kinds.len(), 4);
    kinds
}

#[test]
fn every_altered_field_is_caught_and_names_its_author() {
    let cheat = party(CHEAT);
    for ((round, broadcast), (kind, fields)) in kinds() {
        for (field, span) in fields {
            let positions = [span.start, span.start + span.len() / 2, span.end - 1];
            for (at, everybody) in positions.into_iter().flat_map(|at| [(at, true), (at, false)]) {
                let mut delivery = table().start();
                delivery.settle(&mut |receiver, mut envelope: Envelope| {
                    let chosen = envelope.from == cheat
                        && envelope.round == round
                        && (envelope.to == To::All) == broadcast;
                    if chosen && (everybody || receiver == party(1)) {
                        envelope.body.0[at] ^= 1;
                        let Envelope { sid, round, from, to, body, .. } = envelope;
                        envelope =
                            Envelope::seal_bytes(&signing_key(cheat), sid, round, from, to, body.0);
                    }
                    vec![envelope]
                });
                let what = format!("{kind}.{field}, byte {at}, to everybody: {everybody}");
                assert!(!delivery.outputs().contains_key(&party(1)), "{what}: accepted");
                let noticed: Vec<_> =
                    delivery.faults.iter().filter(|(id, _)| *id == party(1)).collect();
                assert!(!noticed.is_empty(), "{what}: unnoticed");
                for (id, fault) in noticed {
                    let blamed = fault.culprit() == Some(cheat)
                        || matches!(fault, Fault::Mismatch { party, .. } if *party == cheat);
                    assert!(blamed, "{what}: {id} says {fault}");
                }
            }
        }
    }
}

#[test]
fn every_field_altered_on_the_way_is_dropped_without_blame() {
    for ((round, broadcast), (kind, fields)) in kinds() {
        for (field, span) in fields {
            let mut delivery = table().start();
            delivery.settle(&mut |receiver, envelope: Envelope| {
                let place = envelope.round == round && (envelope.to == To::All) == broadcast;
                if !(place && envelope.from == party(CHEAT) && receiver == party(1)) {
                    return vec![envelope];
                }
                let mut altered = envelope.clone();
                altered.body.0[span.start] ^= 1;
                vec![altered, envelope]
            });
            let dropped =
                Fault::Rejected { link: party(CHEAT), reason: "its signature is not the sender's" };
            assert_eq!(delivery.faults, [(party(1), dropped)], "{kind}.{field}");
            assert_eq!(delivery.outputs().len(), 4, "{kind}.{field}: the true copy came too");
        }
    }
}

/// Resealed by its author after `alter`, and come to `to` on the link of `link`.
fn received(
    to: u16,
    from: u16,
    link: u16,
    round: u16,
    alter: impl FnOnce(&mut Envelope),
) -> Result<Vec<Envelope>, Fault> {
    let table = table();
    let mut delivery = table.start();
    let body = Signoff { transcript: [0; 32] }.encoded();
    let mut envelope = Envelope::seal_bytes(
        &signing_key(party(from)),
        table.sid(),
        round,
        party(from),
        To::All,
        body,
    );
    alter(&mut envelope);
    let Envelope { sid, round, from, to: receiver, body, .. } = envelope;
    let envelope = Envelope::seal_bytes(&signing_key(from), sid, round, from, receiver, body.0);
    delivery.machines.get_mut(&party(to)).unwrap().receive(party(link), envelope)
}

#[test]
fn an_envelope_of_another_place_is_dropped_without_blame() {
    let rejected = |link, reason| Err(Fault::Rejected { link: party(link), reason });
    assert_eq!(received(1, 2, 2, COMMIT, |_| ()), Ok(Vec::new()));
    let other_session = received(1, 2, 2, COMMIT, |envelope| envelope.sid[0] ^= 1);
    assert_eq!(other_session, Err(Fault::Mismatch { party: party(2), field: "session" }));
    for round in [0, 4, u16::MAX] {
        assert_eq!(received(1, 2, 2, round, |_| ()), rejected(2, "there is no such round"));
    }
    let to = |number| move |envelope: &mut Envelope| envelope.to = To::One(party(number));
    assert_eq!(received(1, 2, 2, COMMIT, to(1)), rejected(2, "its round has no such message"));
    assert_eq!(received(1, 2, 2, SIGN, to(1)), rejected(2, "its round has no such message"));
    assert_eq!(received(1, 2, 2, OPEN, to(4)), rejected(2, "it is for another party"));
    assert_eq!(
        received(1, 2, 4, COMMIT, |_| ()),
        rejected(4, "its sender is not the link's identity")
    );
    // Who does not deal is heard in the last round alone, who leaves gets no share, and a stranger
    // is not heard at all.
    assert_eq!(received(1, 4, 4, COMMIT, |_| ()), rejected(4, "its sender takes no part"));
    assert_eq!(received(1, 4, 4, OPEN, |_| ()), rejected(4, "its sender takes no part"));
    assert_eq!(received(1, 4, 4, SIGN, |_| ()), Ok(Vec::new()));
    assert_eq!(received(3, 2, 2, OPEN, to(3)), rejected(2, "its round has no such message"));
    assert_eq!(received(1, 9, 9, SIGN, |_| ()), rejected(9, "its sender takes no part"));
}

#[test]
fn messages_of_another_attempt_or_epoch_are_mismatches_without_blame() {
    let later = Table { attempt: 2, ..table() };
    let proposal =
        Proposal::new(table().proposal.old_epoch().clone(), epoch(3, &[1, 2, 4], 2)).unwrap();
    for other in [later, Table { proposal, ..table() }] {
        let mut stale = Vec::new();
        other.start().settle(&mut |receiver, envelope| {
            stale.push((receiver, envelope.clone()));
            vec![envelope]
        });
        let mut delivery = table().start();
        for (receiver, envelope) in stale {
            let mismatch = Fault::Mismatch { party: envelope.from, field: "session" };
            assert_eq!(
                delivery.machines.get_mut(&receiver).unwrap().receive(envelope.from, envelope),
                Err(mismatch)
            );
        }
        delivery.settle(&mut untouched);
        assert_eq!(delivery.outputs().len(), 4);
    }
}

#[test]
fn a_body_of_the_limit_is_read_and_one_byte_more_is_not() {
    for (length, too_long) in [(MAX_BODY, false), (MAX_BODY + 1, true)] {
        let result = received(1, 2, 2, COMMIT, |envelope| envelope.body.0 = vec![0; length]);
        assert_eq!(
            result == Err(Fault::Rejected { link: party(2), reason: "it is too long" }),
            too_long
        );
    }
}

#[test]
fn the_longest_honest_body_is_below_the_limit() {
    let point = <Bls12381G1 as Curve>::Uncompressed::from(
        Bls12381G1::normalise(&[Bls12381G1::identity()])[0],
    )
    .encoded()
    .len();
    assert!(4 + MAX_KEYS * (4 + crate::party::MAX_MEMBERS * point) <= MAX_BODY);
}
