//! Workers that do members' jobs at low priority, so that no ceremony delays a signature.

use conclave_agreement::{Finished, Job, Workshop};
use conclave_threshold::ids::EpochDigest;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::Sender;

/// Jobs done at a time. A waiting worker costs a stack and nothing else.
pub const WORKERS: usize = 8;
/// Jobs that wait for a worker. A member has at most one for each of its ceremonies and two for
/// each peer.
pub const MAX_JOBS: usize = 1_024;
/// How low a worker ranks below the signing path (the operating system's nice value).
const NICENESS: i32 = 10;

/// A job of the member of one epoch.
struct Assigned {
    epoch: EpochDigest,
    job: Job,
    workshop: Arc<dyn Workshop>,
}

/// A job that came back to the member of an epoch.
pub struct Returned {
    pub epoch: EpochDigest,
    pub finished: Finished,
}

/// The workers of one node. They end when this is dropped.
pub struct Jobs(SyncSender<Assigned>);

impl Jobs {
    /// Starts the workers; finished jobs go to `done`.
    pub fn start(done: &Sender<Returned>) -> std::io::Result<Self> {
        let (sender, waiting) = sync_channel(MAX_JOBS);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..WORKERS {
            let (waiting, done) = (waiting.clone(), done.clone());
            std::thread::Builder::new()
                .name("ceremony".into())
                .spawn(move || work(&waiting, &done))?;
        }
        Ok(Jobs(sender))
    }

    /// Has a job done. One that finds no place is dropped: its ceremony or exchange times out.
    pub fn give(&self, epoch: EpochDigest, job: Job, workshop: Arc<dyn Workshop>) {
        match self.0.try_send(Assigned { epoch, job, workshop }) {
            Ok(()) => (),
            Err(TrySendError::Full(_)) => {
                tracing::warn!(limit = MAX_JOBS, "a job of a ceremony found no place");
            }
            Err(TrySendError::Disconnected(_)) => tracing::error!("no worker takes jobs"),
        }
    }
}

/// Raising one's niceness needs no privilege; where it fails, the worker is only less polite.
fn be_polite() {
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS);
}

fn work(waiting: &Mutex<Receiver<Assigned>>, done: &Sender<Returned>) {
    be_polite();
    loop {
        let next = crate::lock::locked(waiting).recv();
        let Ok(Assigned { epoch, job, workshop }) = next else { return };
        let finished = job.run(&workshop);
        if done.blocking_send(Returned { epoch, finished }).is_err() {
            return;
        }
    }
}
