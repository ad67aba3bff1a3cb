//! Calls among simulated nodes: the real coordinators, dealt presignatures, a network and a clock
//! under the test's control.

#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "calls/network.rs"]
mod network;
#[path = "support/unused_entropy.rs"]
mod unused_entropy;

use conclave_agreement::signing::{Outcome, SigningMessage};
use network::{Network, Verdicts};

fn is_bind(message: &SigningMessage) -> bool {
    matches!(message, SigningMessage::Bind(_))
}

#[test]
fn t_nodes_sign_and_the_others_answer_empty() {
    for (nodes, seed) in [(3, 1), (5, 2), (10, 3)] {
        let mut network = Network::new(nodes, seed);
        let call = network.ask(Verdicts::all_yes());
        network.run_for(5_000);
        let outcomes = network.outcomes(&call);
        let shares =
            outcomes.values().filter(|outcome| matches!(outcome, Outcome::Share(_))).count();
        let empty = outcomes.values().filter(|outcome| matches!(outcome, Outcome::Empty)).count();
        assert_eq!(
            (shares, empty),
            (network.threshold(), nodes - network.threshold()),
            "{nodes} nodes"
        );
        assert!(network.signature(&call).is_some(), "{nodes} nodes");
    }
}

#[test]
fn a_member_that_dies_between_assignment_and_bind_does_not_fail_the_call() {
    for seed in 0..20 {
        let mut network = Network::new(3, seed);
        network.kill_first_sender_of(is_bind);
        let call = network.ask(Verdicts::all_yes());
        network.run_for(5_000);
        assert!(network.signature(&call).is_some(), "seed {seed}: {:?}", network.outcomes(&call));
    }
}

#[test]
fn a_member_that_stalls_ends_in_a_signature_or_the_retryable_error_and_never_in_a_wrong_sum() {
    let (mut signed, mut retried) = (0, 0);
    for seed in 0..30 {
        let mut network = Network::new(if seed % 2 == 0 { 3 } else { 5 }, seed);
        // Before its bind message leaves, after it, or a while after the call began; and it wakes
        // up again.
        match seed % 3 {
            0 => network.stall_first_sender_of(is_bind, 400),
            1 => network.stall_first_receiver_of(is_bind, 400),
            _ => network
                .stall_first_sender_of(|message| matches!(message, SigningMessage::Binds(_)), 400),
        }
        let call = network.ask(Verdicts::all_yes());
        network.run_for(10_000);
        let outcomes = network.outcomes(&call);
        assert_eq!(outcomes.len(), network.size(), "seed {seed}: every node answers in the end");
        network.assert_single_nonce(&call, seed);
        if network.signature(&call).is_some() {
            signed += 1;
        } else {
            assert!(
                outcomes.values().any(|outcome| matches!(outcome, Outcome::Retry)),
                "seed {seed}: {outcomes:?}"
            );
            retried += 1;
        }
    }
    println!("{signed} calls signed, {retried} ended in the retryable error");
    assert!(signed > 0);
}

/// Six calls on each of some networks, in such weather; how many were signed, and of how many.
fn calls_in(seeds: std::ops::Range<u64>, weather: impl Fn(&mut Network)) -> (usize, usize) {
    let (mut signed, mut calls) = (0, 0);
    for seed in seeds {
        let mut network = Network::new([3, 5, 7][seed as usize % 3], seed);
        weather(&mut network);
        for _ in 0..6 {
            let call = network.ask(Verdicts::all_yes());
            network.run_for(8_000);
            network.assert_single_nonce(&call, seed);
            calls += 1;
            signed += usize::from(network.signature(&call).is_some());
        }
        network.assert_no_presignature_served_twice(seed);
    }
    (signed, calls)
}

#[test]
fn doubled_delayed_and_reordered_messages_never_lead_to_two_uses_in_one_call() {
    let (signed, calls) = calls_in(100..115, |network| {
        network.double_one_in(5);
        network.delay_up_to(120);
    });
    println!("{signed} of {calls} calls signed with delays of up to 120 ms");
    assert!(signed * 10 > calls * 9);
}

