//! All ceremonies of one node: proposals, preludes, running protocols and the stock of base transfers.

use super::ot_stock::OtStock;
use super::prelude::Prelude;
use super::worker::{CeremonyOutput, DkgSupport, Input, Protocol, Worker, WorkerEvent, be_polite};
use super::{CeremonyId, Handle, Join, Kind, Proposal};
use crate::entropy::{Entropy, EntropyError, fresh};
use crate::message::NodeMessage;
use conclave_threshold::codec::{Bytes, Decode, Encode};
use conclave_threshold::fault::Fault;
use conclave_threshold::group::Curve;
use conclave_threshold::message::{Envelope, SessionId, To};
use conclave_threshold::ot::base::{AliceMessage, AliceSeeds, AliceStart, BobMessage, BobSeeds, bob_respond};
use conclave_threshold::ot::{Pair, PairSeeds};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presignature::BatchCertificate;
use conclave_threshold::session::session_id;
use conclave_threshold::{dkg, presign, presignature};
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use tokio::sync::mpsc::Sender;

/// The most ceremonies that a node takes part in at a time, preludes included.
pub const MAX_CEREMONIES: usize = 8;
/// The most ceremonies of one sort that others have proposed. Presigning sets base transfers aside: were there many, they would wait for
/// one another.
pub const MAX_PRESIGN: usize = 2;
/// A prelude that is not complete after so many milliseconds is dropped.
pub const PRELUDE_TIMEOUT: u64 = 15_000;
/// The most wallet keys of one ceremony.
pub const MAX_KEYS: u32 = 64;
/// Messages of one peer kept because they came before the ceremony that they belong to.
const MAX_EARLY: usize = 32;
/// Their bytes together: only first rounds can come early, and the longest is under two megabytes.
const MAX_EARLY_BYTES: usize = 8 << 20;
/// How long a pair in which a check failed is left alone, in milliseconds.
const QUARANTINE: u64 = 600_000;
/// How long a proposer is declined after its first failure, in milliseconds; it doubles with each further one, so often.
const DISTRUST: u64 = 500;
const MAX_DISTRUST: u32 = 7;
/// Messages on their way to one ceremony's thread.
const MAX_QUEUED: usize = 512;
/// Messages of one participant to one ceremony. No protocol has more than two in each of four rounds.
const MAX_FROM_ONE: usize = 8;
/// A peer that does not answer an exchange of base transfers within so many milliseconds is asked again.
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
    /// Joins and protocol messages that came before what they belong to.
    early_joins: VecDeque<(PartyId, Join)>,
    early: VecDeque<(PartyId, Envelope)>,
    ots: OtStock,
    open: BTreeSet<PartyId>,
    /// Pairs in which a check failed, and until when there is no ceremony with them.
    quarantined: BTreeMap<PartyId, u64>,
    /// Proposers whose ceremonies came to nothing: how often in a row, and until when they are declined.
    distrusted: BTreeMap<PartyId, (u32, u64)>,
    /// Milliseconds, as of the last tick.
    now: u64,
    /// Computations for this node's own stock of base transfers.
    own_jobs: usize,
    /// Peers for which this node computes the first message of an exchange. With one exchange at a time nobody has reason to drop it.
    beginning: BTreeSet<PartyId>,
    /// Peers for which this node computes its side.
    serving: BTreeSet<PartyId>,
    events: Vec<KeeperEvent>,
}

