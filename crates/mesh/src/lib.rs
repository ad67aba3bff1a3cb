//! Authenticated links between the nodes of a network.
//!
//! A [`Mesh`] keeps one link to every peer of the list it was given: TLS 1.3 over TCP, where both
//! sides prove an Ed25519 identity as a raw public key (RFC 7250) that the list pins. No
//! certificates, no authorities, no discovery. Over each link travel opaque messages in two lanes,
//! so that a long ceremony message never delays a short signing message.
//!
//! ```no_run
//! # use std::error::Error;
//! use conclave_mesh::{Event, Lane, Limits, Mesh, MeshConfig, Peer};
//!
//! # async fn example(seed: [u8; 32], network: [u8; 32], members: Vec<Peer>)
//! #     -> Result<(), Box<dyn Error>> {
//! let (mesh, mut inbound) = Mesh::start(MeshConfig {
//!     identity: seed.into(),
//!     listen: "0.0.0.0:7570".parse()?,
//!     network,
//!     limits: Limits::default(),
//! })
//! .await?;
//! mesh.set_peers(members)?;
//! while let Some(event) = inbound.recv().await {
//!     if let Event::Message { from, bytes, .. } = event {
//!         mesh.send(&from, Lane::Urgent, bytes)?;
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! **What a link promises.** `from` is the identity that TLS proved, never something a message
//! says. Messages of one lane arrive whole, once and in order, or the link ends and
//! [`Event::Disconnected`] says so; what was queued or in flight is then lost. Nothing is
//! acknowledged and nothing is sent again: that is the protocols' business.
//!
//! **When a reader does not keep up.** What waits in [`Inbound`] is limited per peer and lane. A
//! link whose lane is full is not read for up to [`Timeouts::inbound`] (its urgent lane and pings
//! wait too; every other peer's link goes on); after that it is closed with
//! [`LinkError::InboundFull`], and dialled again.
//!
//! **Resumed machines.** A hello carries the boot nonce of its process, and every frame a counter
//! that never runs backward within a boot, not even over several links. A peer whose counter does
//! was resumed from a memory snapshot; that boot is refused from then on, until the peer starts
//! afresh.
//!
//! The mesh deliberately does not know protocols, epochs, ceremonies or any key but the identities;
//! it reads neither the chain nor the disk, and does not look into a message.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

/// Name and version of what links carry, frames included. TLS negotiates it: another version fails
/// the handshake.
const VERSION: &str = "conclave-mesh/2";

mod accept;
mod assembly;
mod backoff;
mod dial;
mod discipline;
mod frame;
mod hello;
mod identity;
mod inbound;
mod lane;
mod limits;
mod link;
mod mesh;
mod outbox;
mod quota;
mod registry;
mod sync;
mod tls;

pub use discipline::{Discipline, Waiting};
pub use frame::FrameError;
pub use hello::Refusal;
pub use identity::{Identity, IdentityError, identity_of};
pub use inbound::{Event, Inbound};
pub use lane::Lane;
pub use limits::{
    ACCEPT_PAUSE, CONNECT_TIMEOUT, DEAD_LINK_TIMEOUT, FAREWELL_TIMEOUT, FIRST_BACKOFF,
    HANDSHAKE_TIMEOUT, HELLO_TIMEOUT, INBOUND_LINK_EVENTS, INBOUND_TIMEOUT, LARGEST_BACKOFF,
    Limits, MAX_BULK_MESSAGE, MAX_FRAME_PAYLOAD, MAX_HANDSHAKES, MAX_PEERS, MAX_URGENT_MESSAGE,
    MESSAGE_OVERHEAD, PING_INTERVAL, QueueLimit, STEADY_LINK, Timeouts, UNSENT_BYTES,
};
pub use link::LinkError;
pub use mesh::{Mesh, MeshConfig, SendError, StartError};
pub use registry::{Peer, PeerStatus, SetPeersError};
pub use tls::PinError;
