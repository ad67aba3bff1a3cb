//! One link: what is known of it, and what runs over it until it ends.

mod error;
mod incarnation;
mod receive;

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_rustls::TlsStream;

pub use error::LinkError;
pub(crate) use incarnation::Incarnation;

use crate::{
    FAREWELL_TIMEOUT, Identity, Timeouts, UNSENT_BYTES, outbox::Outbox, registry::Installed,
    sync::lock,
};

pub(crate) struct Link {
    pub peer: Identity,
    incarnation: Arc<Incarnation>,
    /// Counter of the peer's hello.
    heard: u64,
    pub outbox: Outbox,
    pings: Mutex<Pings>,
    closing: Notify,
}

/// At most one ping is under way, so a second one before our pong is the peer's fault.
#[derive(Default)]
struct Pings {
    sent: u64,
    pending: Option<(u64, Instant)>,
    round_trip: Option<Duration>,
}

impl Link {
    /// A link to a peer whose hello had the counter `heard`.
    pub fn new(peer: Identity, incarnation: Arc<Incarnation>, heard: u64, outbox: Outbox) -> Self {
        Self { peer, incarnation, heard, outbox, pings: Mutex::default(), closing: Notify::new() }
    }

    /// Ends the link from outside, whatever it is waiting for.
    pub fn close(&self) {
        self.outbox.close();
        self.closing.notify_one();
    }

    pub fn round_trip(&self) -> Option<Duration> {
        lock(&self.pings).round_trip
    }

    fn ping(&self) {
        let mut pings = lock(&self.pings);
        if pings.pending.is_none() {
            pings.sent += 1;
            pings.pending = Some((pings.sent, Instant::now()));
            self.outbox.ping(pings.sent);
        }
    }

    fn pong(&self, payload: [u8; 8]) -> Result<(), LinkError> {
        let mut pings = lock(&self.pings);
        match pings.pending.take() {
            Some((number, sent)) if number == u64::from_be_bytes(payload) => {
                pings.round_trip = Some(sent.elapsed());
                Ok(())
            }
            _ => Err(LinkError::UnexpectedPong),
        }
    }
}

/// Sets up a TCP connection for short messages.
pub(crate) fn prepare(stream: &TcpStream) {
    // Both options only make the link faster; a system without them still has a link.
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES);
}

/// Runs a link that stands until it ends, and notes why it ended.
pub(crate) async fn run(installed: Installed, stream: TlsStream<TcpStream>) {
    let (registry, link) = (installed.registry.clone(), installed.link.clone());
    let timeouts = &registry.limits.timeouts;
    let (mut reader, mut writer) = tokio::io::split(stream);
    let error = tokio::select! {
        ended = receive::receive(&installed, &mut reader) => ended,
        ended = transmit(&link, &mut writer, timeouts) => ended,
        never = keep_alive(&link, timeouts) => match never {},
        () = link.closing.notified() => LinkError::Closed,
    };
    installed.end(error);
    let _ = timeout(FAREWELL_TIMEOUT, writer.shutdown()).await;
}

async fn transmit(
    link: &Link,
    writer: &mut (impl AsyncWrite + Unpin),
    timeouts: &Timeouts,
) -> LinkError {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        if link.outbox.fill(&mut buffer).await.is_err() {
            return LinkError::Closed;
        }
        let written = timeout(timeouts.dead_link, async {
            writer.write_all(&buffer).await?;
            writer.flush().await
        });
        match written.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.into(),
            Err(_) => return LinkError::Stalled,
        }
    }
}

async fn keep_alive(link: &Link, timeouts: &Timeouts) -> Infallible {
    let mut beat = interval(timeouts.ping);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        link.ping();
    }
}
