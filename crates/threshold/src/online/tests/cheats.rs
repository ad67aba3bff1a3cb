//! One cheat for each check between members: each is caught before a share leaves, and names who
//! can be named.

use super::*;
use crate::codec::Encode;
use crate::group::Secret;
use crate::online::bind::BoundSecrets;
use k256::{ProjectivePoint, Scalar};

/// Party 1's view of a binding in which `author` sends what `alter` makes of its own bind message,
/// signed.
fn bound_with(
    set: &[u16],
    parties: u16,
    alter: impl Fn(&mut BindMessage),
) -> (Table, Result<Bound, Fault>) {
    let mut table = Table::new(set, parties, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let (mut bound, mut messages) = table.bind_all(&signed);
    let mut one = bound.remove(&table.set[0]).unwrap();
    for message in messages.iter_mut().skip(1) {
        alter(message);
        *message = resigned(&table, message);
    }
    let received = messages.into_iter().try_for_each(|message| one.receive(message).map(|_| ()));
    (table, received.map(|()| one))
}

fn resigned(table: &Table, message: &BindMessage) -> BindMessage {
    message.resign(&table.keys[&message.from])
}

fn proven(number: u16, check: &'static str) -> Fault {
    Fault::Proven { party: party(number), check }
}

#[test]
fn a_shifted_delta_names_its_author_and_no_share_is_given() {
    for cheat in [2, 4, 5] {
        let (mut table, bound) = bound_with(&[1, 2, 4, 5], 5, |message| {
            if message.from == party(cheat) {
                message.delta += Scalar::ONE;
            }
        });
        assert_eq!(table.share(bound.unwrap()).unwrap_err(), proven(cheat, "delta"));
    }
}

#[test]
fn deltas_that_cancel_each_other_name_an_author() {
    let (mut table, bound) = bound_with(&[1, 2, 4, 5], 5, |message| match message.from.number() {
        2 => message.delta += Scalar::ONE,
        5 => message.delta -= Scalar::ONE,
        _ => {}
    });
    assert_eq!(table.share(bound.unwrap()).unwrap_err(), proven(2, "delta"));
}

#[test]
fn an_entropy_other_than_the_committed_names_its_author() {
    let (_, bound) = bound_with(&[1, 3], 3, |message| message.entropy[0] ^= 1);
    assert_eq!(bound.unwrap_err(), proven(3, "entropy"));
}

#[test]
fn two_assignments_of_one_index_blame_their_author_in_whichever_field_they_differ() {
    let alterations: [fn(&mut Assignment); 7] = [
        |a| a.set = vec![party(1), party(2)],
        |a| a.public_key = Secp256k1::generator_times(&Scalar::ONE).encoded().try_into().unwrap(),
        |a| a.digest.flip(0),
        |a| a.request_key.flip(0),
        |a| a.name_hash.flip(0),
        |a| a.attempt += 1,
        |a| a.digest = Digest::new([0; 32]),
    ];
    for alter in alterations {
        let mut table = Table::new(&[1, 3], 3, 2, 1);
        let signed = table.signed(table.assignment(1, DIGEST));
        let mut other = table.assignment(1, DIGEST);
        alter(&mut other);
        let other = table.signed(other);
        let (mut one, _) = table.bind(party(1), &signed).unwrap();
        let (_, message) = table.bind(party(3), &signed).unwrap();
        let message = resigned(&table, &BindMessage { assignment: other.clone(), ..message });
        // Index 1 belongs to the second member, who is not of the set.
        assert_eq!(one.receive(message), Err(proven(2, "one assignment per index")));
        let proof = one.equivocation().unwrap();
        assert_eq!(proof.culprit(&table.epoch), Some(party(2)));
        assert_eq!(*proof, Equivocation { first: signed, second: other });
        assert!(table.share(one).is_err(), "the index is burnt");
    }
}

#[test]
fn an_equivocation_proves_nothing_without_two_signed_assignments_of_one_index() {
    let table = Table::new(&[1, 3], 3, 2, 1);
    let [first, second] = [DIGEST, OTHER].map(|digest| table.signed(table.assignment(1, digest)));
    let culprit = |first: &SignedAssignment, second: &SignedAssignment| {
        Equivocation { first: first.clone(), second: second.clone() }.culprit(&table.epoch)
    };
    assert_eq!(culprit(&first, &second), Some(party(2)));
    assert_eq!(culprit(&first, &first), None);
    assert_eq!(culprit(&first, &table.signed(table.assignment(0, OTHER))), None);
    let other_session = table.signed(Assignment { sid: [0; 32], ..table.assignment(1, OTHER) });
    assert_eq!(culprit(&first, &other_session), None);
    let forged = second.assignment.clone().sign(&table.keys[&party(3)]);
    assert_eq!(culprit(&first, &forged), None);
    assert_eq!(culprit(&forged, &first), None);
}

#[test]
fn another_assignment_that_its_owner_did_not_sign_is_dropped() {
    let mut table = Table::new(&[1, 3], 3, 2, 1);
    let signed = table.signed(table.assignment(1, DIGEST));
    let (mut one, _) = table.bind(party(1), &signed).unwrap();
    let (_, message) = table.bind(party(3), &signed).unwrap();
    let forged = table.assignment(1, OTHER).sign(&table.keys[&party(3)]);
    let altered = resigned(&table, &BindMessage { assignment: forged, ..message.clone() });
    assert_eq!(one.receive(altered).map_err(|fault| fault.is_fatal()), Err(false));
    assert_eq!(one.receive(message), Ok(Progress::Complete));
    assert!(table.share(one).is_ok());
}

#[test]
fn two_bind_messages_of_one_author_prove_it() {
    for alter in
        [|m: &mut BindMessage| m.delta += Scalar::ONE, |m: &mut BindMessage| m.entropy[0] ^= 1]
    {
        let mut table = Table::new(&[1, 3], 3, 1, 1);
        let signed = table.signed(table.assignment(0, DIGEST));
        let (mut one, _) = table.bind(party(1), &signed).unwrap();
        let (_, mut message) = table.bind(party(3), &signed).unwrap();
        assert_eq!(one.receive(message.clone()), Ok(Progress::Complete));
        assert_eq!(one.receive(message.clone()), Ok(Progress::Complete), "a repetition");
        alter(&mut message);
        assert_eq!(
            one.receive(resigned(&table, &message)),
            Err(proven(3, "one bind message per index"))
        );
        assert!(table.share(one).is_err());
    }
}

#[test]
fn a_bind_message_of_another_presignature_or_epoch_is_a_mismatch() {
    type Alteration = fn(&mut Assignment);
    let alterations: [(Alteration, _); 3] = [
        (|a| a.sid[0] ^= 1, "presignature"),
        (|a| a.index = 1, "presignature"),
        (|a| a.epoch.flip(0), "epoch"),
    ];
    for (alter, field) in alterations {
        let (_, bound) =
            bound_with(&[1, 3], 3, |message| alter(&mut message.assignment.assignment));
        assert_eq!(bound.unwrap_err(), Fault::Mismatch { party: party(3), field });
    }
}

#[test]
fn a_bind_message_from_outside_the_set_or_without_its_authors_signature_is_dropped() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let (mut one, _) = table.bind(party(1), &signed).unwrap();
    let (_, message) = table.bind(party(3), &signed).unwrap();
    let outsider = resigned(&table, &BindMessage { from: party(2), ..message.clone() });
    assert_eq!(
        one.receive(outsider),
        Err(Fault::Rejected { link: party(2), reason: "its author is not of the set" })
    );
    let forged = BindMessage { delta: message.delta + Scalar::ONE, ..message };
    assert_eq!(
        one.receive(forged),
        Err(Fault::Rejected { link: party(3), reason: "it is not signed by its author" })
    );
    assert_eq!(one.progress(), Progress::WaitingFor(vec![party(3)]));
}