#[test]
fn lost_messages_never_lead_to_two_uses_of_a_presignature() {
    let (signed, calls) = calls_in(200..215, |network| {
        network.lose_one_in(8);
        network.double_one_in(5);
    });
    println!("{signed} of {calls} calls signed on a network that loses one message in eight");
    assert!(signed * 2 > calls);
}

#[test]
fn nodes_that_disagree_sign_nothing_and_say_how_they_split() {
    let mut network = Network::new(3, 7);
    let call = network.ask(Verdicts::each_another_digest());
    network.run_for(5_000);
    assert!(network.signature(&call).is_none());
    for outcome in network.outcomes(&call).values() {
        let Outcome::Split(announces) = outcome else { panic!("{outcome:?}") };
        assert_eq!(announces.len(), 3);
    }
}

#[test]
fn a_dissenter_blocks_nothing_and_answers_empty() {
    let mut network = Network::new(3, 8);
    let call = network.ask(Verdicts::one_refuses());
    network.run_for(5_000);
    assert!(network.signature(&call).is_some());
    assert_eq!(
        network
            .outcomes(&call)
            .values()
            .filter(|outcome| matches!(outcome, Outcome::Empty))
            .count(),
        1
    );
}

#[test]
fn what_all_refuse_is_refused_at_once() {
    let mut network = Network::new(5, 9);
    let call = network.ask(Verdicts::all_refuse());
    network.run_for(100);
    assert_eq!(
        network
            .outcomes(&call)
            .values()
            .filter(|outcome| matches!(outcome, Outcome::Refused { .. }))
            .count(),
        5
    );
}

#[test]
fn a_dead_assigner_is_passed_over() {
    for seed in 20..40 {
        let mut network = Network::new(3, seed);
        network.kill(1 + (seed % 3) as u16);
        let call = network.ask(Verdicts::all_yes());
        network.run_for(5_000);
        assert!(network.signature(&call).is_some(), "seed {seed}");
    }
}

#[test]
fn a_node_that_is_cut_off_does_not_say_that_the_others_disagree() {
    for seed in 40..46 {
        let mut network = Network::new(3, seed);
        network.kill(1);
        network.kill(2);
        let call = network.ask(Verdicts::all_yes());
        network.run_for(5_000);
        let outcomes = network.outcomes(&call);
        assert!(
            matches!(outcomes.values().next(), Some(Outcome::Retry)),
            "seed {seed}: {outcomes:?}"
        );
    }
}

#[test]
fn a_call_that_too_few_nodes_are_asked_for_ends_at_its_deadline() {
    let mut network = Network::new(3, 10);
    let call = network.ask_only(&[2], Verdicts::all_yes());
    network.run_for(network::DEADLINE + 100);
    assert!(matches!(network.outcomes(&call).values().next(), Some(Outcome::TimedOut)));
}

#[test]
fn a_node_that_takes_a_served_call_up_last_answers_at_once_whoever_assigned_it() {
    for last in 1..=3 {
        for seed in 0..6 {
            let mut network = Network::new(3, seed);
            let others: Vec<u16> = (1..=3).filter(|number| *number != last).collect();
            let call = network.ask_only(&others, Verdicts::all_yes());
            network.run_for(100);
            assert!(network.signature(&call).is_some());
            network.join(&call, last);
            network.run_for(20);
            assert_eq!(
                network.outcomes(&call).len(),
                3,
                "node {last}, seed {seed}: {:?}",
                network.outcomes(&call)
            );
        }
    }
}

#[test]
fn the_same_call_again_is_answered_with_the_same_share() {
    let mut network = Network::new(3, 11);
    let call = network.ask(Verdicts::all_yes());
    network.run_for(1_000);
    let first = network.signature(&call).unwrap();
    network.ask_again(&call);
    network.run_for(1_000);
    assert_eq!(network.signature(&call).unwrap(), first);
    network.assert_no_presignature_served_twice(11);
}

#[test]
fn an_owner_that_assigns_one_presignature_twice_is_convicted_by_all_who_accepted_it() {
    for nodes in [3, 5] {
        let mut network = Network::new(nodes, 12);
        let call = network.ask(Verdicts::all_yes());
        network.run_for(1_000);
        assert_eq!(network.assign_again(&call), nodes - 1);
        network.run_for(1_000);
        network.assert_no_presignature_served_twice(12);
    }
}
