//! Broadcasts with two faces, attestations, limits, and callers in the wrong order.

use super::*;
use crate::group::Uncompressed;

/// Party 2 sends party 3 another version of its broadcast of `round`, signed.
fn two_faced(
    round: u16,
    alter: impl Fn(&Envelope) -> Vec<u8>,
) -> (Network<Secp256k1>, BTreeMap<PartyId, Certificate>) {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let key = network.keys[&party(2)].clone();
    let certificates = network.run(&mut |receiver, mut envelope: Envelope| {
        if (receiver, envelope.from, envelope.round, envelope.to)
            == (party(3), party(2), round, To::All)
        {
            envelope = Envelope::seal_bytes(&key, SID, round, party(2), To::All, alter(&envelope));
        }
        vec![envelope]
    });
    (network, certificates)
}

/// Parties 1 and 3 show each other what they were sent.
fn comparing_names_the_cheat(network: &Network<Secp256k1>) {
    let (one, three) = (&network.ceremonies[&party(1)], &network.ceremonies[&party(3)]);
    for (shows, sees) in [(one, three), (three, one)] {
        let found: Vec<_> =
            shows.broadcasts().iter().filter_map(|envelope| sees.compare(envelope).err()).collect();
        assert_eq!(found, [Fault::Proven { party: party(2), check: "one message per round" }]);
    }
}

#[test]
fn a_commitment_with_two_faces_is_proven_by_comparing() {
    let (network, certificates) = two_faced(COMMIT, |_| vec![0; 32]);
    assert!(!certificates.contains_key(&party(1)) && !certificates.contains_key(&party(3)));
    comparing_names_the_cheat(&network);
}

#[test]
fn an_opening_with_two_faces_is_proven_by_comparing() {
    let (network, certificates) = two_faced(OPEN, |envelope| {
        let mut opening: Opening<Secp256k1> = envelope.open().unwrap();
        opening.nonce[0] ^= 1;
        opening.encoded()
    });
    assert!(!certificates.contains_key(&party(1)) && !certificates.contains_key(&party(3)));
    comparing_names_the_cheat(&network);
}

#[test]
fn two_complete_dealings_with_two_faces_end_in_a_mismatch_and_are_proven_by_comparing() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let key = network.keys[&party(2)].clone();
    let other =
        Dealing::<Secp256k1>::new(&SID, party(2), 1, 2, &mut Randomness::from_seed([77; 32]));
    let certificates = network.run(&mut |receiver, envelope: Envelope| {
        if (receiver, envelope.from) != (party(3), party(2)) {
            return vec![envelope];
        }
        let body = match (envelope.round, envelope.to) {
            (COMMIT, _) => commitment_to(party(2), &other.opening).to_vec(),
            (OPEN, To::All) => other.opening.encoded(),
            (OPEN, To::One(_)) => other.shares(party(3)).encoded(),
            _ => return vec![envelope],
        };
        vec![Envelope::seal_bytes(&key, SID, envelope.round, party(2), envelope.to, body)]
    });
    assert!(certificates.is_empty(), "two public keys from one ceremony");
    let (one, three) = (&network.ceremonies[&party(1)], &network.ceremonies[&party(3)]);
    assert_eq!(
        one.disputes(),
        BTreeMap::from([(party(3), Fault::Mismatch { party: party(3), field: "transcript" })])
    );
    assert!(three.disputes().contains_key(&party(1)));
    let found: Vec<_> =
        three.broadcasts().iter().filter_map(|envelope| one.compare(envelope).err()).collect();
    assert!(!found.is_empty() && found.iter().all(|fault| fault.culprit() == Some(party(2))));
}

#[test]
fn an_attestation_with_two_faces_is_proven_by_comparing() {
    let (network, certificates) = two_faced(ATTEST, |envelope| {
        let mut message: Attestation = envelope.open().unwrap();
        message.attestation.0[0] ^= 1;
        message.encoded()
    });
    assert!(certificates.contains_key(&party(1)), "party 1 was sent the true one");
    assert!(!certificates.contains_key(&party(3)));
    assert_eq!(network.ceremonies[&party(3)].disputes().len(), 1);
    let (one, three) = (&network.ceremonies[&party(1)], &network.ceremonies[&party(3)]);
    assert!(one.broadcasts().iter().any(|envelope| three.compare(envelope).is_err()));
    // What party 1 holds completes party 3 all the same.
    let transcript = network.provisional[&party(3)].transcript;
    assert!(certificates[&party(1)].verify(
        &transcript,
        &[party(1), party(2), party(3)],
        &check_of(transcript)
    ));
}

