//! The mesh as the node sees it.

use std::{
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use tokio::{net::TcpListener, runtime::Handle, task::JoinHandle};
use zeroize::Zeroizing;

use crate::{
    Identity, IdentityError, Inbound, Lane, Limits, Peer, PeerStatus, SetPeersError, accept, dial,
    hello::Hello, identity::KeyPair, inbound::Intake, registry::Registry, sync::lock, tls::Tls,
};

/// What a mesh needs to start.
#[derive(Clone)]
pub struct MeshConfig {
    /// The Ed25519 seed of the own identity.
    pub identity: Zeroizing<[u8; 32]>,
    /// Where to listen; port 0 takes any free one, see [`Mesh::address`].
    pub listen: SocketAddr,
    /// Identifies the network; a peer that names another is refused.
    pub network: [u8; 32],
    /// What may wait where, and for how long.
    pub limits: Limits,
}

impl fmt::Debug for MeshConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeshConfig")
            .field("identity", &"redacted")
            .field("listen", &self.listen)
            .field("network", &hex::encode(self.network))
            .field("limits", &self.limits)
            .finish()
    }
}

/// A mesh did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The seed of the identity is unusable.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A limit would never let the longest message pass, or is zero.
    #[error("limit `{name}` is too small")]
    Limit {
        /// Name of the field.
        name: &'static str,
    },
    /// The address is not free or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The system gave no randomness for the boot nonce.
    #[error("no randomness for the boot nonce: {0}")]
    Randomness(#[from] getrandom::Error),
    /// The TLS library does not take our settings.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// A message was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The identity is not in the peer list.
    #[error("no such peer")]
    NoSuchPeer,
    /// No link to the peer stands at this moment.
    #[error("the peer is not connected")]
    NotConnected,
    /// The lane's queue to the peer is full.
    #[error("the queue to the peer is full")]
    QueueFull,
    /// The message is longer than its lane takes.
    #[error("a message of {length} bytes; the lane takes {limit}")]
    TooLong {
        /// Length of the message in bytes.
        length: usize,
        /// Longest message of the lane in bytes.
        limit: usize,
    },
}

/// Links to all peers. Dropping it ends them.
pub struct Mesh {
    registry: Arc<Registry>,
    tls: Arc<Tls>,
    address: SocketAddr,
    runtime: Handle,
    listening: Mutex<Option<JoinHandle<()>>>,
}

impl Mesh {
    /// Starts listening, with no peers yet. Must be called within a Tokio runtime, which then runs
    /// the mesh.
    pub async fn start(config: MeshConfig) -> Result<(Self, Inbound), StartError> {
        if let Some(name) = config.limits.too_small() {
            return Err(StartError::Limit { name });
        }
        let key = KeyPair::from_seed(&config.identity)?;
        let mut boot = [0; 16];
        getrandom::fill(&mut boot)?;
        let listen_error = |source| StartError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;

        let queue = Intake::new(&config.limits);
        let inbound = queue.reader();
        let hello = Hello { network: config.network, boot };
        let registry = Arc::new(Registry::new(key.identity, hello, config.limits, queue));
        let tls = Arc::new(Tls::new(key));
        let acceptor = tls.acceptor(registry.clone())?;
        let listening = tokio::spawn(accept::listen(listener, acceptor, registry.clone()));
        let mesh = Self {
            registry,
            tls,
            address,
            runtime: Handle::current(),
            listening: Mutex::new(Some(listening)),
        };
        Ok((mesh, inbound))
    }

    /// The own identity.
    pub fn identity(&self) -> Identity {
        self.registry.identity
    }

    /// The own boot nonce, as peers see it.
    pub fn boot(&self) -> [u8; 16] {
        self.registry.hello.boot
    }

    /// The address that the mesh listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Replaces the peer list. Links to peers that leave it end; a peer that stays keeps its link,
    /// and a new address of it is used from the next dial on. The own identity may stand in the
    /// list and is passed over.
    pub fn set_peers(&self, peers: Vec<Peer>) -> Result<(), SetPeersError> {
        self.registry.set_peers(peers, |peer| {
            self.runtime.spawn(dial::keep_linked(self.registry.clone(), self.tls.clone(), peer))
        })
    }

    /// Queues a message. Never blocks; `Ok` does not mean that it arrives.
    pub fn send(&self, to: &Identity, lane: Lane, message: Bytes) -> Result<(), SendError> {
        self.registry.send(to, lane, message)
    }

    /// All peers of the list, by identity.
    pub fn peers(&self) -> Vec<PeerStatus> {
        self.registry.status()
    }

    /// Ends all links and stops listening; [`Inbound`] ends after what it still holds. What is
    /// queued is not sent.
    pub async fn shutdown(&self) {
        if let Some(listening) = self.stop() {
            // Ends with the error of a cancelled task, which is what was asked for.
            let _ = listening.await;
        }
    }

    fn stop(&self) -> Option<JoinHandle<()>> {
        self.registry.close();
        let listening = lock(&self.listening).take();
        if let Some(listening) = &listening {
            listening.abort();
        }
        listening
    }
}

impl Drop for Mesh {
    fn drop(&mut self) {
        self.stop();
    }
}
