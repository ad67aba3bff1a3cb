//! A worker that was taken over, for tests and the fuzzer: what it sends is theirs, not the
//! runner's.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::SemaphorePermit;

use crate::action::{Action, Outcome};
use crate::egress::Egress;
use crate::error::{RunError, RunErrorKind};
use crate::host::Host;
use crate::session::{self, Hired, Leash, Request, Workers};

/// No worker for any child.
pub(crate) struct Nobody;

impl Workers for Nobody {
    fn for_child(&self) -> BoxFuture<'_, Result<(Hired, SemaphorePermit<'_>), RunErrorKind>> {
        futures_util::future::ready(Err(RunErrorKind::Busy)).boxed()
    }
}

/// Of a worker that is no process.
impl Leash for () {
    fn give_way(&self) {}
}

/// A worker at the other end of a socket, with nothing that it lives by.
pub(crate) fn hired(socket: UnixStream) -> Hired {
    Hired { socket, leash: Box::new(()) }
}

/// Runs an action on a worker that sends these bytes and hangs up. Returns how the action ended and
/// what the worker was sent.
pub async fn run_on_worker_that_sends(
    bytes: &[u8],
    action: &Action,
    host: Arc<dyn Host>,
    egress: &Egress,
) -> std::io::Result<(Result<Outcome, RunError>, Vec<u8>)> {
    let (ours, theirs) = UnixStream::pair()?;
    let (mut reader, mut writer) = theirs.into_split();
    let sending = async {
        // The node may hang up first.
        let _ = writer.write_all(bytes).await;
        let _ = writer.shutdown().await;
    };
    let receiving = async {
        let mut received = Vec::new();
        let _ = reader.read_to_end(&mut received).await;
        received
    };
    let request = Request { action, host: host.as_ref(), egress, workers: &Nobody };
    let (ended, (), received) =
        tokio::join!(session::run(hired(ours), request, "{}".into()), sending, receiving);
    Ok((ended, received))
}
