//! What participants do when others are late, silent or two-faced, and what the certificate and the
//! chain's decision mean.

use super::*;

fn table() -> Table<Secp256k1> {
    Table::new(&[1, 2, 3], &[1, 2, 4], &[2, 3], 2)
}

#[test]
fn a_silent_participant_is_waited_for_by_name() {
    // Party 3 deals, party 4 does not: it is missed only at the end.
    for (silent, round, waiting) in
        [(3, COMMIT, 1), (3, OPEN, 1), (3, SIGN, 1), (4, SIGN, 1), (4, SIGN, 3)]
    {
        let mut delivery = table().start();
        delivery.settle(&mut |_, envelope: Envelope| {
            if envelope.from == party(silent) && envelope.round >= round {
                vec![]
            } else {
                vec![envelope]
            }
        });
        assert_eq!(delivery.faults, []);
        assert_eq!(delivery.machines[&party(waiting)].waiting_for(), [party(silent)]);
        assert!(!delivery.outputs().contains_key(&party(waiting)));
    }
}

#[test]
fn messages_of_a_later_round_wait_for_theirs() {
    let mut delivery = table().start();
    // Party 1 hears party 3's commitment only after everything else.
    let mut late = Vec::new();
    delivery.settle(&mut |receiver, envelope: Envelope| {
        if receiver == party(1) && envelope.from == party(3) && envelope.round == COMMIT {
            late.push((receiver, envelope));
            return Vec::new();
        }
        vec![envelope]
    });
    assert_eq!(delivery.machines[&party(1)].waiting_for(), [party(3)]);
    delivery.queue.extend(late);
    delivery.settle(&mut untouched);
    assert_eq!((delivery.outputs().len(), delivery.faults.len()), (4, 0));
    assert!(delivery.outputs().is_empty(), "the result is given once");
    assert_eq!(delivery.machines[&party(1)].waiting_for(), []);
}

/// A run in which party 2 opens one dealing to party 1 and commits to another towards everybody
/// else.
fn two_faced() -> Delivery<Ceremony<Secp256k1>> {
    let table = table();
    let (mut other, first) = Ceremony::start(Config {
        randomness: Randomness::from_seed([77; 32]),
        ..table.config(party(2))
    })
    .unwrap();
    let mut delivery = table.start();
    let of_three = delivery.machines[&party(3)].sent[0].clone();
    let second = other.receive(party(3), of_three).unwrap();
    let versions: Vec<_> = [first, second].concat();
    delivery.settle(&mut |receiver, envelope: Envelope| {
        let same_place =
            |version: &&Envelope| (version.round, version.to) == (envelope.round, envelope.to);
        let version = versions
            .iter()
            .find(same_place)
            .filter(|_| receiver == party(1) && envelope.from == party(2));
        vec![version.cloned().unwrap_or(envelope)]
    });
    delivery
}

#[test]
fn a_dealer_with_two_faces_is_found_by_the_transcripts_and_named_by_its_own_signatures() {
    let mut delivery = two_faced();
    let mismatch = |id| Fault::Mismatch { party: party(id), field: "transcript" };
    assert!(delivery.outputs().is_empty(), "nobody has a certificate");
    let one = &delivery.machines[&party(1)];
    assert_eq!(one.disputes(), [2, 3, 4].map(|id| (party(id), mismatch(id))).into());
    let four = &delivery.machines[&party(4)];
    assert_eq!(four.disputes(), [(party(1), mismatch(1))].into());
    assert_eq!(four.waiting_for(), [party(1)]);
    let proof = Fault::Proven { party: party(2), check: "one message per round" };
    let verdicts: Vec<_> =
        one.broadcasts().iter().map(|shown| four.compare(shown)).filter(Result::is_err).collect();
    assert_eq!(
        verdicts,
        [Err(proof.clone()), Err(proof.clone())],
        "the commitment and the opening"
    );
    assert!(four.broadcasts().iter().any(|shown| one.compare(shown) == Err(proof.clone())));
    let three = &delivery.machines[&party(3)];
    assert!(three.broadcasts().iter().all(|shown| four.compare(shown).is_ok()));
    let sent: Vec<_> =
        three.broadcasts().iter().map(|shown| (shown.from.number(), shown.round)).collect();
    assert_eq!(
        sent,
        [
            (3, COMMIT),
            (3, OPEN),
            (3, SIGN),
            (2, COMMIT),
            (2, OPEN),
            (1, SIGN),
            (2, SIGN),
            (4, SIGN)
        ]
    );
}

