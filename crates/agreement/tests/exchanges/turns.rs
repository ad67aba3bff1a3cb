//! What one node does for all.

use crate::network::{DEADLINE, Network, Unused};
use crate::{REQUEST, SIZES, TAKEOVER, runners, turn};
use conclave_agreement::Role;
use conclave_agreement::exchange::{
    Exchanges, MAX_RUNNING, Operation, Outcome, Timing, Want, Wish, Word, exchange_id,
};
use conclave_agreement::time::{Duration, Instant};
use conclave_threshold::ids::RequestKey;
use conclave_threshold::party::PartyId;

#[test]
fn one_node_runs_it_and_all_get_what_it_brought() {
    for (seed, size) in SIZES.into_iter().enumerate() {
        let mut network = Network::new(size, seed as u64);
        let exchange = turn(&mut network, true, &[]);
        network.run_for(200);
        let runner = network.order(REQUEST)[0];
        assert_eq!(runners(&network, &exchange), [runner]);
        let others =
            network.outcomes(&exchange).into_values().filter(|outcome| **outcome != Outcome::Mine);
        assert_eq!(
            others
                .filter(|outcome| **outcome == Outcome::Others(Some(format!("run by {runner}"))))
                .count(),
            size - 1
        );
    }
}

#[test]
fn who_does_not_wait_goes_on_as_soon_as_somebody_runs_it() {
    let mut network = Network::new(5, 5);
    let exchange = turn(&mut network, false, &[]);
    network.run_for(50);
    assert_eq!(
        network
            .outcomes(&exchange)
            .into_values()
            .filter(|outcome| **outcome == Outcome::Others(None))
            .count(),
        4
    );
}

#[test]
fn a_runner_that_dies_loses_its_turn_to_the_next_and_all_get_that_ones_result() {
    for (seed, size) in SIZES.into_iter().enumerate() {
        for when in [
            |word: &Word| matches!(word, Word::Claim(_)),
            |word: &Word| matches!(word, Word::Result(_)),
        ] {
            let mut network = Network::new(size, seed as u64);
            network.kill_first_sender_of(when);
            let exchange = turn(&mut network, true, &[]);
            network.run_for(2_000);
            let order = network.order(REQUEST);
            let alive: Vec<_> = runners(&network, &exchange)
                .into_iter()
                .filter(|id| network.is_alive(*id))
                .collect();
            assert_eq!(alive, [order[1]], "{size} nodes");
            for id in &order[2..] {
                assert_eq!(
                    *network.outcomes(&exchange)[id],
                    Outcome::Others(Some(format!("run by {}", order[1]))),
                    "{size} nodes"
                );
            }
        }
    }
}

#[test]
fn a_result_that_reached_one_node_before_its_runner_died_reaches_all() {
    for seed in 0..10 {
        let mut network = Network::new(5, seed);
        let exchange = turn(&mut network, true, &[]);
        network.run_for(50);
        let runner = network.order(REQUEST)[0];
        // One message in three of the result gets through, then the links are gone.
        network.lose_one_in(2);
        network.run_for(65);
        network.kill(runner);
        network.lose_one_in(0);
        network.run_for(3_000);
        let outcomes = network.outcomes(&exchange);
        let got = |id: &PartyId| {
            matches!(outcomes.get(id), Some(Outcome::Others(Some(_)) | Outcome::Mine))
        };
        assert!(
            network.ids().iter().filter(|id| network.is_alive(**id)).all(got),
            "seed {seed}: {outcomes:?}"
        );
        let reached = outcomes
            .values()
            .any(|outcome| **outcome == Outcome::Others(Some(format!("run by {runner}"))));
        assert!(
            !reached || runners(&network, &exchange) == [runner],
            "seed {seed}: run again though somebody knew: {outcomes:?}"
        );
    }
}

