//! Base oblivious transfers with every peer, in both directions, made ahead of need. Single-use,
//! and in memory only.

use super::job::TransfersBegun;
use crate::time::Instant;
use conclave_threshold::ot::base::{AliceSeeds, BobSeeds};
use conclave_threshold::party::PartyId;
use std::collections::{BTreeMap, VecDeque};

/// How many unused base transfers a node keeps with each peer as their receiver.
pub const TARGET: usize = 3;
/// The most that a node keeps as their sender: the peer decides when they are used. The oldest goes
/// first.
pub const MAX_AS_SENDER: usize = 12;

#[derive(Default)]
pub(super) struct OtStock {
    /// As receiver of the base transfers.
    alice: BTreeMap<PartyId, VecDeque<AliceSeeds>>,
    /// As sender of the base transfers, oldest first.
    bob: BTreeMap<PartyId, VecDeque<BobSeeds>>,
    /// Begun exchanges, and when.
    begun: BTreeMap<u64, (PartyId, Box<dyn TransfersBegun>, Instant)>,
}

impl OtStock {
    /// Peers of `open` with which another exchange should begin.
    pub fn wanting(&self, open: impl Iterator<Item = PartyId>) -> Vec<PartyId> {
        let short = |peer: &PartyId| {
            let begun = self.begun.values().filter(|(with, _, _)| with == peer).count();
            begun == 0 && self.alice.get(peer).map_or(0, VecDeque::len) < TARGET
        };
        open.filter(short).collect()
    }

    pub fn begin(
        &mut self,
        exchange: u64,
        peer: PartyId,
        begun: Box<dyn TransfersBegun>,
        now: Instant,
    ) {
        self.begun.insert(exchange, (peer, begun, now));
    }

    /// The exchange that a reply belongs to.
    pub fn replied(&mut self, exchange: u64, peer: PartyId) -> Option<Box<dyn TransfersBegun>> {
        let (with, _, _) = self.begun.get(&exchange)?;
        if *with != peer {
            return None;
        }
        self.begun.remove(&exchange).map(|(_, begun, _)| begun)
    }

    pub fn drop_begun_before(&mut self, limit: Instant) {
        self.begun.retain(|_, (_, _, begun)| *begun >= limit);
    }

    /// The link to a peer is closed, and with it what was on its way.
    pub fn drop_begun_with(&mut self, peer: PartyId) {
        self.begun.retain(|_, (with, _, _)| *with != peer);
    }

    pub fn add_received(&mut self, peer: PartyId, seeds: AliceSeeds) {
        self.alice.entry(peer).or_default().push_back(seeds);
    }

    pub fn add_sent(&mut self, peer: PartyId, seeds: BobSeeds) {
        let stock = self.bob.entry(peer).or_default();
        stock.push_back(seeds);
        if stock.len() > MAX_AS_SENDER {
            stock.pop_front();
        }
    }

    /// One for each of `peers`, or none at all.
    pub fn set_aside(&mut self, peers: &[PartyId]) -> Option<BTreeMap<PartyId, AliceSeeds>> {
        let stocked = |peer: &PartyId| self.alice.get(peer).is_some_and(|stock| !stock.is_empty());
        if !peers.iter().all(stocked) {
            return None;
        }
        let take = |peer: &PartyId| Some((*peer, self.alice.get_mut(peer)?.pop_front()?));
        peers.iter().map(take).collect()
    }

    /// What was set aside for a run that never began.
    pub fn put_back(&mut self, seeds: BTreeMap<PartyId, AliceSeeds>) {
        for (peer, seeds) in seeds {
            self.alice.entry(peer).or_default().push_back(seeds);
        }
    }

    pub fn take_sent(&mut self, peer: PartyId, id: &[u8; 32]) -> Option<BobSeeds> {
        let stock = self.bob.get_mut(&peer)?;
        let at = stock.iter().position(|seeds| seeds.id() == id)?;
        stock.remove(at)
    }

    /// The peer restarted or failed a check: what is shared with it is worthless or suspect.
    pub fn forget(&mut self, peer: PartyId) {
        self.alice.remove(&peer);
        self.bob.remove(&peer);
        self.drop_begun_with(peer);
    }

    /// How many are kept as sender, with all peers.
    pub fn as_sender(&self) -> usize {
        self.bob.values().map(VecDeque::len).sum()
    }

    /// How many exchanges are begun.
    pub fn begun(&self) -> usize {
        self.begun.len()
    }

    /// The poorest stock as receiver over `peers`.
    pub fn lowest(&self, mut peers: impl Iterator<Item = PartyId>) -> usize {
        peers
            .try_fold(usize::MAX, |low, peer| {
                Some(low.min(self.alice.get(&peer).map_or(0, VecDeque::len)))
            })
            .unwrap_or(0)
    }
}