#[test]
fn comparing_proves_nothing_without_the_authors_signature() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    network.settle(&mut untouched);
    let one = &network.ceremonies[&party(1)];
    let shown = &network.ceremonies[&party(3)].broadcasts();
    let of_two = shown.iter().find(|envelope| envelope.from == party(2)).unwrap();
    assert_eq!(one.compare(of_two), Ok(()));
    let mut forged = of_two.clone();
    forged.body.0[0] ^= 1;
    assert_eq!(one.compare(&forged), Ok(()));
    let resealed = |key: PartyId, sid, to| {
        Envelope::seal_bytes(
            &network.keys[&key],
            sid,
            of_two.round,
            party(2),
            to,
            forged.body.0.clone(),
        )
    };
    assert_eq!(one.compare(&resealed(party(3), SID, To::All)), Ok(()));
    assert_eq!(
        one.compare(&resealed(party(2), [0; 32], To::All)),
        Ok(()),
        "another session's message is no second version"
    );
    assert_eq!(
        one.compare(&resealed(party(2), SID, To::One(party(1)))),
        Ok(()),
        "nor is one for a single party"
    );
    assert!(one.compare(&resealed(party(2), SID, To::All)).is_err());
}

#[test]
fn a_second_version_on_the_same_link_ends_the_ceremony_and_a_repetition_does_not() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let first = network.ceremonies[&party(2)].sent[0].clone();
    let second = Envelope::seal(
        &network.keys[&party(2)],
        SID,
        COMMIT,
        party(2),
        To::All,
        &Commitment { commitment: [1; 32] },
    );
    let one = network.ceremonies.get_mut(&party(1)).unwrap();
    assert_eq!(one.receive(party(2), first.clone()), Ok(Vec::new()));
    assert_eq!(one.receive(party(2), first.clone()), Ok(Vec::new()));
    assert_eq!(
        one.receive(party(2), second),
        Err(Fault::Proven { party: party(2), check: "one message per round" })
    );
    assert_eq!(one.receive(party(2), first), Err(Fault::Misuse("the ceremony is over")));
    assert!(one.provisional().is_none() && one.output().is_none());
}

/// Two parties' attestations reach party 1; party 2's body is `alter`ed and signed, before or after
/// party 1 attests.
fn attested(
    early: bool,
    alter: impl Fn(&mut Attestation),
) -> (Option<Certificate>, BTreeMap<PartyId, Fault>) {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    network.settle(&mut untouched);
    let mut one = network.ceremonies.remove(&party(1)).unwrap();
    network.attest();
    let messages = network.ceremonies.values().map(|ceremony| {
        let mut message: Attestation = ceremony.sent[2].open().unwrap();
        if ceremony.me == party(2) {
            alter(&mut message);
        }
        Envelope::seal(&ceremony.signing_key, SID, ATTEST, ceremony.me, To::All, &message)
    });
    let messages: Vec<_> = messages.collect();
    let deliver = |one: &mut Ceremony<Secp256k1>| {
        messages.iter().for_each(|envelope| drop(one.receive(envelope.from, envelope.clone())));
    };
    if early {
        deliver(&mut one);
    }
    let transcript = one.provisional().unwrap().transcript;
    one.attest(attestation_of(party(1), &transcript), check_of(transcript)).unwrap();
    if !early {
        deliver(&mut one);
    }
    let disputes = one.disputes();
    assert_eq!(one.waiting_for(), disputes.keys().copied().collect::<Vec<_>>());
    (one.output(), disputes)
}

#[test]
fn a_refused_attestation_leaves_no_certificate_whether_it_came_early_or_not() {
    for early in [true, false] {
        assert!(attested(early, |_| ()).0.is_some());
        let (certificate, disputes) = attested(early, |message| message.attestation.0[0] ^= 1);
        assert!(certificate.is_none());
        assert_eq!(
            disputes,
            BTreeMap::from([(party(2), Fault::Proven { party: party(2), check: "attestation" })])
        );
        let (certificate, disputes) = attested(early, |message| message.transcript[0] ^= 1);
        assert!(certificate.is_none());
        assert_eq!(
            disputes,
            BTreeMap::from([(party(2), Fault::Mismatch { party: party(2), field: "transcript" })])
        );
    }
}

