//! What waits to be sent over one link, and in which order it goes.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::{
    Lane, Limits, MAX_FRAME_PAYLOAD, QueueLimit,
    frame::{self, Kind},
    sync::lock,
};

/// Frames are handed to TLS together until they reach this many bytes. The last may begin just
/// below, so an urgent message waits for at most this and one frame.
const WRITE_BATCH: usize = MAX_FRAME_PAYLOAD;

/// The queues of one link.
pub(crate) struct Outbox {
    state: Mutex<State>,
    filled: Notify,
    /// Frames of this boot to whomever. Every link counts on from here, so a later link never
    /// repeats a counter of an earlier one.
    frames: Arc<AtomicU64>,
}

struct State {
    pong: Option<[u8; 8]>,
    ping: Option<[u8; 8]>,
    urgent: Queue,
    bulk: Queue,
    next_counter: u64,
    closed: bool,
}

struct Queue {
    lane: Lane,
    limit: QueueLimit,
    messages: VecDeque<Bytes>,
    unsent: usize,
}

/// A lane's queue has no room for a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// The link has ended; nothing more will be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed;

/// A second ping came before the first was answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PongPending;

impl Outbox {
    /// Queues for a link whose hello had the counter `hello`, drawn from `frames`.
    pub fn new(limits: &Limits, frames: Arc<AtomicU64>, hello: u64) -> Self {
        let queue =
            |lane| Queue { lane, limit: limits.queue(lane), messages: VecDeque::new(), unsent: 0 };
        let state = State {
            pong: None,
            ping: None,
            urgent: queue(Lane::Urgent),
            bulk: queue(Lane::Bulk),
            next_counter: hello + 1,
            closed: false,
        };
        Self { state: Mutex::new(state), filled: Notify::new(), frames }
    }

    pub fn push(&self, lane: Lane, message: Bytes) -> Result<(), Full> {
        let mut state = lock(&self.state);
        match lane {
            Lane::Urgent => state.urgent.push(message)?,
            Lane::Bulk => state.bulk.push(message)?,
        }
        self.filled.notify_one();
        Ok(())
    }

    pub fn ping(&self, number: u64) {
        lock(&self.state).ping = Some(number.to_be_bytes());
        self.filled.notify_one();
    }

    pub fn pong(&self, payload: [u8; 8]) -> Result<(), PongPending> {
        let mut state = lock(&self.state);
        if state.pong.is_some() {
            return Err(PongPending);
        }
        state.pong = Some(payload);
        self.filled.notify_one();
        Ok(())
    }

    /// After this no counter is drawn any more.
    pub fn close(&self) {
        lock(&self.state).closed = true;
        self.filled.notify_one();
    }

    /// Waits until there is something to send, and appends the next frames to `buffer`.
    pub async fn fill(&self, buffer: &mut Vec<u8>) -> Result<(), Closed> {
        loop {
            self.fill_now(buffer)?;
            if !buffer.is_empty() {
                return Ok(());
            }
            self.filled.notified().await;
        }
    }

    fn fill_now(&self, buffer: &mut Vec<u8>) -> Result<(), Closed> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(Closed);
        }
        while buffer.len() < WRITE_BATCH {
            let Some((kind, payload)) = state.next_frame() else { break };
            let counter = state.next_counter;
            state.next_counter += 1;
            self.frames.fetch_add(1, Ordering::Relaxed);
            frame::append(buffer, kind, counter, &payload);
        }
        Ok(())
    }
}

impl State {
    fn next_frame(&mut self) -> Option<(Kind, Bytes)> {
        let control = |payload: [u8; 8]| Bytes::copy_from_slice(&payload);
        if let Some(payload) = self.pong.take() {
            return Some((Kind::Pong, control(payload)));
        }
        if let Some(payload) = self.ping.take() {
            return Some((Kind::Ping, control(payload)));
        }
        self.urgent.next_piece().or_else(|| self.bulk.next_piece())
    }
}

impl Queue {
    fn push(&mut self, message: Bytes) -> Result<(), Full> {
        if self.messages.len() >= self.limit.messages
            || self.unsent.saturating_add(message.len()) > self.limit.bytes
        {
            return Err(Full);
        }
        self.unsent += message.len();
        self.messages.push_back(message);
        Ok(())
    }

    fn next_piece(&mut self) -> Option<(Kind, Bytes)> {
        let message = self.messages.front_mut()?;
        let piece = message.split_to(message.len().min(MAX_FRAME_PAYLOAD));
        self.unsent -= piece.len();
        let last = message.is_empty();
        if last {
            self.messages.pop_front();
        }
        Some((Kind::Piece { lane: self.lane, last }, piece))
    }
}

#[cfg(test)]
mod tests;
