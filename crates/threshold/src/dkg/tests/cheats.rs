//! One cheat for each check: a dealer whose messages fit each other and are signed, but are not
//! what the protocol asks for.

use super::*;
use crate::group::{Secret, Uncompressed};
use k256::ProjectivePoint;

const CHEAT: u16 = 2;

fn uncompressed(point: ProjectivePoint) -> Uncompressed<k256::AffinePoint> {
    Uncompressed(point.to_affine())
}

/// Some point that no honest dealer would have chosen.
fn five() -> Uncompressed<k256::AffinePoint> {
    uncompressed(Secp256k1::generator_times(&Secp256k1::scalar(5)))
}

/// Lets party 2 deal what `alter` makes of an honest dealing, committed to as if it were right.
fn dealing_otherwise(keys: u32, alter: impl FnOnce(&mut Dealing<Secp256k1>)) -> Network<Secp256k1> {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], keys);
    let cheat = network.ceremonies.get_mut(&party(CHEAT)).unwrap();
    let Stage::Committed(mut dealing) = core::mem::replace(&mut cheat.stage, Stage::Over) else {
        panic!()
    };
    alter(&mut dealing);
    network.deal(party(CHEAT), dealing);
    network
}

/// Both honest parties name party 2 for `check`, and nobody has keys.
fn everybody_names_the_dealer(mut network: Network<Secp256k1>, check: &'static str) {
    let certificates = network.run(&mut untouched);
    let named = Fault::Proven { party: party(CHEAT), check };
    let honest = |id: &PartyId| *id != party(CHEAT);
    for id in [party(1), party(3)] {
        assert!(network.faults.contains(&(id, named.clone())), "{id}: {:?}", network.faults);
    }
    assert!(network.faults.iter().filter(|(id, _)| honest(id)).all(|(_, fault)| *fault == named));
    assert!(!network.provisional.keys().any(honest));
    assert!(!certificates.keys().any(honest));
}

#[test]
fn a_polynomial_of_any_other_length_is_rejected() {
    for length in (0..=6).filter(|length| *length != 2) {
        for key in 0..2 {
            let network = dealing_otherwise(2, |dealing| {
                dealing.opening.vectors[key].resize(length, five());
            });
            everybody_names_the_dealer(network, "length of a polynomial");
        }
    }
}

#[test]
fn a_consistent_dealing_of_a_higher_degree_is_rejected() {
    let network = dealing_otherwise(1, |dealing| {
        *dealing = Dealing::new(&SID, party(CHEAT), 1, 3, &mut Randomness::from_seed([5; 32]));
    });
    everybody_names_the_dealer(network, "length of a polynomial");
}

#[test]
fn another_number_of_polynomials_or_proofs_is_rejected() {
    let fewer = dealing_otherwise(2, |dealing| dealing.opening.vectors.truncate(1));
    everybody_names_the_dealer(fewer, "number of polynomials");
    let more = dealing_otherwise(2, |dealing| {
        dealing.opening.vectors.push(dealing.opening.vectors[0].clone())
    });
    everybody_names_the_dealer(more, "number of polynomials");
    let points = dealing_otherwise(2, |dealing| dealing.opening.proof_points.truncate(1));
    everybody_names_the_dealer(points, "number of proofs");
    let responses = dealing_otherwise(2, |dealing| dealing.opening.proof_responses.truncate(1));
    everybody_names_the_dealer(responses, "number of proofs");
}

#[test]
fn an_identity_among_the_coefficients_is_rejected() {
    for coefficient in 0..2 {
        let network = dealing_otherwise(1, |dealing| {
            dealing.opening.vectors[0][coefficient] = uncompressed(Secp256k1::identity())
        });
        everybody_names_the_dealer(network, "message form");
    }
}

#[test]
fn a_false_proof_is_rejected() {
    let response =
        dealing_otherwise(2, |dealing| dealing.opening.proof_responses[1] += Secp256k1::scalar(1));
    everybody_names_the_dealer(response, "proof of knowledge");
    let point = dealing_otherwise(2, |dealing| dealing.opening.proof_points[1] = five());
    everybody_names_the_dealer(point, "proof of knowledge");
}

#[test]
fn false_proofs_that_cancel_each_other_are_rejected() {
    let network = dealing_otherwise(2, |dealing| {
        dealing.opening.proof_responses[0] += Secp256k1::scalar(1);
        dealing.opening.proof_responses[1] -= Secp256k1::scalar(1);
    });
    everybody_names_the_dealer(network, "proof of knowledge");
}

