//! An epoch of members on this machine, each with keys of its own.

use conclave_threshold::party::{Epoch, Member, PartyId, two_thirds};
use conclave_threshold::randomness::{Hedge, Randomness};
use conclave_threshold::session::session_id;
use ed25519_dalek::SigningKey;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

pub struct Node {
    pub id: PartyId,
    pub signing_key: SigningKey,
    long_term: [u8; 32],
    boot_nonce: [u8; 16],
    counter: Cell<u64>,
}

impl Node {
    fn new(id: PartyId) -> Self {
        let signing_key = SigningKey::from_bytes(&fresh());
        Node { id, signing_key, long_term: fresh(), boot_nonce: fresh(), counter: Cell::new(0) }
    }

    /// A stream of its own for a session, as the node makes it.
    pub fn randomness(&self, session: &[u8]) -> Randomness {
        let counter = self.counter.replace(self.counter.get() + 1);
        let (long_term, boot_nonce) = (&self.long_term, &self.boot_nonce);
        Randomness::hedged(Hedge { fresh: &fresh(), long_term, session, boot_nonce, counter })
    }
}

pub struct Network {
    pub epoch: Arc<Epoch>,
    /// In ascending order of id.
    pub nodes: Vec<Node>,
}

impl Network {
    /// Members 1 to `members`, two thirds of whom sign.
    pub fn new(members: u16) -> Self {
        let nodes: Vec<_> = (1..=members).filter_map(PartyId::new).map(Node::new).collect();
        let roster = nodes.iter().map(|node| Member {
            id: node.id,
            identity: node.signing_key.verifying_key().to_bytes(),
        });
        let threshold = two_thirds(nodes.len());
        let epoch = Epoch::new(fresh(), 1, roster.collect(), threshold).expect("a proper epoch");
        Network { epoch: Arc::new(epoch), nodes }
    }

    pub fn node(&self, id: PartyId) -> &Node {
        self.nodes.iter().find(|node| node.id == id).expect("a member")
    }

    /// The first members, as many as sign.
    pub fn signers(&self) -> &[Node] {
        &self.nodes[..usize::from(self.epoch.threshold())]
    }

    /// The id of a run of all `participants`, with fresh nonces of theirs.
    pub fn session(&self, kind: &str, participants: &[Node], parameters: &[u8]) -> [u8; 32] {
        let nonces: BTreeMap<_, _> = participants.iter().map(|node| (node.id, fresh())).collect();
        session_id(kind, &self.epoch, &ids(participants), parameters, &nonces)
    }
}

pub fn ids(nodes: &[Node]) -> Vec<PartyId> {
    nodes.iter().map(|node| node.id).collect()
}

/// From the operating system.
pub fn fresh<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system's randomness");
    bytes
}
