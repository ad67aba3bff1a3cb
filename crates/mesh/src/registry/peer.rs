//! What is known of one peer.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;

use crate::{
    Identity, Limits, LinkError,
    inbound::{Intake, Room},
    link::{Incarnation, Link},
    quota::Quota,
};

/// A node that we want a link with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its Ed25519 public key.
    pub identity: Identity,
    /// Where it listens. Used only if its identity is higher than ours.
    pub address: SocketAddr,
}

/// How a peer is doing.
#[derive(Clone, Debug)]
pub struct PeerStatus {
    /// Its identity.
    pub identity: Identity,
    /// Whether a link stands.
    pub connected: bool,
    /// The boot nonce of its last hello; kept while it is away.
    pub boot: Option<[u8; 16]>,
    /// Time of the latest ping and pong over the link that stands. The peer can make it longer, so
    /// clamp what you derive from it.
    pub round_trip: Option<Duration>,
    /// When a frame of its current boot last came in; kept while it is away.
    pub last_heard: Option<Instant>,
    /// Why the last link ended or the last attempt failed; `None` while a link stands.
    pub last_error: Option<Arc<LinkError>>,
}

pub(super) struct Entry {
    pub address: SocketAddr,
    pub quota: Arc<Quota>,
    pub incarnation: Option<Arc<Incarnation>>,
    /// Number of the newest connection whose hello was good: an older one never replaces it.
    pub arrival: u64,
    pub slot: Option<Slot>,
    pub last_error: Option<Arc<LinkError>>,
    pub dialler: Option<Dialler>,
}

/// The link that stands, and the room for the event of its end.
pub(super) struct Slot {
    pub link: Arc<Link>,
    pub farewell: Room,
}

/// The task that dials a peer; it ends with this.
pub(super) struct Dialler(pub JoinHandle<()>);

impl Drop for Dialler {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Entry {
    pub fn new(peer: &Peer, inbound: &Arc<Intake>, limits: &Limits) -> Self {
        Self {
            address: peer.address,
            quota: Arc::new(Quota::new(inbound, &peer.identity, limits)),
            incarnation: None,
            arrival: 0,
            slot: None,
            last_error: None,
            dialler: None,
        }
    }

    pub fn status(&self, identity: Identity) -> PeerStatus {
        let incarnation = self.incarnation.as_ref();
        PeerStatus {
            identity,
            connected: self.slot.is_some(),
            boot: incarnation.map(|incarnation| incarnation.boot),
            round_trip: self.slot.as_ref().and_then(|slot| slot.link.round_trip()),
            last_heard: incarnation.and_then(|incarnation| incarnation.last_heard()),
            last_error: self.last_error.clone(),
        }
    }
}
