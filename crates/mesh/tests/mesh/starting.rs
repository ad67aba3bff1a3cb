//! What a mesh checks before it starts, and in a peer list.

use conclave_mesh::{
    MAX_BULK_MESSAGE, MAX_PEERS, MAX_URGENT_MESSAGE, MESSAGE_OVERHEAD, Mesh, MeshConfig, Peer,
    SetPeersError, StartError,
};

use crate::support::{Node, config, nowhere, seeds};

type Spoil = fn(&mut MeshConfig);

#[tokio::test]
async fn says_which_limit_could_never_let_a_message_pass() {
    let cases: [(&str, Spoil); 6] = [
        ("urgent_queue", |config| config.limits.urgent_queue.bytes = MAX_URGENT_MESSAGE - 1),
        ("bulk_queue", |config| config.limits.bulk_queue.messages = 0),
        ("urgent_inbound", |config| {
            config.limits.urgent_inbound = MAX_URGENT_MESSAGE + MESSAGE_OVERHEAD - 1
        }),
        ("bulk_inbound", |config| config.limits.bulk_inbound = MAX_BULK_MESSAGE),
        ("handshakes", |config| config.limits.handshakes = 0),
        ("timeouts.ping", |config| config.limits.timeouts.ping = std::time::Duration::ZERO),
    ];
    for (expected, spoil) in cases {
        let mut config = config([1; 32]);
        spoil(&mut config);
        assert!(
            matches!(Mesh::start(config).await, Err(StartError::Limit { name }) if name == expected)
        );
    }
}

#[tokio::test]
async fn says_which_address_is_taken() {
    let node = Node::start(config([1; 32])).await;
    let mut taken = config([2; 32]);
    taken.listen = node.mesh.address();
    assert!(
        matches!(Mesh::start(taken).await, Err(StartError::Listen { address, .. }) if address == node.mesh.address())
    );
}

#[tokio::test]
async fn takes_the_longest_peer_list_and_none_longer() {
    let node = Node::start(config([1; 32])).await;
    let peer = |i: usize| {
        let mut identity = [0; 32];
        identity[30..].copy_from_slice(&(i as u16).to_be_bytes());
        Peer { identity, address: nowhere() }
    };
    node.mesh.set_peers((0..MAX_PEERS).map(peer).collect()).unwrap();
    let refused = node.mesh.set_peers((0..=MAX_PEERS).map(peer).collect());
    assert_eq!(refused, Err(SetPeersError::TooMany { given: MAX_PEERS + 1 }));
    assert_eq!(node.mesh.peers().len(), MAX_PEERS);
}

#[tokio::test]
async fn refuses_a_peer_list_that_names_one_twice() {
    let node = Node::start(config([1; 32])).await;
    let peer = Peer { identity: [9; 32], address: nowhere() };
    let refused = node.mesh.set_peers(vec![peer.clone(), peer]);
    assert_eq!(refused, Err(SetPeersError::Repeated { identity: [9; 32] }));
}

#[test]
fn never_prints_the_seed() {
    let seed = seeds(1)[0];
    let printed = format!("{:?}", config(seed));
    assert!(!printed.contains(&hex::encode(seed)) && !printed.contains(&format!("{seed:?}")));
}
