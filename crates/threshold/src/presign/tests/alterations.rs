//! One byte altered in every field and the bulk of every kind of message, with and without the
//! sender's help.

use super::*;
use crate::codec::FieldSpans;
use messages::{Commitment, ExtensionMessage, Multiplication, Opening, Products};

const CHEATER: u16 = 1;

fn spans<M: Message>(body: &[u8]) -> (&'static str, FieldSpans) {
    (M::KIND, M::decode_all(body).unwrap().field_spans())
}

/// The fields of a message, by its place in the run.
fn fields(envelope: &Envelope) -> (&'static str, FieldSpans) {
    let spans = match (envelope.round, envelope.to) {
        (1, To::All) => spans::<Commitment>,
        (1, To::One(_)) => spans::<ExtensionMessage>,
        (2, To::All) => spans::<Opening>,
        (2, To::One(_)) => spans::<Multiplication>,
        (3, To::All) => spans::<Products>,
        _ => spans::<RootSignature>,
    };
    spans(&envelope.body.0)
}

/// Places to alter: both ends of the field, what follows a list's length, and its middle.
fn places(span: &core::ops::Range<usize>) -> Vec<usize> {
    let mut places =
        vec![span.start, span.start + 4, span.start + span.len() / 2, span.end.saturating_sub(1)];
    places.retain(|at| span.contains(at));
    places.sort_unstable();
    places.dedup();
    places
}

/// Every alteration of the cheater's messages towards `victim`.
fn every_alteration(
    honest: &Network,
    victim: PartyId,
) -> Vec<(&'static str, &'static str, Envelope)> {
    let mut altered = Vec::new();
    let own = honest.sent.iter().filter(|envelope| envelope.from == party(CHEATER));
    for envelope in own.filter(|envelope| [To::All, To::One(victim)].contains(&envelope.to)) {
        let (kind, spans) = fields(envelope);
        for (field, span) in spans {
            for at in places(&span) {
                let mut copy = envelope.clone();
                copy.body.0[at] ^= 0x04;
                altered.push((kind, field, copy));
            }
        }
        for at in places(&(0..envelope.bulk.0.len())) {
            let mut copy = envelope.clone();
            copy.bulk.0[at] ^= 0x04;
            altered.push((kind, "bulk", copy));
        }
    }
    altered
}

/// The last place of every field: enough for what is checked alike wherever the field is altered.
fn one_alteration_of_each_field(
    honest: &Network,
    victim: PartyId,
) -> Vec<(&'static str, &'static str, Envelope)> {
    let mut altered = every_alteration(honest, victim);
    altered.reverse();
    altered.dedup_by_key(|(kind, field, _)| (*kind, *field));
    altered
}

fn same_place(a: &Envelope, b: &Envelope) -> bool {
    (a.round, a.from, a.to) == (b.round, b.from, b.to)
}

#[test]
fn the_table_walks_every_kind_and_field() {
    let honest = Network::honest(3, 1);
    let mut walked: Vec<_> = every_alteration(&honest, party(2))
        .into_iter()
        .map(|(kind, field, _)| (kind, field))
        .collect();
    walked.dedup();
    let kinds: Vec<_> =
        walked.chunk_by(|a, b| a.0 == b.0).map(|fields| (fields[0].0, fields.len())).collect();
    let expected = [
        ("Commitment", 1),
        ("ExtensionMessage", 3),
        ("Opening", 4),
        ("Multiplication", 5),
        ("Products", 6),
        ("RootSignature", 2),
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn an_altered_message_that_its_sender_signed_is_caught_and_leaves_no_batch() {
    let honest = Network::honest(3, 2);
    for (kind, field, altered) in every_alteration(&honest, party(2)) {
        let altered = resealed(&altered, altered.body.0.clone());
        let network = Network::run(3, 2, &mut |_, envelope, _| {
            vec![if same_place(envelope, &altered) { altered.clone() } else { envelope.clone() }]
        });
        let fault = network.first_faults(party(CHEATER)).remove(&party(2));
        assert!(fault.as_ref().is_some_and(Fault::is_fatal), "{kind}.{field}: {fault:?}");
        assert!(!network.batches.contains_key(&party(2)), "{kind}.{field}");
        assert!(
            fault.and_then(|fault| fault.culprit()).is_none_or(|culprit| culprit == party(CHEATER)),
            "{kind}.{field}"
        );
    }
}

#[test]
fn a_message_altered_on_its_way_is_dropped_and_the_run_goes_on_with_the_right_one() {
    let honest = Network::honest(3, 1);
    for (kind, field, altered) in one_alteration_of_each_field(&honest, party(2)) {
        let meddled = |then_the_right_one: bool| {
            Network::run(3, 1, &mut |_, envelope, _| match same_place(envelope, &altered) {
                true if then_the_right_one => vec![altered.clone(), envelope.clone()],
                true => vec![altered.clone()],
                false => vec![envelope.clone()],
            })
        };
        let dropped = (
            party(2),
            Fault::Rejected { link: party(CHEATER), reason: "its signature is not the sender's" },
        );
        let stuck = meddled(false);
        assert_eq!(stuck.faults, core::slice::from_ref(&dropped), "{kind}.{field}");
        assert!(!stuck.batches.contains_key(&party(2)), "{kind}.{field}");
        let healed = meddled(true);
        assert_eq!(healed.faults, [dropped], "{kind}.{field}");
        assert_eq!(healed.batches.len(), 2, "{kind}.{field}");
    }
}

/// The cheater shows one member another message than the rest: somebody notices, and that member at
/// least has no batch. Before the last round nobody has.
#[test]
fn a_message_altered_for_one_member_only_is_caught() {
    let victim = party(3);
    let honest = Network::honest(4, 1);
    for (kind, field, altered) in one_alteration_of_each_field(&honest, victim) {
        let altered = resealed(&altered, altered.body.0.clone());
        let network = Network::run(4, 1, &mut |_, envelope, receiver| {
            vec![if receiver == victim && same_place(envelope, &altered) {
                altered.clone()
            } else {
                envelope.clone()
            }]
        });
        assert!(
            network.first_faults(party(CHEATER)).values().any(Fault::is_fatal),
            "{kind}.{field}"
        );
        assert!(!network.batches.contains_key(&victim), "{kind}.{field}");
        if altered.round < 4 {
            assert!(network.batches.is_empty(), "{kind}.{field}");
        }
    }
}
