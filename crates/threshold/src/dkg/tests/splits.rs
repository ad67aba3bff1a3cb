//! Every broadcast in two versions, for every sender and every way to part the receivers in two.

use super::*;
use crate::codec::Encode;

/// What the cheat tells the second part of the receivers.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Split {
    /// Another version of its broadcast of this round alone.
    Round(u16),
    /// Another dealing throughout, each of whose messages fits the others.
    Dealing,
}

/// Every part of `others` that is neither empty nor all, without its complement.
fn partitions(others: &[PartyId]) -> Vec<Vec<PartyId>> {
    let part = |mask: u32| {
        others.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, id)| *id).collect()
    };
    (1..1u32 << (others.len() - 1)).map(part).collect()
}

/// The second version of `envelope`, if the cheat tells one.
fn second_version(
    split: Split,
    envelope: &Envelope,
    receiver: PartyId,
    other: &Dealing<Secp256k1>,
) -> Option<Vec<u8>> {
    let from = envelope.from;
    match (split, envelope.round, envelope.to) {
        (Split::Dealing | Split::Round(COMMIT), COMMIT, To::All) => {
            Some(commitment_to(from, &other.opening).to_vec())
        }
        (Split::Dealing | Split::Round(OPEN), OPEN, To::All) => Some(other.opening.encoded()),
        (Split::Dealing, OPEN, To::One(_)) => Some(other.shares(receiver).encoded()),
        (Split::Round(ATTEST), ATTEST, To::All) => {
            let mut message: Attestation = envelope.open().unwrap();
            message.transcript[0] ^= 1;
            Some(message.encoded())
        }
        _ => None,
    }
}

fn no_two_transcripts_are_completed(
    members: u16,
    split: Split,
    cheat: PartyId,
    second: &[PartyId],
) {
    let ids: Vec<_> = (1..=members).collect();
    let threshold = crate::party::two_thirds(ids.len());
    let mut network = Network::<Secp256k1>::start(&ids, threshold, &ids, 1);
    let key = network.keys[&cheat].clone();
    let other =
        Dealing::<Secp256k1>::new(&SID, cheat, 1, threshold, &mut Randomness::from_seed([77; 32]));
    let certificates = network.run(&mut |receiver, envelope: Envelope| {
        let told =
            Some(&envelope).filter(|envelope| envelope.from == cheat && second.contains(&receiver));
        let Some(body) =
            told.and_then(|envelope| second_version(split, envelope, receiver, &other))
        else {
            return vec![envelope];
        };
        vec![Envelope::seal_bytes(&key, SID, envelope.round, cheat, envelope.to, body)]
    });

    let what = format!("{split:?} of {cheat} of {members}, {second:?} apart");
    let mut transcripts: Vec<_> = certificates
        .iter()
        .filter(|(id, _)| **id != cheat)
        .map(|(_, one)| one.transcript)
        .collect();
    transcripts.dedup();
    assert!(transcripts.len() <= 1, "{what}: two transcripts");
    assert!(!certificates.keys().any(|id| second.contains(id)), "{what}: completed");
    if split != Split::Round(ATTEST) {
        assert!(!certificates.keys().any(|id| *id != cheat), "{what}: completed without everybody");
    }
    // The two parts show each other what they hold, and know.
    let first = ids
        .iter()
        .map(|number| party(*number))
        .find(|id| *id != cheat && !second.contains(id))
        .unwrap();
    let (shown, here) = (network.ceremonies[&first].broadcasts(), &network.ceremonies[&second[0]]);
    let found: Vec<_> = shown.iter().filter_map(|envelope| here.compare(envelope).err()).collect();
    let proven = Fault::Proven { party: cheat, check: "one message per round" };
    assert!(!found.is_empty() && found.iter().all(|fault| *fault == proven), "{what}: {found:?}");
}

fn splits(members: u16) -> usize {
    let mut cases = 0;
    for cheat in (1..=members).map(party) {
        let others: Vec<_> = (1..=members).map(party).filter(|id| *id != cheat).collect();
        for second in partitions(&others) {
            cases += 1;
            for split in
                [Split::Round(COMMIT), Split::Round(OPEN), Split::Round(ATTEST), Split::Dealing]
            {
                no_two_transcripts_are_completed(members, split, cheat, &second);
            }
        }
    }
    cases
}

#[test]
fn a_broadcast_split_between_any_two_parts_of_three_or_four_completes_nowhere_twice() {
    assert_eq!(splits(3) + splits(4), 3 + 12);
}

#[test]
#[ignore = "35 partitions, four kinds of each"]
fn long_a_broadcast_split_between_any_two_parts_of_five_completes_nowhere_twice() {
    assert_eq!(splits(5), 35);
}
