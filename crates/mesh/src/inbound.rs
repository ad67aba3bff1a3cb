//! What the mesh tells the node.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::{Discipline, Identity, Lane, Limits, Waiting, sync::lock};

/// What happened on a link. For one peer the order is always: connected, its messages,
/// disconnected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A link stands.
    Connected {
        /// The peer's identity.
        peer: Identity,
        /// The nonce of the peer's process: another value means that it started anew and forgot
        /// what it held in memory.
        boot: [u8; 16],
    },
    /// The link ended; what was under way in either direction is lost.
    Disconnected {
        /// The peer's identity.
        peer: Identity,
    },
    /// A peer sent a message.
    Message {
        /// Who sent it, as TLS proved.
        from: Identity,
        /// The lane it came by.
        lane: Lane,
        /// The message, at most [`Lane::longest_message`] bytes.
        bytes: Bytes,
    },
}

/// The receiving end of a mesh. Dropping it drops what would still come.
#[derive(Debug)]
pub struct Inbound(Arc<Intake>);

/// What both ends of the queue share.
#[derive(Debug)]
pub(crate) struct Intake {
    state: Mutex<State>,
    /// Something came, or nothing more will.
    came: Notify,
    /// Something was taken.
    left: Notify,
}

#[derive(Debug)]
struct State {
    discipline: Discipline<Event>,
    is_ended: bool,
    is_read: bool,
}

/// Room that one event or message takes, until it is delivered or this is dropped.
pub(crate) struct Room {
    queue: Arc<Intake>,
    peer: Identity,
    waiting: Waiting,
    amount: usize,
}

impl Intake {
    pub fn new(limits: &Limits) -> Arc<Self> {
        let discipline = Discipline::new(limits);
        let state = Mutex::new(State { discipline, is_ended: false, is_read: true });
        Arc::new(Self { state, came: Notify::new(), left: Notify::new() })
    }

    pub fn reader(self: &Arc<Self>) -> Inbound {
        Inbound(self.clone())
    }

    /// Room for a part of a message or for an event, if there is so much at this moment.
    pub fn reserve(
        self: &Arc<Self>,
        peer: &Identity,
        waiting: Waiting,
        amount: usize,
    ) -> Option<Room> {
        let reserved = lock(&self.state).discipline.reserve(peer, waiting, amount);
        reserved.then(|| Room { queue: self.clone(), peer: *peer, waiting, amount })
    }

    /// Waits for room as long as it takes.
    pub async fn reserved(
        self: &Arc<Self>,
        peer: &Identity,
        waiting: Waiting,
        amount: usize,
    ) -> Room {
        loop {
            let mut left = pin!(self.left.notified());
            left.as_mut().enable();
            if let Some(room) = self.reserve(peer, waiting, amount) {
                return room;
            }
            left.await;
        }
    }

    /// Lets an event wait in its room.
    pub fn deliver(&self, event: Event, mut room: Room) {
        let mut state = lock(&self.state);
        if state.is_read && !state.is_ended {
            let amount = core::mem::take(&mut room.amount);
            state.discipline.push(&room.peer, room.waiting, amount, event);
            drop(state);
            self.came.notify_one();
        }
    }

    /// Nothing more will come.
    pub fn end(&self) {
        lock(&self.state).is_ended = true;
        self.came.notify_one();
    }
}

impl Room {
    /// Makes one room of two of the same peer and sort.
    pub fn merge(&mut self, mut other: Room) {
        self.amount += core::mem::take(&mut other.amount);
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if self.amount > 0 {
            let mut state = lock(&self.queue.state);
            state.discipline.release(&self.peer, self.waiting, self.amount);
            drop(state);
            self.queue.left.notify_waiters();
        }
    }
}

impl Inbound {
    /// Takes the next event; `None` after the mesh was shut down and everything before that was
    /// taken. Cancel safe.
    pub async fn recv(&mut self) -> Option<Event> {
        loop {
            let came = self.0.came.notified();
            let (event, is_ended) = {
                let mut state = lock(&self.0.state);
                (state.discipline.pop(), state.is_ended)
            };
            if event.is_some() {
                self.0.left.notify_waiters();
                return event;
            }
            if is_ended {
                return None;
            }
            came.await;
        }
    }
}

impl Drop for Inbound {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.is_read = false;
        state.discipline.clear();
        drop(state);
        self.0.left.notify_waiters();
    }
}
