//! A presignature serves one use.

use super::*;

#[test]
fn a_served_index_answers_its_own_use_again_and_no_other() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let assignment = table.assignment(0, DIGEST);
    let (answer, served) = table.answers(0, DIGEST).remove(0);
    assert_eq!(served.answer_for(&assignment), Some(&answer));
    assert_eq!(served.answer_to(served.use_bytes()), Some(&answer));
    assert_eq!(served.messages(), answer.bind_messages());
    let others: [fn(&mut Assignment); 9] = [
        |a| a.sid[0] ^= 1,
        |a| a.index += 1,
        |a| a.set[1] = party(2),
        |a| a.epoch.flip(0),
        |a| a.public_key[32] ^= 1,
        |a| a.digest.flip(248),
        |a| a.request_key.flip(0),
        |a| a.name_hash.flip(0),
        |a| a.attempt += 1,
    ];
    for other in others {
        let mut assignment = assignment.clone();
        other(&mut assignment);
        assert_eq!(served.answer_for(&assignment), None);
    }
    for at in 0..served.use_bytes().len() {
        let mut bytes = served.use_bytes().to_vec();
        bytes[at] ^= 1;
        assert_eq!(served.answer_to(&bytes), None, "byte {at}");
    }
}

#[test]
fn the_nonce_depends_on_everything_that_the_use_is() {
    let table = || Table::new(&[1, 3], 3, 1, 1);
    let big_r = |alter: fn(&mut Assignment)| {
        let mut table = table();
        let mut assignment = table.assignment(0, DIGEST);
        alter(&mut assignment);
        let signed = table.signed(assignment);
        let (mut bound, messages) = table.bind_all(&signed);
        deliver_all(&mut bound, &messages);
        let (_, bound) = bound.pop_first().unwrap();
        table.share(bound).unwrap().0.big_r
    };
    let base = big_r(|_| ());
    assert_eq!(base, big_r(|_| ()));
    for other in [
        big_r(|a| a.digest.flip(0)),
        big_r(|a| a.request_key.flip(0)),
        big_r(|a| a.name_hash.flip(0)),
        big_r(|a| a.attempt += 1),
    ] {
        assert_ne!(base, other);
    }
    let [answer, _] = &table().answers(0, DIGEST)[..] else { panic!() };
    let presignature = table().take(party(1), 0);
    assert_ne!(
        k256::ProjectivePoint::from(answer.0.big_r),
        presignature.r(),
        "R itself never signs"
    );
}

#[test]
fn what_a_bound_or_served_presignature_prints_holds_no_secret() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let signed = table.signed(table.assignment(0, DIGEST));
    let presignature = table.take(party(1), 0);
    let (f, w, b) = presignature.reveal();
    let mut shown = format!("{presignature:?}");
    let (mut bound, _) = presignature
        .bind(
            &signed,
            &table.shares[&party(1)],
            &table.public,
            &table.epoch,
            &table.keys[&party(1)],
        )
        .unwrap();
    let (_, message) = table.bind(party(3), &signed).unwrap();
    bound.receive(message).unwrap();
    shown += &format!("{bound:?}");
    let (_, served) = table.share(bound).unwrap();
    shown += &format!("{served:?}");
    for secret in [f, w, b] {
        assert!(!shown.to_lowercase().contains(&hex::encode(secret.to_bytes())));
    }
    assert!(shown.len() < 300, "{shown}");
}