#[test]
fn a_proof_of_another_key_dealer_session_or_vector_is_rejected() {
    let swapped = dealing_otherwise(2, |dealing| {
        dealing.opening.proof_points.swap(0, 1);
        dealing.opening.proof_responses.swap(0, 1);
        dealing.opening.vectors.swap(0, 1);
    });
    everybody_names_the_dealer(swapped, "proof of knowledge");
    let elsewhere = |sid: [u8; 32], dealer| {
        dealing_otherwise(1, |dealing| {
            *dealing = Dealing::new(&sid, dealer, 1, 2, &mut Randomness::from_seed([5; 32]))
        })
    };
    everybody_names_the_dealer(elsewhere(SID, party(3)), "proof of knowledge");
    everybody_names_the_dealer(elsewhere([8; 32], party(CHEAT)), "proof of knowledge");
    let other_coefficient = dealing_otherwise(1, |dealing| {
        dealing.opening.vectors[0][1] = five();
    });
    everybody_names_the_dealer(other_coefficient, "proof of knowledge");
}

#[test]
fn an_opening_of_something_else_is_rejected() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let Stage::Committed(dealing) = &mut network.ceremonies.get_mut(&party(CHEAT)).unwrap().stage
    else {
        panic!()
    };
    *dealing = Dealing::new(&SID, party(CHEAT), 1, 2, &mut Randomness::from_seed([5; 32]));
    everybody_names_the_dealer(network, "opening of the commitment");
}

#[test]
fn a_commitment_repeated_by_another_dealer_opens_to_nothing() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let copied: Commitment = network.ceremonies[&party(1)].sent[0].open().unwrap();
    let opening = match &network.ceremonies[&party(1)].stage {
        Stage::Committed(dealing) => dealing.opening.clone(),
        _ => panic!(),
    };
    let cheat = network.ceremonies.get_mut(&party(CHEAT)).unwrap();
    let Stage::Committed(dealing) = &mut cheat.stage else { panic!() };
    dealing.opening = opening;
    let first = Envelope::seal(&cheat.signing_key, SID, COMMIT, cheat.me, To::All, &copied);
    for (_, envelope) in
        network.queue.iter_mut().filter(|(_, envelope)| envelope.from == party(CHEAT))
    {
        *envelope = first.clone();
    }
    everybody_names_the_dealer(network, "opening of the commitment");
}

/// Party 2 sends party 1 other shares than it should; party 1 alone can know.
fn one_victim(keys: u32, alter: impl Fn(&mut Vec<Secret<Secp256k1>>), check: &'static str) {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], keys);
    let key = network.keys[&party(CHEAT)].clone();
    let certificates = network.run(&mut |_, mut envelope: Envelope| {
        if envelope.from == party(CHEAT) && envelope.to == To::One(party(1)) {
            let mut message: Shares<Secp256k1> = envelope.open().unwrap();
            alter(&mut message.shares);
            envelope = Envelope::seal(&key, SID, OPEN, party(CHEAT), To::One(party(1)), &message);
        }
        vec![envelope]
    });
    assert_eq!(network.faults, [(party(1), Fault::Proven { party: party(CHEAT), check })]);
    assert!(certificates.is_empty(), "keys that party 1 has no share of are nobody's");
}

#[test]
fn a_wrong_share_names_its_dealer() {
    one_victim(2, |shares| shares[1].0 += Secp256k1::scalar(1), "share");
    one_victim(2, |shares| shares.swap(0, 1), "share");
    one_victim(2, |shares| shares.truncate(1), "number of shares");
    one_victim(2, |shares| shares.push(shares[0].clone()), "number of shares");
}

#[test]
fn wrong_shares_that_cancel_each_other_name_their_dealer() {
    one_victim(
        2,
        |shares| {
            shares[0].0 += Secp256k1::scalar(1);
            shares[1].0 -= Secp256k1::scalar(1);
        },
        "share",
    );
}

#[test]
fn a_key_that_everybody_knows_is_rejected() {
    // The last dealer's constant takes away the others', which it could only know before
    // committing.
    let dealing = |number| {
        Dealing::<Secp256k1>::new(
            &SID,
            party(number),
            1,
            2,
            &mut Randomness::from_seed([number as u8; 32]),
        )
    };
    let mut dealt: BTreeMap<_, _> = (1..=3)
        .map(|number| {
            (
                party(number),
                Dealt {
                    opening: dealing(number).opening,
                    shares: dealing(number).shares(party(1)),
                },
            )
        })
        .collect();
    let combine =
        |dealt: &_| shares::combine(party(1), 1, dealt, &mut Randomness::from_seed([3; 32]));
    assert!(combine(&dealt).is_ok());
    let constant = |number| ProjectivePoint::from(dealing(number).opening.vectors[0][0]);
    dealt.get_mut(&party(3)).unwrap().opening.vectors[0][0] =
        uncompressed(-(constant(1) + constant(2)));
    assert_eq!(combine(&dealt).unwrap_err(), Fault::Joint { check: "public key" });
}
