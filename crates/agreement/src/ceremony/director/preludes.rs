//! From a proposal to everybody's word on it.

use super::Director;
use crate::ceremony::admission::MAX_CEREMONIES;
use crate::ceremony::kinds::Kind;
use crate::ceremony::message::{CeremonyId, CeremonyMessage, Handle, Join, Proposal};
use crate::ceremony::prelude::Prelude;
use crate::entropy::{Entropy, fresh};
use crate::time::Duration;
use conclave_threshold::party::PartyId;
use std::collections::BTreeMap;

/// A prelude that is not complete after this is dropped.
pub const PRELUDE_TIMEOUT: Duration = Duration::from_secs(15);

impl Director {
    /// Begins a ceremony. `false` when there is no room, or a participant is away.
    pub fn propose(
        &mut self,
        kind: Kind,
        participants: Vec<PartyId>,
        entropy: &mut dyn Entropy,
    ) -> bool {
        let proposal = Proposal { id: fresh(entropy), kind, participants };
        if !self.admits(self.me, &proposal) {
            return false;
        }
        for peer in self.others(&proposal.participants) {
            self.send(peer, CeremonyMessage::Propose(proposal.clone()));
        }
        self.open_prelude(proposal, self.me, entropy);
        true
    }

    pub(super) fn on_proposal(
        &mut self,
        from: PartyId,
        proposal: Proposal,
        entropy: &mut dyn Entropy,
    ) {
        if self.preludes.contains_key(&proposal.id) || self.running.contains_key(&proposal.id) {
            return;
        }
        if self.admits(from, &proposal) {
            self.open_prelude(proposal, from, entropy);
        } else {
            self.send(from, CeremonyMessage::Decline(proposal.id));
        }
    }

    fn open_prelude(&mut self, proposal: Proposal, proposer: PartyId, entropy: &mut dyn Entropy) {
        let id = proposal.id;
        self.preludes.insert(id, Prelude::new(proposal, proposer, self.now));
        let (ours, rest) =
            core::mem::take(&mut self.early_joins).into_iter().partition(|(_, join)| join.id == id);
        self.early_joins = rest;
        for (from, join) in ours {
            self.on_join(from, join, entropy);
        }
        self.join(id, entropy);
    }

    /// Says this member's word, as soon as it has the base transfers for it.
    pub(super) fn join(&mut self, id: CeremonyId, entropy: &mut dyn Entropy) {
        let Some(prelude) =
            self.preludes.get(&id).filter(|prelude| !prelude.joins.contains_key(&self.me))
        else {
            return;
        };
        let participants = prelude.proposal.participants.clone();
        let peers = self.others(&participants);
        let seeds = if prelude.proposal.kind.particulars().needs_base_transfers() {
            let Some(seeds) = self.ots.set_aside(&peers) else { return };
            seeds
        } else {
            BTreeMap::new()
        };
        let Some(prelude) = self.preludes.get_mut(&id) else { return };
        let handles =
            seeds.iter().map(|(peer, seeds)| Handle { peer: *peer, id: *seeds.id() }).collect();
        prelude.seeds = seeds;
        let nonce = fresh(entropy);
        let join = Join { id, proposal: prelude.proposal.digest(), nonce, handles };
        prelude.hear(self.me, join.clone());
        for peer in peers {
            self.send(peer, CeremonyMessage::Join(join.clone()));
        }
        self.start_if_complete(id, entropy);
    }

    pub(super) fn on_join(&mut self, from: PartyId, join: Join, entropy: &mut dyn Entropy) {
        let id = join.id;
        let Some(prelude) = self.preludes.get_mut(&id) else {
            let theirs = |(peer, _): &(PartyId, Join)| *peer == from;
            if self.early_joins.iter().filter(|early| theirs(early)).count() >= MAX_CEREMONIES
                && let Some(oldest) = self.early_joins.iter().position(theirs)
            {
                self.early_joins.remove(oldest);
            }
            return self.early_joins.push_back((from, join));
        };
        if !prelude.hear(from, join) {
            return self.abandon(id, format!("party {from} was told another proposal"));
        }
        self.start_if_complete(id, entropy);
    }

    pub(super) fn on_decline(&mut self, from: PartyId, id: CeremonyId) {
        // A participant can end it anyway, by silence.
        if self.takes_part(from, id) {
            return self.abandon(id, format!("party {from} could not begin"));
        }
        let Some(prelude) =
            self.preludes.get(&id).filter(|prelude| prelude.proposal.participants.contains(&from))
        else {
            return;
        };
        if prelude.proposer == self.me {
            // The others wait with what they have set aside.
            let participants = prelude.proposal.participants.clone();
            let others = self.others(&participants).into_iter().filter(|peer| *peer != from);
            others.for_each(|peer| self.send(peer, CeremonyMessage::Decline(id)));
        } else if prelude.proposer != from {
            return;
        }
        self.abandon(id, format!("party {from} declined"));
    }

    pub(super) fn drop_stale_preludes(&mut self) {
        let stale: Vec<CeremonyId> = self
            .preludes
            .iter()
            .filter(|(_, prelude)| self.now > prelude.begun + PRELUDE_TIMEOUT)
            .map(|(id, _)| *id)
            .collect();
        for id in stale {
            // A proposer that does not join only wants the place.
            let silent = self
                .preludes
                .get(&id)
                .filter(|prelude| !prelude.joins.contains_key(&prelude.proposer));
            if let Some(proposer) = silent.map(|prelude| prelude.proposer) {
                self.distrust(proposer);
            }
            self.abandon(id, "its participants did not all answer".into());
        }
    }
}
