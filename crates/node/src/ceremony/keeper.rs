//! All ceremonies of one node: who may propose what, preludes, and the events that come of them.

mod base_transfers;
mod running;

use super::early::Early;
use super::ot_stock::OtStock;
use super::pairs::Pairs;
use super::prelude::Prelude;
use super::worker::{CeremonyOutput, DkgSupport, Input, WorkerEvent};
use super::{CeremonyId, Handle, Join, Kind, Proposal};
use crate::entropy::{Entropy, EntropyError, fresh};
use crate::message::NodeMessage;
use conclave_threshold::codec::Bytes;
use conclave_threshold::fault::Fault;
use conclave_threshold::message::SessionId;
use conclave_threshold::ot::base::{AliceSeeds, AliceStart, BobSeeds};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presignature;
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use tokio::sync::mpsc::Sender;

/// The most ceremonies that a node takes part in at a time, preludes included.
pub const MAX_CEREMONIES: usize = 8;
/// The most ceremonies of one sort that others have proposed. Presigning sets base transfers aside:
/// were there many, they would wait for one another.
pub const MAX_PRESIGN: usize = 2;
/// A prelude that is not complete after so many milliseconds is dropped.
pub const PRELUDE_TIMEOUT: u64 = 15_000;
/// The most wallet keys of one ceremony.
pub const MAX_KEYS: u32 = 64;
/// How long a proposer is declined after its first failure, in milliseconds; it doubles with each
/// further one, so often.
const DISTRUST: u64 = 500;
const MAX_DISTRUST: u32 = 7;
/// A peer that does not answer an exchange of base transfers within so many milliseconds is asked
/// again.
const EXCHANGE_TIMEOUT: u64 = 20_000;

/// What the keeper tells the node.
pub enum KeeperEvent {
    Send { to: PartyId, message: NodeMessage },
    Done { proposer: PartyId, output: Box<CeremonyOutput> },
    Failed { proposal: Proposal, reason: String, fault: Option<Fault> },
}

/// A result of work done off the node's own task.
pub enum Background {
    Worker(WorkerEvent),
    Started { peer: PartyId, exchange: u64, start: Box<AliceStart>, message: Bytes },
    Responded { peer: PartyId, exchange: u64, result: Result<(Box<BobSeeds>, Bytes), Fault> },
    Finished { peer: PartyId, result: Result<Box<AliceSeeds>, Fault> },
}

struct Running {
    proposal: Proposal,
    proposer: PartyId,
    sid: SessionId,
    inputs: SyncSender<Input>,
    heard: BTreeMap<PartyId, usize>,
}

pub struct Keeper {
    epoch: Arc<Epoch>,
    me: PartyId,
    signing_key: SigningKey,
    entropy: Arc<Entropy>,
    support: Arc<dyn DkgSupport>,
    background: Sender<Background>,
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
    distrusted: BTreeMap<PartyId, (u32, u64)>,
    /// Milliseconds, as of the last tick.
    now: u64,
    /// Computations for this node's own stock of base transfers.
    own_jobs: usize,
    /// Peers for which this node computes the first message of an exchange. With one exchange at a
    /// time nobody has reason to drop it.
    beginning: BTreeSet<PartyId>,
    /// Peers for which this node computes its side.
    serving: BTreeSet<PartyId>,
    events: Vec<KeeperEvent>,
}

impl Keeper {
    pub fn new(
        epoch: Arc<Epoch>,
        me: PartyId,
        signing_key: SigningKey,
        entropy: Arc<Entropy>,
        support: Arc<dyn DkgSupport>,
        background: Sender<Background>,
    ) -> Self {
        Keeper {
            epoch,
            me,
            signing_key,
            entropy,
            support,
            background,
            preludes: BTreeMap::new(),
            running: BTreeMap::new(),
            early_joins: VecDeque::new(),
            early: Early::default(),
            ots: OtStock::default(),
            open: BTreeSet::new(),
            pairs: Pairs::default(),
            distrusted: BTreeMap::new(),
            now: 0,
            own_jobs: 0,
            beginning: BTreeSet::new(),
            serving: BTreeSet::new(),
            events: Vec::new(),
        }
    }