#[test]
fn a_leader_that_comes_after_another_has_taken_its_turn_does_not_run_it_again() {
    for late in [TAKEOVER, 20_000] {
        let mut network = Network::new(5, 6);
        let order = network.order(REQUEST);
        let exchange = turn(&mut network, true, &[(order[0], late)]);
        network.run_for(late + 500);
        assert_eq!(runners(&network, &exchange), [order[1]]);
        assert_eq!(network.outcomes(&exchange).len(), 5);
    }
}

#[test]
fn a_node_that_comes_late_gets_the_kept_result_at_once() {
    let mut network = Network::new(5, 7);
    let order = network.order(REQUEST);
    let exchange = turn(&mut network, true, &[(order[3], 10_000)]);
    network.run_for(10_050);
    assert_eq!(
        *network.outcomes(&exchange)[&order[3]],
        Outcome::Others(Some(format!("run by {}", order[0])))
    );
}

#[test]
fn a_member_that_was_silent_once_does_not_hold_up_every_further_exchange_of_the_request() {
    let mut network = Network::new(5, 8);
    let order = network.order(REQUEST);
    let first = turn(&mut network, true, &[(order[0], DEADLINE)]);
    network.run_for(TAKEOVER);
    assert_eq!(runners(&network, &first), [order[1]]);
    let second = exchange_id(&RequestKey::new([REQUEST; 32]), "Qm", Operation::Turn, "name", 1);
    let begun = network.now;
    for id in &order[1..] {
        network.begin_after(0, *id, REQUEST, second, Want::Turn { wait: true });
    }
    network.run_for(500);
    assert_eq!(runners(&network, &second), [order[1]]);
    assert!(order[1..].iter().all(|id| network.ended_at(&second, *id) < begun + 200));
}

#[test]
fn the_same_exchange_again_at_one_node_is_never_run_twice() {
    let mut network = Network::new(3, 9);
    let exchange = turn(&mut network, true, &[]);
    network.run_for(50);
    let runner = network.order(REQUEST)[0];
    network.begin_after(0, runner, REQUEST, exchange, Want::Turn { wait: true });
    network.run_for(10);
    assert_eq!(*network.outcomes(&exchange)[&runner], Outcome::Repeated);
    network.run_for(200);
    network.begin_after(0, runner, REQUEST, exchange, Want::Turn { wait: true });
    network.run_for(10);
    assert_eq!(
        *network.outcomes(&exchange)[&runner],
        Outcome::Others(Some(format!("run by {runner}")))
    );
}

#[test]
fn so_many_exchanges_run_at_a_node_and_one_more_is_told_so() {
    let at = Instant::from_millis;
    let network = Network::new(3, 90);
    let (epoch, me) = (network.epoch.clone(), network.order(REQUEST)[1]);
    let key = network.key(me);
    let mut exchanges = Exchanges::new(epoch.clone(), me, key, Timing::default());
    epoch
        .ids()
        .into_iter()
        .filter(|id| *id != me)
        .for_each(|peer| exchanges.link_opened(peer, Instant::START));
    let wish = |number: u32| Wish {
        exchange: exchange_id(
            &RequestKey::new([REQUEST; 32]),
            "Qm",
            Operation::Turn,
            "name",
            number,
        ),
        request_key: RequestKey::new([REQUEST; 32]),
        want: Want::Turn { wait: true },
        patience: Duration::from_millis(999),
    };
    for number in 0..MAX_RUNNING as u32 {
        assert_eq!(exchanges.begin(wish(number), at(1)), None);
    }
    assert_eq!(exchanges.begin(wish(MAX_RUNNING as u32), at(1)), Some(Outcome::Full));
    assert!(exchanges.effects().is_empty());
    // After their deadline there is room again.
    (1..=100).for_each(|tick| exchanges.tick(at(tick * 10), &mut Unused));
    assert_eq!(exchanges.effects().len(), MAX_RUNNING);
    assert_eq!(exchanges.begin(wish(MAX_RUNNING as u32), at(1_010)), None);
}
