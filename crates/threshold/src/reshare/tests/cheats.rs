//! One cheat for each check: a dealer whose messages fit each other and are signed, but are not
//! what the protocol asks for.

use super::*;

const CHEAT: u16 = 2;

type Shared = Vec<Secret<Secp256k1>>;
type Vectors = Vec<Vec<<Secp256k1 as Curve>::Uncompressed>>;

/// Three members and a newcomer. Party 3 leaves, and deals as party 2 does.
fn table() -> Table<Secp256k1> {
    Table::new(&[1, 2, 3], &[1, 2, 4], &[2, 3], 2)
}

/// Lets party 2 deal what `alter` makes of an honest dealing, committed to as if it were right.
fn dealing_otherwise(
    alter: impl FnOnce(&mut Committing<Secp256k1>),
) -> Delivery<Ceremony<Secp256k1>> {
    let table = table();
    let mut delivery = table.start();
    let cheat = delivery.machines.get_mut(&party(CHEAT)).unwrap();
    let Stage::Committed(Some(committing)) = &mut cheat.stage else { panic!() };
    alter(committing);
    committing.opening = Opening::<Secp256k1> { vectors: committing.vectors.clone() }.encoded();
    committing.commitment = commitment_to_opening(&cheat.sid, cheat.me, &committing.opening);
    let message = Commitment { commitment: committing.commitment };
    let first = Envelope::seal(&cheat.signing_key, cheat.sid, COMMIT, cheat.me, To::All, &message);
    for (_, envelope) in
        delivery.queue.iter_mut().filter(|(_, envelope)| envelope.from == party(CHEAT))
    {
        *envelope = first.clone();
    }
    delivery
}

/// Everybody honest, dealer or not, receiver or not, names party 2 for `check`, and nobody has
/// anything.
fn everybody_names_the_dealer(mut delivery: Delivery<Ceremony<Secp256k1>>, check: &'static str) {
    delivery.settle(&mut untouched);
    let named = Fault::Proven { party: party(CHEAT), check };
    for id in parties(&[1, 3, 4]) {
        let faults: Vec<_> =
            delivery.faults.iter().filter(|(at, _)| *at == id).map(|(_, fault)| fault).collect();
        assert_eq!(faults, [&named], "{id}");
    }
    assert!(delivery.outputs().is_empty());
}

fn with_vectors(alter: impl FnOnce(&mut Vectors)) -> Delivery<Ceremony<Secp256k1>> {
    dealing_otherwise(|committing| alter(&mut committing.vectors))
}

fn some_point() -> <Secp256k1 as Curve>::Point {
    Secp256k1::generator_times(&Secp256k1::scalar(5))
}

/// Sets one opened point to what `alter` makes of it.
fn change(
    point: &mut <Secp256k1 as Curve>::Uncompressed,
    alter: impl FnOnce(k256::ProjectivePoint) -> k256::ProjectivePoint,
) {
    *point = Secp256k1::normalise(&[alter((*point).into())])[0].into();
}

#[test]
fn a_polynomial_of_any_other_length_is_rejected() {
    for length in (0..=6).filter(|length| *length != 2) {
        for key in 0..2 {
            everybody_names_the_dealer(
                with_vectors(|vectors| {
                    vectors[key].resize(length, Secp256k1::normalise(&[some_point()])[0].into())
                }),
                "length of a polynomial",
            );
        }
    }
}

#[test]
fn a_consistent_dealing_of_a_higher_degree_is_rejected() {
    let delivery = dealing_otherwise(|committing| {
        let lambda = lagrange::<Secp256k1>(party(CHEAT), &parties(&[2, 3])).unwrap();
        let addends = table()
            .shares_of(party(CHEAT))
            .into_iter()
            .map(|share| Secret(lambda * share.share().0));
        committing.polynomials =
            Polynomials::above(addends.collect(), 3, &mut Randomness::from_seed([5; 32]));
        committing.vectors = committing.polynomials.vectors();
    });
    everybody_names_the_dealer(delivery, "length of a polynomial");
}

#[test]
fn another_number_of_polynomials_is_rejected() {
    everybody_names_the_dealer(
        with_vectors(|vectors| vectors.truncate(1)),
        "number of polynomials",
    );
    everybody_names_the_dealer(
        with_vectors(|vectors| vectors.push(vectors[0].clone())),
        "number of polynomials",
    );
}

#[test]
fn an_identity_among_the_coefficients_is_rejected() {
    for coefficient in 0..2 {
        let delivery =
            with_vectors(|vectors| change(&mut vectors[1][coefficient], |_| Secp256k1::identity()));
        everybody_names_the_dealer(delivery, "message form");
    }
}

#[test]
fn another_constant_term_than_the_weighted_public_share_is_rejected() {
    for key in 0..2 {
        everybody_names_the_dealer(
            with_vectors(|vectors| change(&mut vectors[key][0], |point| point + some_point())),
            "constant term",
        );
    }
    // Consistent in itself, with shares that fit.
    let another_secret = dealing_otherwise(|committing| {
        let constants = vec![Secret(Secp256k1::scalar(5)), Secret(Secp256k1::scalar(6))];
        committing.polynomials =
            Polynomials::above(constants, 2, &mut Randomness::from_seed([5; 32]));
        committing.vectors = committing.polynomials.vectors();
    });
    everybody_names_the_dealer(another_secret, "constant term");
}

#[test]
fn errors_that_two_keys_or_two_coefficients_cancel_are_rejected() {
    let two_keys = with_vectors(|vectors| {
        change(&mut vectors[0][0], |point| point + some_point());
        change(&mut vectors[1][0], |point| point - some_point());
    });
    everybody_names_the_dealer(two_keys, "constant term");
    everybody_names_the_dealer(with_vectors(|vectors| vectors.swap(0, 1)), "constant term");
}

