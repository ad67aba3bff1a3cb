//! What networks do not bear yet. Each of these tests holds as long as its scenario fails: whoever
//! mends one turns its test round.

use conclave_simulator::scenarios::{self, Measured};

/// The same network bears it without what the scenario adds, and does not bear it with that.
fn is_not_borne_yet(measured: &Measured) {
    let Measured { what, with, without, violation } = measured;
    println!(
        "scenario: {what}: {} of {} requests signed, {} of {} without it",
        with.signed, with.begun, without.signed, without.begun
    );
    assert_eq!(*violation, None, "{what}");
    assert!(without.is_back(), "{what}: the network without it is not well either: {without:?}");
    assert!(
        !measured.is_borne(),
        "{what}: this holds now ({with:?}). Turn the test round to `assert!(measured.is_borne())`, \
         and take the scenario off the list of what is not proved."
    );
}

#[test]
fn n1_a_member_that_leaves_early_still_stops_calls() {
    is_not_borne_yet(&scenarios::a_member_leaves_early());
}

#[test]
fn n2_a_member_that_joins_and_falls_silent_still_starves_presigning() {
    is_not_borne_yet(&scenarios::a_member_joins_and_falls_silent());
}

#[test]
fn n3_a_member_that_floods_still_stops_calls() {
    is_not_borne_yet(&scenarios::a_member_floods());
}

#[test]
fn n4_overload_still_outlasts_its_clients() {
    is_not_borne_yet(&scenarios::clients_overload_and_leave());
}

#[test]
fn p_a1_two_members_that_decline_still_stop_presigning() {
    is_not_borne_yet(&scenarios::two_members_decline());
}
