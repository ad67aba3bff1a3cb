//! Takes the links that peers dial.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, TlsStream};
use tracing::{debug, warn};

use crate::{
    ACCEPT_PAUSE, FAREWELL_TIMEOUT, Identity, LinkError,
    hello::{Hello, write_refusal},
    link,
    registry::{Installed, Registry},
    sync::lock,
    tls,
};

/// Accepts connections until it is aborted, and everything it accepted ends with it.
pub(crate) async fn listen(listener: TcpListener, acceptor: TlsAcceptor, registry: Arc<Registry>) {
    let lobby = Arc::new(Lobby::default());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let arrival = registry.next_arrival();
                    let evicted = lobby.admit(arrival, registry.limits.handshakes, |seat| {
                        connections.spawn(serve(stream, acceptor.clone(), registry.clone(), arrival, seat))
                    });
                    if let Some(oldest) = evicted {
                        debug!("too many connections without a hello; the oldest is dropped");
                        oldest.abort();
                    }
                }
                Err(error) => {
                    warn!(%error, "cannot accept connections");
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// The connections that have not said a good hello yet, oldest first.
#[derive(Default)]
struct Lobby {
    waiting: Mutex<BTreeMap<u64, AbortHandle>>,
}

/// A place in the lobby, given back when it is dropped.
struct Seat {
    lobby: Arc<Lobby>,
    arrival: u64,
}

impl Lobby {
    /// Seats a newcomer, and returns the oldest to be sent away if there are more than `limit` now.
    fn admit(
        self: &Arc<Self>,
        arrival: u64,
        limit: usize,
        spawn: impl FnOnce(Seat) -> AbortHandle,
    ) -> Option<AbortHandle> {
        // Held over `spawn`, so that a seat is never given back before it is taken.
        let mut waiting = lock(&self.waiting);
        waiting.insert(arrival, spawn(Seat { lobby: self.clone(), arrival }));
        if waiting.len() <= limit {
            return None;
        }
        waiting.pop_first().map(|(_, oldest)| oldest)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.lobby.waiting).remove(&self.arrival);
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    registry: Arc<Registry>,
    arrival: u64,
    seat: Seat,
) {
    link::prepare(&stream);
    let timeouts = &registry.limits.timeouts;
    let handshake = match timeout(timeouts.handshake, tls::accept(&acceptor, stream)).await {
        Ok(handshake) => handshake,
        Err(_) => Err(LinkError::HandshakeTimeout),
    };
    let (peer, mut stream) = match handshake {
        Ok(proven) => proven,
        Err(error) => {
            debug!(%error, "connection refused");
            return;
        }
    };
    let greeted = match timeout(timeouts.hello, greet(&registry, &peer, arrival, &mut stream)).await
    {
        Ok(greeted) => greeted,
        Err(_) => Err(LinkError::HelloTimeout),
    };
    drop(seat);
    match greeted {
        Ok(installed) => link::run(installed, stream).await,
        Err(error) => {
            registry.failed(&peer, error);
            let _ = timeout(FAREWELL_TIMEOUT, stream.shutdown()).await;
        }
    }
}

async fn greet(
    registry: &Arc<Registry>,
    peer: &Identity,
    arrival: u64,
    stream: &mut TlsStream<TcpStream>,
) -> Result<Installed, LinkError> {
    let (hello, heard) = Hello::read(stream).await?;
    let admitted = registry.admit(peer, arrival, &hello, heard);
    let counter = registry.next_counter();
    match admitted {
        Ok(admission) => {
            registry.hello.write(stream, counter).await?;
            registry.install(admission, counter)
        }
        Err(error) => {
            if let Some(refusal) = error.refusal() {
                write_refusal(stream, counter, refusal).await?;
            }
            Err(error)
        }
    }
}
