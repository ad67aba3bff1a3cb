//! Links come up, come back, and end when they should.

use std::collections::BTreeSet;

use bytes::Bytes;
use conclave_mesh::{Event, Lane, LinkError, SendError};

use crate::{
    raw_peer::{HELLO, PING, PONG, RawPeer},
    support::{Node, config, linked, seeds, until},
};

#[tokio::test]
async fn two_nodes_link_and_exchange_messages() {
    let mut nodes = linked(seeds(2).into_iter().map(config).collect()).await;
    let (mut b, mut a) = (nodes.pop().unwrap(), nodes.pop().unwrap());
    a.mesh.send(&b.mesh.identity(), Lane::Urgent, Bytes::from_static(b"ping")).unwrap();
    let from = a.mesh.identity();
    assert_eq!(
        b.next().await,
        Event::Message { from, lane: Lane::Urgent, bytes: Bytes::from_static(b"ping") }
    );
    b.mesh.send(&from, Lane::Bulk, Bytes::new()).unwrap();
    let from = b.mesh.identity();
    assert_eq!(a.next().await, Event::Message { from, lane: Lane::Bulk, bytes: Bytes::new() });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_nodes_link_and_each_message_names_its_true_sender() {
    let mut nodes = linked(seeds(10).into_iter().map(config).collect()).await;
    let identities: Vec<_> = nodes.iter().map(|node| node.mesh.identity()).collect();
    for node in &nodes {
        for to in identities.iter().filter(|to| **to != node.mesh.identity()) {
            let message = [node.mesh.identity(), *to].concat();
            node.mesh.send(to, Lane::Urgent, message.clone().into()).unwrap();
            node.mesh.send(to, Lane::Bulk, message.into()).unwrap();
        }
    }
    for node in &mut nodes {
        let mut heard = BTreeSet::new();
        for _ in 0..2 * (identities.len() - 1) {
            let Event::Message { from, lane, bytes } = node.next().await else {
                panic!("a link went down")
            };
            assert_eq!(bytes, [from, node.mesh.identity()].concat());
            assert!(heard.insert((from, lane == Lane::Urgent)));
        }
    }
}

#[tokio::test]
async fn status_tells_boot_round_trip_and_when_a_peer_was_heard() {
    let nodes = linked(seeds(2).into_iter().map(config).collect()).await;
    let [a, b] = &nodes[..] else { unreachable!() };
    let status =
        until(|| Some(a.status(&b.mesh.identity())).filter(|status| status.round_trip.is_some()))
            .await;
    assert!(status.connected && status.last_error.is_none() && status.last_heard.is_some());
    assert_eq!(status.boot, Some(b.mesh.boot()));
    until(|| b.status(&a.mesh.identity()).round_trip).await;
}

/// Restarts one of two nodes at the same address; the other must see the end, and then a new boot.
async fn comes_back_with_a_new_boot(restarted: usize) {
    let seeds = seeds(2);
    let mut nodes = linked(seeds.iter().copied().map(config).collect()).await;
    let old = nodes.remove(restarted);
    let mut stays = nodes.remove(0);
    let (peer, address, old_boot) = (old.mesh.identity(), old.mesh.address(), old.mesh.boot());
    old.mesh.shutdown().await;
    assert_eq!(stays.next().await, Event::Disconnected { peer });
    assert_eq!(stays.mesh.send(&peer, Lane::Urgent, Bytes::new()), Err(SendError::NotConnected));

    let mut config = config(seeds[restarted]);
    config.listen = address;
    let new = Node::start(config).await;
    new.knows(&[stays.peer()]);
    assert_eq!(stays.next().await, Event::Connected { peer, boot: new.mesh.boot() });
    assert_ne!(new.mesh.boot(), old_boot);
}

#[tokio::test]
async fn relinks_when_the_node_that_dials_was_restarted() {
    comes_back_with_a_new_boot(0).await;
}

#[tokio::test]
async fn relinks_when_the_node_that_is_dialled_was_restarted() {
    comes_back_with_a_new_boot(1).await;
}

#[tokio::test]
async fn dials_a_peer_at_its_new_address() {
    let seeds = seeds(2);
    let mut a = Node::start(config(seeds[0])).await;
    let b = Node::start(config(seeds[1])).await;
    b.knows(&[a.peer()]);
    let mut listed = b.peer();
    listed.address = crate::support::nowhere();
    a.knows(&[listed]);
    a.fails(&b.mesh.identity(), |error| matches!(error, LinkError::Connect(_))).await;
    a.knows(&[b.peer()]);
    assert!(matches!(a.next().await, Event::Connected { .. }));
}

#[tokio::test]
async fn a_peer_that_leaves_the_list_loses_its_link_and_gets_no_other() {
    let seeds = seeds(2);
    let mut node = Node::start(config(seeds[1])).await;
    let peer = node.awaits(&seeds[0]);
    let (mut raw, _) = RawPeer::greet(&seeds[0], node.mesh.address(), [1; 16], 0).await;
    assert!(matches!(node.next().await, Event::Connected { .. }));
    node.knows(&[]);
    assert_eq!(node.next().await, Event::Disconnected { peer });
    assert_eq!(node.mesh.send(&peer, Lane::Urgent, Bytes::new()), Err(SendError::NoSuchPeer));
    raw.read_to_end().await;
    let mut again = RawPeer::connect(&seeds[0], node.mesh.address()).await.unwrap();
    assert!(again.is_refused_by_tls().await);
}

#[tokio::test]
async fn a_newer_connection_replaces_the_older() {
    let seeds = seeds(2);
    let mut node = Node::start(config(seeds[1])).await;
    let peer = node.awaits(&seeds[0]);
    let boot = [1; 16];
    let (mut older, _) = RawPeer::greet(&seeds[0], node.mesh.address(), boot, 0).await;
    let (mut newer, answer) = RawPeer::greet(&seeds[0], node.mesh.address(), boot, 10).await;
    assert_eq!(answer.kind, HELLO);
    let highest_before = older.read_to_end().await.iter().map(|frame| frame.counter).max();
    assert!(Some(answer.counter) > highest_before, "our counter runs on from link to link");
    for event in [
        Event::Connected { peer, boot },
        Event::Disconnected { peer },
        Event::Connected { peer, boot },
    ] {
        assert_eq!(node.next().await, event);
    }
    newer.frame(PING, &[9; 8]).await.unwrap();
    while newer.read().await.unwrap().kind != PONG {}
}

#[tokio::test]
async fn inbound_ends_after_a_shutdown_and_drops_nothing_before_it() {
    let mut nodes = linked(seeds(2).into_iter().map(config).collect()).await;
    let (mut b, a) = (nodes.pop().unwrap(), nodes.pop().unwrap());
    let peer = a.mesh.identity();
    a.mesh.send(&b.mesh.identity(), Lane::Urgent, Bytes::from_static(b"last")).unwrap();
    assert_eq!(b.next_message().await, (peer, b"last".to_vec()));
    b.mesh.shutdown().await;
    assert_eq!(b.inbound.recv().await, Some(Event::Disconnected { peer }));
    assert_eq!(b.inbound.recv().await, None);
    assert_eq!(b.mesh.send(&peer, Lane::Urgent, Bytes::new()), Err(SendError::NoSuchPeer));
}
