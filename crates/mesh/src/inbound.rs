//! What the mesh tells the node.

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::{Identity, Lane, quota::Room};

/// What happened on a link. For one peer the order is always: connected, its messages,
/// disconnected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A link stands.
    Connected {
        /// The peer's identity.
        peer: Identity,
        /// The nonce of the peer's process: another value means that it started anew and forgot
        /// what it held in memory.
        boot: [u8; 16],
    },
    /// The link ended; what was under way in either direction is lost.
    Disconnected {
        /// The peer's identity.
        peer: Identity,
    },
    /// A peer sent a message.
    Message {
        /// Who sent it, as TLS proved.
        from: Identity,
        /// The lane it came by.
        lane: Lane,
        /// The message, at most [`Lane::longest_message`] bytes.
        bytes: Bytes,
    },
}

/// The queue has no limit of its own: every delivery holds room of its peer's
/// [`crate::quota::Quota`].
pub(crate) struct Delivery {
    pub event: Event,
    pub room: Room,
}

/// The receiving end of a mesh. Dropping it drops what would still come.
#[derive(Debug)]
pub struct Inbound {
    deliveries: mpsc::UnboundedReceiver<Delivery>,
}

impl Inbound {
    pub(crate) fn channel() -> (mpsc::UnboundedSender<Delivery>, Self) {
        let (sender, deliveries) = mpsc::unbounded_channel();
        (sender, Self { deliveries })
    }

    /// Takes the next event; `None` after the mesh was shut down and everything before that was
    /// taken. Cancel safe.
    pub async fn recv(&mut self) -> Option<Event> {
        let Delivery { event, room } = self.deliveries.recv().await?;
        drop(room);
        Some(event)
    }
}