#[test]
fn two_signatures_for_different_transcripts_name_their_author() {
    let mut delivery = table().start();
    delivery.settle(&mut untouched);
    let signed = |transcript| {
        Envelope::seal(
            &signing_key(party(4)),
            table().sid(),
            SIGN,
            party(4),
            To::All,
            &Signoff { transcript },
        )
    };
    let one = delivery.machines.get_mut(&party(1)).unwrap();
    let proof = Err(Fault::Proven { party: party(4), check: "one message per round" });
    assert_eq!(one.compare(&signed([1; 32])), proof.clone());
    assert_eq!(one.receive(party(4), signed([1; 32])).map(drop), proof.map(drop));
    assert!(one.output().is_some(), "the certificate stands all the same");
}

#[test]
fn comparing_proves_nothing_without_the_authors_signature() {
    let mut delivery = table().start();
    delivery.settle(&mut untouched);
    let one = &delivery.machines[&party(1)];
    let true_copy =
        one.broadcasts().into_iter().find(|envelope| envelope.from == party(2)).unwrap();
    let altered = [&true_copy.body.0[1..], &[0]].concat();
    let shown = |key: u16, sid, to| {
        Envelope::seal_bytes(
            &signing_key(party(key)),
            sid,
            true_copy.round,
            party(2),
            to,
            altered.clone(),
        )
    };
    assert_eq!(one.compare(&true_copy), Ok(()));
    assert_eq!(one.compare(&shown(3, true_copy.sid, To::All)), Ok(()));
    assert_eq!(
        one.compare(&shown(2, [0; 32], To::All)),
        Ok(()),
        "another session's message is no second version"
    );
    assert_eq!(
        one.compare(&shown(2, true_copy.sid, To::One(party(1)))),
        Ok(()),
        "nor is one for a single party"
    );
    assert!(one.compare(&shown(2, true_copy.sid, To::All)).is_err());
}

#[test]
fn a_second_version_on_the_same_link_ends_the_run_and_a_repetition_does_not() {
    let mut delivery = table().start();
    let first = delivery.machines[&party(2)].sent[0].clone();
    let second = Envelope::seal(
        &signing_key(party(2)),
        first.sid,
        COMMIT,
        party(2),
        To::All,
        &Commitment { commitment: [1; 32] },
    );
    let one = delivery.machines.get_mut(&party(1)).unwrap();
    assert_eq!(one.receive(party(2), first.clone()), Ok(Vec::new()));
    assert_eq!(one.receive(party(2), first.clone()), Ok(Vec::new()));
    assert_eq!(
        one.receive(party(2), second),
        Err(Fault::Proven { party: party(2), check: "one message per round" })
    );
    assert_eq!(one.receive(party(2), first), Err(Fault::Misuse("the run is over")));
    assert!(one.output().is_none() && one.waiting_for().is_empty());
}