#[test]
fn a_bind_message_is_its_authors_only_as_it_was_signed() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let (_, message) = table.bind(party(3), &signed).unwrap();
    assert!(message.verify(&table.epoch));
    assert!(!BindMessage { from: party(1), ..message.clone() }.verify(&table.epoch));
    assert!(!BindMessage { delta: message.delta + Scalar::ONE, ..message }.verify(&table.epoch));
}

#[test]
fn no_share_without_every_members_message() {
    let mut table = Table::new(&[1, 2, 4, 5], 5, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let (mut bound, messages) = table.bind_all(&signed);
    let mut one = bound.remove(&party(1)).unwrap();
    for message in &messages[..3] {
        one.receive(message.clone()).unwrap();
    }
    assert_eq!(one.progress(), Progress::WaitingFor(vec![party(5)]));
    assert_eq!(one.messages(), messages[..3]);
    assert_eq!(table.share(one).unwrap_err(), Fault::Misuse("not every member has bound"));
}

#[test]
fn a_burnt_index_takes_no_more_messages() {
    let mut table = Table::new(&[1, 2, 4, 5], 5, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let (mut bound, messages) = table.bind_all(&signed);
    let mut one = bound.remove(&party(1)).unwrap();
    let mut wrong = messages[1].clone();
    wrong.entropy[0] ^= 1;
    assert!(one.receive(resigned(&table, &wrong)).is_err());
    for message in &messages {
        assert_eq!(one.receive(message.clone()), Err(Fault::Misuse("this index is burnt")));
    }
    assert!(table.share(one).is_err());
}

/// Binding party 1's presignature of index 0 to what `alter` makes of the assignment, signed by its
/// owner.
fn refused(alter: impl Fn(&mut Assignment)) -> Fault {
    let mut table = Table::new(&[1, 3], 3, 2, 1);
    let mut assignment = table.assignment(0, DIGEST);
    alter(&mut assignment);
    let signed = table.signed(assignment);
    let presignature = table.take(party(1), 0);
    let refused = presignature.bind(
        &signed,
        &table.shares[&party(1)],
        &table.public,
        &table.epoch,
        &table.keys[&party(1)],
    );
    let NotBound { presignature, fault } = *refused.unwrap_err();
    let signed = table.signed(table.assignment(0, DIGEST));
    let again = presignature.bind(
        &signed,
        &table.shares[&party(1)],
        &table.public,
        &table.epoch,
        &table.keys[&party(1)],
    );
    assert!(again.is_ok(), "the refused presignature is still fresh");
    fault
}

#[test]
fn an_assignment_that_does_not_fit_binds_nothing() {
    // Index 0 belongs to party 1, index 1 to party 2.
    let mismatch = |number, field| Fault::Mismatch { party: party(number), field };
    assert_eq!(refused(|a| a.sid[0] ^= 1), mismatch(1, "presignature"));
    assert_eq!(refused(|a| a.index = 1), mismatch(2, "presignature"));
    assert_eq!(refused(|a| a.epoch.flip(0)), mismatch(1, "epoch"));
    assert_eq!(
        refused(|a| a.public_key =
            Secp256k1::generator_times(&Scalar::ONE).encoded().try_into().unwrap()),
        mismatch(1, "public key")
    );
    assert_eq!(
        refused(|a| a.set = vec![party(1), party(2)]),
        proven(1, "the set of an assignment is its batch's")
    );
    for set in [
        vec![party(1)],
        vec![party(3), party(1)],
        vec![party(1), party(9)],
        vec![party(1), party(2), party(3)],
    ] {
        assert!(matches!(refused(|a| a.set = set.clone()), Fault::Rejected { .. }));
    }
    assert!(matches!(refused(|a| a.public_key[0] = 9), Fault::Rejected { .. }));
}

#[test]
fn only_the_owner_of_an_index_assigns_it() {
    let mut table = Table::new(&[1, 3], 3, 6, 1);
    for index in 0..6u32 {
        let owner = party(index as u16 % 3 + 1);
        assert_eq!(index_owner(&table.epoch, index), owner);
        for id in table.epoch.ids() {
            let signed = table.assignment(index, DIGEST).sign(&table.keys[&id]);
            assert_eq!(signed.verify(&table.epoch).is_ok(), id == owner);
        }
        let forged =
            table.assignment(index, DIGEST).sign(&table.keys[&party((index as u16 + 1) % 3 + 1)]);
        assert!(table.bind(party(1), &forged).is_err());
    }
}

/// A share of `f(z) + z`, whose constant term is that of `f`.
fn with_another_line(share: &KeyShare<Secp256k1>) -> KeyShare<Secp256k1> {
    let mut commitments = share.commitments().to_vec();
    commitments[1] += ProjectivePoint::GENERATOR;
    let value = share.share().0 + Secp256k1::scalar(u64::from(share.me().number()));
    let refreshed = KeyShare::new(share.me(), commitments, Secret(value)).unwrap();
    assert!(refreshed.verify() && refreshed.public_key() == share.public_key());
    refreshed
}

#[test]
fn shares_of_another_key_set_party_or_epoch_bind_nothing() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let other_key = deal_key::<Secp256k1>(2, &table.epoch.ids(), &mut table.randomness);
    let other_set = Arc::new(table.shares[&party(1)].public_shares(&[party(1), party(2)]).unwrap());
    let other_public = Arc::new(other_key[&party(1)].public_shares(&table.set).unwrap());
    // The same key, shared in another way, as after a refresh.
    let refreshed = with_another_line(&table.shares[&party(1)]);
    let refreshed_public = Arc::new(refreshed.public_shares(&table.set).unwrap());
    let other_epoch = deal_epoch(&[1, 2, 3], 2, &mut table.randomness).0;
    let mut presignature = table.take(party(1), 0);
    let (one, three) = (table.keys[&party(1)].clone(), table.keys[&party(3)].clone());
    let (share, public, epoch) = (&table.shares[&party(1)], &table.public, &table.epoch);
    let attempts = [
        (&other_key[&party(1)], public, epoch, &one),
        (&table.shares[&party(3)], public, epoch, &one),
        (share, &other_set, epoch, &one),
        (share, &other_public, epoch, &one),
        (&refreshed, public, epoch, &one),
        (share, &refreshed_public, epoch, &one),
        (share, public, &other_epoch, &one),
        (share, public, epoch, &three),
    ];
    for (share, public, epoch, key) in attempts {
        presignature =
            presignature.bind(&signed, share, public, epoch, key).unwrap_err().presignature;
    }
    assert!(presignature.bind(&signed, share, public, epoch, &one).is_ok());
}

/// Party 1 with everybody's bind message.
fn delivered() -> (Table, Bound) {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let (mut bound, messages) = table.bind_all(&signed);
    deliver_all(&mut bound, &messages);
    (table, bound.remove(&party(1)).unwrap())
}

/// It would say what the secrets are, and no honest run has it.
#[test]
fn a_share_that_vanishes_is_not_given() {
    let (mut table, mut one) = delivered();
    let nothing = || Secret(Scalar::ZERO);
    one.secrets = Some(BoundSecrets { f: nothing(), w: nothing() });
    assert_eq!(table.share(one).unwrap_err(), Fault::Joint { check: "share" });
}

#[test]
fn a_share_is_signed_with_its_owners_key_or_not_given() {
    let (mut table, one) = delivered();
    assert!(one.check(&mut table.randomness).unwrap().share(&table.keys[&party(3)]).is_err());
}

#[test]
fn a_bind_message_of_the_limit_is_read_and_one_byte_more_is_not() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let (_, mut message) = table.bind(party(1), &signed).unwrap();
    let honest = message.encoded().len();
    assert!(
        honest + 2 * (usize::from(two_thirds(crate::party::MAX_MEMBERS)) - 2) <= MAX_BIND_MESSAGE
    );
    for (length, accepted) in [(MAX_BIND_MESSAGE, true), (MAX_BIND_MESSAGE + 2, false)] {
        message.assignment.assignment.set = vec![party(1); 2 + (length - honest) / 2];
        assert_eq!(message.encoded().len() + (length - honest) % 2, length);
        assert_eq!(BindMessage::read(&message.encoded()).is_ok(), accepted);
    }
    assert!(BindMessage::read(&vec![0; MAX_BIND_MESSAGE + 1]).is_err());
}
