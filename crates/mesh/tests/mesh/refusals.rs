//! Who gets no link.

use conclave_mesh::{LinkError, Peer, PinError, Refusal, identity_of};

use crate::{
    raw_peer::{HELLO, REFUSAL, RawPeer},
    support::{NETWORK, Node, config, linked, nowhere, seeds},
};

#[tokio::test]
async fn refuses_a_client_that_is_not_registered() {
    let seeds = seeds(3);
    let node = Node::start(config(seeds[2])).await;
    node.awaits(&seeds[1]);
    let stranger = Node::start(config(seeds[0])).await;
    stranger.knows(&[node.peer()]);
    stranger
        .fails(&node.mesh.identity(), |error| {
            matches!(error, LinkError::Lost(_) | LinkError::Handshake(_))
        })
        .await;
    let mut raw = RawPeer::connect(&seeds[0], node.mesh.address()).await.unwrap();
    assert!(raw.is_refused_by_tls().await);
    assert!(node.mesh.peers().iter().all(|status| !status.connected));
}

#[tokio::test]
async fn refuses_a_server_with_another_key() {
    let seeds = seeds(3);
    let node = Node::start(config(seeds[0])).await;
    let impostor = Node::start(config(seeds[1])).await;
    impostor.knows(&[node.peer()]);
    let expected = identity_of(&seeds[2]).unwrap();
    node.knows(&[Peer { identity: expected, address: impostor.mesh.address() }]);
    let error = node.fails(&expected, |error| matches!(error, LinkError::Pin(_))).await;
    let found = impostor.mesh.identity();
    assert!(matches!(&*error, LinkError::Pin(PinError::OtherNode(identity)) if *identity == found));
}

#[tokio::test]
async fn refuses_a_peer_of_another_network_and_says_so() {
    let seeds = seeds(2);
    let dialler = Node::start(config(seeds[0])).await;
    let mut other = config(seeds[1]);
    other.network = [0xee; 32];
    let other = Node::start(other).await;
    dialler.knows(&[other.peer()]);
    other.knows(&[dialler.peer()]);
    let refused = |error: &LinkError| matches!(error, LinkError::Refused(Refusal::OtherNetwork));
    dialler.fails(&other.mesh.identity(), refused).await;
    other.fails(&dialler.mesh.identity(), |error| matches!(error, LinkError::OtherNetwork)).await;
}

#[tokio::test]
async fn a_spoofed_network_does_not_disturb_the_link_that_stands() {
    let seeds = seeds(2);
    let node = Node::start(config(seeds[1])).await;
    let peer = node.awaits(&seeds[0]);
    let _link = RawPeer::greet(&seeds[0], node.mesh.address(), [1; 16], 0).await;
    let mut spoofed = RawPeer::connect(&seeds[0], node.mesh.address()).await.unwrap();
    spoofed.hello([0xee; 32], [1; 16], 100).await;
    let frames = spoofed.read_to_end().await;
    assert!(matches!(&frames[..], [frame] if frame.kind == REFUSAL && frame.payload == [1]));
    assert!(node.status(&peer).connected);
}

#[tokio::test]
async fn refuses_a_peer_that_ought_to_wait_for_our_dial() {
    let seeds = seeds(2);
    let node = Node::start(config(seeds[0])).await;
    node.knows(&[Peer { identity: identity_of(&seeds[1]).unwrap(), address: nowhere() }]);
    let mut raw = RawPeer::connect(&seeds[1], node.mesh.address()).await.unwrap();
    assert!(raw.is_refused_by_tls().await);
}

#[tokio::test]
async fn refuses_another_protocol_version() {
    let seeds = seeds(2);
    let node = Node::start(config(seeds[1])).await;
    node.awaits(&seeds[0]);
    assert!(
        RawPeer::connect_speaking(&seeds[0], node.mesh.address(), &["conclave-mesh/1"])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn refuses_a_peer_that_names_no_protocol() {
    let seeds = seeds(2);
    let node = Node::start(config(seeds[1])).await;
    let peer = node.awaits(&seeds[0]);
    let mut raw = RawPeer::connect_speaking(&seeds[0], node.mesh.address(), &[]).await.unwrap();
    let _ = raw.frame(HELLO, &[&NETWORK[..], &[0; 16]].concat()).await;
    assert!(raw.read_to_end().await.is_empty());
    assert!(!node.status(&peer).connected);
}

#[tokio::test]
async fn an_older_connection_does_not_replace_the_newer() {
    let seeds = seeds(2);
    let node = Node::start(config(seeds[1])).await;
    let peer = node.awaits(&seeds[0]);
    let mut older = RawPeer::connect(&seeds[0], node.mesh.address()).await.unwrap();
    let _newer = RawPeer::greet(&seeds[0], node.mesh.address(), [1; 16], 0).await;
    older.hello(NETWORK, [1; 16], 100).await;
    assert!(older.read_to_end().await.is_empty());
    assert!(node.status(&peer).connected);
}

#[tokio::test]
async fn passes_over_itself_in_the_list() {
    let nodes = linked(seeds(2).into_iter().map(config).collect()).await;
    for node in &nodes {
        assert!(node.mesh.peers().iter().all(|status| status.identity != node.mesh.identity()));
    }
}
