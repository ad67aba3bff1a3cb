//! How often a node repeats itself.

use super::{REQUEST, id_of, value_of};
use crate::network::{DEADLINE, Network, Unused, party};
use conclave_agreement::Role;
use conclave_agreement::exchange::{
    Effect, ExchangeMessage, Exchanges, MAX_REPEATS, Operation, Timing, Wish,
};
use conclave_agreement::time::{Duration, Instant};
use conclave_threshold::ids::RequestKey;

/// What the node has to say to whoever asks.
fn answers(node: &mut Exchanges, peer: u16) -> usize {
    let exchange = id_of(Operation::Collect);
    node.effects();
    node.receive(party(peer), ExchangeMessage::Ask(exchange), Instant::START, &mut Unused);
    let words = |effect: &Effect| matches!(effect, Effect::Send { to, message: ExchangeMessage::Word(_) } if *to == party(peer));
    node.effects().iter().filter(|effect| words(effect)).count()
}

#[test]
fn a_peer_is_told_of_a_running_exchange_so_often_and_no_more() {
    let network = Network::new(4, 1);
    let mut node =
        Exchanges::new(network.epoch.clone(), party(1), network.key(party(1)), Timing::default());
    let want = value_of(party(1));
    let wish = Wish {
        exchange: id_of(Operation::Collect),
        request_key: RequestKey::new([REQUEST; 32]),
        want,
        patience: Duration::from_millis(DEADLINE),
    };
    assert!(node.begin(wish, Instant::START).is_none());
    for _ in 0..MAX_REPEATS {
        assert_eq!(answers(&mut node, 2), 1);
    }
    assert_eq!(answers(&mut node, 2), 0);
    assert_eq!(answers(&mut node, 3), 1, "another peer is told");
}
