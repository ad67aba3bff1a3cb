//! All ceremonies of one member: proposals, preludes, running protocols, and the stock of base
//! transfers. It decides and computes nothing heavy: that leaves as a [`Job`].

mod base_transfers;
mod preludes;
mod running;
#[cfg(test)]
mod tests;

use super::admission::{MAX_CEREMONIES, Needs, Situation};
use super::early::{Early, MAX_EARLY_BYTES, MAX_EARLY_MESSAGES};
use super::job::{Done, Finished, Job, Task};
use super::kinds::{Kind, Sort};
use super::message::{CeremonyId, CeremonyMessage, Join, Proposal};
use super::ot_stock::{MAX_AS_SENDER, OtStock};
use super::pairs::Pairs;
use super::prelude::Prelude;
use super::protocol::CeremonyOutput;
use crate::entropy::Entropy;
use crate::member::Backlog;
use crate::note::Note;
use crate::role::Role;
use crate::time::{Duration, Instant};
use conclave_threshold::fault::Fault;
use conclave_threshold::party::{Epoch, PartyId};
use ed25519_dalek::SigningKey;
use running::Running;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub use preludes::PRELUDE_TIMEOUT;
pub use running::CEREMONY_TIMEOUT;

/// How long a proposer is declined after its first failure; it doubles with each further one, so
/// often.
const DISTRUST: Duration = Duration::from_millis(500);
const MAX_DISTRUST: u32 = 7;

/// What whoever drives the director is to do.
pub enum Effect {
    /// Send a message.
    Send {
        /// To this peer.
        to: PartyId,
        /// This.
        message: CeremonyMessage,
    },
    /// Have a job done, and bring it back.
    Start(Job),
    /// A ceremony has a result.
    Done {
        /// Whose ceremony it was.
        proposer: PartyId,
        /// What came of it.
        output: Box<CeremonyOutput>,
    },
    /// A ceremony came to nothing.
    Failed {
        /// That ceremony.
        proposal: Proposal,
    },
    /// For the operator.
    Note(Note),
}

/// The director of one member in one epoch.
pub struct Director {
    epoch: Arc<Epoch>,
    me: PartyId,
    signing_key: SigningKey,
    needs: Needs,
    preludes: BTreeMap<CeremonyId, Prelude>,
    running: BTreeMap<CeremonyId, Running>,
    /// Joins that came before their proposals.
    early_joins: VecDeque<(PartyId, Join)>,
    early: Early,
    ots: OtStock,
    open: BTreeSet<PartyId>,
    pairs: Pairs,
    /// Proposers whose ceremonies came to nothing: how often in a row, and until when they are
    /// declined.
    distrusted: BTreeMap<PartyId, (u32, Instant)>,
    now: Instant,
    /// Jobs for this member's own stock of base transfers.
    own_jobs: usize,
    /// Peers for which a job makes the first message of an exchange. With one exchange at a time
    /// nobody has reason to drop it.
    beginning: BTreeSet<PartyId>,
    /// Peers for which a job makes this member's side.
    serving: BTreeSet<PartyId>,
    effects: Vec<Effect>,
}

impl Director {
    /// A director that knows of no links yet.
    pub fn new(epoch: Arc<Epoch>, me: PartyId, signing_key: SigningKey, needs: Needs) -> Self {
        Director {
            epoch,
            me,
            signing_key,
            needs,
            preludes: BTreeMap::new(),
            running: BTreeMap::new(),
            early_joins: VecDeque::new(),
            early: Early::default(),
            ots: OtStock::default(),
            open: BTreeSet::new(),
            pairs: Pairs::default(),
            distrusted: BTreeMap::new(),
            now: Instant::START,
            own_jobs: 0,
            beginning: BTreeSet::new(),
            serving: BTreeSet::new(),
            effects: Vec::new(),
        }
    }

