//! Nodes for the tests.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use conclave_mesh::{
    Event, Identity, Inbound, Limits, LinkError, Mesh, MeshConfig, Peer, PeerStatus, identity_of,
};

pub const NETWORK: [u8; 32] = [0xc0; 32];

/// Ends a test that would hang; no test depends on its length.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Node {
    pub mesh: Mesh,
    pub inbound: Inbound,
}

/// `n` seeds whose identities ascend: of two, the earlier one dials.
pub fn seeds(n: u8) -> Vec<[u8; 32]> {
    let mut seeds: Vec<_> = (1..=n).map(|byte| [byte; 32]).collect();
    seeds.sort_by_key(|seed| identity_of(seed).unwrap());
    seeds
}

pub fn config(seed: [u8; 32]) -> MeshConfig {
    MeshConfig {
        identity: seed.into(),
        listen: "127.0.0.1:0".parse().unwrap(),
        network: NETWORK,
        limits: Limits::default(),
    }
}

pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("nothing happened")
}

pub async fn until<T>(mut ready: impl FnMut() -> Option<T>) -> T {
    within(async {
        loop {
            if let Some(value) = ready() {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await
}

impl Node {
    pub async fn start(config: MeshConfig) -> Self {
        let (mesh, inbound) = Mesh::start(config).await.unwrap();
        Self { mesh, inbound }
    }

    pub fn peer(&self) -> Peer {
        Peer { identity: self.mesh.identity(), address: self.mesh.address() }
    }

    pub fn knows(&self, peers: &[Peer]) {
        self.mesh.set_peers(peers.to_vec()).unwrap();
    }

    /// Lists a peer that dials us, so that its address does not matter.
    pub fn awaits(&self, seed: &[u8; 32]) -> Identity {
        let identity = identity_of(seed).unwrap();
        assert!(identity < self.mesh.identity());
        let mut peers: Vec<_> = self
            .mesh
            .peers()
            .into_iter()
            .map(|status| Peer { identity: status.identity, address: nowhere() })
            .collect();
        peers.push(Peer { identity, address: nowhere() });
        self.knows(&peers);
        identity
    }

    pub async fn next(&mut self) -> Event {
        within(self.inbound.recv()).await.expect("the mesh was shut down")
    }

    pub async fn next_message(&mut self) -> (Identity, Vec<u8>) {
        loop {
            if let Event::Message { from, bytes, .. } = self.next().await {
                return (from, bytes.to_vec());
            }
        }
    }

    pub fn status(&self, peer: &Identity) -> PeerStatus {
        self.mesh.peers().into_iter().find(|status| status.identity == *peer).unwrap()
    }

    pub async fn connected(&self, peer: &Identity) {
        until(|| self.status(peer).connected.then_some(())).await;
    }

    /// Waits until the link to `peer` is down for a reason that `expected` accepts.
    pub async fn fails(
        &self,
        peer: &Identity,
        expected: impl Fn(&LinkError) -> bool,
    ) -> Arc<LinkError> {
        until(|| {
            let status = self.status(peer);
            status.last_error.filter(|error| !status.connected && expected(error))
        })
        .await
    }
}

pub fn nowhere() -> SocketAddr {
    "127.0.0.1:1".parse().unwrap()
}

/// Nodes that all know each other and are all linked; their `Connected` events have been taken.
pub async fn linked(configs: Vec<MeshConfig>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for config in configs {
        nodes.push(Node::start(config).await);
    }
    let peers: Vec<_> = nodes.iter().map(Node::peer).collect();
    for node in &nodes {
        node.knows(&peers);
    }
    for node in &mut nodes {
        for _ in 1..peers.len() {
            assert!(matches!(node.next().await, Event::Connected { .. }));
        }
    }
    nodes
}
