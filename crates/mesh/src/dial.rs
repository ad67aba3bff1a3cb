//! Keeps a link to one peer that is ours to dial.

use std::{sync::Arc, time::Instant};

use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsStream;

use crate::{
    Identity, LinkError, STEADY_LINK,
    backoff::Backoff,
    hello::{Hello, write_refusal},
    identity::short,
    link,
    registry::{Installed, Registry},
    tls::Tls,
};

/// Dials a peer again and again for as long as it is in the list.
pub(crate) async fn keep_linked(registry: Arc<Registry>, tls: Arc<Tls>, peer: Identity) {
    let mut backoff = Backoff::new();
    loop {
        match dial(&registry, &tls, &peer).await {
            Ok((installed, stream)) => {
                let since = Instant::now();
                link::run(installed, stream).await;
                // A peer that takes links and drops them at once is not dialled at full speed.
                if since.elapsed() >= STEADY_LINK {
                    backoff.reset();
                }
            }
            Err(LinkError::NotAPeer) => return,
            Err(error) => registry.failed(&peer, error),
        }
        sleep(backoff.next()).await;
    }
}

async fn dial(
    registry: &Arc<Registry>,
    tls: &Tls,
    peer: &Identity,
) -> Result<(Installed, TlsStream<TcpStream>), LinkError> {
    let address = registry.address(peer).ok_or(LinkError::NotAPeer)?;
    let timeouts = &registry.limits.timeouts;
    let arrival = registry.next_arrival();
    tracing::trace!(peer = short(peer), %address, "dialling");
    let stream = timeout(timeouts.connect, TcpStream::connect(address))
        .await
        .map_err(|_| LinkError::ConnectTimeout)?
        .map_err(LinkError::Connect)?;
    link::prepare(&stream);
    let mut stream = timeout(timeouts.handshake, tls.connect(*peer, address.ip(), stream))
        .await
        .map_err(|_| LinkError::HandshakeTimeout)??;
    let greeting = async {
        let counter = registry.next_counter();
        registry.hello.write(&mut stream, counter).await?;
        let (hello, heard) = Hello::read(&mut stream).await?;
        match registry.admit(peer, arrival, &hello, heard) {
            Ok(admission) => registry.install(admission, counter),
            Err(error) => {
                if let Some(refusal) = error.refusal() {
                    write_refusal(&mut stream, registry.next_counter(), refusal).await?;
                }
                Err(error)
            }
        }
    };
    let installed =
        timeout(timeouts.hello, greeting).await.map_err(|_| LinkError::HelloTimeout)??;
    Ok((installed, stream))
}
