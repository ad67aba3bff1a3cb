//! Why there is no link.

use std::io;

use crate::{FrameError, Lane, PinError, Refusal};

/// Why a link ended or could not be made. The peer it concerns stands beside it, in the log and in
/// [`crate::PeerStatus`].
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// No TCP connection.
    #[error("cannot connect: {0}")]
    Connect(#[source] io::Error),
    /// No TCP connection in time.
    #[error("cannot connect: no answer in time")]
    ConnectTimeout,
    /// The TLS handshake failed.
    #[error("handshake failed: {0}")]
    Handshake(#[source] io::Error),
    /// The TLS handshake took too long.
    #[error("handshake not finished in time")]
    HandshakeTimeout,
    /// The other side is not who it should be.
    #[error("wrong identity: {0}")]
    Pin(#[from] PinError),
    /// The other side speaks another protocol or version.
    #[error("the other side speaks another protocol or version")]
    OtherProtocol,
    /// The other side said nothing after the handshake.
    #[error("no hello in time")]
    HelloTimeout,
    /// The other side serves another network.
    #[error("the peer serves another network")]
    OtherNetwork,
    /// The other side's machine was resumed from a memory snapshot.
    #[error(
        "the peer's frame counter ran backward within one boot: its machine was resumed from a memory snapshot"
    )]
    Rewound,
    /// The other side said why it does not want this link.
    #[error("the peer refuses: {0}")]
    Refused(Refusal),
    /// The other side was taken off the peer list meanwhile.
    #[error("not a peer any more")]
    NotAPeer,
    /// A newer connection from the same peer came first.
    #[error("a newer connection took its place")]
    Superseded,
    /// The first bytes of a frame are wrong.
    #[error("bad frame: {0}")]
    Frame(#[from] FrameError),
    /// A message is longer than its lane takes.
    #[error("message of the {lane:?} lane is longer than {} bytes", .lane.longest_message())]
    MessageTooLong {
        /// The lane.
        lane: Lane,
    },
    /// A pong came that nobody waited for.
    #[error("a pong that answers no ping")]
    UnexpectedPong,
    /// A ping came before the last was answered.
    #[error("a ping before the last was answered")]
    ImpatientPing,
    /// The connection broke or the other side closed it.
    #[error("connection lost: {0}")]
    Lost(#[from] io::Error),
    /// No whole frame came for [`crate::DEAD_LINK_TIMEOUT`].
    #[error("heard nothing for too long")]
    Silent,
    /// The other side took nothing for [`crate::DEAD_LINK_TIMEOUT`].
    #[error("the peer takes nothing any more")]
    Stalled,
    /// This node does not take events from [`crate::Inbound`] fast enough.
    #[error("this node does not keep up with the peer's messages")]
    InboundFull,
    /// This side closed the link: it was replaced, the peer was removed, or the mesh shut down.
    #[error("closed by this side")]
    Closed,
}

impl LinkError {
    /// What to tell a peer whose hello led to this.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::OtherNetwork => Some(Refusal::OtherNetwork),
            Self::Rewound => Some(Refusal::Rewound),
            _ => None,
        }
    }
}