#[test]
fn a_certificate_completes_who_missed_a_signature() {
    let mut delivery = table().start();
    delivery.settle(&mut |receiver, envelope: Envelope| {
        let lost = envelope.round == SIGN && receiver == party(1) && envelope.from != party(2);
        if lost { vec![] } else { vec![envelope] }
    });
    let mut outputs = delivery.outputs();
    let certificate = outputs.remove(&party(4)).unwrap().certificate;
    assert_eq!(outputs.keys().copied().collect::<Vec<_>>(), parties(&[2, 3]));
    let one = delivery.machines.get_mut(&party(1)).unwrap();
    assert_eq!(one.waiting_for(), parties(&[3, 4]));

    let mut unsigned = certificate.clone();
    unsigned.signatures[3][0] ^= 1;
    let lacks = Fault::Rejected { link: party(4), reason: "it is no certificate of this run" };
    assert_eq!(one.complete(party(4), &unsigned), Err(lacks));
    let mut other = certificate.clone();
    other.record.vectors[0][0] ^= 1;
    assert_eq!(
        one.complete(party(4), &other),
        Err(Fault::Mismatch { party: party(4), field: "transcript" })
    );
    assert!(one.output().is_none());
    assert_eq!(one.complete(party(4), &certificate), Ok(()));
    let reshared = one.output().unwrap();
    assert_eq!(reshared.certificate, certificate);
    assert!(reshared.keys.iter().all(KeyShare::verify));
    assert_eq!(
        one.complete(party(4), &certificate),
        Err(Fault::Misuse("the run does not wait for signatures"))
    );
}

#[test]
fn a_certificate_is_one_only_with_every_signature_and_for_its_own_change() {
    let table = table();
    let certificate = table.run()[&party(1)].certificate.clone();
    assert!(certificate.verify(&table.proposal));
    assert_eq!(Certificate::decode_all(&certificate.encoded()), Ok(certificate.clone()));
    let altered = |alter: &dyn Fn(&mut Certificate)| {
        let mut other = certificate.clone();
        alter(&mut other);
        other.verify(&table.proposal)
    };
    for signer in 0..4 {
        assert!(!altered(&|other| other.signatures[signer][5] ^= 1), "signature {signer}");
        assert!(
            !altered(&|other| _ = other.signatures.remove(signer)),
            "without signature {signer}"
        );
    }
    assert!(!altered(&|other| other.signatures.swap(1, 2)));
    assert!(!altered(&|other| other.signatures.push([0; 64])));
    assert!(!altered(&|other| other.signatures.clear()));

    let elsewhere =
        Proposal::new(table.proposal.old_epoch().clone(), epoch(3, &[1, 2, 4], 2)).unwrap();
    assert!(!certificate.verify(&elsewhere));
}

/// The record after `alter`, signed by everybody it names and every new member.
fn signed_by_all(alter: impl FnOnce(&mut Record)) -> bool {
    let table = table();
    let mut record = table.run()[&party(1)].certificate.record.clone();
    alter(&mut record);
    let message = Signoff { transcript: record.transcript() };
    let signers = table.proposal.participants(&record.dealers).into_keys();
    let seal =
        |id| Envelope::seal(&signing_key(id), record.sid, SIGN, id, To::All, &message).signature;
    let signatures = signers.map(seal).collect();
    Certificate { record, signatures }.verify(&table.proposal)
}

#[test]
fn a_record_of_other_epochs_or_dealers_is_none_even_if_all_sign_it() {
    assert!(signed_by_all(|_| ()));
    assert!(!signed_by_all(|record| record.old.flip(0)));
    assert!(!signed_by_all(|record| record.new.flip(0)));
    assert!(!signed_by_all(|record| record.dealers = parties(&[3, 2])));
    assert!(!signed_by_all(|record| record.dealers = parties(&[2, 4])));
    assert!(!signed_by_all(|record| {
        record.dealers.pop();
        record.commitments.pop();
    }));
    assert!(!signed_by_all(|record| _ = record.commitments.pop()));
    assert!(!signed_by_all(|record| record.commitments.push([0; 32])));
}

