//! Connections to the API: how many, how long one may take to say what it wants, and their end.

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// Connections open at a time. The next waits in the operating system's queue.
pub const MAX_CONNECTIONS: usize = 2_048;
/// How long a connection may take to send a request's headers, its idle time before them included.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests under way may still take when the node is told to stop.
const FAREWELL: Duration = Duration::from_secs(3);
/// After a failed accept: most often there are no file descriptors left, and looking again at once
/// does not help.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` says so.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    loop {
        let accepted = async {
            let place = room.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, stream) = tokio::select! {
            accepted = accepted => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Ok((stream, _)) = stream else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Answers are small and somebody waits for each.
        let _ = stream.set_nodelay(true);
        let connection =
            http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that breaks off is no event.
            let _ = connection.await;
            drop(place);
        });
    }
    // Clients keep connections open, and requests may take long: neither keeps a node from
    // stopping.
    let _ = tokio::time::timeout(FAREWELL, graceful.shutdown()).await;
}
