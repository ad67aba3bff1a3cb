//! The socket to the node.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use conclave_actions::protocol::{
    self, FRAME_BYTES_MAX_FROM_RUNNER, FRAME_BYTES_MAX_TO_RUNNER, FrameError, FromRunner, ToRunner,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read, write};
use rustix::stdio::stdin;

/// How much is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// The socket: a worker's standard input. Once it is closed or broken the process has no purpose,
/// and ends.
#[derive(Clone, Default)]
pub(crate) struct Link {
    received: Rc<RefCell<Vec<u8>>>,
}

impl Link {
    pub(crate) fn send(&self, message: &FromRunner) {
        self.try_send(message).unwrap_or_else(|_| end());
    }

    /// Sends what fits a frame, and nothing of what does not.
    pub(crate) fn try_send(&self, message: &FromRunner) -> Result<(), FrameError> {
        let frame = protocol::encode(message, FRAME_BYTES_MAX_FROM_RUNNER)?;
        let mut left = frame.as_slice();
        while !left.is_empty() {
            match write(stdin(), left) {
                Ok(written) => left = left.get(written..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.wait_for_room(),
                Err(_) => end(),
            }
        }
        Ok(())
    }

    /// Takes in what the node sends meanwhile: it may wait for that before it reads on.
    fn wait_for_room(&self) {
        if events_within(PollFlags::IN | PollFlags::OUT, None).contains(PollFlags::IN) {
            read_chunk(&mut self.received.borrow_mut());
        }
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
            if events_within(PollFlags::IN, time).is_empty() {
                return None;
            }
            read_chunk(&mut received);
        }
    }
}

fn read_chunk(received: &mut Vec<u8>) {
    let mut chunk = [0; CHUNK_BYTES];
    match read(stdin(), &mut chunk) {
        Ok(0) => end(),
        Ok(length) => received.extend_from_slice(chunk.get(..length).unwrap_or_default()),
        Err(Errno::INTR | Errno::AGAIN) => {}
        Err(_) => end(),
    }
}

/// What the socket is ready for; nothing when the time is over, or when something else interrupted
/// the wait: the next timer is asked for again.
fn events_within(wanted: PollFlags, time: Option<Duration>) -> PollFlags {
    let time = time.map(|time| Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    });
    let socket = stdin();
    let mut sockets = [PollFd::new(&socket, wanted)];
    match poll(&mut sockets, time.as_ref()) {
        Ok(_) => sockets[0].revents(),
        Err(Errno::INTR) => PollFlags::empty(),
        Err(_) => end(),
    }
}

fn end() -> ! {
    std::process::exit(1)
}
