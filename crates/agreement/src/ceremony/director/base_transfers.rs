//! Base oblivious transfers with every peer: this member's own exchanges, and its answers to
//! theirs.

use super::Director;
use crate::ceremony::job::{Done, Task};
use crate::ceremony::message::{CeremonyId, CeremonyMessage};
use crate::entropy::{Entropy, fresh};
use crate::time::Duration;
use conclave_threshold::codec::Bytes;
use conclave_threshold::ot::Pair;
use conclave_threshold::party::PartyId;

/// The longest message of base transfers: 128 pairs of points, a nonce, and room to spare.
const MAX_BASE_OT_MESSAGE: usize = 20 << 10;
/// How many base-transfer jobs of this member's own run at a time, so that they leave a core for
/// signing.
const MAX_BASE_OT_JOBS: usize = 2;
/// A peer that does not answer an exchange of base transfers within this is asked again.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(20);

impl Director {
    pub(super) fn on_base_ot(
        &mut self,
        from: PartyId,
        exchange: u64,
        message: Vec<u8>,
        entropy: &mut dyn Entropy,
    ) {
        // One at a time for each peer: a flood of one leaves the others their turn.
        if self.is_left_alone(from)
            || message.len() > MAX_BASE_OT_MESSAGE
            || !self.serving.insert(from)
        {
            return;
        }
        let pair = Pair { epoch: self.epoch.digest(), alice: from, bob: self.me };
        let randomness = entropy.randomness(b"base transfers, sender");
        self.start(Task::Answer { pair, exchange, message, randomness });
    }

    pub(super) fn on_base_ot_reply(&mut self, from: PartyId, exchange: u64, reply: Vec<u8>) {
        if reply.len() > MAX_BASE_OT_MESSAGE {
            return;
        }
        let Some(begun) = self.ots.replied(exchange, from) else { return };
        self.own_jobs += 1;
        self.start(Task::Finish { peer: from, begun, reply });
    }

    /// A job about base transfers has come back.
    pub(super) fn transfers_moved(&mut self, done: Done, entropy: &mut dyn Entropy) {
        match done {
            Done::Begun { peer, exchange, begun, message } => {
                self.own_jobs = self.own_jobs.saturating_sub(1);
                self.beginning.remove(&peer);
                // Over a closed link nothing would come of it.
                if self.open.contains(&peer) {
                    self.ots.begin(exchange, peer, begun, self.now);
                    self.send(peer, CeremonyMessage::BaseOt(exchange, Bytes(message)));
                }
            }
            Done::Answered { peer, exchange, result } => {
                self.serving.remove(&peer);
                match result {
                    Ok((seeds, reply)) => {
                        self.ots.add_sent(peer, *seeds);
                        self.send(peer, CeremonyMessage::BaseOtReply(exchange, Bytes(reply)));
                    }
                    Err(fault) => self.pair_failed(peer, &fault.to_string()),
                }
            }
            Done::Finished { peer, result } => {
                self.own_jobs = self.own_jobs.saturating_sub(1);
                match result {
                    Ok(seeds) => {
                        self.ots.add_received(peer, *seeds);
                        let waiting: Vec<CeremonyId> = self.preludes.keys().copied().collect();
                        waiting.into_iter().for_each(|id| self.join(id, entropy));
                    }
                    Err(fault) => self.pair_failed(peer, &fault.to_string()),
                }
            }
            Done::Moved { .. } => (),
        }
    }

    /// Begins exchanges with the peers of which too few base transfers are in stock.
    pub(super) fn refill_base_transfers(&mut self, entropy: &mut dyn Entropy) {
        self.ots.drop_begun_before(self.now - EXCHANGE_TIMEOUT);
        let free = |peer: &PartyId| !self.is_left_alone(*peer) && !self.beginning.contains(peer);
        let peers = self.open.iter().copied().filter(free);
        for peer in self.ots.wanting(peers) {
            if self.own_jobs >= MAX_BASE_OT_JOBS {
                break;
            }
            let exchange = u64::from_be_bytes(fresh(entropy));
            let pair = Pair { epoch: self.epoch.digest(), alice: self.me, bob: peer };
            let randomness = entropy.randomness(b"base transfers, receiver");
            self.start(Task::Begin { pair, exchange, randomness });
            self.own_jobs += 1;
            self.beginning.insert(peer);
        }
    }
}
