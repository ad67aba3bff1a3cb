//! Which changes a node deals for: each bound of the policy where it just holds and where it just
//! does not.

use super::*;

fn change(old: (&[u16], u16), new: (&[u16], u16)) -> Proposal {
    Proposal::new(epoch(1, old.0, old.1), epoch(2, new.0, new.1)).unwrap()
}

#[test]
fn the_new_threshold_is_anything_from_two_thirds_up() {
    let ten: Vec<_> = (1..=10).collect();
    let permitted = |old, new| change((&ten, old), (&ten, new)).permitted().map(drop);
    for threshold in 7..=10 {
        assert_eq!(permitted(7, threshold), Ok(()));
        assert_eq!(permitted(threshold, 7), Ok(()));
    }
    let members = epoch(2, &ten, 7).members().to_vec();
    let lower = RosterError::Threshold { threshold: 6, size: 10 };
    assert_eq!(Epoch::new([7; 32], 2, members, 6), Err(lower), "nothing below is an epoch");
}

#[test]
fn a_higher_threshold_keeps_more_old_members_and_admits_fewer_newcomers() {
    // Nine of ten stay where eight must, and nine are known where nine must be.
    let ten: &[u16] = &[2, 3, 5, 8, 13, 21, 34, 55, 89, 144];
    assert!(change((ten, 8), (&ten[1..], 9)).permitted().is_ok());
    let refused = change((ten, 10), (&ten[1..], 6)).permitted();
    assert_eq!(refused, Err(Objection::TooFewStay { staying: 9, needed: 10 }));
    let replaced = [&ten[1..], &[200]].concat();
    let refused = change((ten, 8), (&replaced, 10)).permitted();
    assert_eq!(refused, Err(Objection::TooFewKnown { known: 9, needed: 10 }));
}

#[test]
fn the_old_threshold_of_old_members_stays() {
    // Five of five with threshold four: one may leave, two may not.
    let old: (&[u16], u16) = (&[1, 2, 3, 4, 5], 4);
    assert!(change(old, (&[1, 2, 3, 4], 3)).permitted().is_ok());
    let refused = change(old, (&[1, 2, 3], 2)).permitted();
    assert_eq!(refused, Err(Objection::TooFewStay { staying: 3, needed: 4 }));
}

#[test]
fn the_new_threshold_of_new_members_are_old_ones() {
    // All three stay; of 4 (threshold 3) they are enough, of 5 (threshold 4) they are not.
    let old: (&[u16], u16) = (&[1, 2, 3], 2);
    assert!(change(old, (&[1, 2, 3, 4], 3)).permitted().is_ok());
    let refused = change(old, (&[1, 2, 3, 4, 5], 4)).permitted();
    assert_eq!(refused, Err(Objection::TooFewKnown { known: 3, needed: 4 }));
    // All ten stay, and the twenty who join would hold every key between them.
    let (ten, thirty): (Vec<_>, Vec<_>) = ((1..=10).collect(), (1..=30).collect());
    let refused = change((&ten, 7), (&thirty, 20)).permitted();
    assert_eq!(refused, Err(Objection::TooFewKnown { known: 10, needed: 20 }));
}

#[test]
fn a_refresh_is_permitted() {
    assert!(change((&[1, 2, 3], 2), (&[1, 2, 3], 2)).permitted().is_ok());
}

#[test]
fn anything_else_needs_consent_to_exactly_it() {
    let refused = change((&[1, 2, 3], 2), (&[1, 8, 9], 2));
    assert!(refused.permitted().is_err());
    let consent = Consent { proposal: refused.digest() };
    let permit = refused.consented(&consent).unwrap();
    assert!(permit.is_for(&refused));
    let others = [
        change((&[1, 2, 3], 2), (&[1, 8, 10], 2)),
        change((&[1, 2, 3], 2), (&[1, 8, 9], 3)),
        change((&[1, 2, 3], 3), (&[1, 8, 9], 2)),
        change((&[1, 2, 4], 2), (&[1, 8, 9], 2)),
        Proposal::new(epoch(1, &[1, 2, 3], 2), epoch(3, &[1, 8, 9], 2)).unwrap(),
    ];
    for other in others {
        assert_eq!(other.consented(&consent), Err(Objection::OtherConsent));
        assert!(!permit.is_for(&other));
    }
    let permitted = change((&[1, 2, 3], 2), (&[1, 2, 3], 2));
    assert!(permitted.permitted().unwrap().is_for(&permitted));
}

#[test]
fn epochs_that_do_not_follow_each_other_are_no_change() {
    let old = epoch(5, &[1, 2, 3], 2);
    for (number, follows) in [(4, false), (5, false), (6, true), (9, true)] {
        let expected =
            if follows { Ok(()) } else { Err(ProposalError::Number { old: 5, new: number }) };
        assert_eq!(Proposal::new(old.clone(), epoch(number, &[1, 2, 3], 2)).map(drop), expected);
    }
    let elsewhere = Epoch::new([8; 32], 6, old.members().to_vec(), 2).unwrap();
    assert_eq!(
        Proposal::new(old.clone(), Arc::new(elsewhere)).map(drop),
        Err(ProposalError::Network)
    );
}

#[test]
fn an_id_is_never_given_to_another_member_nor_a_member_another_id() {
    let old = epoch(1, &[1, 2, 3], 2);
    let next = |members: Vec<Member>| {
        Proposal::new(old.clone(), Arc::new(Epoch::new([7; 32], 2, members, 2).unwrap())).map(drop)
    };
    let [one, two, three] = old.members() else { panic!() };
    let stranger = [9; 32];
    assert_eq!(next(vec![*one, *two, Member { id: party(4), identity: stranger }]), Ok(()));
    assert_eq!(
        next(vec![*one, Member { identity: stranger, ..*two }, *three]),
        Err(ProposalError::Reassigned(party(2)))
    );
    assert_eq!(
        next(vec![*one, *two, Member { id: party(4), ..*three }]),
        Err(ProposalError::Reassigned(party(3)))
    );
}