    pub fn events(&mut self) -> Vec<KeeperEvent> {
        core::mem::take(&mut self.events)
    }

    pub fn link_opened(&mut self, peer: PartyId) {
        self.open.insert(peer);
    }

    pub fn link_closed(&mut self, peer: PartyId) {
        self.open.remove(&peer);
        self.early.forget(peer);
        self.early_joins.retain(|(from, _)| *from != peer);
        let broken = |participants: &[PartyId]| participants.contains(&peer);
        let preludes: Vec<CeremonyId> = self
            .preludes
            .iter()
            .filter(|(_, prelude)| broken(&prelude.proposal.participants))
            .map(|(id, _)| *id)
            .collect();
        for id in preludes {
            self.abandon(id, format!("the link to party {peer} closed"));
        }
        let running: Vec<CeremonyId> = self
            .running
            .iter()
            .filter(|(_, running)| broken(&running.proposal.participants))
            .map(|(id, _)| *id)
            .collect();
        for id in running {
            self.abandon(id, format!("the link to party {peer} closed"));
        }
    }

    /// A peer's process is another one than before.
    pub fn peer_restarted(&mut self, peer: PartyId) {
        self.ots.forget(peer);
    }

    fn pair_failed(&mut self, peer: PartyId, check: &str) {
        self.ots.forget(peer);
        self.pairs.failed(peer, check, self.now);
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
            *until = self.now + (DISTRUST << *failures);
        }
    }

    pub fn is_open(&self, peer: PartyId) -> bool {
        peer == self.me || (self.open.contains(&peer) && !self.is_left_alone(peer))
    }

    /// Whether base transfers with every one of `peers` are in stock.
    pub fn can_presign_with(&self, peers: &[PartyId]) -> bool {
        self.ots.lowest(peers.iter().copied().filter(|peer| *peer != self.me)) > 0
    }

    /// How many ceremonies of this sort this node has proposed and not ended.
    pub fn proposed(&self, sort: impl Fn(&Kind) -> bool) -> usize {
        let preludes = self
            .preludes
            .values()
            .filter(|prelude| prelude.proposer == self.me && sort(&prelude.proposal.kind))
            .count();
        preludes
            + self
                .running
                .values()
                .filter(|running| running.proposer == self.me && sort(&running.proposal.kind))
                .count()
    }

    /// Whether a ceremony of this sort is under way, by the sort alone.
    pub fn is_busy(&self, sort: impl Fn(&Proposal) -> bool) -> bool {
        self.preludes.values().any(|prelude| sort(&prelude.proposal))
            || self.running.values().any(|running| sort(&running.proposal))
    }

    fn send(&mut self, to: PartyId, message: NodeMessage) {
        self.events.push(KeeperEvent::Send { to, message });
    }

    fn others(&self, participants: &[PartyId]) -> Vec<PartyId> {
        participants.iter().copied().filter(|id| *id != self.me).collect()
    }

    /// Begins a ceremony. `false` when there is no room, or a participant is away.
    pub fn propose(
        &mut self,
        kind: Kind,
        participants: Vec<PartyId>,
        now: u64,
    ) -> Result<bool, EntropyError> {
        let proposal = Proposal { id: fresh()?, kind, participants };
        if !self.acceptable(self.me, &proposal) {
            return Ok(false);
        }
        for peer in self.others(&proposal.participants) {
            self.send(peer, NodeMessage::Propose(proposal.clone()));
        }
        self.open_prelude(proposal, self.me, now)?;
        Ok(true)
    }

    /// Others' proposals leave room for one another: each proposer has one ceremony of a kind at a
    /// time, and after failures none for a while.
    fn has_place_for(&self, proposer: PartyId, kind: &Kind) -> bool {
        let presigning = |kind: &Kind| matches!(kind, Kind::Presign { .. });
        let live = self.preludes.values().map(|prelude| (prelude.proposer, prelude.proposal.kind));
        let live = live
            .chain(self.running.values().map(|running| (running.proposer, running.proposal.kind)));
        let alike =
            live.filter(|(by, other)| *by != self.me && presigning(other) == presigning(kind));
        let (count, theirs) = alike.fold((0, 0), |(count, theirs), (by, _)| {
            (count + 1, theirs + usize::from(by == proposer))
        });
        let declined = self.distrusted.get(&proposer).is_some_and(|(_, until)| self.now < *until);
        theirs == 0 && count < MAX_PRESIGN && !declined
    }

    /// Whether this node would take part.
    fn acceptable(&self, proposer: PartyId, proposal: &Proposal) -> bool {
        let participants = &proposal.participants;
        let ours = participants.contains(&self.me) && participants.contains(&proposer);
        let here = participants.iter().all(|id| self.is_open(*id));
        let room = self.preludes.len() + self.running.len() < MAX_CEREMONIES || proposer == self.me;
        let fits = match proposal.kind {
            // Until shares can be repaired, a key that some member does not hold would be worth
            // less than its owner thinks.
            Kind::NetworkKey { .. } => participants.len() == self.epoch.members().len(),
            Kind::Wallets { count, .. } => {
                participants.len() == self.epoch.members().len() && (1..=MAX_KEYS).contains(&count)
            }
            Kind::Presign { size } => {
                self.epoch.signing_set(participants).is_ok()
                    && (1..=presignature::MAX_BATCH).contains(&size)
            }
        };
        let free = proposer == self.me || self.has_place_for(proposer, &proposal.kind);
        ours && here && room && fits && free && self.epoch.subset(participants).is_ok()
    }

    pub fn on_proposal(
        &mut self,
        from: PartyId,
        proposal: Proposal,
        now: u64,
    ) -> Result<(), EntropyError> {
        if self.preludes.contains_key(&proposal.id) || self.running.contains_key(&proposal.id) {
            return Ok(());
        }
        if !self.acceptable(from, &proposal) {
            self.send(from, NodeMessage::Decline(proposal.id));
            return Ok(());
        }
        self.open_prelude(proposal, from, now)
    }

    fn open_prelude(
        &mut self,
        proposal: Proposal,
        proposer: PartyId,
        now: u64,
    ) -> Result<(), EntropyError> {
        let id = proposal.id;
        self.preludes.insert(id, Prelude::new(proposal, proposer, now));
        let (ours, rest) =
            core::mem::take(&mut self.early_joins).into_iter().partition(|(_, join)| join.id == id);
        self.early_joins = rest;
        for (from, join) in ours {
            self.on_join(from, join)?;
        }
        self.join(id)
    }

    /// Says this node's word, as soon as it has the base transfers for it.
    fn join(&mut self, id: CeremonyId) -> Result<(), EntropyError> {
        let Some(prelude) =
            self.preludes.get(&id).filter(|prelude| !prelude.joins.contains_key(&self.me))
        else {
            return Ok(());
        };
        let participants = prelude.proposal.participants.clone();
        let peers = self.others(&participants);
        let seeds = match prelude.proposal.kind {
            Kind::Presign { .. } => match self.ots.set_aside(&peers) {
                Some(seeds) => seeds,
                None => return Ok(()),
            },
            _ => BTreeMap::new(),
        };
        let Some(prelude) = self.preludes.get_mut(&id) else { return Ok(()) };
        let handles =
            seeds.iter().map(|(peer, seeds)| Handle { peer: *peer, id: *seeds.id() }).collect();
        prelude.seeds = seeds;
        let join = Join { id, proposal: prelude.proposal.digest(), nonce: fresh()?, handles };
        prelude.hear(self.me, join.clone());
        for peer in peers {
            self.send(peer, NodeMessage::Join(join.clone()));
        }
        self.start_if_complete(id)
    }

    pub fn on_join(&mut self, from: PartyId, join: Join) -> Result<(), EntropyError> {
        let id = join.id;
        let Some(prelude) = self.preludes.get_mut(&id) else {
            let theirs = |(peer, _): &(PartyId, Join)| *peer == from;
            if self.early_joins.iter().filter(|early| theirs(early)).count() >= MAX_CEREMONIES
                && let Some(oldest) = self.early_joins.iter().position(theirs)
            {
                self.early_joins.remove(oldest);
            }
            self.early_joins.push_back((from, join));
            return Ok(());
        };
        if !prelude.hear(from, join) {
            self.abandon(id, format!("party {from} was told another proposal"));
            return Ok(());
        }
        self.start_if_complete(id)
    }

    pub fn on_decline(&mut self, from: PartyId, id: CeremonyId) {
        // Who takes part can end it anyway, by silence.
        if self
            .running
            .get(&id)
            .is_some_and(|running| running.proposal.participants.contains(&from))
        {
            return self.abandon(id, format!("party {from} could not begin"));
        }
        let Some(prelude) =
            self.preludes.get(&id).filter(|prelude| prelude.proposal.participants.contains(&from))
        else {
            return;
        };
        if prelude.proposer == self.me {
            // The others wait with what they have set aside.
            for peer in self
                .others(&prelude.proposal.participants.clone())
                .into_iter()
                .filter(|peer| *peer != from)
            {
                self.send(peer, NodeMessage::Decline(id));
            }
        } else if prelude.proposer != from {
            return;
        }
        self.abandon(id, format!("party {from} declined"));
    }

    /// The other end of a pair has seen a check fail. It would refuse what was prepared with it.
    pub fn on_pair_failed(&mut self, from: PartyId, id: CeremonyId) {
        if self
            .running
            .get(&id)
            .is_some_and(|running| running.proposal.participants.contains(&from))
        {
            self.pair_failed(from, "one that the other end made");
            self.abandon(id, format!("a check between this node and party {from} failed"));
        }
    }

    /// Drops a ceremony with all that it used.
    fn abandon(&mut self, id: CeremonyId, reason: String) {
        let prelude = self.preludes.remove(&id).map(|prelude| {
            // Nothing was derived from them here. A peer that already began with its half finds it
            // gone the next time, which ends that run.
            self.ots.put_back(prelude.seeds);
            prelude.proposal
        });
        if let Some(proposal) =
            prelude.or_else(|| self.running.remove(&id).map(|running| running.proposal))
        {
            self.events.push(KeeperEvent::Failed { proposal, reason, fault: None });
        }
    }

    pub fn on_background(&mut self, done: Background) -> Result<(), EntropyError> {
        match &done {
            Background::Worker(_) => (),
            Background::Responded { peer, .. } => drop(self.serving.remove(peer)),
            Background::Started { peer, .. } => {
                self.own_jobs = self.own_jobs.saturating_sub(1);
                self.beginning.remove(peer);
            }
            Background::Finished { .. } => self.own_jobs = self.own_jobs.saturating_sub(1),
        }
        match done {
            Background::Worker(event) => self.on_worker(event),
            Background::Started { peer, exchange, start, message } => {
                self.ots.begin(exchange, peer, *start, self.now);
                self.send(peer, NodeMessage::BaseOt(exchange, message));
            }
            Background::Responded { peer, exchange, result: Ok((seeds, reply)) } => {
                self.ots.add_sent(peer, *seeds);
                self.send(peer, NodeMessage::BaseOtReply(exchange, reply));
            }
            Background::Finished { peer, result: Ok(seeds) } => {
                self.ots.add_received(peer, *seeds);
                let waiting: Vec<CeremonyId> = self.preludes.keys().copied().collect();
                for id in waiting {
                    self.join(id)?;
                }
            }
            Background::Responded { peer, result: Err(fault), .. }
            | Background::Finished { peer, result: Err(fault) } => {
                self.pair_failed(peer, &fault.to_string());
            }
        }
        Ok(())
    }

    /// Refills the stock of base transfers and drops what has waited too long.
    pub fn tick(&mut self, now: u64) -> Result<(), EntropyError> {
        let stale: Vec<CeremonyId> = self
            .preludes
            .iter()
            .filter(|(_, prelude)| now > prelude.begun + PRELUDE_TIMEOUT)
            .map(|(id, _)| *id)
            .collect();
        for id in stale {
            // Who proposes and then does not join only wants the place.
            let silent = self
                .preludes
                .get(&id)
                .filter(|prelude| !prelude.joins.contains_key(&prelude.proposer));
            if let Some(proposer) = silent.map(|prelude| prelude.proposer) {
                self.distrust(proposer);
            }
            self.abandon(id, "its participants did not all answer".into());
        }
        self.now = now;
        self.ots.drop_begun_before(now.saturating_sub(EXCHANGE_TIMEOUT));
        self.refill_base_transfers()
    }
}
