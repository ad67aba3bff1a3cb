//! For every message kind and every field of it: one altered copy is caught, whether its author
//! signed the alteration or somebody on the way made it, and whether all or one received it.

use super::*;
use crate::codec::{FieldSpans, Message};

/// The fields of a ceremony's message, whatever its kind.
fn spans(envelope: &Envelope) -> (&'static str, FieldSpans) {
    fn of<M: Message>(body: &[u8]) -> (&'static str, FieldSpans) {
        (M::KIND, M::decode_all(body).unwrap().field_spans())
    }
    let body = &envelope.body.0;
    match (envelope.round, envelope.to) {
        (COMMIT, To::All) => of::<Commitment>(body),
        (OPEN, To::All) => of::<Opening<Secp256k1>>(body),
        (OPEN, To::One(_)) => of::<Shares<Secp256k1>>(body),
        (ATTEST, To::All) => of::<Attestation>(body),
        other => panic!("no such message: {other:?}"),
    }
}

/// The first, a middle and the last byte of a field: counts, points and scalars alike.
fn positions(span: &core::ops::Range<usize>) -> Vec<usize> {
    vec![span.start, span.start + span.len() / 2, span.end - 1]
}

/// Every message kind of an honest run with its fields.
fn kinds() -> Vec<(u16, bool, &'static str, FieldSpans)> {
    let mut kinds: Vec<(u16, bool, _, _)> = Vec::new();
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 2);
    network.run(&mut |_, envelope| {
        let place = (envelope.round, envelope.to == To::All);
        if !kinds.iter().any(|(round, broadcast, ..)| (*round, *broadcast) == place) {
            let (kind, fields) = spans(&envelope);
            kinds.push((place.0, place.1, kind, fields));
        }
        vec![envelope]
    });
    kinds
}

#[test]
fn every_altered_field_is_caught_and_names_its_author() {
    let cheat = party(2);
    let kinds = kinds();
    assert_eq!(
        kinds.len(),
        ROUNDS
            .iter()
            .map(|shape| usize::from(shape.broadcast) + usize::from(shape.direct))
            .sum::<usize>()
    );
    for (round, broadcast, kind, fields) in kinds {
        for (field, span) in fields {
            for (at, everybody) in
                positions(&span).into_iter().flat_map(|at| [(at, true), (at, false)])
            {
                let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 2);
                let key = network.keys[&cheat].clone();
                let certificates = network.run(&mut |receiver, mut envelope: Envelope| {
                    let chosen = envelope.from == cheat
                        && envelope.round == round
                        && (envelope.to == To::All) == broadcast;
                    if chosen && (everybody || receiver == party(1)) {
                        envelope.body.0[at] ^= 1;
                        let Envelope { sid, round, from, to, body, .. } = envelope;
                        envelope = Envelope::seal_bytes(&key, sid, round, from, to, body.0);
                    }
                    vec![envelope]
                });
                let what = format!("{kind}.{field}, byte {at}, to everybody: {everybody}");
                assert!(!certificates.contains_key(&party(1)), "{what}: accepted");
                let noticed: Vec<_> =
                    network.faults.iter().filter(|(id, _)| *id == party(1)).collect();
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
    for (round, broadcast, kind, fields) in kinds() {
        for (field, span) in fields {
            let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 2);
            let certificates = network.run(&mut |receiver, envelope: Envelope| {
                let chosen = envelope.from == party(2)
                    && envelope.round == round
                    && (envelope.to == To::All) == broadcast;
                if !(chosen && receiver == party(1)) {
                    return vec![envelope];
                }
                let mut altered = envelope.clone();
                altered.body.0[span.start] ^= 1;
                vec![altered, envelope]
            });
            let dropped =
                Fault::Rejected { link: party(2), reason: "its signature is not the sender's" };
            assert_eq!(network.faults, [(party(1), dropped)], "{kind}.{field}");
            assert_eq!(certificates.len(), 3, "{kind}.{field}: the true copy came too");
        }
    }
}

/// The first message of party 2 as party 1 would get it, altered.
fn received(alter: impl FnOnce(&mut Envelope, &SigningKey)) -> Fault {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3, 4], 3, &[1, 2, 3], 1);
    let mut envelope = network.ceremonies[&party(2)].sent[0].clone();
    alter(&mut envelope, &network.keys[&party(2)]);
    network.ceremonies.get_mut(&party(1)).unwrap().receive(party(2), envelope).unwrap_err()
}

#[test]
fn an_envelope_of_another_place_is_dropped_without_blame() {
    fn seal(envelope: &mut Envelope, key: &SigningKey) {
        let Envelope { sid, round, from, to, body, .. } = envelope.clone();
        *envelope = Envelope::seal_bytes(key, sid, round, from, to, body.0);
    }
    let rejected = |reason| Fault::Rejected { link: party(2), reason };
    let other_session = received(|envelope, key| {
        envelope.sid[0] ^= 1;
        seal(envelope, key);
    });
    assert_eq!(other_session, Fault::Mismatch { party: party(2), field: "session" });
    for round in [0, 4, u16::MAX] {
        let other_round = received(|envelope, key| {
            envelope.round = round;
            seal(envelope, key);
        });
        assert_eq!(other_round, rejected("there is no such round"));
    }
    let direct_in_the_first_round = received(|envelope, key| {
        envelope.to = To::One(party(1));
        seal(envelope, key);
    });
    assert_eq!(direct_in_the_first_round, rejected("its round has no such message"));
    let for_another = received(|envelope, key| {
        (envelope.round, envelope.to) = (OPEN, To::One(party(3)));
        seal(envelope, key);
    });
    assert_eq!(for_another, rejected("it is for another party"));
    let as_another = received(|envelope, key| {
        envelope.from = party(3);
        seal(envelope, key);
    });
    assert_eq!(as_another, rejected("its sender is not the link's identity"));
    assert_eq!(
        received(|envelope, _| envelope.signature[0] ^= 1),
        rejected("its signature is not the sender's")
    );
}

#[test]
fn a_member_outside_the_ceremony_is_not_heard() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3, 4], 3, &[1, 2, 3], 1);
    let envelope = Envelope::seal(
        &network.keys[&party(4)],
        SID,
        COMMIT,
        party(4),
        To::All,
        &Commitment { commitment: [0; 32] },
    );
    let fault =
        network.ceremonies.get_mut(&party(1)).unwrap().receive(party(4), envelope).unwrap_err();
    assert_eq!(fault, Fault::Rejected { link: party(4), reason: "its sender takes no part" });
}