#[test]
fn old_shares_stay_until_this_very_attempt_is_committed() {
    let table = table();
    let [first, second] = [1, 2].map(|attempt| Table { attempt, ..self::table() }.run());
    let ballot = |runs: &[&BTreeMap<PartyId, Reshared<_>>]| {
        Ballot::new(&table.proposal, runs.iter().map(|run| &run[&party(1)].certificate)).unwrap()
    };
    let ballots = [ballot(&[&first]), ballot(&[&second]), ballot(&[&first, &second])];
    assert_eq!(ballots[2].hash(), ballot(&[&second, &first]).hash(), "batches have no order");
    for (at, one) in ballots.iter().enumerate() {
        for (other, hash) in ballots.iter().map(Ballot::hash).enumerate() {
            assert_eq!(one.committed(&hash).is_some(), at == other);
        }
    }
    let same_batches = Proposal::new(epoch(0, &[1, 2, 3], 2), epoch(2, &[1, 2, 4], 2)).unwrap();
    assert!(
        Ballot::new(&same_batches, first.values().map(|one| &one.certificate)).is_none(),
        "of another change"
    );
    assert!(Ballot::new(&table.proposal, []).is_none());

    let share =
        |keys: &[KeyShare<Secp256k1>]| keys.iter().map(|key| key.share().0).collect::<Vec<_>>();
    for (id, reshared) in first {
        let (old, new) = (table.shares_of(id), share(&reshared.keys));
        let transition = Transition::new(old.clone(), reshared);
        assert_eq!(
            (share(transition.old()), share(transition.provisional())),
            (share(&old), new.clone())
        );
        let other = ballots[1].hash();
        let kept = transition.commit(&ballots[1].committed(&other).unwrap()).unwrap_err();
        assert_eq!(share(kept.old()), share(&old));
        let this = ballots[2].hash();
        assert_eq!(share(&kept.commit(&ballots[2].committed(&this).unwrap()).unwrap()), new);
    }
    for (id, reshared) in second {
        let old = share(&table.shares_of(id));
        let transition = Transition::new(table.shares_of(id), reshared);
        let shown = format!("{transition:?}");
        assert!(shown.starts_with("Transition([") && !shown.contains("Secret("));
        assert_eq!(share(&transition.abandon()), old);
    }
}

#[test]
fn a_session_is_of_one_change_one_set_of_dealers_one_list_of_keys_and_fresh_nonces() {
    let table = table();
    let nonces = |byte: u8| {
        table.participants().into_iter().map(|id| (id, [byte; 32])).collect::<BTreeMap<_, _>>()
    };
    let of = |proposal: &Proposal, dealers: &[u16], vectors: &[_], byte| {
        session::<Secp256k1>(proposal, &parties(dealers), vectors, &nonces(byte))
    };
    let vectors = table.vectors();
    let other_change = Proposal::new(epoch(1, &[1, 2, 3], 2), epoch(3, &[1, 2, 4], 2)).unwrap();
    let base = of(&table.proposal, &[2, 3], &vectors, 1);
    assert_eq!(of(&table.proposal, &[2, 3], &vectors, 1), base);
    let others = [
        of(&other_change, &[2, 3], &vectors, 1),
        // The same participants, of whom others deal.
        of(&table.proposal, &[1, 3], &vectors, 1),
        of(&table.proposal, &[2, 3], &vectors[..1], 1),
        of(&table.proposal, &[2, 3], &[vectors[1].clone(), vectors[0].clone()], 1),
        of(&table.proposal, &[2, 3], &vectors, 2),
    ];
    assert!(others.iter().all(|other| *other != base));
}

#[test]
fn randomness_that_comes_twice_deals_other_polynomials_in_another_session() {
    let table = table();
    let polynomials = |attempt| {
        let config = Config { sid: [attempt; 32], ..table.config(party(2)) };
        let Stage::Committed(Some(committing)) = Ceremony::start(config).unwrap().0.stage else {
            panic!()
        };
        committing.vectors
    };
    let [first, again, second] = [1, 1, 2].map(polynomials);
    assert_eq!(first, again);
    for (one, other) in first.iter().zip(&second) {
        assert_eq!(one[0], other[0], "the same addend");
        assert_ne!(one[1], other[1]);
    }
}

