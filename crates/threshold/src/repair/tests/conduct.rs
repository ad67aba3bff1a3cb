//! Messages of another form or place, who is waited for, and what does not start.

use super::*;

fn table() -> Table<Secp256k1> {
    Table::new(4, 4, &[1, 2, 3], 2)
}

/// Party 1 sends `to` what `body` makes of its message, signed.
fn instead(to: u16, body: impl Fn(&mut Vec<u8>)) -> Vec<(PartyId, Fault)> {
    let table = table();
    let mut delivery = table.start();
    delivery.settle(&mut |_, mut envelope: Envelope| {
        if envelope.from == party(1) && envelope.to == To::One(party(to)) {
            body(&mut envelope.body.0);
            let key = &table.signing_keys[&party(1)];
            envelope = Envelope::seal_bytes(
                key,
                envelope.sid,
                envelope.round,
                party(1),
                envelope.to,
                envelope.body.0,
            );
        }
        vec![envelope]
    });
    assert!(!delivery.outputs().contains_key(&party(4)));
    delivery.faults
}

fn secrets_of(count: usize) -> Vec<u8> {
    vec![Secret::<Secp256k1>(Secp256k1::scalar(0)); count].encoded()
}

#[test]
fn another_number_of_keys_or_another_form_names_its_sender() {
    for to in [2, 4] {
        for count in [1, 3] {
            let named = Fault::Proven { party: party(1), check: "number of keys" };
            assert_eq!(instead(to, |body| *body = secrets_of(count)), [(party(to), named)]);
        }
        let named = Fault::Proven { party: party(1), check: "message form" };
        assert_eq!(instead(to, |body| body.push(0)), [(party(to), named)]);
    }
}

#[test]
fn messages_are_one_list_each() {
    let message = Addends::<Secp256k1> { addends: vec![Secret(Secp256k1::scalar(0)); 2] };
    assert_eq!(message.encoded(), secrets_of(2));
    assert_eq!((Addends::<Secp256k1>::KIND, Sums::<Secp256k1>::KIND), ("Addends", "Sums"));
    let hears = |shape: Vec<RoundShape>| {
        shape.iter().map(|shape| (shape.broadcast, shape.direct)).collect::<Vec<_>>()
    };
    assert_eq!(hears(helpers_rounds()), [(false, true), (false, false)]);
    assert_eq!(hears(targets_rounds()), [(false, false), (false, true)]);
}

/// What `to` says to a message on `link`, after `alter` and signed by its author.
fn received(to: u16, link: u16, round: u16, alter: impl FnOnce(&mut Envelope)) -> Option<Fault> {
    let table = table();
    let mut delivery = table.start();
    let (sid, from) = (table.sid(), party(link));
    let (body, bulk) = Default::default();
    let mut envelope =
        Envelope { sid, round, from, to: To::One(party(to)), body, bulk, signature: [0; 64] };
    envelope.body.0 = secrets_of(2);
    alter(&mut envelope);
    let key = &table.signing_keys[&envelope.from];
    let envelope = Envelope::seal_bytes(
        key,
        envelope.sid,
        envelope.round,
        envelope.from,
        envelope.to,
        envelope.body.0,
    );
    delivery.machines.get_mut(&party(to)).unwrap().receive(party(link), envelope).err()
}

#[test]
fn an_envelope_of_another_place_is_dropped_without_blame() {
    let rejected = |link, reason| Some(Fault::Rejected { link: party(link), reason });
    assert_eq!(received(1, 2, ADD, |_| ()), None);
    assert_eq!(received(4, 2, SUM, |_| ()), None);
    let mismatch = Some(Fault::Mismatch { party: party(2), field: "session" });
    assert_eq!(received(1, 2, ADD, |envelope| envelope.sid[0] ^= 1), mismatch);
    assert_eq!(received(1, 2, SUM, |_| ()), rejected(2, "its round has no such message"));
    assert_eq!(received(4, 2, ADD, |_| ()), rejected(2, "its round has no such message"));
    assert_eq!(
        received(1, 2, ADD, |envelope| envelope.to = To::All),
        rejected(2, "its round has no such message")
    );
    assert_eq!(
        received(1, 2, ADD, |envelope| envelope.to = To::One(party(3))),
        rejected(2, "it is for another party")
    );
    assert_eq!(
        received(1, 2, ADD, |envelope| envelope.from = party(3)),
        rejected(2, "its sender is not the link's identity")
    );
    assert_eq!(received(1, 4, ADD, |_| ()), rejected(4, "its sender takes no part"));
    for (length, too_long) in [(MAX_BODY, false), (MAX_BODY + 1, true)] {
        let fault = received(1, 2, ADD, |envelope| envelope.body.0 = vec![0; length]);
        assert_eq!(fault == rejected(2, "it is too long"), too_long);
    }
    assert_eq!(secrets_of(MAX_KEYS).len(), MAX_BODY);
}

#[test]
fn a_silent_helper_is_waited_for_by_name() {
    for (round, waiting) in [(ADD, 2), (SUM, 4)] {
        let mut delivery = table().start();
        delivery.settle(&mut |_, envelope: Envelope| {
            if envelope.from == party(1) && envelope.round == round {
                vec![]
            } else {
                vec![envelope]
            }
        });
        assert_eq!(delivery.faults, []);
        assert_eq!(delivery.machines[&party(waiting)].waiting_for(), [party(1)]);
        assert!(!delivery.outputs().contains_key(&party(waiting)));
    }
    let mut delivery = table().start();
    delivery.settle(&mut untouched);
    assert!(delivery.machines.values().all(|machine| machine.waiting_for().is_empty()));
    assert_eq!(
        (delivery.outputs().len(), delivery.outputs().len()),
        (4, 0),
        "the result is given once"
    );
}

