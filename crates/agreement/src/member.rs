//! One member of one epoch: its three roles, and what passes between them.

use crate::ceremony::{
    self, CeremonyMessage, CeremonyOutput, Director, Finished, GeneratedKeys, Job, Kind, Needs,
    Presign,
};
use crate::entropy::Entropy;
use crate::exchange::{self, ExchangeId, Exchanges};
use crate::frame::MemberMessage;
use crate::note::Note;
use crate::role::Role;
use crate::signing::{self, CallId, Coordinator, Outcome, SigningMessage};
use crate::stocking::{StockTargets, Stocking};
use crate::time::{Duration, Instant};
use crate::view::ChainView;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presignature::Batch;
use ed25519_dalek::SigningKey;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often the stock is looked at.
const STOCKING_INTERVAL: Duration = Duration::from_millis(100);
/// A bind message has so many round trips of time.
const BIND_ROUND_TRIPS: u32 = 4;
/// A peer stretches its own round trip at will; it cannot stretch the deadline further than this.
pub const MAX_BIND_DEADLINE: Duration = Duration::from_secs(2);
/// So many indices that a member can assign make it ready.
const READY_ASSIGNABLE: usize = 3;

/// What a member starts from.
pub struct MemberConfig {
    /// Whose member it is.
    pub epoch: Arc<Epoch>,
    /// Its number there.
    pub me: PartyId,
    /// The key behind its identity.
    pub signing_key: SigningKey,
    /// How long calls may take.
    pub timing: signing::Timing,
    /// How long exchanges may take.
    pub exchange_timing: exchange::Timing,
    /// How much is kept ready.
    pub targets: StockTargets,
}

/// Names a question to the member, for its answer. Chosen by whoever asks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ticket(pub u64);

/// What a member is told.
pub enum Input {
    /// A peer's link is open. `boot` is another for each start of the peer's process.
    LinkOpened {
        /// The peer.
        peer: PartyId,
        /// Of its process.
        boot: [u8; 16],
    },
    /// A peer's link is closed.
    LinkClosed {
        /// The peer.
        peer: PartyId,
    },
    /// A message from a peer's authenticated link.
    Message {
        /// The peer.
        from: PartyId,
        /// What it says.
        message: MemberMessage,
    },
    /// Round trips of the open links, in any order.
    RoundTrips(Vec<Duration>),
    /// The chain was looked at.
    Chain(ChainView),
    /// A job is done.
    Finished(Finished),
    /// A client's request was judged; [`Output::Called`] answers.
    Sign(Box<signing::Wish>),
    /// An action came to an exchange; [`Output::Exchanged`] answers.
    Exchange {
        /// For the answer.
        ticket: Ticket,
        /// What is wanted.
        wish: Box<exchange::Wish>,
    },
    /// This member's turn is over; [`Output::TurnEnded`] answers.
    EndTurn {
        /// For the answer.
        ticket: Ticket,
        /// Whose turn.
        exchange: ExchangeId,
        /// What the turn brought.
        result: String,
    },
    /// Time has passed. To be given every ten milliseconds or so.
    Tick,
}

/// What a member wants done.
pub enum Output {
    /// Send a message to a peer.
    Send {
        /// The peer.
        to: PartyId,
        /// The message.
        message: MemberMessage,
    },
    /// Do a job and bring it back.
    Start(Job),
    /// A call has ended. Until `say_before` this may be told to a client, and not after it: the
    /// others may have signed without a member that was stopped meanwhile.
    Called {
        /// Which call.
        call: CallId,
        /// How it ended.
        outcome: Outcome,
        /// Until when this may be told.
        say_before: Instant,
    },
    /// An exchange has ended for whoever asked.
    Exchanged {
        /// Of the question.
        ticket: Ticket,
        /// Which exchange.
        exchange: ExchangeId,
        /// How it ended.
        outcome: exchange::Outcome,
    },
    /// The answer to [`Input::EndTurn`].
    TurnEnded {
        /// Of the question.
        ticket: Ticket,
        /// Whether there was a turn to end.
        had_one: bool,
    },
    /// Keys that all members attested are to be brought to the chain.
    Register {
        /// With everybody's attestation.
        keys: GeneratedKeys,
        /// Comes first in the order of those who bring them.
        proposer: PartyId,
    },
    /// For the operator.
    Note(Note),
}

/// How a member is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberStatus {
    /// Peers whose link is open and that are not left alone.
    pub linked: Vec<PartyId>,
    /// Presignatures that it holds a part of.
    pub presignatures: usize,
    /// Whether it can assign presignatures at once.
    pub stocked: bool,
    /// Calls that ended in the retryable error.
    pub retried: u64,
    /// Calls that it gave a share for.
    pub served: u64,
}

/// What waits at a member in one place, and the most that it may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backlog {
    /// What it holds.
    pub name: &'static str,
    /// How much.
    pub length: usize,
    /// At most.
    pub limit: usize,
}

