//! Whether to take part in a ceremony: the one place that decides it.

use super::kinds::Kind;
use super::message::Proposal;
use crate::stocking::StockTargets;
use crate::view::ChainView;
use conclave_threshold::party::{Epoch, PartyId};

/// The most ceremonies that a member takes part in at a time, preludes included.
pub const MAX_CEREMONIES: usize = 8;
/// The most ceremonies of one sort that others have proposed. Presigning sets base transfers aside:
/// were there many, they would wait for one another.
pub const MAX_OF_A_SORT: usize = 2;

/// What the member lacks when a proposal comes.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// The chain.
    pub view: ChainView,
    /// How much the operator wants kept ready.
    pub targets: StockTargets,
    /// Presignatures of the proposed set that the poorest owner can still assign.
    pub stocked: usize,
}

impl Needs {
    /// Whether the chain's pool is not far above what this member would fill it to.
    pub(super) fn has_room_for_keys(&self) -> bool {
        self.view.pool < 2 * self.targets.pool
    }

    /// Whether the proposed set has twice what is wanted of it.
    pub(super) fn is_well_stocked(&self) -> bool {
        self.stocked >= 2 * self.targets.presignatures
    }
}

/// What a member weighs a proposal against.
pub(super) struct Situation<'a> {
    pub epoch: &'a Epoch,
    pub me: PartyId,
    /// Peers whose link is open and that are not left alone.
    pub is_here: &'a dyn Fn(PartyId) -> bool,
    /// Ceremonies under way, preludes included, by proposer.
    pub live: &'a [(PartyId, Kind)],
    /// Whether ceremonies of this proposer came to nothing so recently that it is declined.
    pub is_declined: &'a dyn Fn(PartyId) -> bool,
    pub needs: &'a Needs,
}

impl Situation<'_> {
    /// Whether this member would take part in what `proposer` proposes.
    pub fn admits(&self, proposer: PartyId, proposal: &Proposal) -> bool {
        let Proposal { kind, participants, .. } = proposal;
        let ours = participants.contains(&self.me) && participants.contains(&proposer);
        let here = participants.iter().all(|id| (self.is_here)(*id));
        let possible = self.epoch.subset(participants).is_ok()
            && kind.particulars().fits(self.epoch, participants);
        let own = proposer == self.me;
        ours && here && possible && (own || self.welcomes(proposer, kind))
    }

    /// What holds for others' proposals only. They leave room for one another: each proposer has
    /// one ceremony of a sort at a time, and after failures none for a while.
    fn welcomes(&self, proposer: PartyId, kind: &Kind) -> bool {
        let alike: Vec<PartyId> = self
            .live
            .iter()
            .filter(|(by, other)| *by != self.me && other.sort() == kind.sort())
            .map(|(by, _)| *by)
            .collect();
        self.live.len() < MAX_CEREMONIES
            && alike.len() < MAX_OF_A_SORT
            && !alike.contains(&proposer)
            && !(self.is_declined)(proposer)
            && kind.particulars().is_wanted(self.epoch, self.needs)
    }
}