/// The longest message of base transfers: 128 pairs of points, a nonce, and room to spare.
const MAX_BASE_OT_MESSAGE: usize = 16 << 10;
/// How many base-transfer computations of this node's own run at a time, so that they leave a core for signing.
const MAX_BASE_OT_JOBS: usize = 2;

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
            early: VecDeque::new(),
            ots: OtStock::default(),
            open: BTreeSet::new(),
            quarantined: BTreeMap::new(),
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
        let broken = |participants: &[PartyId]| participants.contains(&peer);
        let preludes: Vec<CeremonyId> =
            self.preludes.iter().filter(|(_, prelude)| broken(&prelude.proposal.participants)).map(|(id, _)| *id).collect();
        for id in preludes {
            self.abandon(id, format!("the link to party {peer} closed"));
        }
        let running: Vec<CeremonyId> =
            self.running.iter().filter(|(_, running)| broken(&running.proposal.participants)).map(|(id, _)| *id).collect();
        for id in running {
            self.abandon(id, format!("the link to party {peer} closed"));
        }
    }

    /// A peer's process is another one than before.
    pub fn peer_restarted(&mut self, peer: PartyId) {
        self.ots.forget(peer);
    }

    fn quarantine(&mut self, peer: PartyId) {
        self.ots.forget(peer);
        self.quarantined.insert(peer, self.now + QUARANTINE);
    }

    /// After a ceremony of its proposal came to nothing a proposer is declined for a while, each time for longer.
    fn distrust(&mut self, proposer: PartyId) {
        if proposer != self.me {
            let (failures, until) = self.distrusted.entry(proposer).or_default();
            *failures = (*failures + 1).min(MAX_DISTRUST);
            *until = self.now + (DISTRUST << *failures);
        }
    }

    pub fn is_open(&self, peer: PartyId) -> bool {
        peer == self.me || (self.open.contains(&peer) && !self.quarantined.contains_key(&peer))
    }

    /// Whether base transfers with every one of `peers` are in stock.
    pub fn can_presign_with(&self, peers: &[PartyId]) -> bool {
        self.ots.lowest(peers.iter().copied().filter(|peer| *peer != self.me)) > 0
    }

    /// How many ceremonies of this sort this node has proposed and not ended.
    pub fn proposed(&self, sort: impl Fn(&Kind) -> bool) -> usize {
        let preludes =
            self.preludes.values().filter(|prelude| prelude.proposer == self.me && sort(&prelude.proposal.kind)).count();
        preludes + self.running.values().filter(|running| running.proposer == self.me && sort(&running.proposal.kind)).count()
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
    pub fn propose(&mut self, kind: Kind, participants: Vec<PartyId>, now: u64) -> Result<bool, EntropyError> {
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

    /// Others' proposals leave room for one another: each proposer has one ceremony of a kind at a time, and after failures none for a while.
    fn has_place_for(&self, proposer: PartyId, kind: &Kind) -> bool {
        let presigning = |kind: &Kind| matches!(kind, Kind::Presign { .. });
        let live = self.preludes.values().map(|prelude| (prelude.proposer, prelude.proposal.kind));
        let live = live.chain(self.running.values().map(|running| (running.proposer, running.proposal.kind)));
        let alike = live.filter(|(by, other)| *by != self.me && presigning(other) == presigning(kind));
        let (count, theirs) = alike.fold((0, 0), |(count, theirs), (by, _)| (count + 1, theirs + usize::from(by == proposer)));
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
            // Until shares can be repaired, a key that some member does not hold would be worth less than its owner thinks.
            Kind::NetworkKey { .. } => participants.len() == self.epoch.members().len(),
            Kind::Wallets { count, .. } => participants.len() == self.epoch.members().len() && (1..=MAX_KEYS).contains(&count),
            Kind::Presign { size } => {
                self.epoch.signing_set(participants).is_ok() && (1..=presignature::MAX_BATCH).contains(&size)
            }
        };
        let free = proposer == self.me || self.has_place_for(proposer, &proposal.kind);
        ours && here && room && fits && free && self.epoch.subset(participants).is_ok()
    }

    pub fn on_proposal(&mut self, from: PartyId, proposal: Proposal, now: u64) -> Result<(), EntropyError> {
        if self.preludes.contains_key(&proposal.id) || self.running.contains_key(&proposal.id) {
            return Ok(());
        }
        if !self.acceptable(from, &proposal) {
            self.send(from, NodeMessage::Decline(proposal.id));
            return Ok(());
        }
        self.open_prelude(proposal, from, now)
    }

    fn open_prelude(&mut self, proposal: Proposal, proposer: PartyId, now: u64) -> Result<(), EntropyError> {
        let id = proposal.id;
        self.preludes.insert(id, Prelude::new(proposal, proposer, now));
        let (ours, rest) = core::mem::take(&mut self.early_joins).into_iter().partition(|(_, join)| join.id == id);
        self.early_joins = rest;
        for (from, join) in ours {
            self.on_join(from, join)?;
        }
        self.join(id)
    }

    /// Says this node's word, as soon as it has the base transfers for it.
    fn join(&mut self, id: CeremonyId) -> Result<(), EntropyError> {
        let Some(prelude) = self.preludes.get(&id).filter(|prelude| !prelude.joins.contains_key(&self.me)) else { return Ok(()) };
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
        let handles = seeds.iter().map(|(peer, seeds)| Handle { peer: *peer, id: *seeds.id() }).collect();
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
        if self.running.get(&id).is_some_and(|running| running.proposal.participants.contains(&from)) {
            return self.abandon(id, format!("party {from} could not begin"));
        }
        let Some(prelude) = self.preludes.get(&id).filter(|prelude| prelude.proposal.participants.contains(&from)) else {
            return;
        };
        if prelude.proposer == self.me {
            // The others wait with what they have set aside.
            for peer in self.others(&prelude.proposal.participants.clone()).into_iter().filter(|peer| *peer != from) {
                self.send(peer, NodeMessage::Decline(id));
            }
        } else if prelude.proposer != from {
            return;
        }
        self.abandon(id, format!("party {from} declined"));
    }

    /// Drops a ceremony with all that it used.
    fn abandon(&mut self, id: CeremonyId, reason: String) {
        let prelude = self.preludes.remove(&id).map(|prelude| {
            // Nothing was derived from them here. A peer that already began with its half finds it gone the next time, which ends that run.
            self.ots.put_back(prelude.seeds);
            prelude.proposal
        });
        if let Some(proposal) = prelude.or_else(|| self.running.remove(&id).map(|running| running.proposal)) {
            self.events.push(KeeperEvent::Failed { proposal, reason, fault: None });
        }
    }

    fn start_if_complete(&mut self, id: CeremonyId) -> Result<(), EntropyError> {
        if !self.preludes.get(&id).is_some_and(Prelude::is_complete) {
            return Ok(());
        }
        let Some(prelude) = self.preludes.remove(&id) else { return Ok(()) };
        let proposal = prelude.proposal.clone();
        match self.protocol(prelude) {
            Ok(()) => Ok(()),
            Err(StartError::Entropy(error)) => Err(error),
            Err(StartError::Other(reason, fault)) => {
                // The others may have begun: they would wait for this node until their time is over.
                for peer in self.others(&proposal.participants) {
                    self.send(peer, NodeMessage::Decline(id));
                }
                self.events.push(KeeperEvent::Failed { proposal, reason, fault });
                Ok(())
            }
        }
    }

    /// With everybody's word in hand: the session id, the protocol, its thread.
    fn protocol(&mut self, mut prelude: Prelude) -> Result<(), StartError> {
        let proposal = prelude.proposal.clone();
        let participants = proposal.participants.clone();
        let joins: Vec<u8> = prelude.joins.values().flat_map(Encode::encoded).collect();
        let name = match proposal.kind {
            Kind::NetworkKey { .. } => "network key",
            Kind::Wallets { .. } => "wallet keys",
            Kind::Presign { .. } => "presignatures",
        };
        let parameters = [proposal.digest().as_slice(), &joins].concat();
        let sid = session_id(name, &self.epoch, &participants, &parameters, &prelude.nonces());
        let randomness = self.entropy.randomness(&sid)?;
        let fault = |fault: Fault| StartError::Other(fault.to_string(), Some(fault));
        let (epoch, me, signing_key) = (self.epoch.clone(), self.me, self.signing_key.clone());
        let (protocol, first) = match proposal.kind {
            Kind::Presign { size } => {
                let mut ots = BTreeMap::new();
                for peer in self.others(&participants) {
                    let handle = prelude.handle(peer, me).map(|handle| handle.id);
                    let bob = handle.and_then(|id| self.ots.take_sent(peer, &id));
                    let (Some(alice), Some(bob)) = (prelude.seeds.remove(&peer), bob) else {
                        return Err(StartError::Other(format!("party {peer} named base transfers that are not in stock"), None));
                    };
                    ots.insert(peer, PairSeeds { alice, bob });
                }
                let config = presign::Config { epoch, set: participants.clone(), me, size, sid, signing_key, ots, randomness };
                let (machine, first) = presign::Ceremony::start(config).map_err(fault)?;
                (Protocol::Presign(Box::new(machine)), first)
            }
            Kind::Wallets { count, expiry } => {
                let (machine, first) = dkg_start(dkg::Config {
                    epoch,
                    participants: participants.clone(),
                    me,
                    keys: count,
                    signing_key,
                    sid,
                    randomness,
                })
                .map_err(fault)?;
                (Protocol::Wallets { machine: Box::new(machine), expiry }, first)
            }
            Kind::NetworkKey { expiry } => {
                let (machine, first) = dkg_start(dkg::Config {
                    epoch,
                    participants: participants.clone(),
                    me,
                    keys: 1,
                    signing_key,
                    sid,
                    randomness,
                })
                .map_err(fault)?;
                (Protocol::NetworkKey { machine: Box::new(machine), expiry }, first)
            }
        };
        let (inputs, received) = sync_channel(MAX_QUEUED);
        let (ours, rest) = core::mem::take(&mut self.early).into_iter().partition(|(_, envelope)| envelope.sid == sid);
        self.early = rest;
        for (from, envelope) in ours {
            let _ = inputs.try_send(Input::Envelope(from, envelope));
        }
        let (events, forwarded) = tokio::sync::mpsc::channel(MAX_QUEUED);
        tokio::spawn(forward(forwarded, self.background.clone()));
        let worker = Worker { id: proposal.id, support: self.support.clone(), inputs: received, events };
        let spawned = std::thread::Builder::new().name("ceremony".into()).spawn(move || worker.run(protocol, first));
        spawned.map_err(|error| StartError::Other(format!("no thread for a ceremony: {error}"), None))?;
        self.running.insert(proposal.id, Running { proposal, proposer: prelude.proposer, sid, inputs, heard: BTreeMap::new() });
        Ok(())
    }

    pub fn on_envelope(&mut self, from: PartyId, envelope: Envelope) {
        if let Some(running) = self.running.values_mut().find(|running| running.sid == envelope.sid) {
            let heard = running.heard.entry(from).or_default();
            *heard += 1;
            if *heard <= MAX_FROM_ONE {
                // A full queue means a flood: no run of the protocol has as many messages.
                drop(running.inputs.try_send(Input::Envelope(from, envelope)));
            }
            return;
        }
        self.early.push_back((from, envelope));
        // Each peer pushes out its own messages only.
        loop {
            let theirs = self.early.iter().filter(|(peer, _)| *peer == from);
            let (count, bytes) = theirs.fold((0, 0), |(count, bytes), (_, early)| (count + 1, bytes + early.body.0.len()));
            if count <= MAX_EARLY && bytes <= MAX_EARLY_BYTES {
                return;
            }
            let Some(oldest) = self.early.iter().position(|(peer, _)| *peer == from) else { return };
            self.early.remove(oldest);
        }
    }

    pub fn on_base_ot(&mut self, from: PartyId, exchange: u64, message: Vec<u8>) -> Result<(), EntropyError> {
        // One at a time for each peer: a flood of one leaves the others their turn.
        if self.quarantined.contains_key(&from) || message.len() > MAX_BASE_OT_MESSAGE || !self.serving.insert(from) {
            return Ok(());
        }
        let pair = Pair { epoch: self.epoch.digest(), alice: from, bob: self.me };
        let randomness = self.entropy.randomness(b"base transfers, sender")?;
        let started = self.work(move || {
            let read = AliceMessage::decode_all(&message).map_err(|_| Fault::Pairwise { peer: from, check: "message form" });
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
            let read = BobMessage::decode_all(&message).map_err(|_| Fault::Pairwise { peer: from, check: "message form" });
            Background::Finished { peer: from, result: read.and_then(|message| start.finish(&message)).map(Box::new) }
        });
        self.own_jobs += usize::from(started);
    }

    /// A batch of which this node may lack signatures is complete elsewhere.
    pub fn on_certificate(&mut self, from: PartyId, certificate: &BatchCertificate) {
        if let Some(running) = self.running.values().find(|running| running.sid == certificate.sid) {
            drop(running.inputs.try_send(Input::Certificate(from, certificate.clone())));
        }
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
            Background::Responded { peer, result: Err(fault), .. } | Background::Finished { peer, result: Err(fault) } => {
                tracing::warn!(%peer, %fault, "base transfers failed; the pair is quarantined");
                self.quarantine(peer);
            }
        }
        Ok(())
    }

    fn on_worker(&mut self, event: WorkerEvent) {
        match event {
            WorkerEvent::Send { id, envelopes } => {
                let Some(running) = self.running.get(&id) else { return };
                let others = self.others(&running.proposal.participants);
                for envelope in envelopes {
                    match envelope.to {
                        To::One(peer) => self.send(peer, NodeMessage::Ceremony(envelope)),
                        To::All => {
                            for peer in &others {
                                self.send(*peer, NodeMessage::Ceremony(envelope.clone()));
                            }
                        }
                    }
                }
            }
            WorkerEvent::Done { id, output } => {
                if let Some(running) = self.running.remove(&id) {
                    self.distrusted.remove(&running.proposer);
                    self.events.push(KeeperEvent::Done { proposer: running.proposer, output });
                }
            }
            WorkerEvent::Failed { id, reason, fault } => {
                let Some(running) = self.running.remove(&id) else { return };
                if let Some(Fault::Pairwise { peer, .. }) = &fault {
                    self.quarantine(*peer);
                }
                // A run that timed out held its place for long, whoever was silent.
                if fault.as_ref().is_none_or(|fault| fault.culprit() == Some(running.proposer)) {
                    self.distrust(running.proposer);
                }
                self.events.push(KeeperEvent::Failed { proposal: running.proposal, reason, fault });
            }
        }
    }

    /// Refills the stock of base transfers and drops what has waited too long.
    pub fn tick(&mut self, now: u64) -> Result<(), EntropyError> {
        let stale: Vec<CeremonyId> =
            self.preludes.iter().filter(|(_, prelude)| now > prelude.begun + PRELUDE_TIMEOUT).map(|(id, _)| *id).collect();
        for id in stale {
            // Who proposes and then does not join only wants the place.
            let silent = self.preludes.get(&id).filter(|prelude| !prelude.joins.contains_key(&prelude.proposer));
            if let Some(proposer) = silent.map(|prelude| prelude.proposer) {
                self.distrust(proposer);
            }
            self.abandon(id, "its participants did not all answer".into());
        }
        self.now = now;
        self.ots.drop_begun_before(now.saturating_sub(EXCHANGE_TIMEOUT));
        self.quarantined.retain(|_, until| *until > now);
        let free = |peer: &PartyId| !self.quarantined.contains_key(peer) && !self.beginning.contains(peer);
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
                Background::Started { peer, exchange, start: Box::new(start), message: Bytes(message.encoded()) }
            });
            if started {
                self.own_jobs += 1;
                self.beginning.insert(peer);
            }
        }
        Ok(())
    }
}

async fn forward(mut from: tokio::sync::mpsc::Receiver<WorkerEvent>, to: Sender<Background>) {
    while let Some(event) = from.recv().await {
        if to.send(Background::Worker(event)).await.is_err() {
            return;
        }
    }
}

enum StartError {
    Entropy(EntropyError),
    Other(String, Option<Fault>),
}

impl From<EntropyError> for StartError {
    fn from(error: EntropyError) -> Self {
        StartError::Entropy(error)
    }
}

fn dkg_start<C: Curve>(config: dkg::Config) -> Result<(dkg::Ceremony<C>, Vec<Envelope>), Fault> {
    dkg::Ceremony::start(config)
}
