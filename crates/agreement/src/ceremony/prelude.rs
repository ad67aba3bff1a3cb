//! Collecting everybody's word on a proposal.

use super::message::{Handle, Join, Proposal};
use crate::time::Instant;
use conclave_threshold::ot::base::AliceSeeds;
use conclave_threshold::party::PartyId;
use std::collections::BTreeMap;

/// One ceremony before its session id is known.
pub(super) struct Prelude {
    pub proposal: Proposal,
    pub proposer: PartyId,
    /// Everybody's, this member's own included once it has joined.
    pub joins: BTreeMap<PartyId, Join>,
    /// What this member has set aside, by peer.
    pub seeds: BTreeMap<PartyId, AliceSeeds>,
    pub begun: Instant,
}

impl Prelude {
    pub fn new(proposal: Proposal, proposer: PartyId, begun: Instant) -> Self {
        Prelude { proposal, proposer, joins: BTreeMap::new(), seeds: BTreeMap::new(), begun }
    }

    /// Keeps a participant's first word; `false` when it speaks of another proposal.
    pub fn hear(&mut self, from: PartyId, join: Join) -> bool {
        if join.proposal != self.proposal.digest() || !self.proposal.participants.contains(&from) {
            return false;
        }
        self.joins.entry(from).or_insert(join);
        true
    }

    pub fn is_complete(&self) -> bool {
        self.joins.len() == self.proposal.participants.len()
    }

    pub fn nonces(&self) -> BTreeMap<PartyId, [u8; 32]> {
        self.joins.iter().map(|(id, join)| (*id, join.nonce)).collect()
    }

    /// The base transfers that `from` has set aside with `to`.
    pub fn handle(&self, from: PartyId, to: PartyId) -> Option<&Handle> {
        self.joins.get(&from)?.handles.iter().find(|handle| handle.peer == to)
    }
}
