//! The inbox of a run: whose messages it takes, what it says to the others, and when a round is
//! complete.

use conclave_threshold::codec::{Bytes, Encode};
use conclave_threshold::dkg::Commitment;
use conclave_threshold::envelope::{Envelope, To};
use conclave_threshold::fault::Fault;
use conclave_threshold::machine::{Inbox, RoundShape};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::session::SessionId;
use conclave_threshold::testing::deal_epoch;
use ed25519_dalek::SigningKey;
use std::collections::BTreeMap;
use std::sync::Arc;

const SID: SessionId = [1; 32];

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

fn members() -> (Arc<Epoch>, BTreeMap<PartyId, SigningKey>) {
    deal_epoch(&[1, 2, 3, 4], 3, &mut Randomness::from_seed([1; 32]))
}

/// Party 1's, with 2 and 3: a round to all, one to each, and one of both.
fn inbox() -> Inbox {
    let shape = [(true, false), (false, true), (true, true)]
        .map(|(broadcast, direct)| RoundShape { broadcast, direct });
    Inbox::new(SID, &members().0, &[party(1), party(2), party(3)], party(1), shape.to_vec())
}

fn message(from: u16, round: u16, to: To, content: u8) -> Envelope {
    let key = &members().1[&party(from)];
    Envelope::seal(key, SID, round, party(from), to, &Commitment { commitment: [content; 32] })
}

fn me() -> To {
    To::One(party(1))
}

#[test]
fn takes_what_its_rounds_have_and_gives_it_back() {
    let mut inbox = inbox();
    for envelope in [
        message(2, 1, To::All, 7),
        message(3, 1, To::All, 8),
        message(2, 3, To::All, 9),
        message(2, 3, me(), 10),
    ] {
        assert_eq!(inbox.put(envelope.from, envelope.clone()), Ok(()));
    }
    let contents: BTreeMap<_, _> = inbox.broadcasts::<Commitment>(1).unwrap();
    let contents: Vec<_> =
        contents.into_iter().map(|(id, message)| (id, message.commitment[0])).collect();
    assert_eq!(contents, [(party(2), 7), (party(3), 8)]);
    assert_eq!(inbox.broadcast(3, party(2)), Some(&message(2, 3, To::All, 9)));
    assert_eq!(inbox.broadcast(3, party(3)), None);
    let directs = inbox.directs::<Commitment>(3).unwrap();
    assert_eq!((directs.len(), directs[&party(2)].commitment), (1, [10; 32]));
    let (message, bulk) = inbox.direct_with_bulk::<Commitment>(3, party(2)).unwrap();
    assert_eq!((message.commitment, bulk.bytes()), ([10; 32], &[][..]));
    assert_eq!(inbox.directs::<Commitment>(2).unwrap().len(), 0);
    assert!(matches!(inbox.direct_with_bulk::<Commitment>(2, party(2)), Err(Fault::Misuse(_))));
}

#[test]
fn a_round_lacks_whoever_has_not_sent_all_of_it() {
    let mut inbox = inbox();
    let others = vec![party(2), party(3)];
    assert_eq!(
        (inbox.missing(1), inbox.missing(2), inbox.missing(3)),
        (others.clone(), others.clone(), others)
    );
    assert_eq!((inbox.missing(0), inbox.missing(4)), (vec![], vec![]));
    let mut put = |from, round, to| {
        inbox.put(party(from), message(from, round, to, 0)).unwrap();
        [1, 2, 3].map(|round| inbox.missing(round).iter().map(|id| id.number()).collect::<Vec<_>>())
    };
    assert_eq!(put(2, 1, To::All), [vec![3], vec![2, 3], vec![2, 3]]);
    assert_eq!(put(3, 2, me()), [vec![3], vec![2], vec![2, 3]]);
    assert_eq!(put(2, 3, me()), [vec![3], vec![2], vec![2, 3]], "one of two");
    assert_eq!(put(2, 3, To::All), [vec![3], vec![2], vec![3]]);
    assert_eq!(put(3, 3, To::All), [vec![3], vec![2], vec![3]], "the other of two");
    assert_eq!(put(3, 3, me()), [vec![3], vec![2], vec![]]);
}

