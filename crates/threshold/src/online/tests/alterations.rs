//! For every kind of online message and every field of it, nested ones included: one altered copy
//! is caught, whether its author signed the alteration or somebody on the way made it.

use super::*;
use crate::codec::{Decode, FieldSpans, Message};
use core::ops::Range;

/// The first, a middle and the last byte of every field.
fn alterations(bytes: &[u8], spans: FieldSpans) -> Vec<(String, Vec<u8>)> {
    let altered = |(field, span): (&'static str, Range<usize>)| {
        [span.start, span.start + span.len() / 2, span.end - 1].map(|at| {
            let mut altered = bytes.to_vec();
            altered[at] ^= 1;
            (format!("{field}, byte {at}"), altered)
        })
    };
    spans.into_iter().flat_map(altered).collect()
}

fn shifted(spans: FieldSpans, by: usize) -> impl Iterator<Item = (&'static str, Range<usize>)> {
    spans.into_iter().map(move |(field, span)| (field, span.start + by..span.end + by))
}

#[test]
fn every_altered_field_of_an_assignment_binds_nobody() {
    let mut table = Table::new(&[1, 3], 3, 2, 1);
    let signed = table.signed(table.assignment(1, DIGEST));
    let mut spans = signed.field_spans();
    spans.extend(signed.assignment.field_spans());
    for (what, bytes) in alterations(&signed.encoded(), spans) {
        let Ok(altered) = SignedAssignment::decode_all(&bytes) else { continue };
        assert!(altered.verify(&table.epoch).is_err(), "{what}: verified");
        let presignature = table.take(party(1), 1);
        let refused = presignature.bind(
            &altered,
            &table.shares[&party(1)],
            &table.public,
            &table.epoch,
            &table.keys[&party(1)],
        );
        let refused = refused.expect_err(&what);
        assert!(!refused.fault.is_fatal(), "{what}: {}", refused.fault);
        table.presignatures.get_mut(&party(1)).unwrap()[1] = Some(refused.presignature);
    }
    assert!(table.bind(party(1), &signed).is_ok(), "the refused presignature is still fresh");
}

/// The spans of a bind message with those of the assignment in it.
fn bind_spans(message: &BindMessage) -> FieldSpans {
    let mut spans = message.field_spans();
    spans.extend(message.assignment.field_spans());
    spans.extend(message.assignment.assignment.field_spans());
    spans
}

#[test]
fn every_field_of_a_bind_message_altered_on_the_way_is_dropped_without_blame() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let (mut bound, messages) = table.bind_all(&signed);
    let one = bound.get_mut(&party(1)).unwrap();
    for (what, bytes) in alterations(&messages[1].encoded(), bind_spans(&messages[1])) {
        let Ok(altered) = BindMessage::read(&bytes) else { continue };
        if altered.assignment.assignment == signed.assignment && altered.assignment != signed {
            // The assignment's own signature is not needed where the assignment is the one already
            // accepted.
            continue;
        }
        let fault = one.receive(altered).expect_err(&what);
        assert!(!fault.is_fatal(), "{what}: {fault}");
    }
    assert_eq!(one.receive(messages[1].clone()), Ok(Progress::Complete));
}

#[test]
fn every_field_of_a_bind_message_altered_by_its_author_is_caught() {
    let messages = {
        let mut table = Table::new(&[1, 3], 3, 1, 1);
        let signed = table.signed(table.assignment(0, DIGEST));
        table.bind_all(&signed).1
    };
    for (what, bytes) in alterations(&messages[1].encoded(), bind_spans(&messages[1])) {
        let Ok(altered) = BindMessage::read(&bytes) else { continue };
        let mut table = Table::new(&[1, 3], 3, 1, 1);
        let signed = table.signed(table.assignment(0, DIGEST));
        let altered = altered.resign(&table.keys[&party(3)]);
        if altered == messages[1]
            || altered.assignment != signed && altered.assignment.assignment == signed.assignment
        {
            continue;
        }
        let (mut bound, _) = table.bind(party(1), &signed).unwrap();
        let fault =
            bound.receive(altered).and_then(|_| table.share(bound).map(|_| ())).expect_err(&what);
        let blameless = matches!(fault, Fault::Rejected { .. } | Fault::Mismatch { .. });
        assert!(blameless || fault.culprit() == Some(party(3)), "{what}: {fault}");
    }
}

/// The spans of an answer with those of everything in it.
fn answer_spans(answer: &Answer) -> FieldSpans {
    let mut spans = answer.field_spans();
    let start = |field: &str| {
        answer.field_spans().into_iter().find(|(name, _)| *name == field).unwrap().1.start
    };
    spans.extend(shifted(answer.certificate.field_spans(), start("certificate")));
    spans.extend(shifted(answer.leaf.field_spans(), start("leaf")));
    // Index and count stand before the parties, the count before the opened.
    let mut at = start("leaf") + 8;
    for member in &answer.leaf.parties {
        spans.extend(shifted(member.field_spans(), at));
        at += member.encoded().len();
    }
    spans.extend(shifted(answer.assignment.field_spans(), start("assignment")));
    spans.extend(shifted(answer.assignment.assignment.field_spans(), start("assignment")));
    let mut at = start("opened") + 4;
    for opened in &answer.opened {
        spans.extend(shifted(opened.field_spans(), at));
        at += opened.encoded().len();
    }
    spans
}

#[test]
fn every_field_of_an_answer_altered_on_the_way_loses_its_signature() {
    let mut table = Table::new(&[1, 3], 3, 3, 1);
    let expected = table.expected(DIGEST);
    let (answer, _) = table.answers(1, DIGEST).remove(0);
    for (what, bytes) in alterations(&answer.encoded(), answer_spans(&answer)) {
        let Ok(altered) = Answer::read(&bytes) else { continue };
        let fault = altered.verify(&table.epoch, &expected).expect_err(&what);
        assert_eq!(fault, AnswerFault::NotSigned { party: altered.from }, "{what}");
    }
}

#[test]
fn every_field_of_an_answer_altered_by_its_author_is_the_authors_fault() {
    let mut table = Table::new(&[1, 3], 3, 3, 1);
    let expected = table.expected(DIGEST);
    let (answer, _) = table.answers(1, DIGEST).remove(0);
    let mut caught = 0;
    for (what, bytes) in alterations(&answer.encoded(), answer_spans(&answer)) {
        let Ok(altered) = Answer::read(&bytes) else { continue };
        let altered = altered.resign(&table.keys[&party(1)]);
        if altered == answer {
            // The signature itself.
            continue;
        }
        let from = altered.from;
        let fault = altered
            .verify(&table.epoch, &expected)
            .and_then(|checked| checked.check_share())
            .expect_err(&what);
        let unsigned = fault == AnswerFault::NotSigned { party: from };
        assert_eq!(fault.party(), from, "{what}");
        assert_eq!(unsigned, from != party(1), "{what}: {fault}");
        caught += 1;
    }
    assert!(caught > 50);
}
