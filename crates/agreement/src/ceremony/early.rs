//! Messages of protocols that came before the ceremony that they belong to.

use conclave_threshold::envelope::Envelope;
use conclave_threshold::party::PartyId;
use conclave_threshold::session::SessionId;
use std::collections::VecDeque;

/// How many of one peer's are kept.
pub const MAX_EARLY_MESSAGES: usize = 32;
/// Their bytes together, bulk included: only first rounds can come early, and the longest is under
/// two megabytes.
pub const MAX_EARLY_BYTES: usize = 8 << 20;

#[derive(Default)]
pub struct Early(VecDeque<(PartyId, Envelope)>);

fn length(envelope: &Envelope) -> usize {
    envelope.body.0.len() + envelope.bulk.0.len()
}

impl Early {
    /// Keeps a message; each peer pushes out its own only, the oldest first.
    pub fn keep(&mut self, from: PartyId, envelope: Envelope) {
        self.0.push_back((from, envelope));
        loop {
            let theirs = self.0.iter().filter(|(peer, _)| *peer == from);
            let (count, bytes) = theirs
                .fold((0, 0), |(count, bytes), (_, early)| (count + 1, bytes + length(early)));
            if count <= MAX_EARLY_MESSAGES && bytes <= MAX_EARLY_BYTES {
                return;
            }
            let Some(oldest) = self.0.iter().position(|(peer, _)| *peer == from) else { return };
            self.0.remove(oldest);
        }
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Their bytes.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(_, early)| length(early)).sum()
    }

    /// Those of a session that begins.
    pub fn take(&mut self, sid: &SessionId) -> VecDeque<(PartyId, Envelope)> {
        let (theirs, rest) = core::mem::take(&mut self.0)
            .into_iter()
            .partition(|(_, envelope)| envelope.sid == *sid);
        self.0 = rest;
        theirs
    }

    /// Drops what came over a link that is gone.
    pub fn forget(&mut self, peer: PartyId) {
        self.0.retain(|(from, _)| *from != peer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_threshold::envelope::{Bulk, To};
    use ed25519_dalek::SigningKey;

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    fn envelope(session: u8, body: usize, bulk: usize) -> Envelope {
        let key = SigningKey::from_bytes(&[1; 32]);
        Envelope::seal_with_bulk(
            &key,
            [session; 32],
            1,
            party(1),
            To::All,
            vec![0; body],
            Bulk::new(vec![0; bulk]),
        )
    }

    #[test]
    fn so_many_messages_of_a_peer_are_kept_and_one_more_takes_the_place_of_its_oldest() {
        let mut early = Early::default();
        early.keep(party(2), envelope(200, 1, 0));
        for session in 0..MAX_EARLY_MESSAGES as u8 {
            early.keep(party(1), envelope(session, 1, 0));
        }
        assert_eq!(early.0.len(), MAX_EARLY_MESSAGES + 1);
        early.keep(party(1), envelope(100, 1, 0));
        assert_eq!(early.0.len(), MAX_EARLY_MESSAGES + 1);
        assert!(early.take(&[0; 32]).is_empty());
        assert_eq!(early.take(&[1; 32]).len(), 1);
        assert_eq!(early.take(&[200; 32]).len(), 1, "another peer's stay");
    }

    #[test]
    fn so_many_bytes_of_a_peer_are_kept_and_not_one_more_wherever_in_the_message_they_are() {
        for (body, bulk) in [(MAX_EARLY_BYTES, 0), (0, MAX_EARLY_BYTES), (1, MAX_EARLY_BYTES - 1)] {
            let mut early = Early::default();
            early.keep(party(1), envelope(1, body, bulk));
            assert_eq!(early.0.len(), 1);
            early.keep(party(1), envelope(2, 0, 1));
            assert_eq!(early.take(&[2; 32]).len(), 1);
            assert!(early.take(&[1; 32]).is_empty());
        }
        let mut early = Early::default();
        early.keep(party(1), envelope(1, 1, MAX_EARLY_BYTES));
        assert!(early.0.is_empty());
    }

    #[test]
    fn what_came_over_a_lost_link_is_dropped() {
        let mut early = Early::default();
        early.keep(party(1), envelope(1, 1, 1));
        early.keep(party(2), envelope(1, 1, 1));
        early.forget(party(1));
        assert_eq!(
            early.take(&[1; 32]).iter().map(|(from, _)| *from).collect::<Vec<_>>(),
            [party(2)]
        );
    }
}
