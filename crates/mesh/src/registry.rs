//! The one shared state: who is a peer, and which link to it stands.

mod peer;

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use tokio::task::JoinHandle;
use tracing::{debug, info};

use peer::{Entry, Slot};
pub use peer::{Peer, PeerStatus};

use crate::{
    Event, Identity, Lane, Limits, LinkError, MAX_PEERS, SendError,
    hello::Hello,
    identity::short,
    inbound::{Intake, Room},
    link::{Incarnation, Link},
    outbox::Outbox,
    quota::Quota,
    sync::lock,
};

/// A peer list was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetPeersError {
    /// The list is longer than [`MAX_PEERS`].
    #[error("{given} peers are more than {MAX_PEERS}")]
    TooMany {
        /// How many were given.
        given: usize,
    },
    /// An identity stands twice in the list.
    #[error("peer {} stands twice in the list", short(.identity))]
    Repeated {
        /// The identity.
        identity: Identity,
    },
}

pub(crate) struct Registry {
    pub identity: Identity,
    pub hello: Hello,
    pub limits: Limits,
    /// See [`crate::outbox::Outbox`].
    frames: Arc<AtomicU64>,
    /// Numbers connections in the order in which they were accepted or dialled.
    arrivals: AtomicU64,
    state: Mutex<State>,
}

struct State {
    peers: HashMap<Identity, Entry>,
    inbound: Arc<Intake>,
    is_shut_down: bool,
}

/// A peer whose hello was good.
pub(crate) struct Admission {
    peer: Identity,
    arrival: u64,
    incarnation: Arc<Incarnation>,
    counter: u64,
}

/// A link that stands. When this is dropped, for whatever reason, the link is taken out of the
/// registry.
pub(crate) struct Installed {
    pub registry: Arc<Registry>,
    pub link: Arc<Link>,
    pub quota: Arc<Quota>,
}

impl Installed {
    /// Takes the link out of the registry and notes why it ended.
    pub fn end(self, error: LinkError) {
        let mut state = lock(&self.registry.state);
        if state.retire(&self.link.peer, |link| Arc::ptr_eq(link, &self.link)) {
            state.note(&self.link.peer, error);
        }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        lock(&self.registry.state).retire(&self.link.peer, |link| Arc::ptr_eq(link, &self.link));
    }
}

impl Registry {
    pub fn new(identity: Identity, hello: Hello, limits: Limits, inbound: Arc<Intake>) -> Self {
        let state = State { peers: HashMap::new(), inbound, is_shut_down: false };
        Self {
            identity,
            hello,
            limits,
            frames: Arc::new(AtomicU64::new(0)),
            arrivals: AtomicU64::new(1),
            state: Mutex::new(state),
        }
    }

    /// Whether it is for us to dial this peer: of two nodes, the one with the lower identity dials.
    pub fn dials(&self, peer: &Identity) -> bool {
        self.identity < *peer
    }

    pub fn is_peer(&self, identity: &Identity) -> bool {
        lock(&self.state).peers.contains_key(identity)
    }

    pub fn address(&self, peer: &Identity) -> Option<SocketAddr> {
        lock(&self.state).peers.get(peer).map(|entry| entry.address)
    }

    pub fn next_arrival(&self) -> u64 {
        self.arrivals.fetch_add(1, Ordering::Relaxed)
    }

    /// The counter of the next frame to be sent outside a link's outbox.
    pub fn next_counter(&self) -> u64 {
        self.frames.fetch_add(1, Ordering::Relaxed)
    }

    /// Puts another list in place. `dial` starts the dialler of a new peer.
    pub fn set_peers(
        &self,
        peers: Vec<Peer>,
        dial: impl Fn(Identity) -> JoinHandle<()>,
    ) -> Result<(), SetPeersError> {
        if peers.len() > MAX_PEERS {
            return Err(SetPeersError::TooMany { given: peers.len() });
        }
        let mut listed = HashSet::new();
        if let Some(peer) = peers.iter().find(|peer| !listed.insert(peer.identity)) {
            return Err(SetPeersError::Repeated { identity: peer.identity });
        }

        let mut state = lock(&self.state);
        if state.is_shut_down {
            return Ok(());
        }
        let removed = state.remove(|identity| !listed.contains(identity));
        for peer in peers.into_iter().filter(|peer| peer.identity != self.identity) {
            let State { peers, inbound, .. } = &mut *state;
            let entry = peers
                .entry(peer.identity)
                .or_insert_with(|| Entry::new(&peer, inbound, &self.limits));
            entry.address = peer.address;
            if entry.dialler.is_none() && self.dials(&peer.identity) {
                entry.dialler = Some(peer::Dialler(dial(peer.identity)));
            }
        }
        drop(state);
        drop(removed);
        Ok(())
    }

    /// Removes all peers for good; [`crate::Inbound`] ends.
    pub fn close(&self) {
        let mut state = lock(&self.state);
        let removed = state.remove(|_| true);
        state.is_shut_down = true;
        state.inbound.end();
        drop(state);
        drop(removed);
    }

