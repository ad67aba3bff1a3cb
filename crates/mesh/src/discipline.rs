//! What received events may wait for the node, for how much of each peer there is room, and which
//! is taken next. Without I/O: [`crate::Inbound`] runs it, and so does whoever simulates a mesh.

use std::collections::{BTreeMap, VecDeque};

use crate::{INBOUND_LINK_EVENTS, Identity, Lane, Limits};

/// What a waiting item is. Each sort of each peer has room of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waiting {
    /// A message, or a part of one, that came by this lane. Its room is counted in bytes.
    Message(Lane),
    /// The beginning or the end of a link. Its room is counted in events.
    LinkEvent,
}

/// The items that wait, with the room that they and unfinished messages take. Items leave in the
/// order in which they came, whoever they are from.
#[derive(Debug)]
pub struct Discipline<T> {
    urgent: usize,
    bulk: usize,
    link_events: usize,
    taken: BTreeMap<(Identity, Waiting), usize>,
    items: VecDeque<(Identity, Waiting, usize, T)>,
}

impl<T> Discipline<T> {
    /// Nothing waits yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            urgent: limits.urgent_inbound,
            bulk: limits.bulk_inbound,
            link_events: INBOUND_LINK_EVENTS,
            taken: BTreeMap::new(),
            items: VecDeque::new(),
        }
    }

    /// How much room a peer has for one sort.
    pub fn limit(&self, waiting: Waiting) -> usize {
        match waiting {
            Waiting::Message(Lane::Urgent) => self.urgent,
            Waiting::Message(Lane::Bulk) => self.bulk,
            Waiting::LinkEvent => self.link_events,
        }
    }

    /// How much of it is taken.
    pub fn taken(&self, peer: &Identity, waiting: Waiting) -> usize {
        self.taken.get(&(*peer, waiting)).copied().unwrap_or(0)
    }

    /// Takes room for something that is to be [pushed](Self::push); `false` when there is too
    /// little.
    pub fn reserve(&mut self, peer: &Identity, waiting: Waiting, amount: usize) -> bool {
        let free = self.limit(waiting).saturating_sub(self.taken(peer, waiting));
        if amount > free {
            return false;
        }
        *self.taken.entry((*peer, waiting)).or_default() += amount;
        true
    }

    /// Gives room back that was reserved and will hold nothing.
    pub fn release(&mut self, peer: &Identity, waiting: Waiting, amount: usize) {
        if let Some(taken) = self.taken.get_mut(&(*peer, waiting)) {
            *taken = taken.saturating_sub(amount);
            if *taken == 0 {
                self.taken.remove(&(*peer, waiting));
            }
        }
    }

    /// Lets an item wait in room that was reserved for it.
    pub fn push(&mut self, peer: &Identity, waiting: Waiting, amount: usize, item: T) {
        self.items.push_back((*peer, waiting, amount, item));
    }

    /// Takes the next item; its room is free from now on.
    pub fn pop(&mut self) -> Option<T> {
        let (peer, waiting, amount, item) = self.items.pop_front()?;
        self.release(&peer, waiting, amount);
        Some(item)
    }

    /// Drops everything that waits.
    pub fn clear(&mut self) {
        while self.pop().is_some() {}
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URGENT: Waiting = Waiting::Message(Lane::Urgent);
    const BULK: Waiting = Waiting::Message(Lane::Bulk);

    #[test]
    fn each_sort_of_each_peer_has_room_of_its_own_that_leaving_items_give_back() {
        let limits = Limits { urgent_inbound: 10, bulk_inbound: 5, ..Limits::default() };
        let mut discipline = Discipline::new(&limits);
        let (one, other) = ([1; 32], [2; 32]);
        assert!(discipline.reserve(&one, URGENT, 10));
        assert!(!discipline.reserve(&one, URGENT, 1));
        assert!(discipline.reserve(&one, BULK, 5) && discipline.reserve(&other, URGENT, 10));
        discipline.push(&one, URGENT, 10, "first");
        assert!(!discipline.reserve(&one, URGENT, 1), "it waits");
        assert_eq!(discipline.pop(), Some("first"));
        assert!(discipline.reserve(&one, URGENT, 10));
        discipline.release(&one, BULK, 2);
        assert_eq!(discipline.taken(&one, BULK), 3);
        assert!(!discipline.reserve(&one, BULK, 3) && discipline.reserve(&one, BULK, 2));
    }

    #[test]
    fn items_leave_in_the_order_in_which_they_came() {
        let mut discipline = Discipline::new(&Limits::default());
        for (number, peer) in [[1; 32], [2; 32], [1; 32]].iter().enumerate() {
            assert!(discipline.reserve(peer, URGENT, 1));
            discipline.push(peer, URGENT, 1, number);
        }
        assert_eq!(discipline.len(), 3);
        assert_eq!([discipline.pop(), discipline.pop()], [Some(0), Some(1)]);
        discipline.clear();
        assert!(discipline.is_empty() && discipline.taken.is_empty());
    }
}