#[test]
fn two_versions_end_the_run_and_a_repetition_does_not() {
    let table = table();
    let mut delivery = table.start();
    let one = delivery.machines.get_mut(&party(1)).unwrap();
    let version = |count| {
        let key = &table.signing_keys[&party(2)];
        Envelope::seal_bytes(key, table.sid(), ADD, party(2), To::One(party(1)), secrets_of(count))
    };
    assert_eq!(one.receive(party(2), version(2)), Ok(Vec::new()));
    assert_eq!(one.receive(party(2), version(2)), Ok(Vec::new()));
    assert_eq!(
        one.receive(party(2), version(3)),
        Err(Fault::Proven { party: party(2), check: "one message per round" })
    );
    assert_eq!(one.receive(party(2), version(2)), Err(Fault::Misuse("the run is over")));
    assert!(one.output().is_none() && one.waiting_for().is_empty());
    // Who is done stays done.
    delivery.machines.insert(party(1), Ceremony::start(table.config(party(1))).unwrap().0);
    delivery.settle(&mut untouched);
    let one = delivery.machines.get_mut(&party(1)).unwrap();
    assert!(one.receive(party(2), version(3)).is_err());
    assert_eq!(delivery.outputs().len(), 4);
}

#[test]
fn a_session_is_of_one_target_one_set_of_helpers_one_list_of_keys_and_fresh_nonces() {
    let table = table();
    let of = |target: u16, helpers: &[u16], vectors: &[_], nonce: u8| {
        let nonces = (1..=4).map(|number| (party(number), [nonce; 32])).collect();
        session::<Secp256k1>(&table.epoch, party(target), &parties(helpers), vectors, &nonces)
    };
    let vectors = table.vectors();
    let base = of(4, &[1, 2, 3], &vectors, 1);
    assert_eq!(base, table.sid());
    let others = [
        // The same participants, another target.
        of(3, &[1, 2, 4], &vectors, 1),
        of(4, &[1, 2], &vectors, 1),
        of(4, &[1, 2, 3], &vectors[1..], 1),
        of(4, &[1, 2, 3], &vectors, 2),
    ];
    assert!(others.iter().all(|other| *other != base));
}

#[test]
fn a_configuration_outside_the_rules_does_not_start() {
    let table = table();
    let with = |me: u16, alter: &dyn Fn(&mut Config<Secp256k1>)| {
        let mut config = table.config(party(me));
        alter(&mut config);
        Ceremony::start(config).err()
    };
    (1..=4).for_each(|me| assert_eq!(with(me, &|_| ()), None));
    let set = Some(Fault::Misuse(
        "the helpers and the target are not a threshold of members and one more",
    ));
    for helpers in
        [vec![1, 2], vec![1, 2, 3, 4], vec![2, 1, 3], vec![1, 1, 2], vec![1, 2, 9], vec![1, 2, 4]]
    {
        assert_eq!(with(4, &|config| config.helpers = parties(&helpers)), set, "{helpers:?}");
    }
    assert_eq!(with(1, &|config| config.target = party(9)), set);
    let key = Some(Fault::Misuse("the signing key is not this party's"));
    assert_eq!(with(1, &|config| config.signing_key = table.signing_keys[&party(2)].clone()), key);
    assert_eq!(with(1, &|config| config.me = party(9)), key);

    let part = Some(Fault::Misuse("this party has another part, or other keys"));
    let part_of = |id| table.config(party(id)).part;
    assert_eq!(with(1, &|config| config.part = part_of(4)), part);
    assert_eq!(with(1, &|config| config.part = part_of(2)), part);
    assert_eq!(with(4, &|config| config.part = part_of(1)), part);
    let outsider = |config: &mut Config<Secp256k1>| {
        (config.target, config.helpers) = (party(1), parties(&[2, 3, 4]))
    };
    assert_eq!(with(1, &outsider), part, "a target with a helper's part");
    let shorter = |config: &mut Config<Secp256k1>| {
        let Part::Target(vectors) = &mut config.part else { panic!() };
        vectors[1].truncate(2);
    };
    assert_eq!(with(4, &shorter), part);
    let longer = |config: &mut Config<Secp256k1>| {
        let Part::Helper(shares) = &mut config.part else { panic!() };
        let vector = [shares[1].commitments(), &shares[1].commitments()[..1]].concat();
        shares[1] = KeyShare::new(party(1), vector, shares[1].share().clone()).unwrap();
    };
    assert_eq!(with(1, &longer), part);

    let keys = Some(Fault::Misuse("the number of keys is outside the limits"));
    for (count, fault) in [(0, keys.clone()), (1, None), (MAX_KEYS, None), (MAX_KEYS + 1, keys)] {
        let vector = table.vectors().remove(0);
        assert_eq!(
            with(4, &|config| config.part = Part::Target(vec![vector.clone(); count])),
            fault
        );
        let share = table.shares[0][&party(1)].clone();
        assert_eq!(
            with(1, &|config| config.part = Part::Helper(vec![share.clone(); count])),
            fault
        );
    }
}
