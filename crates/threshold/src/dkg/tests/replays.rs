//! Messages of one session in another, as they were and as somebody else's.

use super::*;

const RUN: u64 = 1;

/// Everything that was delivered in an honest run of its own session id, by receiver.
fn recorded(sid: SessionId) -> Vec<(PartyId, Envelope)> {
    let mut network = Network::<Secp256k1>::start_in(sid, &[1, 2, 3], 2, &[1, 2, 3], 1, RUN);
    let mut all = Vec::new();
    network.run(&mut |receiver, envelope: Envelope| {
        all.push((receiver, envelope.clone()));
        vec![envelope]
    });
    all
}

/// Replays every message of another session before each delivery of this one; counts them.
fn replayed_as_they_were(other: SessionId) -> usize {
    let old = recorded(other);
    let mut network = Network::<Secp256k1>::start_in(SID, &[1, 2, 3], 2, &[1, 2, 3], 1, RUN + 1);
    let certificates = network.run(&mut |receiver, envelope: Envelope| {
        let own =
            old.iter().filter(|(id, _)| *id == receiver).map(|(_, envelope)| envelope.clone());
        own.filter(|old| old.from == envelope.from).chain([envelope.clone()]).collect()
    });
    assert_eq!(certificates.len(), 3, "the replays do nothing");
    let mismatch =
        |(_, fault): &(PartyId, Fault)| matches!(fault, Fault::Mismatch { field: "session", .. });
    assert!(network.faults.iter().all(mismatch));
    network.faults.len()
}

/// Party 2 sends the body of each message of party `author`'s in the session `other` as its own of
/// this one.
fn replayed_as_ones_own(other: SessionId, author: PartyId) {
    let old = recorded(other);
    for alone in [None, Some(COMMIT), Some(OPEN), Some(ATTEST)] {
        let mut network =
            Network::<Secp256k1>::start_in(SID, &[1, 2, 3], 2, &[1, 2, 3], 1, RUN + 1);
        let key = network.keys[&party(2)].clone();
        let certificates = network.run(&mut |receiver, envelope: Envelope| {
            if envelope.from != party(2) || alone.is_some_and(|round| round != envelope.round) {
                return vec![envelope];
            }
            let kind = |one: &Envelope| (one.round, one.to == To::All);
            let same =
                old.iter().find(|(_, one)| one.from == author && kind(one) == kind(&envelope));
            let Envelope { round, to, .. } = envelope;
            let body = same.map(|(_, one)| one.body.0.clone()).unwrap();
            assert_ne!(receiver, party(2));
            vec![Envelope::seal_bytes(&key, SID, round, party(2), to, body)]
        });
        assert!(!certificates.keys().any(|id| *id != party(2)), "round {alone:?} of {author}");
        for (id, fault) in network.faults.iter().filter(|(id, _)| *id != party(2)) {
            let blamed = fault.culprit() == Some(party(2))
                || *fault == Fault::Mismatch { party: party(2), field: "transcript" };
            assert!(blamed, "{id}: {fault}");
        }
    }
}

/// Every message of an honest run arrives once more over another party's link, and once more under
/// another party's name.
fn replayed_as_another() -> usize {
    let mut replays = 0;
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let keys = network.keys.clone();
    let old = recorded(SID);
    for (receiver, envelope) in &old {
        let third = (1..=3).map(party).find(|id| id != receiver && *id != envelope.from).unwrap();
        let ceremony = network.ceremonies.get_mut(receiver).unwrap();
        let rejected = |reason| Err(Fault::Rejected { link: third, reason });
        assert_eq!(
            ceremony.receive(third, envelope.clone()),
            rejected("its sender is not the link's identity")
        );
        let renamed = Envelope { from: third, ..envelope.clone() };
        assert_eq!(ceremony.receive(third, renamed), rejected("its signature is not the sender's"));
        let resigned = Envelope::seal_bytes(
            &keys[&third],
            SID,
            envelope.round,
            envelope.from,
            envelope.to,
            envelope.body.0.clone(),
        );
        let not_the_senders =
            Fault::Rejected { link: envelope.from, reason: "its signature is not the sender's" };
        assert_eq!(ceremony.receive(envelope.from, resigned), Err(not_the_senders));
        replays += 3;
    }
    assert_eq!(network.run(&mut untouched).len(), 3);
    replays
}

#[test]
fn no_message_of_one_session_counts_in_another() {
    assert_eq!(
        replayed_as_they_were([10; 32]),
        6 * 4 * 4,
        "each of a link's four messages before each of them"
    );
    (1..=3).for_each(|author| replayed_as_ones_own([10; 32], party(author)));
}

#[test]
fn no_message_counts_as_another_partys() {
    assert_eq!(replayed_as_another(), 3 * 24);
}

#[test]
#[ignore = "50 000 replays"]
fn long_no_message_of_one_session_counts_in_another() {
    let mut replays = 0;
    for run in 0u64.. {
        let mut other = [10; 32];
        other[..8].copy_from_slice(&run.to_be_bytes());
        replays += replayed_as_they_were(other) + replayed_as_another();
        (1..=3).for_each(|author| replayed_as_ones_own(other, party(author)));
        if replays >= 50_000 {
            break;
        }
    }
}
