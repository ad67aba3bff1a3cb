//! The socket to the node.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

use conclave_actions::protocol::{self, FRAME_BYTES_MAX_FROM_RUNNER, FRAME_BYTES_MAX_TO_RUNNER, FromRunner, ToRunner};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// The socket. Once it is closed or broken the process has no purpose, and ends.
#[derive(Clone)]
pub(crate) struct Link {
    socket: Rc<UnixStream>,
    received: Rc<RefCell<Vec<u8>>>,
}

impl Link {
    /// The node hands the socket over as standard input.
    pub(crate) fn from_standard_input() -> io::Result<Self> {
        let socket = io::stdin().as_fd().try_clone_to_owned()?;
        Ok(Self { socket: Rc::new(UnixStream::from(socket)), received: Rc::default() })
    }

    pub(crate) fn send(&self, message: &FromRunner) {
        let frame = protocol::encode(message, FRAME_BYTES_MAX_FROM_RUNNER).unwrap_or_else(|_| end());
        self.socket.as_ref().write_all(&frame).unwrap_or_else(|_| end());
    }

    /// Waits for the next message.
    pub(crate) fn receive(&self) -> ToRunner {
        loop {
            if let Some(message) = self.receive_within(None) {
                return message;
            }
        }
    }

    /// Waits for the next message for so long, or, without a time, without end.
    pub(crate) fn receive_within(&self, time: Option<Duration>) -> Option<ToRunner> {
        let mut received = self.received.borrow_mut();
        loop {
            match protocol::take(&mut received, FRAME_BYTES_MAX_TO_RUNNER) {
                Ok(Some(message)) => return Some(message),
                Ok(None) => {}
                Err(_) => end(),
            }
            if let Some(time) = time
                && !self.is_readable_within(time)
            {
                return None;
            }
            let mut chunk = [0; CHUNK_BYTES];
            match self.socket.as_ref().read(&mut chunk) {
                Ok(0) => end(),
                Ok(length) => received.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => end(),
            }
        }
    }

    fn is_readable_within(&self, time: Duration) -> bool {
        let time = Timespec { tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX), tv_nsec: time.subsec_nanos().into() };
        let mut sockets = [PollFd::new(&self.socket, PollFlags::IN)];
        match poll(&mut sockets, Some(&time)) {
            Ok(ready) => ready > 0,
            // The next timer is asked for again.
            Err(Errno::INTR) => false,
            Err(_) => end(),
        }
    }
}

fn end() -> ! {
    std::process::exit(1)
}