/// One member of one epoch.
pub struct Member {
    epoch: Arc<Epoch>,
    me: PartyId,
    coordinator: Coordinator,
    exchanges: Exchanges,
    director: Director,
    stocking: Stocking,
    targets: StockTargets,
    view: ChainView,
    boots: BTreeMap<PartyId, [u8; 16]>,
    /// As configured; the present one follows the round trips.
    bind_deadline: Duration,
    /// Questions whose exchange is under way.
    exchanging: BTreeMap<ExchangeId, Ticket>,
    stocked_at: Instant,
    served: u64,
    outputs: Vec<Output>,
}

impl Member {
    /// A member without links, stock or knowledge of the chain.
    pub fn new(config: MemberConfig, entropy: &mut dyn Entropy) -> Self {
        let MemberConfig { epoch, me, signing_key, timing, exchange_timing, targets } = config;
        let key = || signing_key.clone();
        let randomness = entropy.randomness(b"coordinator");
        let needs = Needs { targets, ..Needs::default() };
        Member {
            coordinator: Coordinator::new(epoch.clone(), me, key(), timing, randomness),
            exchanges: Exchanges::new(epoch.clone(), me, key(), exchange_timing),
            director: Director::new(epoch.clone(), me, key(), needs),
            stocking: Stocking::new(epoch.clone(), me, targets),
            targets,
            view: ChainView::default(),
            boots: BTreeMap::new(),
            bind_deadline: timing.bind,
            exchanging: BTreeMap::new(),
            stocked_at: Instant::START,
            served: 0,
            outputs: Vec::new(),
            epoch,
            me,
        }
    }

    /// The epoch that it is a member of.
    pub fn epoch(&self) -> &Arc<Epoch> {
        &self.epoch
    }

    /// Its number there.
    pub fn id(&self) -> PartyId {
        self.me
    }

    /// How it is.
    pub fn status(&self) -> MemberStatus {
        let ids = self.epoch.ids().into_iter();
        let linked = ids.filter(|id| *id != self.me && self.director.is_open(*id)).collect();
        let stock = &self.coordinator.stock;
        MemberStatus {
            linked,
            presignatures: stock.held(),
            stocked: stock.assignable() >= READY_ASSIGNABLE,
            retried: self.coordinator.retried,
            served: self.served,
        }
    }

    /// Everything that grows with what others say and clients ask.
    pub fn backlogs(&self) -> Vec<Backlog> {
        [self.coordinator.backlogs(), self.director.backlogs(), self.exchanges.backlogs()].concat()
    }

    /// Takes a batch that did not come from a ceremony of this member, for tests of what comes
    /// after.
    pub fn hold(&mut self, batch: Batch) {
        self.coordinator.stock.hold(batch);
    }

    /// Takes one input at `now`, which never goes back, and returns what is to be done.
    pub fn handle(&mut self, input: Input, now: Instant, entropy: &mut dyn Entropy) -> Vec<Output> {
        match input {
            Input::LinkOpened { peer, boot } => self.link_opened(peer, boot, now),
            Input::LinkClosed { peer } => {
                self.director.link_closed(peer, now);
                self.coordinator.link_closed(peer, now);
                self.exchanges.link_closed(peer, now);
            }
            Input::Message { from, message } => self.receive(from, message, now, entropy),
            Input::RoundTrips(trips) => self.follow_round_trips(trips),
            Input::Chain(view) => self.view = view,
            Input::Finished(job) => self.director.finished(job, now, entropy),
            Input::Sign(wish) => {
                self.coordinator.begin(*wish, now);
            }
            Input::Exchange { ticket, wish } => {
                let exchange = wish.exchange;
                match self.exchanges.begin(*wish, now) {
                    Some(outcome) => {
                        self.outputs.push(Output::Exchanged { ticket, exchange, outcome });
                    }
                    None => drop(self.exchanging.insert(exchange, ticket)),
                }
            }
            Input::EndTurn { ticket, exchange, result } => {
                let had_one = self.exchanges.end_turn(exchange, result);
                self.outputs.push(Output::TurnEnded { ticket, had_one });
            }
            Input::Tick => self.tick(now, entropy),
        }
        self.gather(now, entropy);
        core::mem::take(&mut self.outputs)
    }

    fn link_opened(&mut self, peer: PartyId, boot: [u8; 16], now: Instant) {
        if self.boots.insert(peer, boot).is_some_and(|before| before != boot) {
            self.outputs.push(Output::Note(Note::PeerRestarted { peer }));
            self.director.peer_restarted(peer);
            self.coordinator.stock.forget_batches_of(peer);
        }
        self.director.link_opened(peer, now);
        self.coordinator.link_opened(peer, now);
        self.exchanges.link_opened(peer, now);
    }

    fn receive(
        &mut self,
        from: PartyId,
        message: MemberMessage,
        now: Instant,
        entropy: &mut dyn Entropy,
    ) {
        match message {
            MemberMessage::Signing(message) => {
                if let SigningMessage::BatchReady(certificate) = &message {
                    self.director.on_certificate(from, certificate);
                }
                self.coordinator.receive(from, message, now, entropy);
            }
            MemberMessage::Ceremony(message) => {
                if let CeremonyMessage::Propose(proposal) = &message {
                    self.look(&proposal.participants);
                }
                self.director.receive(from, message, now, entropy);
            }
            MemberMessage::Exchange(message) => {
                self.exchanges.receive(from, message, now, entropy);
            }
        }
    }

