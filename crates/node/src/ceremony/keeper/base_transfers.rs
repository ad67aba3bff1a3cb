//! Base oblivious transfers with every peer: this node's own exchanges, and its answers to theirs.

use super::{Background, Keeper};
use crate::ceremony::worker::be_polite;
use crate::entropy::{EntropyError, fresh};
use conclave_threshold::codec::{Bytes, Decode, Encode};
use conclave_threshold::fault::Fault;
use conclave_threshold::ot::Pair;
use conclave_threshold::ot::base::{AliceMessage, AliceStart, BobMessage, bob_respond};
use conclave_threshold::party::PartyId;

/// The longest message of base transfers: 128 pairs of points, a nonce, and room to spare.
const MAX_BASE_OT_MESSAGE: usize = 20 << 10;
/// How many base-transfer computations of this node's own run at a time, so that they leave a core
/// for signing.
const MAX_BASE_OT_JOBS: usize = 2;

impl Keeper {
    pub fn on_base_ot(
        &mut self,
        from: PartyId,
        exchange: u64,
        message: Vec<u8>,
    ) -> Result<(), EntropyError> {
        // One at a time for each peer: a flood of one leaves the others their turn.
        if self.is_left_alone(from)
            || message.len() > MAX_BASE_OT_MESSAGE
            || !self.serving.insert(from)
        {
            return Ok(());
        }
        let pair = Pair { epoch: self.epoch.digest(), alice: from, bob: self.me };
        let randomness = self.entropy.randomness(b"base transfers, sender")?;
        let started = self.work(move || {
            let read = AliceMessage::decode_all(&message)
                .map_err(|_| Fault::Pairwise { peer: from, check: "message form" });
            let answered = read.and_then(|message| bob_respond(pair, &message, randomness));
            let result = answered.map(|(seeds, reply)| (Box::new(seeds), Bytes(reply.encoded())));
            Background::Responded { peer: from, exchange, result }
        });
        if !started {
            self.serving.remove(&from);
        }
        Ok(())
    }

    pub fn on_base_ot_reply(&mut self, from: PartyId, exchange: u64, message: Vec<u8>) {
        if message.len() > MAX_BASE_OT_MESSAGE {
            return;
        }
        let Some(start) = self.ots.replied(exchange, from) else { return };
        let started = self.work(move || {
            let read = BobMessage::decode_all(&message)
                .map_err(|_| Fault::Pairwise { peer: from, check: "message form" });
            Background::Finished {
                peer: from,
                result: read.and_then(|message| start.finish(&message)).map(Box::new),
            }
        });
        self.own_jobs += usize::from(started);
    }

    /// Runs a computation off the node's task, at low priority.
    fn work(&mut self, job: impl FnOnce() -> Background + Send + 'static) -> bool {
        let background = self.background.clone();
        let run = move || {
            be_polite();
            let _ = background.blocking_send(job());
        };
        let spawned = std::thread::Builder::new().name("base transfers".into()).spawn(run);
        spawned.inspect_err(|error| tracing::warn!(%error, "no thread for base transfers")).is_ok()
    }

    /// Begins exchanges with the peers of which too few base transfers are in stock.
    pub(super) fn refill_base_transfers(&mut self) -> Result<(), EntropyError> {
        let free = |peer: &PartyId| !self.is_left_alone(*peer) && !self.beginning.contains(peer);
        let peers = self.open.iter().copied().filter(free);
        for peer in self.ots.wanting(peers) {
            if self.own_jobs >= MAX_BASE_OT_JOBS {
                break;
            }
            let exchange = u64::from_be_bytes(fresh()?);
            let pair = Pair { epoch: self.epoch.digest(), alice: self.me, bob: peer };
            let randomness = self.entropy.randomness(b"base transfers, receiver")?;
            let started = self.work(move || {
                let (start, message) = AliceStart::new(pair, randomness);
                Background::Started {
                    peer,
                    exchange,
                    start: Box::new(start),
                    message: Bytes(message.encoded()),
                }
            });
            if started {
                self.own_jobs += 1;
                self.beginning.insert(peer);
            }
        }
        Ok(())
    }
}