#[test]
fn says_why_it_drops_a_message() {
    let rejected = |link, reason| Err(Fault::Rejected { link: party(link), reason });
    let mut other_session = message(2, 1, To::All, 0);
    other_session.sid = [2; 32];
    let mut forged = message(2, 1, To::All, 0);
    forged.body = Bytes([1; 32].encoded());
    let cases = [
        (2, other_session, Err(Fault::Mismatch { party: party(2), field: "session" })),
        (3, message(2, 1, To::All, 0), rejected(3, "its sender is not the link's identity")),
        (4, message(4, 1, To::All, 0), rejected(4, "its sender takes no part")),
        (1, message(1, 1, To::All, 0), rejected(1, "its sender takes no part")),
        (2, message(2, 0, To::All, 0), rejected(2, "there is no such round")),
        (2, message(2, 4, To::All, 0), rejected(2, "there is no such round")),
        (2, message(2, 1, me(), 0), rejected(2, "its round has no such message")),
        (2, message(2, 2, To::All, 0), rejected(2, "its round has no such message")),
        (2, message(2, 2, To::One(party(3)), 0), rejected(2, "it is for another party")),
        (2, forged, rejected(2, "its signature is not the sender's")),
    ];
    let mut inbox = inbox();
    for (link, envelope, verdict) in cases {
        assert_eq!(inbox.put(party(link), envelope), verdict);
    }
    assert_eq!(
        [1, 2, 3].map(|round| inbox.missing(round).len()),
        [2, 2, 2],
        "nothing of it was kept"
    );
}

#[test]
fn a_repeat_is_ignored_and_another_version_convicts() {
    let mut inbox = inbox();
    let (first, second) = (message(2, 1, To::All, 7), message(2, 1, To::All, 8));
    assert_eq!(inbox.put(party(2), first.clone()), Ok(()));
    assert_eq!(inbox.put(party(2), first.clone()), Ok(()));
    let proof = Fault::Proven { party: party(2), check: "one message per round" };
    assert_eq!(inbox.put(party(2), second), Err(proof));
    assert_eq!(inbox.broadcast(1, party(2)), Some(&first), "the first stays");
    assert_eq!(
        inbox.put(party(2), message(2, 3, To::All, 1)),
        Ok(()),
        "another round is another place"
    );
    assert_eq!(inbox.put(party(2), message(2, 3, me(), 2)), Ok(()), "so is a message to one");
}

#[test]
fn a_signed_body_that_does_not_decode_convicts_when_it_is_opened() {
    let mut inbox = inbox();
    let envelope =
        Envelope::seal_bytes(&members().1[&party(2)], SID, 1, party(2), To::All, vec![0; 31]);
    assert_eq!(inbox.put(party(2), envelope), Ok(()));
    let proof = Fault::Proven { party: party(2), check: "message form" };
    assert_eq!(inbox.broadcasts::<Commitment>(1).unwrap_err(), proof);
}

#[test]
fn every_part_of_an_envelope_is_signed() {
    let (epoch, _) = members();
    let identity = epoch.identity(party(2)).unwrap();
    let envelope = message(2, 1, To::All, 7);
    assert!(envelope.is_signed_by(identity));
    assert!(!envelope.is_signed_by(epoch.identity(party(3)).unwrap()));
    assert!(!envelope.is_signed_by(&[0xff; 32]), "no key at all");
    let altered = [
        Envelope { sid: [2; 32], ..envelope.clone() },
        Envelope { round: 2, ..envelope.clone() },
        Envelope { from: party(3), ..envelope.clone() },
        Envelope { to: To::One(party(3)), ..envelope.clone() },
        Envelope { body: Bytes(vec![]), ..envelope.clone() },
        Envelope { signature: [0; 64], ..envelope.clone() },
    ];
    assert!(altered.iter().all(|envelope| !envelope.is_signed_by(identity)));
}