    /// Tells the director what is lacking now, of this set among the rest.
    fn look(&mut self, set: &[PartyId]) {
        let stocked = self.coordinator.stock.lowest_of(set);
        self.director.look(Needs { view: self.view, targets: self.targets, stocked });
    }

    fn tick(&mut self, now: Instant, entropy: &mut dyn Entropy) {
        self.coordinator.tick(now, entropy);
        self.exchanges.tick(now, entropy);
        if now >= self.stocked_at + STOCKING_INTERVAL {
            self.stocked_at = now;
            self.director.tick(now, entropy);
            let stock = &self.coordinator.stock;
            self.stocking.tick(&mut self.director, stock, &self.view, now, entropy);
        }
    }

    /// The bind deadline is the configured one or that of round trips, whichever is longer: those
    /// of the slowest peer that a set still needs, so that slower ones cannot stretch it.
    fn follow_round_trips(&mut self, mut trips: Vec<Duration>) {
        trips.sort_unstable();
        let needed = usize::from(self.epoch.threshold()).saturating_sub(2);
        let slowest = trips.get(needed).or(trips.last()).copied().unwrap_or_default();
        let of_trips = (BIND_ROUND_TRIPS * slowest).min(MAX_BIND_DEADLINE);
        self.coordinator.timing.bind = of_trips.max(self.bind_deadline);
    }

    /// Does what the roles want of one another, and collects what they want of the world.
    fn gather(&mut self, now: Instant, entropy: &mut dyn Entropy) {
        loop {
            let called = self.coordinator.effects();
            let exchanged = self.exchanges.effects();
            let directed = self.director.effects();
            if called.is_empty() && exchanged.is_empty() && directed.is_empty() {
                return;
            }
            exchanged.into_iter().for_each(|effect| self.on_exchange(effect));
            called.into_iter().for_each(|effect| self.on_call(effect, now, entropy));
            directed.into_iter().for_each(|effect| self.on_ceremony(effect, now));
        }
    }

    fn send(&mut self, to: PartyId, message: MemberMessage) {
        self.outputs.push(Output::Send { to, message });
    }

    fn on_call(&mut self, effect: signing::Effect, now: Instant, entropy: &mut dyn Entropy) {
        match effect {
            signing::Effect::Send { to, message } => {
                self.send(to, MemberMessage::Signing(message));
            }
            signing::Effect::Note(note) => self.outputs.push(Output::Note(note)),
            signing::Effect::Finished { call, outcome } => {
                self.served += u64::from(matches!(outcome, Outcome::Share(_)));
                let say_before = now + self.coordinator.timing.bind;
                self.outputs.push(Output::Called { call, outcome, say_before });
            }
            signing::Effect::MakeBatch { set } => {
                let size = self.epoch.members().len() as u32;
                if !self.director.is_presigning(&set) {
                    self.director.propose(Kind::Presign(Presign { size }), set, entropy);
                }
            }
        }
    }

    fn on_exchange(&mut self, effect: exchange::Effect) {
        match effect {
            exchange::Effect::Send { to, message } => {
                self.send(to, MemberMessage::Exchange(message));
            }
            exchange::Effect::Note(note) => self.outputs.push(Output::Note(note)),
            exchange::Effect::Ended { exchange, outcome } => {
                if let Some(ticket) = self.exchanging.remove(&exchange) {
                    self.outputs.push(Output::Exchanged { ticket, exchange, outcome });
                }
            }
        }
    }

    fn on_ceremony(&mut self, effect: ceremony::Effect, now: Instant) {
        match effect {
            ceremony::Effect::Send { to, message } => {
                self.send(to, MemberMessage::Ceremony(message));
            }
            ceremony::Effect::Start(job) => self.outputs.push(Output::Start(job)),
            ceremony::Effect::Note(note) => self.outputs.push(Output::Note(note)),
            ceremony::Effect::Failed { proposal } => {
                if matches!(proposal.kind, Kind::Presign(_)) {
                    self.stocking.presigning_failed(&proposal.participants, now);
                }
            }
            ceremony::Effect::Done { proposer, output } => match *output {
                CeremonyOutput::Presignatures(batch) => {
                    self.stocking.presigning_succeeded(&batch.certificate.set);
                    let certificate = batch.certificate.clone();
                    self.coordinator.stock.hold(batch);
                    let ready = SigningMessage::BatchReady(Box::new((*certificate).clone()));
                    let me = self.me;
                    for id in self.epoch.ids().into_iter().filter(|id| *id != me) {
                        self.send(id, MemberMessage::Signing(ready.clone()));
                    }
                }
                CeremonyOutput::Keys(keys) => {
                    self.stocking.generated(self.view.batches, now);
                    self.outputs.push(Output::Register { keys, proposer });
                }
            },
        }
    }
}
