//! The task that owns a node's state: links, calls, ceremonies and stock. Everything else asks it
//! through [`Command`]s.

use crate::ceremony::Background;
use crate::ceremony::{CeremonyOutput, Keeper, KeeperEvent, Kind, Proposal};
use crate::chain_view::ChainView;
use crate::entropy::EntropyError;
use crate::exchange::{self, ExchangeId, Exchanges};
use crate::message::NodeMessage;
use crate::registration::Registrar;
use crate::signing::{CallId, Coordinator, Effect, Millis, Outcome, SigningMessage, Wish};
use crate::stocking::Stocking;
use crate::tap::Tap;
use conclave_mesh::{Event, Identity, Inbound, Mesh};
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::party::{Epoch, PartyId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// Between two looks at the clock. A bind deadline is at least ten of these.
const TICK: Duration = Duration::from_millis(10);
/// Ticks between two looks at the stock.
const STOCKING_TICKS: u64 = 10;

/// A peer stretches its own round trip at will; it cannot stretch the deadline further than this.
const MAX_BIND_DEADLINE: Duration = Duration::from_secs(2);

/// Requests to the core that wait for their turn; beyond it a client is told to come back.
pub const MAX_COMMANDS: usize = 4_096;

/// So many indices that a node can assign make it ready.
const READY_ASSIGNABLE: usize = 3;

/// What the API asks.
pub enum Command {
    /// Take up a call; the answer comes when it has ended.
    Begin {
        wish: Box<Wish>,
        reply: oneshot::Sender<Ended>,
    },
    /// Take up an exchange; the answer comes when it has ended.
    Exchange {
        wish: Box<exchange::Wish>,
        reply: oneshot::Sender<exchange::Outcome>,
    },
    /// Tell the others what this node's turn brought; the answer is whether it had one.
    EndTurn {
        exchange: ExchangeId,
        result: String,
        reply: oneshot::Sender<bool>,
    },
    Status {
        reply: oneshot::Sender<CoreStatus>,
    },
}

/// How a call ended, and until when this may be said. A node that was stopped between making its
/// share and answering with it must not answer with it later: the others may have signed without
/// it.
#[derive(Clone, Debug)]
pub struct Ended {
    pub outcome: Outcome,
    pub say_before: Instant,
}

/// The core's part of a node's status.
#[derive(Clone, Debug)]
pub struct CoreStatus {
    pub linked: Vec<PartyId>,
    /// Presignatures that this node holds a part of.
    pub presignatures: usize,
    /// Whether this node can assign presignatures at once.
    pub stocked: bool,
    pub retried: u64,
    pub served: u64,
}

pub struct Core {
    parts: Parts,
    started: Instant,
    /// As configured, in milliseconds.
    bind_deadline: Millis,
    boots: BTreeMap<PartyId, [u8; 16]>,
    waiters: HashMap<CallId, Vec<oneshot::Sender<Ended>>>,
    exchanging: HashMap<ExchangeId, oneshot::Sender<exchange::Outcome>>,
    served: u64,
    ticks: u64,
}

/// What the core is made of.
pub struct Parts {
    pub epoch: Arc<Epoch>,
    pub me: PartyId,
    pub mesh: Mesh,
    pub identities: BTreeMap<PartyId, Identity>,
    pub coordinator: Coordinator,
    pub exchanges: Exchanges,
    pub keeper: Keeper,
    pub stocking: Stocking,
    pub view: watch::Receiver<ChainView>,
    pub registrar: Arc<Registrar>,
    pub tap: Option<Arc<dyn Tap>>,
}

impl Core {
    pub fn new(parts: Parts) -> Self {
        Core {
            bind_deadline: parts.coordinator.timing.bind,
            parts,
            started: Instant::now(),
            boots: BTreeMap::new(),
            waiters: HashMap::new(),
            exchanging: HashMap::new(),
            served: 0,
            ticks: 0,
        }
    }

    fn now(&self) -> Millis {
        self.started.elapsed().as_millis() as Millis
    }

    /// Runs until the commands end or the operating system gives no randomness.
    pub async fn run(
        mut self,
        mut inbound: Inbound,
        mut commands: mpsc::Receiver<Command>,
        mut background: mpsc::Receiver<Background>,
    ) -> Result<(), EntropyError> {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = inbound.recv() => match event {
                    Some(event) => self.on_mesh(event)?,
                    None => return Ok(()),
                },
                command = commands.recv() => match command {
                    Some(command) => self.on_command(command),
                    None => {
                        self.parts.mesh.shutdown().await;
                        return Ok(());
                    }
                },
                Some(done) = background.recv() => self.parts.keeper.on_background(done)?,
                _ = ticks.tick() => self.on_tick()?,
            }
            self.flush();
        }
    }

    fn on_tick(&mut self) -> Result<(), EntropyError> {
        let now = self.now();
        self.ticks += 1;
        self.parts.coordinator.tick(now);
        self.parts.exchanges.tick(now);
        if self.ticks.is_multiple_of(STOCKING_TICKS) {
            self.parts.keeper.tick(now)?;
            self.follow_round_trips();
            let view = self.parts.view.borrow().clone();
            self.parts.stocking.tick(
                &self.parts.epoch,
                self.parts.me,
                &mut self.parts.keeper,
                &self.parts.coordinator.stock,
                &view,
                now,
            )?;
            self.waiters.retain(|_, waiting| {
                waiting.retain(|reply| !reply.is_closed());
                !waiting.is_empty()
            });
        }
        Ok(())
    }

    /// The bind deadline is the configured one or four round trips, whichever is longer: those of
    /// the slowest peer that is still needed for a set, so that slower ones cannot stretch it.
    fn follow_round_trips(&mut self) {
        let mut trips: Vec<Duration> =
            self.parts.mesh.peers().iter().filter_map(|peer| peer.round_trip).collect();
        trips.sort_unstable();
        let needed = usize::from(self.parts.epoch.threshold()).saturating_sub(2);
        let slowest = trips.get(needed).or(trips.last()).copied().unwrap_or_default();
        let four = (4 * slowest).min(MAX_BIND_DEADLINE).as_millis() as Millis;
        self.parts.coordinator.timing.bind = four.max(self.bind_deadline);
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Begin { mut wish, reply } => {
                // The API counts from the question, the coordinator from the core's start.
                wish.deadline += self.now();
                let id = crate::signing::call_id(&wish.request_key, &wish.name_hash);
                self.waiters.entry(id).or_default().push(reply);
                self.parts.coordinator.begin(*wish, self.now());
            }
            Command::Exchange { mut wish, reply } => {
                wish.deadline += self.now();
                let exchange = wish.exchange;
                match self.parts.exchanges.begin(*wish, self.now()) {
                    // Nobody may wait for it any more.
                    Some(outcome) => drop(reply.send(outcome)),
                    None => drop(self.exchanging.insert(exchange, reply)),
                }
            }
            Command::EndTurn { exchange, result, reply } => {
                let _ = reply.send(self.parts.exchanges.end_turn(exchange, result));
            }
            Command::Status { reply } => {
                let linked = self
                    .parts
                    .identities
                    .keys()
                    .copied()
                    .filter(|id| *id != self.parts.me && self.parts.keeper.is_open(*id))
                    .collect();
                let stock = &self.parts.coordinator.stock;
                let status = CoreStatus {
                    linked,
                    presignatures: stock.held(),
                    stocked: stock.assignable() >= READY_ASSIGNABLE,
                    retried: self.parts.coordinator.retried,
                    served: self.served,
                };
                let _ = reply.send(status);
            }
        }
    }

    fn party(&self, identity: &Identity) -> Option<PartyId> {
        self.parts.identities.iter().find(|(_, known)| *known == identity).map(|(id, _)| *id)
    }

    fn on_mesh(&mut self, event: Event) -> Result<(), EntropyError> {
        match event {
            Event::Connected { peer, boot } => {
                let Some(id) = self.party(&peer) else { return Ok(()) };
                if self.boots.insert(id, boot).is_some_and(|before| before != boot) {
                    tracing::info!(peer = %id, "a peer has restarted; what was shared with it in memory is dropped");
                    self.parts.keeper.peer_restarted(id);
                    self.parts.coordinator.stock.forget_batches_of(id);
                }
                self.parts.keeper.link_opened(id);
                self.parts.coordinator.link_opened(id);
                self.parts.exchanges.link_opened(id);
            }
            Event::Disconnected { peer, .. } => {
                let Some(id) = self.party(&peer) else { return Ok(()) };
                self.parts.keeper.link_closed(id);
                self.parts.coordinator.link_closed(id, self.now());
                self.parts.exchanges.link_closed(id, self.now());
            }
            Event::Message { from, bytes, .. } => {
                let Some(id) = self.party(&from) else { return Ok(()) };
                if bytes.len() > NodeMessage::longest(&bytes) {
                    tracing::warn!(peer = %id, bytes = bytes.len(), "an over-long message was dropped");
                    return Ok(());
                }
                match NodeMessage::decode_all(&bytes) {
                    Ok(message)
                        if self.parts.tap.as_ref().is_none_or(|tap| tap.incoming(id, &message)) =>
                    {
                        self.on_message(id, message)?
                    }
                    Ok(_) => (),
                    Err(error) => {
                        tracing::warn!(peer = %id, %error, "a message that cannot be read was dropped")
                    }
                }
            }
        }
        Ok(())
    }

    fn on_message(&mut self, from: PartyId, message: NodeMessage) -> Result<(), EntropyError> {
        let now = self.now();
        match message {
            NodeMessage::Signing(message) => {
                if let SigningMessage::BatchReady(certificate) = &message {
                    self.parts.keeper.on_certificate(from, certificate);
                }
                self.parts.coordinator.receive(from, message, now);
            }
            NodeMessage::Propose(proposal) if self.may_propose(from, &proposal) => {
                self.parts.keeper.on_proposal(from, proposal, now)?
            }
            NodeMessage::Propose(proposal) => self.send(from, &NodeMessage::Decline(proposal.id)),
            NodeMessage::Join(join) => self.parts.keeper.on_join(from, join)?,
            NodeMessage::Decline(id) => self.parts.keeper.on_decline(from, id),
            NodeMessage::PairFailed(id) => self.parts.keeper.on_pair_failed(from, id),
            NodeMessage::Ceremony(envelope) => self.parts.keeper.on_envelope(from, envelope),
            NodeMessage::BaseOt(exchange, message) => {
                self.parts.keeper.on_base_ot(from, exchange, message.0)?
            }
            NodeMessage::BaseOtReply(exchange, message) => {
                self.parts.keeper.on_base_ot_reply(from, exchange, message.0)
            }
            NodeMessage::Exchange(message) => self.parts.exchanges.receive(from, message, now),
        }
        Ok(())
    }

    /// Keys are only made while the chain has room for them, and for a time in which they can reach
    /// it.
    fn may_propose(&self, from: PartyId, proposal: &Proposal) -> bool {
        let Proposal { kind, participants, .. } = proposal;
        let view = self.parts.view.borrow();
        let timely = |expiry: u64| {
            (view.head.number..=view.head.number + 2 * crate::stocking::REGISTRATION_BLOCKS)
                .contains(&expiry)
        };
        match *kind {
            Kind::NetworkKey { expiry } => view.network_key.is_none() && timely(expiry),
            Kind::Wallets { expiry, .. } => {
                self.parts.stocking.has_room(view.pool) && timely(expiry)
            }
            // Small batches only cost, and a set that is well stocked needs no more.
            Kind::Presign { size } => {
                let stocked = self.parts.coordinator.stock.lowest_of(participants)
                    >= self.parts.stocking.most_presignatures();
                from != self.parts.me
                    && size as usize >= self.parts.epoch.members().len()
                    && !stocked
            }
        }
    }

    fn send(&self, to: PartyId, message: &NodeMessage) {
        let Some(identity) = self.parts.identities.get(&to) else { return };
        if !self.parts.tap.as_ref().is_none_or(|tap| tap.outgoing(to, message)) {
            return;
        }
        if let Err(error) = self.parts.mesh.send(identity, message.lane(), message.encoded().into())
        {
            tracing::debug!(peer = %to, %error, "a message was not sent");
        }
    }

    /// Does what calls, exchanges and ceremonies want done.
    fn flush(&mut self) {
        loop {
            let effects = self.parts.coordinator.effects();
            let exchanged = self.parts.exchanges.effects();
            let events = self.parts.keeper.events();
            if effects.is_empty() && exchanged.is_empty() && events.is_empty() {
                return;
            }
            for effect in exchanged {
                self.on_exchange(effect);
            }
            for effect in effects {
                self.on_effect(effect);
            }
            for event in events {
                self.on_keeper(event);
            }
        }
    }

    fn on_effect(&mut self, effect: Effect) {
        match effect {
            Effect::Send { to, message } => self.send(to, &NodeMessage::Signing(message)),
            Effect::Finished { call, outcome } => {
                if matches!(outcome, Outcome::Share(_)) {
                    self.served += 1;
                }
                let say_before =
                    Instant::now() + Duration::from_millis(self.parts.coordinator.timing.bind);
                for reply in self.waiters.remove(&call).unwrap_or_default() {
                    let _ = reply.send(Ended { outcome: outcome.clone(), say_before });
                }
            }
            Effect::MakeBatch { set } => {
                let size = self.parts.epoch.members().len() as u32;
                let wanted = |kind: &Kind| matches!(kind, Kind::Presign { .. });
                if !self
                    .parts
                    .keeper
                    .is_busy(|proposal| wanted(&proposal.kind) && proposal.participants == set)
                {
                    let proposed =
                        self.parts.keeper.propose(Kind::Presign { size }, set, self.now());
                    if let Err(error) = proposed {
                        tracing::error!(%error, "no batch could be proposed");
                    }
                }
            }
        }
    }

    fn on_exchange(&mut self, effect: exchange::Effect) {
        match effect {
            exchange::Effect::Send { to, message } => {
                self.send(to, &NodeMessage::Exchange(message))
            }
            exchange::Effect::Ended { exchange, outcome } => {
                let Some(reply) = self.exchanging.remove(&exchange) else { return };
                if let Err(exchange::Outcome::Mine) = reply.send(outcome) {
                    // The action ended before its turn came.
                    self.parts.exchanges.end_turn(exchange, exchange::FAILED_TURN.to_owned());
                }
            }
        }
    }

    fn on_keeper(&mut self, event: KeeperEvent) {
        match event {
            KeeperEvent::Send { to, message } => self.send(to, &message),
            KeeperEvent::Failed { proposal, reason, fault } => {
                let kind = proposal.kind;
                if matches!(kind, Kind::Presign { .. }) {
                    self.parts.stocking.presigning_failed(&proposal.participants, self.now());
                }
                match fault {
                    Some(fault) => {
                        tracing::warn!(?kind, %reason, culprit = ?fault.culprit(), "a ceremony failed")
                    }
                    None => tracing::debug!(?kind, %reason, "a ceremony came to nothing"),
                }
            }
            KeeperEvent::Done { output, proposer } => match *output {
                CeremonyOutput::Presignatures(batch) => {
                    self.parts.stocking.presigning_succeeded(&batch.certificate.set);
                    let certificate = batch.certificate.clone();
                    self.parts.coordinator.stock.hold(batch);
                    let ready = SigningMessage::BatchReady(Box::new((*certificate).clone()));
                    for id in self.parts.epoch.ids().into_iter().filter(|id| *id != self.parts.me) {
                        self.send(id, &NodeMessage::Signing(ready.clone()));
                    }
                }
                CeremonyOutput::Keys(keys) => {
                    let batches = self.parts.view.borrow().batches;
                    self.parts.stocking.generated(batches, self.now());
                    tokio::spawn(self.parts.registrar.clone().register(keys, proposer));
                }
            },
        }
    }
}