    /// What grows with peers and their proposals.
    pub fn backlogs(&self) -> Vec<Backlog> {
        let backlog = |name, length, limit| Backlog { name, length, limit };
        let peers = self.epoch.members().len().saturating_sub(1);
        let others = self.live().filter(|(by, _)| *by != self.me).count();
        vec![
            backlog("others' ceremonies", others, MAX_CEREMONIES),
            backlog("joins before their proposals", self.early_joins.len(), peers * MAX_CEREMONIES),
            backlog("early messages of protocols", self.early.len(), peers * MAX_EARLY_MESSAGES),
            backlog("bytes of these", self.early.bytes(), peers * MAX_EARLY_BYTES),
            backlog("base transfers as sender", self.ots.as_sender(), peers * MAX_AS_SENDER),
            backlog("base transfers begun", self.ots.begun(), peers),
        ]
    }

    /// Takes note of what the member lacks.
    pub fn look(&mut self, needs: Needs) {
        self.needs = needs;
    }

    /// A peer's process is another one than before.
    pub fn peer_restarted(&mut self, peer: PartyId) {
        self.ots.forget(peer);
    }

    fn pair_failed(&mut self, peer: PartyId, check: &str) {
        self.ots.forget(peer);
        if let Some(suspended) = self.pairs.failed(peer, self.now) {
            let check = check.to_owned();
            self.effects.push(Effect::Note(Note::PairFailed { peer, check, suspended }));
        }
    }

    fn is_left_alone(&self, peer: PartyId) -> bool {
        self.pairs.is_left_alone(peer, self.now)
    }

    /// After a ceremony of its proposal came to nothing a proposer is declined for a while, each
    /// time for longer.
    fn distrust(&mut self, proposer: PartyId) {
        if proposer != self.me {
            let (failures, until) = self.distrusted.entry(proposer).or_default();
            *failures = (*failures + 1).min(MAX_DISTRUST);
            *until = self.now + DISTRUST * (1 << *failures);
        }
    }

    /// Whether the link to `peer` is open, and no failed check keeps this member from using it.
    pub fn is_open(&self, peer: PartyId) -> bool {
        peer == self.me || (self.open.contains(&peer) && !self.is_left_alone(peer))
    }

    /// Whether base transfers with every one of `peers` are in stock.
    pub fn can_presign_with(&self, peers: &[PartyId]) -> bool {
        self.ots.lowest(peers.iter().copied().filter(|peer| *peer != self.me)) > 0
    }

    /// Ceremonies under way, preludes included, with their proposers.
    fn live(&self) -> impl Iterator<Item = (PartyId, &Proposal)> {
        let preludes = self.preludes.values().map(|prelude| (prelude.proposer, &prelude.proposal));
        let running = self.running.values().map(|running| (running.proposer, &running.proposal));
        preludes.chain(running)
    }

    /// How many presigning runs this member has proposed and not ended.
    pub fn own_presigning(&self) -> usize {
        let own = |(by, proposal): &(PartyId, &Proposal)| {
            *by == self.me && proposal.kind.sort() == Sort::Presignatures
        };
        self.live().filter(own).count()
    }

    /// Whether a presigning run among exactly this set is under way.
    pub fn is_presigning(&self, set: &[PartyId]) -> bool {
        let same = |proposal: &Proposal| {
            proposal.kind.sort() == Sort::Presignatures && proposal.participants == set
        };
        self.live().any(|(_, proposal)| same(proposal))
    }

    /// Whether keys are being made.
    pub fn is_generating(&self) -> bool {
        self.live().any(|(_, proposal)| proposal.kind.sort() == Sort::Keys)
    }

    fn admits(&self, proposer: PartyId, proposal: &Proposal) -> bool {
        let live: Vec<(PartyId, Kind)> = self.live().map(|(by, other)| (by, other.kind)).collect();
        let situation = Situation {
            epoch: &self.epoch,
            me: self.me,
            is_here: &|peer| self.is_open(peer),
            live: &live,
            is_declined: &|peer| {
                self.distrusted.get(&peer).is_some_and(|(_, until)| self.now < *until)
            },
            needs: &self.needs,
        };
        situation.admits(proposer, proposal)
    }

