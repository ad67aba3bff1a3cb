//! How much of one peer may wait to be taken from [`crate::Inbound`].

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{INBOUND_LINK_EVENTS, Lane, Limits, LinkError, MESSAGE_OVERHEAD};

/// Room that one event or message takes; it is free again when this is dropped.
pub(crate) type Room = OwnedSemaphorePermit;

/// The rooms of one peer. They outlive its links: who comes back often has no more of them.
pub(crate) struct Quota {
    urgent: Arc<Semaphore>,
    bulk: Arc<Semaphore>,
    link_events: Arc<Semaphore>,
    patience: Duration,
}

impl Quota {
    pub fn new(limits: &Limits) -> Self {
        let room = |size: usize| Arc::new(Semaphore::new(size.min(Semaphore::MAX_PERMITS)));
        Self {
            urgent: room(limits.urgent_inbound),
            bulk: room(limits.bulk_inbound),
            link_events: room(INBOUND_LINK_EVENTS),
            patience: limits.timeouts.inbound,
        }
    }

    /// Waits for room for one piece of a message, for as long as the limits say.
    pub async fn reserve(&self, lane: Lane, length: usize, last: bool) -> Result<Room, LinkError> {
        let room = match lane {
            Lane::Urgent => &self.urgent,
            Lane::Bulk => &self.bulk,
        };
        let full = || LinkError::InboundFull;
        let amount =
            u32::try_from(length + if last { MESSAGE_OVERHEAD } else { 0 }).map_err(|_| full())?;
        let reserved = timeout(self.patience, room.clone().acquire_many_owned(amount)).await;
        reserved.map_err(|_| full())?.map_err(|_| full())
    }

    /// Room for the two events that begin and end a link.
    pub fn reserve_link(&self) -> Result<(Room, Room), LinkError> {
        let room =
            || self.link_events.clone().try_acquire_owned().map_err(|_| LinkError::InboundFull);
        Ok((room()?, room()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timeouts;

    #[tokio::test]
    async fn has_room_up_to_the_limit_and_not_beyond() {
        let timeouts = Timeouts { inbound: Duration::from_millis(1), ..Timeouts::default() };
        let quota = Quota::new(&Limits {
            bulk_inbound: 1000 + MESSAGE_OVERHEAD,
            timeouts,
            ..Limits::default()
        });
        let held = quota.reserve(Lane::Bulk, 1000, true).await.unwrap();
        assert!(matches!(quota.reserve(Lane::Bulk, 1, false).await, Err(LinkError::InboundFull)));
        drop(held);
        assert!(matches!(quota.reserve(Lane::Bulk, 1001, true).await, Err(LinkError::InboundFull)));
        assert!(quota.reserve(Lane::Bulk, 1000, true).await.is_ok());
    }

    #[test]
    fn lets_only_so_many_links_begin_and_end_unread() {
        let quota = Quota::new(&Limits::default());
        let mut held: Vec<_> =
            (0..INBOUND_LINK_EVENTS / 2).map(|_| quota.reserve_link().unwrap()).collect();
        assert!(quota.reserve_link().is_err());
        held.pop();
        assert!(quota.reserve_link().is_ok());
    }
}
