//! Values that all nodes bring and all get.

use crate::network::{DEADLINE, Network, millis, party};
use crate::{REQUEST, SIZES, TAKEOVER, assert_same_values, collect, id_of, value_of};
use conclave_agreement::exchange::{MAX_VALUE, Operation, Outcome, Timing, Want, Word};
use conclave_threshold::party::PartyId;
use std::collections::BTreeSet;

fn expected(members: &[PartyId], own: PartyId) -> Outcome {
    let (own, others): (Vec<_>, Vec<_>) = members.iter().copied().partition(|id| *id == own);
    Outcome::Collected(others.into_iter().chain(own).map(|id| format!("value of {id}")).collect())
}

#[test]
fn every_node_gets_every_value_its_own_last() {
    for (seed, size) in SIZES.into_iter().enumerate() {
        let mut network = Network::new(size, seed as u64);
        let exchange = collect(&mut network, &[]);
        network.run_for(100);
        for (id, outcome) in network.outcomes(&exchange) {
            assert_eq!(*outcome, expected(&network.ids(), id), "{size} nodes");
        }
        assert_eq!(network.outcomes(&exchange).len(), size);
    }
}

#[test]
fn the_longest_values_of_all_nodes_fit() {
    let mut network = Network::new(10, 1);
    let exchange = id_of(Operation::Collect);
    for id in network.ids() {
        let value = format!("{:>MAX_VALUE$}", id.number());
        network.begin_after(0, id, REQUEST, exchange, Want::Collect { value });
    }
    network.run_for(100);
    assert!(
        network
            .outcomes(&exchange)
            .values()
            .all(|outcome| matches!(outcome, Outcome::Collected(list) if list.len() == 10))
    );
    assert_eq!(network.outcomes(&exchange).len(), 10);
}

#[test]
fn a_slow_node_is_waited_for_while_there_is_patience() {
    let mut network = Network::new(5, 2);
    let slow = network.order(REQUEST)[3];
    let exchange = collect(&mut network, &[(slow, millis(Timing::default().patience) - 200)]);
    network.run_for(millis(Timing::default().patience));
    for (id, outcome) in network.outcomes(&exchange) {
        assert_eq!(*outcome, expected(&network.ids(), id));
    }
    assert_eq!(network.outcomes(&exchange).len(), 5);
}

#[test]
fn a_node_that_comes_too_late_gets_the_values_of_the_others() {
    for place in 0..3 {
        let mut network = Network::new(3, 3);
        let slow = network.order(REQUEST)[place];
        let exchange = collect(&mut network, &[(slow, 10_000)]);
        network.run_for(10_500);
        let others: Vec<_> = network.ids().into_iter().filter(|id| *id != slow).collect();
        for (id, outcome) in network.outcomes(&exchange) {
            assert_eq!(*outcome, expected(&others, id), "place {place}");
        }
        assert_eq!(network.outcomes(&exchange).len(), 3, "place {place}");
    }
}

#[test]
fn a_dead_or_dying_leader_is_passed_over() {
    for (seed, size) in SIZES.into_iter().enumerate() {
        let mut dead = Network::new(size, seed as u64);
        dead.kill(dead.order(REQUEST)[0]);
        let exchange = collect(&mut dead, &[]);
        dead.run_for(200);
        assert_eq!(assert_same_values(&dead, &exchange, "dead").len(), size - 1);

        let mut dying = Network::new(size, seed as u64);
        dying.kill_first_sender_of(|word| matches!(word, Word::Settled(_)));
        let exchange = collect(&mut dying, &[]);
        dying.run_for(1_000);
        let values = assert_same_values(&dying, &exchange, "dying");
        assert_eq!(values.len(), size, "what the dead node gave still counts");
    }
}

#[test]
fn a_leader_that_stalls_is_passed_over_and_takes_over_what_was_settled_without_it() {
    for (seed, size) in SIZES.into_iter().enumerate() {
        let mut network = Network::new(size, seed as u64);
        let leader = network.order(REQUEST)[0];
        network.stall(leader, 4_800);
        let exchange = collect(&mut network, &[]);
        network.run_for(TAKEOVER + 500);
        let values = assert_same_values(&network, &exchange, &format!("{size} nodes"));
        assert_eq!(values.len(), size - 1);
    }
}

#[test]
fn too_few_nodes_collect_nothing_and_say_so_at_the_deadline() {
    let mut network = Network::new(3, 4);
    let exchange = id_of(Operation::Collect);
    network.begin_after(0, party(2), REQUEST, exchange, value_of(party(2)));
    network.run_for(DEADLINE + 100);
    assert_eq!(*network.outcomes(&exchange)[&party(2)], Outcome::TimedOut);
}

#[test]
fn a_node_that_tells_everybody_another_value_is_heard_the_same_by_all() {
    for seed in 0..20 {
        let mut network = Network::new(5, seed);
        let liar = network.order(REQUEST)[1 + seed as usize % 4];
        network.make_two_faced(liar);
        let exchange = collect(&mut network, &[]);
        network.run_for(200);
        let mut lists = BTreeSet::new();
        for (_, outcome) in network.outcomes(&exchange).into_iter().filter(|(id, _)| *id != liar) {
            let Outcome::Collected(values) = outcome else { panic!("seed {seed}: {outcome:?}") };
            lists.insert(values.iter().cloned().collect::<BTreeSet<_>>());
        }
        assert_eq!(lists.len(), 1, "seed {seed}: {lists:?}");
    }
}