#[test]
fn an_attestation_of_the_limit_is_taken_and_one_byte_more_is_not() {
    for (length, accepted) in [(MAX_ATTESTATION, true), (MAX_ATTESTATION + 1, false)] {
        let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
        network.settle(&mut untouched);
        let one = network.ceremonies.get_mut(&party(1)).unwrap();
        one.provisional().unwrap();
        let transcript = one.transcript();
        assert!(
            one.attest(vec![0; MAX_ATTESTATION + 1], Box::new(|_, _| true)).is_err(),
            "nor is its own"
        );
        one.attest(vec![0; MAX_ATTESTATION], Box::new(|_, _| true)).unwrap();
        let message = Attestation { transcript, attestation: Bytes(vec![0; length]) };
        let envelope =
            Envelope::seal(&network.keys[&party(2)], SID, ATTEST, party(2), To::All, &message);
        let one = network.ceremonies.get_mut(&party(1)).unwrap();
        assert_eq!(one.receive(party(2), envelope).is_ok(), accepted);
    }
}

#[test]
fn the_caller_takes_the_keys_before_it_attests_and_does_both_once() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let check = || -> AttestationCheck { Box::new(|_, bytes| bytes == [1]) };
    assert!(network.ceremonies.get_mut(&party(1)).unwrap().attest(vec![1], check()).is_err());
    network.settle(&mut untouched);
    let one = network.ceremonies.get_mut(&party(1)).unwrap();
    assert!(one.attest(vec![1], check()).is_err(), "not taken yet");
    assert!(one.provisional().is_some() && one.provisional().is_none());
    assert!(one.attest(vec![2], check()).is_err(), "its own attestation fails the check");
    assert_eq!(one.attest(vec![1], check()).unwrap().len(), 1);
    assert!(one.attest(vec![1], check()).is_err());
}

#[test]
fn the_certificate_is_given_once() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    assert_eq!(network.run(&mut untouched).len(), 3);
    assert!(network.certificates().is_empty());
}

#[test]
fn a_silent_party_is_waited_for_by_name() {
    for round in [COMMIT, OPEN, ATTEST] {
        let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
        let silent = |_, envelope: Envelope| {
            if envelope.from == party(3) && envelope.round >= round {
                vec![]
            } else {
                vec![envelope]
            }
        };
        assert!(!network.run(&mut silent.clone()).contains_key(&party(1)));
        assert_eq!(network.ceremonies[&party(1)].waiting_for(), [party(3)]);
    }
}

#[test]
fn a_configuration_outside_the_rules_does_not_start() {
    let network = Network::<Secp256k1>::start(&[1, 2, 3, 4], 3, &[1, 2, 3], 1);
    let [one, two, three, four] = [1, 2, 3, 4].map(party);
    let starts = |config: Config| Ceremony::<Secp256k1>::start(config).is_ok();
    let config = |participants: &[PartyId], keys| network.config(one, participants, keys);
    assert!(starts(config(&[one, two, three], 1)));
    assert!(!starts(config(&[one, two, three], 0)));
    assert!(starts(config(&[one, two, three], MAX_KEYS)));
    assert!(!starts(config(&[one, two, three], MAX_KEYS + 1)));
    assert!(!starts(config(&[one, two], 1)), "below the threshold");
    assert!(!starts(config(&[two, three, four], 1)), "without this party");
    assert!(!starts(config(&[one, three, two], 1)), "out of order");
    assert!(!starts(config(&[one, two, two, three], 1)), "twice");
    assert!(!starts(config(&[one, two, three, party(9)], 1)), "a stranger");
    assert!(!starts(Config {
        signing_key: network.keys[&two].clone(),
        ..config(&[one, two, three], 1)
    }));
}

#[test]
fn a_body_of_the_limit_is_read_and_one_byte_more_is_not() {
    for (length, too_long) in [(MAX_BODY, false), (MAX_BODY + 1, true)] {
        let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
        let envelope = Envelope::seal_bytes(
            &network.keys[&party(2)],
            SID,
            COMMIT,
            party(2),
            To::All,
            vec![0; length],
        );
        let result = network.ceremonies.get_mut(&party(1)).unwrap().receive(party(2), envelope);
        assert_eq!(
            result == Err(Fault::Rejected { link: party(2), reason: "it is too long" }),
            too_long
        );
    }
}

#[test]
fn the_longest_honest_body_is_below_the_limit() {
    let threshold = crate::party::MAX_MEMBERS;
    let point = Bls12381G1::normalise(&[Bls12381G1::generator_times(&Bls12381G1::scalar(1))]);
    let point = Uncompressed(point[0]).encoded().len();
    let opening = 32
        + 4
        + MAX_KEYS as usize * (4 + threshold * point)
        + 2 * 4
        + MAX_KEYS as usize * (point + 32);
    assert!(opening <= MAX_BODY);
}
