//! Every limit of the mesh, by name.

use std::time::Duration;

use crate::Lane;

/// Longest message of the urgent lane, in bytes.
pub const MAX_URGENT_MESSAGE: usize = 1 << 20;
/// Longest message of the bulk lane, in bytes.
pub const MAX_BULK_MESSAGE: usize = 32 << 20;
/// Longest payload of one frame, in bytes: what an urgent message waits for at most, once the
/// network takes data.
pub const MAX_FRAME_PAYLOAD: usize = 64 << 10;
/// Most peers in a list.
pub const MAX_PEERS: usize = 1024;
/// Most accepted connections that have not proved who they are. One more, and the oldest is
/// dropped: whoever holds connections open without speaking pushes out itself.
pub const MAX_HANDSHAKES: usize = 256;
/// What a message in [`crate::Inbound`] costs of its lane's room beside its own bytes.
pub const MESSAGE_OVERHEAD: usize = 256;
/// Most `Connected` and `Disconnected` events of one peer that wait in [`crate::Inbound`].
pub const INBOUND_LINK_EVENTS: usize = 32;
/// Most bytes that the kernel holds unsent per link: they cannot be overtaken any more.
pub const UNSENT_BYTES: u32 = 128 << 10;

/// Longest wait for a TCP connection.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest TLS handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for the other side's hello.
pub const HELLO_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause between two pings.
pub const PING_INTERVAL: Duration = Duration::from_secs(1);
/// A link is dead when no whole frame came, or none could be sent, for this long.
pub const DEAD_LINK_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for room in [`crate::Inbound`]. Shorter than [`DEAD_LINK_TIMEOUT`], so that the
/// side that is slow is also the side that says so.
pub const INBOUND_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait for an orderly end of a link.
pub const FAREWELL_TIMEOUT: Duration = Duration::from_millis(500);
/// First pause between two attempts to reach a peer; it doubles up to [`LARGEST_BACKOFF`].
pub const FIRST_BACKOFF: Duration = Duration::from_millis(50);
/// Largest pause between two attempts to reach a peer.
pub const LARGEST_BACKOFF: Duration = Duration::from_millis(800);
/// A link that lasted this long makes the next pause the first again.
pub const STEADY_LINK: Duration = Duration::from_secs(3);
/// Pause after the system could not accept a connection, for example for want of file descriptors.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How much one queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLimit {
    /// Most messages.
    pub messages: usize,
    /// Most bytes of all messages together.
    pub bytes: usize,
}

/// The limits that a node may set. Each starts from a named constant or the values of
/// [`Limits::default`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Unsent urgent messages per peer.
    pub urgent_queue: QueueLimit,
    /// Unsent bulk messages per peer.
    pub bulk_queue: QueueLimit,
    /// Urgent bytes per peer that were received and not yet taken from [`crate::Inbound`],
    /// unfinished messages included.
    pub urgent_inbound: usize,
    /// The same for the bulk lane.
    pub bulk_inbound: usize,
    /// See [`MAX_HANDSHAKES`].
    pub handshakes: usize,
    /// How long to wait for what.
    pub timeouts: Timeouts,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            urgent_queue: QueueLimit { messages: 4096, bytes: 4 << 20 },
            bulk_queue: QueueLimit { messages: 256, bytes: 64 << 20 },
            urgent_inbound: 4 << 20,
            bulk_inbound: 64 << 20,
            handshakes: MAX_HANDSHAKES,
            timeouts: Timeouts::default(),
        }
    }
}

impl Limits {
    pub(crate) fn queue(&self, lane: Lane) -> QueueLimit {
        match lane {
            Lane::Urgent => self.urgent_queue,
            Lane::Bulk => self.bulk_queue,
        }
    }

    pub(crate) fn inbound(&self, lane: Lane) -> usize {
        match lane {
            Lane::Urgent => self.urgent_inbound,
            Lane::Bulk => self.bulk_inbound,
        }
    }

    /// The first limit under which the longest message of its lane could never pass, if there is
    /// one.
    pub(crate) fn too_small(&self) -> Option<&'static str> {
        let fits = |lane: Lane| {
            let (queue, longest) = (self.queue(lane), lane.longest_message());
            (
                queue.messages > 0 && queue.bytes >= longest,
                self.inbound(lane) >= longest + MESSAGE_OVERHEAD,
            )
        };
        let ((urgent_queue, urgent_inbound), (bulk_queue, bulk_inbound)) =
            (fits(Lane::Urgent), fits(Lane::Bulk));
        [
            ("urgent_queue", urgent_queue),
            ("urgent_inbound", urgent_inbound),
            ("bulk_queue", bulk_queue),
            ("bulk_inbound", bulk_inbound),
            ("handshakes", self.handshakes > 0),
            ("timeouts.ping", !self.timeouts.ping.is_zero()),
        ]
        .into_iter()
        .find_map(|(name, fits)| (!fits).then_some(name))
    }
}

/// How long to wait for what; the constants of the same names are the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// See [`CONNECT_TIMEOUT`].
    pub connect: Duration,
    /// See [`HANDSHAKE_TIMEOUT`].
    pub handshake: Duration,
    /// See [`HELLO_TIMEOUT`].
    pub hello: Duration,
    /// See [`PING_INTERVAL`].
    pub ping: Duration,
    /// See [`DEAD_LINK_TIMEOUT`].
    pub dead_link: Duration,
    /// See [`INBOUND_TIMEOUT`].
    pub inbound: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: CONNECT_TIMEOUT,
            handshake: HANDSHAKE_TIMEOUT,
            hello: HELLO_TIMEOUT,
            ping: PING_INTERVAL,
            dead_link: DEAD_LINK_TIMEOUT,
            inbound: INBOUND_TIMEOUT,
        }
    }
}
