//! Being told to stop.

use std::io;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often a process looks whether its parent is still there.
const PARENT_POLL: Duration = Duration::from_millis(500);
/// The exit code of a process that did not wait for its own clean end.
const IMPATIENT_EXIT: i32 = 130;

/// Ctrl-C, or a polite request of another process.
pub struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupt {
    /// From now on these signals do not end the process by themselves.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => (),
            _ = self.terminate.recv() => (),
        }
    }

    /// Ends at the first signal. A second one ends the process at once.
    pub async fn wait(mut self) {
        self.next().await;
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(IMPATIENT_EXIT);
        });
    }
}

/// Ends when the process that started this one has ended.
pub async fn parent_ended() {
    let parent = rustix::process::getppid();
    while rustix::process::getppid() == parent {
        tokio::time::sleep(PARENT_POLL).await;
    }
}