    fn send(&mut self, to: PartyId, message: CeremonyMessage) {
        self.effects.push(Effect::Send { to, message });
    }

    fn start(&mut self, task: Task) {
        self.effects.push(Effect::Start(Job(Box::new(task))));
    }

    fn others(&self, participants: &[PartyId]) -> Vec<PartyId> {
        participants.iter().copied().filter(|id| *id != self.me).collect()
    }

    fn fail(&mut self, proposal: Proposal, reason: String, fault: Option<Fault>) {
        let kind = proposal.kind.name();
        self.effects.push(Effect::Note(Note::CeremonyFailed { kind, reason, fault }));
        self.effects.push(Effect::Failed { proposal });
    }

    /// Drops a ceremony with all that it used.
    fn abandon(&mut self, id: CeremonyId, reason: String) {
        let prelude = self.preludes.remove(&id).map(|prelude| {
            // Nothing was derived from them here. A peer that already began with its half finds it
            // gone the next time, which ends that run.
            self.ots.put_back(prelude.seeds);
            prelude.proposal
        });
        let proposal = prelude.or_else(|| self.running.remove(&id).map(|run| run.proposal));
        if let Some(proposal) = proposal {
            self.fail(proposal, reason, None);
        }
    }

    /// Takes a finished job back.
    pub fn finished(&mut self, finished: Finished, now: Instant, entropy: &mut dyn Entropy) {
        self.now = now;
        match *finished.0 {
            Done::Moved { id, protocol, envelopes, dropped, end } => {
                self.moved(id, protocol, envelopes, dropped, end);
            }
            transfers => self.transfers_moved(transfers, entropy),
        }
    }
}

impl Role for Director {
    type Message = CeremonyMessage;
    type Effect = Effect;

    fn receive(
        &mut self,
        from: PartyId,
        message: CeremonyMessage,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) {
        self.now = now;
        match message {
            CeremonyMessage::Propose(proposal) => self.on_proposal(from, proposal, entropy),
            CeremonyMessage::Join(join) => self.on_join(from, join, entropy),
            CeremonyMessage::Decline(id) => self.on_decline(from, id),
            CeremonyMessage::PairFailed(id) => self.on_pair_failed(from, id),
            CeremonyMessage::Run(envelope) => self.on_envelope(from, envelope),
            CeremonyMessage::BaseOt(exchange, message) => {
                self.on_base_ot(from, exchange, message.0, entropy);
            }
            CeremonyMessage::BaseOtReply(exchange, message) => {
                self.on_base_ot_reply(from, exchange, message.0);
            }
        }
    }

    /// Refills the stock of base transfers and drops what has waited too long.
    fn tick(&mut self, now: Instant, entropy: &mut dyn Entropy) {
        self.now = now;
        self.drop_stale_preludes();
        self.drop_overdue_runs();
        self.refill_base_transfers(entropy);
    }

    fn link_opened(&mut self, peer: PartyId, now: Instant) {
        self.now = now;
        self.open.insert(peer);
    }

    fn link_closed(&mut self, peer: PartyId, now: Instant) {
        self.now = now;
        self.open.remove(&peer);
        self.early.forget(peer);
        self.ots.drop_begun_with(peer);
        self.early_joins.retain(|(from, _)| *from != peer);
        let broken = |(_, proposal): &(PartyId, &Proposal)| proposal.participants.contains(&peer);
        let broken: Vec<Proposal> =
            self.live().filter(broken).map(|(_, proposal)| proposal.clone()).collect();
        for Proposal { id, participants, .. } in broken {
            // The others' links may all be open: they would wait until their time is over.
            for other in self.others(&participants).into_iter().filter(|other| *other != peer) {
                self.send(other, CeremonyMessage::Decline(id));
            }
            self.abandon(id, format!("the link to party {peer} closed"));
        }
    }

    fn effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }
}
