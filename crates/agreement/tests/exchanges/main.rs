//! Exchanges among simulated nodes: the real state machines, a network and a clock under the test's
//! control.

#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "../calls/network.rs"]
mod calls;
mod collections;
mod combinations;
mod network;
mod repeats;
mod storms;
mod turns;
#[path = "../support/unused_entropy.rs"]
mod unused_entropy;

use conclave_agreement::exchange::{ExchangeId, Operation, Outcome, Want, exchange_id};
use conclave_threshold::ids::RequestKey;
use conclave_threshold::party::PartyId;
use network::Network;
use std::collections::BTreeSet;

const SIZES: [usize; 4] = [3, 4, 5, 10];
const REQUEST: u8 = 7;
/// Above twice the patience and the grace, below everything that follows.
const TAKEOVER: u64 = 5_000;

fn id_of(operation: Operation) -> ExchangeId {
    exchange_id(&RequestKey::new([REQUEST; 32]), "Qm", operation, "name", 0)
}

fn value_of(id: PartyId) -> Want {
    Want::Collect { value: format!("value of {id}") }
}

/// Every node comes to the collection at once, but those named, who come later.
fn collect(network: &mut Network, late: &[(PartyId, u64)]) -> ExchangeId {
    let exchange = id_of(Operation::Collect);
    for id in network.ids() {
        let after = late.iter().find(|(who, _)| *who == id).map_or(0, |(_, after)| *after);
        network.begin_after(after, id, REQUEST, exchange, value_of(id));
    }
    exchange
}

fn turn(network: &mut Network, wait: bool, late: &[(PartyId, u64)]) -> ExchangeId {
    let exchange = id_of(Operation::Turn);
    for id in network.ids() {
        let after = late.iter().find(|(who, _)| *who == id).map_or(0, |(_, after)| *after);
        network.begin_after(after, id, REQUEST, exchange, Want::Turn { wait });
    }
    exchange
}

fn runners(network: &Network, exchange: &ExchangeId) -> Vec<PartyId> {
    let mine =
        network.outcomes(exchange).into_iter().filter(|(_, outcome)| **outcome == Outcome::Mine);
    mine.map(|(id, _)| id).collect()
}

/// Each living node has the same values, its own last; returns whose they are.
fn assert_same_values(network: &Network, exchange: &ExchangeId, context: &str) -> BTreeSet<String> {
    let mut sets = BTreeSet::new();
    for id in network.ids().into_iter().filter(|id| network.is_alive(*id)) {
        let outcomes = network.outcomes(exchange);
        let Some(Outcome::Collected(values)) = outcomes.get(&id) else {
            panic!("{context}, node {id}: {outcomes:?}")
        };
        let own = values.iter().position(|value| value.starts_with(&format!("value of {id}")));
        // A name may begin another's: 1 and 10.
        let own = own.filter(|at| {
            values[*at].trim_start_matches("value of ").split(' ').next() == Some(&id.to_string())
        });
        assert!(
            own.is_none_or(|at| at + 1 == values.len()),
            "{context}: the own value is not the last at {id}: {values:?}"
        );
        sets.insert(values.iter().cloned().collect::<BTreeSet<_>>());
    }
    assert_eq!(sets.len(), 1, "{context}: {sets:?}");
    sets.pop_first().unwrap()
}
