//! Starts workers ahead of need.

use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::zygote::{Dead, LOAD_TIME, NoWorker, Zygote, open_graves};
use super::{PoolConfig, PoolError};
use crate::protocol::{self, FRAME_BYTES_MAX_FROM_RUNNER, FromRunner};
use crate::sandbox::Layer;
use crate::session::Leash;

/// The wait after a worker that did not start, before the next attempt.
const RETRY_WAIT: Duration = Duration::from_secs(1);

/// The thread that starts workers. A zygote dies with the thread that started it, so this one lives
/// as long as its pool, which threads of an async runtime need not.
pub(super) struct Nursery {
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the first worker found: the kernel's layers that are missing, or why it did not start.
pub(super) type First = Result<Vec<Layer>, PoolError>;

impl Nursery {
    /// Starts. The channel holds the workers that stand ready; closing it ends the thread.
    pub(super) fn open(
        config: &PoolConfig,
    ) -> (Self, mpsc::Receiver<Worker>, oneshot::Receiver<First>) {
        let (ready, workers) = mpsc::channel(config.size);
        let (first, first_result) = oneshot::channel();
        let (config, runtime) = (config.clone(), Handle::current());
        let thread = thread::spawn(move || tend(&config, &runtime, &ready, first));
        (Self { thread: Mutex::new(Some(thread)) }, workers, first_result)
    }

    /// Waits for the thread to end, once the channel is closed.
    pub(super) async fn close(&self) {
        if let Some(thread) = self.thread.lock().await.take() {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn tend(
    config: &PoolConfig,
    runtime: &Handle,
    ready: &mpsc::Sender<Worker>,
    first: oneshot::Sender<First>,
) {
    let mut first = Some(first);
    let mut zygote = None;
    let dead = open_graves();
    let places = Arc::new(Semaphore::new(config.processes()));
    while let Ok(place) = runtime.block_on(places.clone().acquire_owned())
        && let Ok(slot) = runtime.block_on(ready.reserve())
    {
        let started = start(&mut zygote, config, &dead, place);
        match (
            started.and_then(|(worker, missing)| {
                config.judge(missing).map(|missing| (worker, missing))
            }),
            first.take(),
        ) {
            (Ok((worker, missing_layers)), first) => {
                slot.send(worker);
                first.map(|first| first.send(Ok(missing_layers)));
            }
            (Err(error), Some(first)) => {
                let _ = first.send(Err(error));
                return;
            }
            (Err(error), None) => {
                drop(slot);
                tracing::warn!(%error, "an action runner did not start");
                thread::sleep(RETRY_WAIT);
            }
        }
    }
}

/// Has the zygote fork a worker; another zygote, if this one has died.
fn start(
    zygote: &mut Option<Zygote>,
    config: &PoolConfig,
    dead: &blocking::Sender<Dead>,
    place: OwnedSemaphorePermit,
) -> Result<(Worker, Vec<Layer>), PoolError> {
    let failed = |reason: String| PoolError::Runner { runner: config.runner.clone(), reason };
    let (ours, theirs) = UnixStream::pair().map_err(|error| failed(error.to_string()))?;
    // A worker that cannot write reads: the node may read on only once its replies are taken.
    theirs.set_nonblocking(true).map_err(|error| failed(error.to_string()))?;
    let mut process = None;
    if let Some(zygote) = zygote.as_ref() {
        match zygote.fork(theirs.as_fd()) {
            Ok(forked) => process = Some(forked),
            Err(NoWorker::Fork(reason)) => return Err(failed(reason)),
            Err(NoWorker::Zygote(reason)) => {
                tracing::warn!(reason, "another zygote of action runners is started")
            }
        }
    }
    let process = match process {
        Some(process) => process,
        None => {
            // The old one first: its workers are not to run on.
            drop(zygote.take());
            let zygote =
                zygote.insert(Zygote::start(config).map_err(|error| failed(error.to_string()))?);
            match zygote.fork(theirs.as_fd()) {
                Ok(process) => process,
                Err(NoWorker::Fork(reason) | NoWorker::Zygote(reason)) => {
                    return Err(failed(reason));
                }
            }
        }
    };
    // The worker has the other end alone, so that its end is noticed.
    drop(theirs);
    let mut worker = Worker { process: Some((process, place)), socket: None, dead: dead.clone() };
    let missing_layers = wait_until_ready(&ours).map_err(failed)?;
    ours.set_nonblocking(true).map_err(|error| failed(error.to_string()))?;
    worker.socket = Some(ours);
    Ok((worker, missing_layers))
}

/// A process that is loaded and waits for its one action. Dropping it kills it.
pub(super) struct Worker {
    process: Option<Dead>,
    socket: Option<UnixStream>,
    dead: blocking::Sender<Dead>,
}

impl Worker {
    /// The socket to the process, once.
    pub(super) fn socket(&mut self) -> Option<tokio::net::UnixStream> {
        tokio::net::UnixStream::from_std(self.socket.take()?).ok()
    }

    /// Whether it died while it waited.
    pub(super) fn has_ended(&self) -> bool {
        self.process.as_ref().is_none_or(|(process, _)| process.has_ended())
    }
}

impl Leash for Worker {
    fn give_way(&self) {
        if let Some((process, _)) = &self.process {
            process.give_way();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            process.0.kill();
            let _ = self.dead.send(process);
        }
    }
}

fn wait_until_ready(mut socket: &UnixStream) -> Result<Vec<Layer>, String> {
    socket.set_read_timeout(Some(LOAD_TIME)).map_err(|error| error.to_string())?;
    let mut received = Vec::new();
    let mut chunk = [0; 1024];
    loop {
        match protocol::take(&mut received, FRAME_BYTES_MAX_FROM_RUNNER) {
            Ok(Some(FromRunner::Ready { missing_layers })) => return Ok(missing_layers),
            Ok(Some(_)) => return Err("it spoke before it was ready".into()),
            Err(error) => return Err(error.to_string()),
            Ok(None) => {}
        }
        match socket.read(&mut chunk) {
            Ok(0) => return Err("it ended before it was ready".into()),
            Ok(length) => received.extend_from_slice(chunk.get(..length).unwrap_or_default()),
            Err(error) => return Err(format!("it did not become ready: {error}")),
        }
    }
}