#[test]
fn an_opening_of_something_else_is_rejected() {
    let table = table();
    let mut delivery = table.start();
    let Stage::Committed(Some(committing)) =
        &mut delivery.machines.get_mut(&party(CHEAT)).unwrap().stage
    else {
        panic!()
    };
    change(&mut committing.vectors[0][1], |point| point + some_point());
    committing.opening = Opening::<Secp256k1> { vectors: committing.vectors.clone() }.encoded();
    everybody_names_the_dealer(delivery, "opening of the commitment");
}

#[test]
fn a_commitment_repeated_by_another_dealer_opens_to_nothing() {
    let table = table();
    let mut delivery = table.start();
    let three = &delivery.machines[&party(3)];
    let copied: Commitment = three.sent[0].open().unwrap();
    let Stage::Committed(Some(Committing { opening, .. })) = &three.stage else { panic!() };
    let opening = opening.clone();
    let cheat = delivery.machines.get_mut(&party(CHEAT)).unwrap();
    let Stage::Committed(Some(committing)) = &mut cheat.stage else { panic!() };
    committing.opening = opening;
    let first = Envelope::seal(&cheat.signing_key, cheat.sid, COMMIT, cheat.me, To::All, &copied);
    for (_, envelope) in
        delivery.queue.iter_mut().filter(|(_, envelope)| envelope.from == party(CHEAT))
    {
        *envelope = first.clone();
    }
    everybody_names_the_dealer(delivery, "opening of the commitment");
}

/// Party 2 sends `victim` other shares than it should; the victim alone can know.
fn one_victim(alter: impl Fn(&mut Vec<Secret<Secp256k1>>), check: &'static str) {
    for victim in parties(&[1, 4]) {
        let table = table();
        let mut delivery = table.start();
        delivery.settle(&mut |_, mut envelope: Envelope| {
            if envelope.from == party(CHEAT) && envelope.to == To::One(victim) {
                let mut message: Shares<Secp256k1> = envelope.open().unwrap();
                alter(&mut message.shares);
                envelope = Envelope::seal(
                    &signing_key(party(CHEAT)),
                    envelope.sid,
                    OPEN,
                    party(CHEAT),
                    envelope.to,
                    &message,
                );
            }
            vec![envelope]
        });
        assert_eq!(delivery.faults, [(victim, Fault::Proven { party: party(CHEAT), check })]);
        assert!(
            delivery.outputs().is_empty(),
            "a key that {victim} has no share of has not passed on"
        );
        assert_eq!(delivery.machines[&party(3)].waiting_for(), [victim]);
    }
}

#[test]
fn a_wrong_share_names_its_dealer() {
    one_victim(|shares| shares[1].0 += Secp256k1::scalar(1), "share");
    one_victim(|shares| shares.swap(0, 1), "share");
    one_victim(|shares| shares.truncate(1), "number of shares");
    one_victim(|shares| shares.push(Secret(Secp256k1::scalar(0))), "number of shares");
}

#[test]
fn wrong_shares_that_cancel_each_other_name_their_dealer() {
    one_victim(
        |shares| {
            shares[0].0 += Secp256k1::scalar(1);
            shares[1].0 -= Secp256k1::scalar(1);
        },
        "share",
    );
}

/// What two dealers open, and deal party 1.
fn two_dealers() -> (Table<Secp256k1>, Opened<Secp256k1>, BTreeMap<PartyId, Shared>) {
    let table = table();
    let (mut opened, mut dealt) = (BTreeMap::new(), BTreeMap::new());
    for id in parties(&[2, 3]) {
        let (machine, _) = Ceremony::start(table.config(id)).unwrap();
        let Stage::Committed(Some(committing)) = machine.stage else { panic!() };
        opened.insert(id, committing.vectors);
        dealt.insert(id, committing.polynomials.shares(party(1)));
    }
    (table, opened, dealt)
}

#[test]
fn what_two_dealers_cancel_between_them_changes_nothing() {
    let (table, mut opened, mut dealt) = two_dealers();
    let sums = |opened: &Opened<Secp256k1>, shares: &BTreeMap<PartyId, Shared>| {
        let dealt = opened
            .iter()
            .map(|(id, vectors)| (*id, Dealt { vectors, shares: &shares[id] }))
            .collect();
        let vectors = new_vectors::<Secp256k1>(&table.vectors(), opened).unwrap();
        let keys =
            sum_of_shares(party(1), vectors, &dealt, &mut Randomness::from_seed([3; 32])).unwrap();
        keys.into_iter().map(|key| (key.share().0, key.commitments().to_vec())).collect::<Vec<_>>()
    };
    let honest = sums(&opened, &dealt);
    change(&mut opened.get_mut(&party(2)).unwrap()[0][0], |point| point + some_point());
    change(&mut opened.get_mut(&party(3)).unwrap()[0][0], |point| point - some_point());
    dealt.get_mut(&party(2)).unwrap()[1].0 += Secp256k1::scalar(9);
    dealt.get_mut(&party(3)).unwrap()[1].0 -= Secp256k1::scalar(9);
    assert_eq!(sums(&opened, &dealt), honest);
}

#[test]
fn a_sum_of_a_lower_degree_is_rejected() {
    // The last dealer takes away the others' highest coefficient, which it could only know before
    // committing.
    let (table, mut opened, _) = two_dealers();
    let highest = opened[&party(3)][1][1];
    change(&mut opened.get_mut(&party(2)).unwrap()[1][1], |_| {
        -k256::ProjectivePoint::from(highest)
    });
    let result = new_vectors::<Secp256k1>(&table.vectors(), &opened);
    assert_eq!(result, Err(Fault::Joint { check: "new vector" }));
}
