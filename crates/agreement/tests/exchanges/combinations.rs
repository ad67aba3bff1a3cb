//! Shares that the nodes put together themselves.

use crate::calls::{self, Verdicts};
use crate::network::Network;
use crate::network::millis;
use crate::{REQUEST, SIZES, id_of};
use conclave_agreement::exchange::{ExchangeId, Operation, Outcome, Timing, Want};
use conclave_agreement::signing::Outcome as CallOutcome;
use conclave_threshold::online::Signature;
use conclave_threshold::party::PartyId;
use conclave_threshold::randomness::Randomness;

/// A call that was served, and what each node then brings to put the shares together.
fn served(size: usize, seed: u64) -> (Network, ExchangeId, Vec<(PartyId, Want)>, Signature) {
    let mut calls = calls::Network::new(size, seed);
    let call = calls.ask(Verdicts::all_yes());
    calls.run_for(5_000);
    let signature = calls.signature(&call).expect("a signature");
    let outcomes = calls.outcomes(&call);
    let assignment = outcomes.values().find_map(|outcome| match outcome {
        CallOutcome::Share(answer) => Some(answer.assignment.assignment.clone()),
        _ => None,
    });
    let assignment = assignment.expect("a share");
    let want = |outcome: &CallOutcome| {
        let share =
            if let CallOutcome::Share(answer) = outcome { Some(answer.clone()) } else { None };
        Want::Combine {
            public_key: assignment.public_key,
            digest: assignment.digest,
            name_hash: assignment.name_hash,
            share,
        }
    };
    let wants = outcomes.into_iter().map(|(id, outcome)| (id, want(outcome))).collect();
    let network =
        Network::of(calls.epoch(), calls.keys().clone(), Randomness::from_seed([seed as u8; 32]));
    (network, id_of(Operation::Combine), wants, signature)
}

fn gives_share(want: &Want) -> bool {
    matches!(want, Want::Combine { share: Some(_), .. })
}

#[test]
fn every_node_puts_the_same_signature_together_those_outside_the_set_too() {
    for (seed, size) in SIZES.into_iter().enumerate() {
        let (mut network, exchange, wants, signature) = served(size, 60 + seed as u64);
        for (id, want) in wants {
            network.begin_after(0, id, REQUEST, exchange, want);
        }
        network.run_for(200);
        let outcomes = network.outcomes(&exchange);
        assert_eq!(outcomes.len(), size);
        assert!(
            outcomes.values().all(|outcome| **outcome == Outcome::Combined(signature)),
            "{size} nodes: {outcomes:?}"
        );
    }
}

#[test]
fn a_node_that_comes_late_or_to_which_no_share_came_gets_the_signature() {
    let (mut network, exchange, wants, signature) = served(5, 70);
    let late = wants[0].0;
    for (id, want) in wants {
        network.begin_after(if id == late { 10_000 } else { 0 }, id, REQUEST, exchange, want);
    }
    network.run_for(10_200);
    // Late in the set, the others wait for its share in vain; late outside, it finds the signature.
    let in_time = network
        .outcomes(&exchange)
        .values()
        .filter(|outcome| ***outcome == Outcome::Combined(signature))
        .count();
    let outcomes = network.outcomes(&exchange);
    assert!(
        in_time == 5
            || outcomes.values().filter(|outcome| ***outcome == Outcome::NoSignature).count() == 4,
        "{outcomes:?}"
    );
}

#[test]
fn without_a_share_of_the_set_there_is_no_signature_after_a_bounded_wait() {
    let (mut network, exchange, wants, _) = served(3, 71);
    let dead = wants.iter().find(|(_, want)| gives_share(want)).unwrap().0;
    network.kill(dead);
    for (id, want) in wants {
        network.begin_after(0, id, REQUEST, exchange, want);
    }
    network.run_for(2 * millis(Timing::default().patience) + 100);
    let outcomes = network.outcomes(&exchange);
    assert!(
        outcomes.len() == 2 && outcomes.values().all(|outcome| **outcome == Outcome::NoSignature),
        "{outcomes:?}"
    );
}

#[test]
fn a_member_that_dies_after_it_gave_its_share_to_one_node_fails_nobody() {
    for seed in 72..78 {
        let (mut network, exchange, wants, signature) = served(5, seed);
        let member = wants.iter().find(|(_, want)| gives_share(want)).unwrap().0;
        network.lose_one_in(if seed % 2 == 0 { 0 } else { 3 });
        for (id, want) in wants {
            network.begin_after(0, id, REQUEST, exchange, want);
        }
        network.run_for(5);
        network.kill(member);
        network.lose_one_in(0);
        network.run_for(2 * millis(Timing::default().patience) + 100);
        let outcomes = network.outcomes(&exchange);
        let alive: Vec<_> = outcomes.into_iter().filter(|(id, _)| network.is_alive(*id)).collect();
        let signed =
            alive.iter().filter(|(_, outcome)| **outcome == Outcome::Combined(signature)).count();
        assert!(signed == 0 || signed == alive.len(), "seed {seed}: {alive:?}");
        assert_eq!(alive.len(), 4, "seed {seed}");
    }
}

#[test]
fn a_wrong_share_is_found_and_left_out() {
    let (mut network, exchange, wants, signature) = served(3, 80);
    let liar = wants.iter().find(|(_, want)| gives_share(want)).unwrap().0;
    for (id, mut want) in wants {
        if id == liar
            && let Want::Combine { share: Some(answer), .. } = &mut want
        {
            // Its signature does not hold any more, and neither does the sum.
            let mut wrong = (**answer).clone();
            wrong.share = -wrong.share;
            *answer = wrong.into();
        }
        network.begin_after(0, id, REQUEST, exchange, want);
    }
    network.run_for(2 * millis(Timing::default().patience) + 100);
    for (id, outcome) in network.outcomes(&exchange) {
        assert_ne!(*outcome, Outcome::Combined(signature), "node {id}");
        assert_eq!(*outcome, Outcome::NoSignature, "node {id}");
    }
}