    /// Judges a peer's hello. If it is good, an older link to the peer ends here, *before* our side
    /// draws any counter for the new one: that keeps our counters in order for the peer.
    pub fn admit(
        &self,
        peer: &Identity,
        arrival: u64,
        hello: &Hello,
        counter: u64,
    ) -> Result<Admission, LinkError> {
        if hello.network != self.hello.network {
            return Err(LinkError::OtherNetwork);
        }
        let mut state = lock(&self.state);
        let entry = state.peers.get_mut(peer).ok_or(LinkError::NotAPeer)?;
        if arrival < entry.arrival {
            return Err(LinkError::Superseded);
        }
        entry.arrival = arrival;
        let known = entry.incarnation.take().filter(|known| known.boot == hello.boot);
        let incarnation = known.unwrap_or_else(|| Arc::new(Incarnation::new(hello.boot)));
        entry.incarnation = Some(incarnation.clone());
        state.retire(peer, |_| true);
        if !incarnation.begin(counter) {
            return Err(LinkError::Rewound);
        }
        Ok(Admission { peer: *peer, arrival, incarnation, counter })
    }

    /// Makes the link to an admitted peer stand; `hello` is the counter of our own hello.
    pub fn install(
        self: &Arc<Self>,
        admission: Admission,
        hello: u64,
    ) -> Result<Installed, LinkError> {
        let Admission { peer, arrival, incarnation, counter } = admission;
        let mut state = lock(&self.state);
        let entry = state.peers.get_mut(&peer).ok_or(LinkError::NotAPeer)?;
        if arrival != entry.arrival {
            return Err(LinkError::Superseded);
        }
        let (greeting, farewell) = entry.quota.reserve_link()?;
        let boot = incarnation.boot;
        let outbox = Outbox::new(&self.limits, self.frames.clone(), hello);
        let link = Arc::new(Link::new(peer, incarnation, counter, outbox));
        entry.slot = Some(Slot { link: link.clone(), farewell });
        entry.last_error = None;
        let quota = entry.quota.clone();
        state.inbound.deliver(Event::Connected { peer, boot }, greeting);
        info!(peer = short(&peer), "link up");
        Ok(Installed { registry: self.clone(), link, quota })
    }

    /// Hands a message to the node; `false` if the link has been replaced or removed.
    pub fn deliver(&self, link: &Arc<Link>, lane: Lane, bytes: Bytes, room: Room) -> bool {
        let state = lock(&self.state);
        let slot = state.peers.get(&link.peer).and_then(|entry| entry.slot.as_ref());
        let stands = slot.is_some_and(|slot| Arc::ptr_eq(&slot.link, link));
        if stands {
            state.inbound.deliver(Event::Message { from: link.peer, lane, bytes }, room);
        }
        stands
    }

    pub fn send(&self, peer: &Identity, lane: Lane, message: Bytes) -> Result<(), SendError> {
        if message.len() > lane.longest_message() {
            return Err(SendError::TooLong {
                length: message.len(),
                limit: lane.longest_message(),
            });
        }
        let state = lock(&self.state);
        let entry = state.peers.get(peer).ok_or(SendError::NoSuchPeer)?;
        let slot = entry.slot.as_ref().ok_or(SendError::NotConnected)?;
        slot.link.outbox.push(lane, message).map_err(|_| SendError::QueueFull)
    }

    /// Notes why no link to a peer could be made.
    pub fn failed(&self, peer: &Identity, error: LinkError) {
        lock(&self.state).note(peer, error);
    }

    pub fn status(&self) -> Vec<PeerStatus> {
        let mut all: Vec<_> = lock(&self.state)
            .peers
            .iter()
            .map(|(identity, entry)| entry.status(*identity))
            .collect();
        all.sort_by_key(|status| status.identity);
        all
    }
}

impl State {
    /// Ends the link to `peer` if it is `the_one`, and says so; `false` if it is not.
    fn retire(&mut self, peer: &Identity, the_one: impl FnOnce(&Arc<Link>) -> bool) -> bool {
        let Some(entry) = self.peers.get_mut(peer) else { return false };
        let Some(Slot { link, farewell }) = entry.slot.take_if(|slot| the_one(&slot.link)) else {
            return false;
        };
        link.close();
        self.inbound.deliver(Event::Disconnected { peer: *peer }, farewell);
        info!(peer = short(peer), "link down");
        true
    }

    /// Keeps and logs why there is no link. The same reason again is not worth a line, and while
    /// another link stands the reason is not the peer's state.
    fn note(&mut self, peer: &Identity, error: LinkError) {
        let Some(entry) = self.peers.get_mut(peer) else { return };
        let repeated =
            entry.last_error.as_ref().is_some_and(|last| last.to_string() == error.to_string());
        if repeated {
            debug!(peer = short(peer), %error, "no link");
        } else {
            info!(peer = short(peer), %error, "no link");
        }
        if entry.slot.is_none() {
            entry.last_error = Some(Arc::new(error));
        }
    }

    /// Ends the links of the peers that `leaves` names. The entries are for dropping after the lock
    /// has been given back: that stops their diallers.
    fn remove(&mut self, leaves: impl Fn(&Identity) -> bool) -> Vec<Entry> {
        let leaving: Vec<Identity> =
            self.peers.keys().filter(|identity| leaves(identity)).copied().collect();
        leaving
            .iter()
            .filter_map(|identity| {
                self.retire(identity, |_| true);
                self.peers.remove(identity)
            })
            .collect()
    }
}
