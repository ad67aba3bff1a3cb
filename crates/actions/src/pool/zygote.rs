//! The process that workers are forked from, and what is left of a worker.

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc as blocking;
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::process::Pid;
use tokio::sync::OwnedSemaphorePermit;

use super::PoolConfig;
use crate::packet;
use crate::protocol::{FromZygote, ToZygote};

/// How long the zygote may take to load, and a worker to be ready.
pub(super) const LOAD_TIME: Duration = Duration::from_secs(10);

/// How long the end of a killed process is waited for.
const BURIAL_TIME: Duration = Duration::from_secs(10);

/// Of who gives way, as `setpriority` counts it: a tenth of the processor where somebody else wants
/// all of it.
const LOW_PRIORITY: i32 = 10;

/// Why there is no worker.
pub(super) enum NoWorker {
    /// The zygote has died, or is not to be understood: only another one will do.
    Zygote(String),
    /// It could not fork.
    Fork(String),
}

/// A zygote. Dropping it kills it, and its workers die with it; as they do with the thread that
/// started it.
pub(super) struct Zygote {
    process: Child,
    control: Arc<OwnedFd>,
}

impl Zygote {
    pub(super) fn start(config: &PoolConfig) -> io::Result<Self> {
        let (ours, theirs) = packet::pair()?;
        let mut command = Command::new(&config.runner);
        command.arg(config.memory_bytes_max.to_string()).env_clear().current_dir("/");
        // Local time is that of no place, so that no file of a place is looked for. This is all of
        // the environment: a process cannot change its own in a safe way.
        command.env("TZ", "UTC0");
        command.stdin(Stdio::from(theirs)).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((uid, gid)) = config.user {
            // Supplementary groups are dropped with it.
            command.gid(gid).uid(uid);
        }
        Ok(Self { process: command.spawn()?, control: Arc::new(ours) })
    }

    /// Has it fork a worker at the other end of a socket.
    pub(super) fn fork(&self, socket: BorrowedFd<'_>) -> Result<Process, NoWorker> {
        let failed = |error: io::Error| NoWorker::Zygote(error.to_string());
        packet::send(&self.control, &ToZygote::Fork, Some(socket)).map_err(failed)?;
        if !is_readable_within(&self.control, LOAD_TIME) {
            return Err(NoWorker::Zygote("it does not answer".into()));
        }
        match packet::receive(&self.control) {
            Ok((FromZygote::Forked, Some(descriptor))) => {
                Ok(Process { descriptor, control: self.control.clone() })
            }
            Ok((FromZygote::Forked, None)) => {
                Err(NoWorker::Zygote("its answer is not to be understood".into()))
            }
            Ok((FromZygote::Failed(reason), _)) => Err(NoWorker::Fork(reason)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(NoWorker::Zygote("it ended while it loaded".into()))
            }
            Err(error) => Err(failed(error)),
        }
    }
}

impl Drop for Zygote {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A worker's process, which no reuse of numbers can turn into another.
pub(super) struct Process {
    descriptor: OwnedFd,
    control: Arc<OwnedFd>,
}

impl Process {
    pub(super) fn has_ended(&self) -> bool {
        is_readable_within(&self.descriptor, Duration::ZERO)
    }

    /// Lowers its priority.
    pub(super) fn give_way(&self) {
        // Both fail only when the process has ended, or where nobody may look: then it runs on as
        // it did.
        if let Some(process) = self.number() {
            let _ = rustix::process::setpriority_process(Some(process), LOW_PRIORITY);
        }
    }

    /// Its number, which is another's only after whoever forked it was told to bury it.
    fn number(&self) -> Option<Pid> {
        let about =
            fs::read_to_string(format!("/proc/self/fdinfo/{}", self.descriptor.as_raw_fd()))
                .ok()?;
        let number =
            about.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()?;
        // Of a process that was buried it is -1.
        if number > 0 { Pid::from_raw(number) } else { None }
    }

    pub(super) fn kill(&self) {
        // It fails only when the process has ended already.
        let _ = rustix::process::pidfd_send_signal(&self.descriptor, rustix::process::Signal::KILL);
    }
}

/// A process that was killed, and the place that it holds until it is gone.
pub(super) type Dead = (Process, OwnedSemaphorePermit);

/// Starts the thread that waits for the end of killed processes.
pub(super) fn open_graves() -> blocking::Sender<Dead> {
    let (dead, graves) = blocking::channel::<Dead>();
    thread::spawn(move || {
        for (process, place) in graves {
            is_readable_within(&process.descriptor, BURIAL_TIME);
            // A zygote that has died reaps nothing, and has nothing to reap.
            let _ = packet::send(&process.control, &ToZygote::Reap, None);
            drop(place);
        }
    });
    dead
}

fn is_readable_within(descriptor: &impl AsFd, time: Duration) -> bool {
    let time = Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    };
    let mut descriptors = [PollFd::new(descriptor, PollFlags::IN)];
    retry_on_intr(|| poll(&mut descriptors, Some(&time))).is_ok_and(|ready| ready > 0)
}
