//! Starts workers ahead of need and buries those that have served.

use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc as blocking;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::PoolConfig;
use crate::protocol::{self, FRAME_BYTES_MAX_FROM_RUNNER, FromRunner};

/// How long a worker may take to load.
const LOAD_TIME: Duration = Duration::from_secs(10);

/// The wait after a worker that did not start, before the next attempt.
const RETRY_WAIT: Duration = Duration::from_secs(1);

/// The thread that starts workers. A worker dies with the thread that started it, so this one lives as long as its pool,
/// which threads of an async runtime need not.
pub(super) struct Nursery {
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the first worker found: the kernel's layers that are missing, or why it did not start.
pub(super) type First = Result<Vec<String>, String>;

impl Nursery {
    /// Starts. The channel holds the workers that stand ready; closing it ends the thread.
    pub(super) fn open(config: &PoolConfig) -> (Self, mpsc::Receiver<Worker>, oneshot::Receiver<First>) {
        let (ready, workers) = mpsc::channel(config.size);
        let (first, first_result) = oneshot::channel();
        let (dead, graves) = blocking::channel::<Child>();
        thread::spawn(move || {
            for mut child in graves {
                // It was killed: this waits for no longer than the kernel needs.
                let _ = child.wait();
            }
        });
        let (config, runtime) = (config.clone(), Handle::current());
        let thread = thread::spawn(move || tend(&config, &runtime, &ready, &dead, first));
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
    dead: &blocking::Sender<Child>,
    first: oneshot::Sender<First>,
) {
    let mut first = Some(first);
    while let Ok(place) = runtime.block_on(ready.reserve()) {
        match (Worker::start(config, dead), first.take()) {
            (Ok((worker, missing_layers)), first) => {
                place.send(worker);
                first.map(|first| first.send(Ok(missing_layers)));
            }
            (Err(reason), Some(first)) => {
                let _ = first.send(Err(reason));
                return;
            }
            (Err(reason), None) => {
                drop(place);
                tracing::warn!(reason, "an action runner did not start");
                thread::sleep(RETRY_WAIT);
            }
        }
    }
}

/// A process that is loaded and waits for its one action. Dropping it kills it.
pub(super) struct Worker {
    child: Option<Child>,
    socket: Option<UnixStream>,
    dead: blocking::Sender<Child>,
}

impl Worker {
    fn start(config: &PoolConfig, dead: &blocking::Sender<Child>) -> Result<(Self, Vec<String>), String> {
        let (ours, theirs) = UnixStream::pair().map_err(|error| error.to_string())?;
        let child = Command::new(&config.runner)
            .arg(config.memory_bytes_max.to_string())
            .env_clear()
            // Local time is that of no place, so that no file of a place is looked for.
            .env("TZ", "UTC0")
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut worker = Self { child: Some(child), socket: None, dead: dead.clone() };
        let missing_layers = wait_until_ready(&ours)?;
        ours.set_nonblocking(true).map_err(|error| error.to_string())?;
        worker.socket = Some(ours);
        Ok((worker, missing_layers))
    }

    /// The socket to the process, once.
    pub(super) fn socket(&mut self) -> Option<tokio::net::UnixStream> {
        tokio::net::UnixStream::from_std(self.socket.take()?).ok()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It fails only when the process has ended already.
            let _ = child.kill();
            let _ = self.dead.send(child);
        }
    }
}

fn wait_until_ready(mut socket: &UnixStream) -> Result<Vec<String>, String> {
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
            Ok(0) => return Err("it ended while it loaded".into()),
            Ok(length) => received.extend_from_slice(&chunk[..length]),
            Err(error) => return Err(format!("it did not become ready: {error}")),
        }
    }
}