#[test]
fn a_configuration_outside_the_rules_does_not_start() {
    let table = table();
    let refused = |config: Config<Secp256k1>| Ceremony::start(config).err();
    let misuse = |reason| Some(Fault::Misuse(reason));
    for id in table.participants() {
        assert_eq!(refused(table.config(id)), None);
    }
    let dealer = || table.config(party(2));
    let with = |alter: &dyn Fn(&mut Config<Secp256k1>)| {
        let mut config = dealer();
        alter(&mut config);
        refused(config)
    };

    let number_of_keys = misuse("the number of keys is outside the limits");
    for (keys, fault) in
        [(0, number_of_keys.clone()), (MAX_KEYS, None), (MAX_KEYS + 1, number_of_keys)]
    {
        assert_eq!(
            refused(Table::<Secp256k1>::new(&[1, 2], &[1, 2], &[1, 2], keys).config(party(1))),
            fault
        );
    }
    let length = misuse("a key is not of the old epoch's threshold");
    assert_eq!(with(&|config| config.vectors[1].truncate(1)), length);
    assert_eq!(
        with(&|config| config.vectors[1].push(Secp256k1::generator_times(&Secp256k1::scalar(5)))),
        length
    );

    let dealers = misuse("the dealers are not a threshold of the old epoch");
    for others in [vec![2], vec![1, 2, 3], vec![3, 2], vec![2, 2], vec![2, 4]] {
        assert_eq!(with(&|config| config.dealers = parties(&others)), dealers, "{others:?}");
    }
    let stranger = misuse("this party takes no part, or the signing key is not its own");
    assert_eq!(with(&|config| config.signing_key = signing_key(party(1))), stranger);
    assert_eq!(
        with(&|config| (config.me, config.signing_key) = (party(9), signing_key(party(9)))),
        stranger
    );
    // Party 3 leaves, and is not to deal.
    let idle = |config: &mut Config<_>| {
        (config.me, config.signing_key) = (party(3), signing_key(party(3)));
        (config.dealers, config.dealing) = (parties(&[1, 2]), None);
    };
    assert_eq!(with(&idle), stranger);

    let part = misuse("dealers deal, and nobody else");
    assert_eq!(with(&|config| config.dealing = None), part);
    assert_eq!(refused(Config { dealing: dealer().dealing, ..table.config(party(1)) }), part);

    let elsewhere = Proposal::new(epoch(1, &[1, 2, 3], 2), epoch(3, &[1, 2, 4], 2)).unwrap();
    let permit = elsewhere.permitted().unwrap();
    let alter = |config: &mut Config<_>| {
        config.dealing.iter_mut().for_each(|dealing| dealing.permit = permit)
    };
    assert_eq!(with(&alter), misuse("the permit is for another change"));
}

#[test]
fn a_dealer_deals_only_its_own_true_shares() {
    let table = table();
    let with = |alter: &dyn Fn(&mut Vec<KeyShare<Secp256k1>>)| {
        let mut config = table.config(party(2));
        alter(&mut config.dealing.as_mut().unwrap().shares);
        Ceremony::start(config).err()
    };
    assert_eq!(with(&|_| ()), None);
    let foreign = Some(Fault::Misuse("the shares are not this party's of these keys"));
    assert_eq!(with(&|shares| drop(shares.pop())), foreign);
    assert_eq!(with(&|shares| shares.push(shares[0].clone())), foreign);
    assert_eq!(with(&|shares| shares.swap(0, 1)), foreign);
    assert_eq!(with(&|shares| *shares = table.shares_of(party(3))), foreign);
    let damaged = |shares: &mut Vec<KeyShare<Secp256k1>>| {
        let share = Secret(shares[1].share().0 + Secp256k1::scalar(1));
        shares[1] = KeyShare::new(party(2), shares[1].commitments().to_vec(), share).unwrap();
    };
    assert_eq!(with(&damaged), Some(Fault::Misuse("a share is not the one that its key promises")));
}
