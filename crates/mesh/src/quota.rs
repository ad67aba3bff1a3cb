//! How much of one peer may wait to be taken from [`crate::Inbound`].

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{
    Identity, Lane, Limits, LinkError, MESSAGE_OVERHEAD, Waiting,
    inbound::{Intake, Room},
};

/// The rooms of one peer. They outlive its links: who comes back often has no more of them.
pub(crate) struct Quota {
    queue: Arc<Intake>,
    peer: Identity,
    patience: Duration,
}

impl Quota {
    pub fn new(queue: &Arc<Intake>, peer: &Identity, limits: &Limits) -> Self {
        Self { queue: queue.clone(), peer: *peer, patience: limits.timeouts.inbound }
    }

    /// Waits for room for one piece of a message, for as long as the limits say.
    pub async fn reserve(&self, lane: Lane, length: usize, last: bool) -> Result<Room, LinkError> {
        let amount = length + if last { MESSAGE_OVERHEAD } else { 0 };
        let reserved = self.queue.reserved(&self.peer, Waiting::Message(lane), amount);
        timeout(self.patience, reserved).await.map_err(|_| LinkError::InboundFull)
    }

    /// Room for the two events that begin and end a link.
    pub fn reserve_link(&self) -> Result<(Room, Room), LinkError> {
        let room = || self.queue.reserve(&self.peer, Waiting::LinkEvent, 1);
        room().zip(room()).ok_or(LinkError::InboundFull)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{INBOUND_LINK_EVENTS, Timeouts};

    fn quota(limits: &Limits) -> Quota {
        Quota::new(&Intake::new(limits), &[1; 32], limits)
    }

    #[tokio::test]
    async fn has_room_up_to_the_limit_and_not_beyond() {
        let timeouts = Timeouts { inbound: Duration::from_millis(1), ..Timeouts::default() };
        let quota =
            quota(&Limits { bulk_inbound: 1000 + MESSAGE_OVERHEAD, timeouts, ..Limits::default() });
        let held = quota.reserve(Lane::Bulk, 1000, true).await.unwrap();
        assert!(matches!(quota.reserve(Lane::Bulk, 1, false).await, Err(LinkError::InboundFull)));
        drop(held);
        assert!(matches!(quota.reserve(Lane::Bulk, 1001, true).await, Err(LinkError::InboundFull)));
        assert!(quota.reserve(Lane::Bulk, 1000, true).await.is_ok());
    }

    #[test]
    fn lets_only_so_many_links_begin_and_end_unread() {
        let quota = quota(&Limits::default());
        let mut held: Vec<_> =
            (0..INBOUND_LINK_EVENTS / 2).map(|_| quota.reserve_link().unwrap()).collect();
        assert!(quota.reserve_link().is_err());
        held.pop();
        assert!(quota.reserve_link().is_ok());
    }
}
