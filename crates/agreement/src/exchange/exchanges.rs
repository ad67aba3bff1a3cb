//! All exchanges of one node, and the rules by which they move.

use super::early::{EARLY_BYTES, EarlyWords};
use super::kept::{Kept, MAX_KEPT};
use super::message::ExchangeMessage;
use super::running::{Outcome, Running, Want, Wish};
use super::silent::Silent;
use super::word::{ExchangeId, SignedWord, Word};
use super::{collect, combine, turn};
use crate::entropy::Entropy;
use crate::member::Backlog;
use crate::note::Note;
use crate::role::Role;
use crate::signing::assigners;
use crate::time::{Duration, Instant};
use conclave_threshold::codec::Encode;
use conclave_threshold::ids::EpochDigest;
use conclave_threshold::party::{Epoch, PartyId};
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Exchanges that this node's actions wait for at a time.
pub const MAX_RUNNING: usize = 8_192;

/// The span between two looks for what is over.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a quorum waits for the others. Whoever's word is awaited is passed over after twice
    /// that time.
    pub patience: Duration,
    /// How long a node that passed somebody over waits for what it may have missed, before it takes
    /// that one's place.
    pub grace: Duration,
    /// How long the end of an exchange, and a word for one that did not begin, is remembered.
    pub memory: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            patience: Duration::from_secs(2),
            grace: Duration::from_millis(250),
            memory: Duration::from_secs(60),
        }
    }
}

/// What whoever drives the exchanges is to do.
#[derive(Debug)]
pub enum Effect {
    /// For the operator.
    Note(Note),
    /// Send a message to a peer.
    Send {
        /// The peer.
        to: PartyId,
        /// The message.
        message: ExchangeMessage,
    },
    /// An exchange has ended.
    Ended {
        /// Which exchange.
        exchange: ExchangeId,
        /// How it ended.
        outcome: Outcome,
    },
}

/// All exchanges of one member in one epoch.
pub struct Exchanges {
    epoch: Arc<Epoch>,
    epoch_digest: EpochDigest,
    me: PartyId,
    signing_key: SigningKey,
    /// How long things may take now.
    pub timing: Timing,
    running: BTreeMap<ExchangeId, Running>,
    kept: Kept,
    early: EarlyWords,
    /// Members whose link is open, this node included.
    open: BTreeSet<PartyId>,
    silent: Silent,
    /// When this was last called.
    awake: Instant,
    /// When what is over was last forgotten.
    swept: Instant,
    effects: Vec<Effect>,
}

/// What the rules of one exchange need to know of the node.
pub(super) struct Desk<'a> {
    pub epoch: &'a Epoch,
    epoch_digest: &'a EpochDigest,
    signing_key: &'a SigningKey,
    pub me: PartyId,
    pub threshold: usize,
    pub open: &'a BTreeSet<PartyId>,
    pub timing: Timing,
    pub now: Instant,
}

impl Desk<'_> {
    /// Signs a word of this node's; it goes to everybody.
    pub fn say(&self, running: &mut Running, word: Word) -> SignedWord {
        let signed = SignedWord::new(
            self.epoch_digest,
            running.wish.exchange,
            self.me,
            word,
            self.signing_key,
        );
        running.say(signed.clone());
        signed
    }

    /// Whether who was asked about what this node may have missed has had time to answer.
    pub fn has_asked_long_enough(&self, running: &Running) -> bool {
        running.asked.is_none_or(|asked| self.now >= asked + self.timing.grace)
    }
}

impl Exchanges {
    /// Exchanges of a member that knows of no links yet.
    pub fn new(epoch: Arc<Epoch>, me: PartyId, signing_key: SigningKey, timing: Timing) -> Self {
        Exchanges {
            epoch_digest: epoch.digest(),
            early: EarlyWords::new(epoch.members().len().saturating_sub(1)),
            open: BTreeSet::from([me]),
            silent: Silent::default(),
            awake: Instant::START,
            swept: Instant::START,
            epoch,
            me,
            signing_key,
            timing,
            running: BTreeMap::new(),
            kept: Kept::default(),
            effects: Vec::new(),
        }
    }

    /// What grows with actions and peers.
    pub fn backlogs(&self) -> Vec<Backlog> {
        let backlog = |name, length, limit| Backlog { name, length, limit };
        vec![
            backlog("exchanges", self.running.len(), MAX_RUNNING),
            backlog("exchanges kept", self.kept.len(), MAX_KEPT),
            backlog("bytes of early words", self.early.bytes(), EARLY_BYTES),
        ]
    }

    fn send(&mut self, to: PartyId, message: ExchangeMessage) {
        self.effects.push(Effect::Send { to, message });
    }

    fn broadcast(&mut self, message: &ExchangeMessage) {
        let me = self.me;
        for id in self.epoch.ids().into_iter().filter(|id| *id != me) {
            self.send(id, message.clone());
        }
    }

    fn ask(&mut self, exchange: ExchangeId, now: Instant) {
        if let Some(running) = self.running.get_mut(&exchange) {
            running.asked = Some(now);
            self.broadcast(&ExchangeMessage::Ask(exchange));
        }
    }

    /// Takes up an exchange that this node's own action has come to. An outcome, when there is one
    /// for whoever asks and nobody else; otherwise [`Effect::Ended`] brings it.
    pub fn begin(&mut self, wish: Wish, now: Instant) -> Option<Outcome> {
        self.notice_sleep(now);
        let exchange = wish.exchange;
        let known = self.kept.outcome(&exchange);
        let running = self.running.contains_key(&exchange).then_some(Outcome::Repeated);
        let full = (self.running.len() >= MAX_RUNNING).then_some(Outcome::Full);
        let at_once = known.or(running).or(full);
        if at_once.is_some() {
            return at_once;
        }
        let word = match &wish.want {
            Want::Collect { value } => Some(Word::Value(value.clone())),
            Want::Turn { .. } => None,
            Want::Combine { share, .. } => {
                share.as_ref().map(|answer| Word::Share(answer.encoded()))
            }
        };
        let order = assigners(&self.epoch, &wish.request_key);
        let mut running = Running::new(wish, order, now);
        let early = self.early.take(&exchange);
        // Others began so long ago that they may have gone on without this node.
        let late = early.iter().any(|(heard, _)| now > *heard + self.timing.patience);
        early.into_iter().for_each(|(_, word)| running.hear(word));
        if let Some(word) = word {
            let own =
                SignedWord::new(&self.epoch_digest, exchange, self.me, word, &self.signing_key);
            running.hear(own.clone());
            running.say(own.clone());
            self.broadcast(&ExchangeMessage::Word(Box::new(own)));
        }
        let there = |id: &&PartyId| !self.silent.contains(&running.wish.request_key, **id);
        let there: BTreeSet<PartyId> = self.open.iter().filter(there).copied().collect();
        running.pass_over(self.me, &there, 2 * self.timing.patience, now);
        self.running.insert(exchange, running);
        if late {
            self.ask(exchange, now);
        }
        self.advance(exchange, now);
        None
    }

    /// Whether this node has a turn that it has not ended.
    pub fn end_turn(&mut self, exchange: ExchangeId, result: String) -> bool {
        if !self.kept.is_my_turn(&exchange) {
            return false;
        }
        let word = SignedWord::new(
            &self.epoch_digest,
            exchange,
            self.me,
            Word::Result(result),
            &self.signing_key,
        );
        self.kept.conclude(&exchange, word.clone());
        self.broadcast(&ExchangeMessage::Word(Box::new(word)));
        true
    }

    fn on_word(&mut self, from: PartyId, word: SignedWord, now: Instant) {
        let exchange = word.exchange;
        if self.kept.contains(&exchange) {
            // Who gives its own part now does not know the end.
            if word.author == from && matches!(word.word, Word::Value(_) | Word::Share(_)) {
                self.tell(from, &exchange);
            }
            return;
        }
        // Only its author may bring a word that nobody here waits for. Signatures are looked at
        // last.
        let welcome = self
            .running
            .get(&exchange)
            .map_or(word.author == from, |running| running.is_news(&word));
        if !welcome || !word.verify(&self.epoch, &self.epoch_digest) {
            return;
        }
        match self.running.get_mut(&exchange) {
            Some(running) => {
                running.hear(word);
                self.advance(exchange, now);
            }
            None => self.early.keep(from, word, now),
        }
    }

    fn on_ask(&mut self, from: PartyId, exchange: &ExchangeId) {
        self.tell(from, exchange);
        let own =
            self.running.get_mut(exchange).map(|running| running.tell(from)).unwrap_or_default();
        own.into_iter().for_each(|word| self.send(from, ExchangeMessage::Word(Box::new(word))));
    }

    fn tell(&mut self, peer: PartyId, exchange: &ExchangeId) {
        if let Some(word) = self.kept.tell(exchange, peer) {
            self.send(peer, ExchangeMessage::Word(Box::new(word)));
        }
    }

    /// Moves one exchange as far as it goes.
    fn advance(&mut self, exchange: ExchangeId, now: Instant) {
        let Some(running) = self.running.get_mut(&exchange) else { return };
        let (before, patience) = (running.position, self.timing.patience);
        if matches!(running.wish.want, Want::Combine { .. }) {
            // Shares are waited for, not anybody's word.
            if running.asked.is_none() && now >= running.begun + patience {
                self.ask(exchange, now);
            }
        } else if running.pass_over(self.me, &self.open, 2 * patience, now) {
            let passed =
                running.order.iter().take(running.position).skip(before).copied().collect();
            let request_key = running.wish.request_key;
            self.silent.note(request_key, passed, now);
            self.ask(exchange, now);
        }
        let Some(running) = self.running.get_mut(&exchange) else { return };
        let desk = Desk {
            epoch: &self.epoch,
            epoch_digest: &self.epoch_digest,
            signing_key: &self.signing_key,
            me: self.me,
            threshold: usize::from(self.epoch.threshold()),
            open: &self.open,
            timing: self.timing,
            now,
        };
        let said = running.own.len();
        let end = match running.wish.want {
            Want::Collect { .. } => collect::advance(running, &desk),
            Want::Turn { .. } => turn::advance(running, &desk),
            Want::Combine { .. } => combine::advance(running, &desk),
        };
        let end = end.or((now >= running.deadline).then_some((Outcome::TimedOut, None)));
        let deadline = running.deadline;
        let notes = core::mem::take(&mut running.notes);
        let news: Vec<SignedWord> = running.own.iter().skip(said).cloned().collect();
        news.into_iter().for_each(|word| self.broadcast(&ExchangeMessage::Word(Box::new(word))));
        self.effects.extend(notes.into_iter().map(Effect::Note));
        let Some((outcome, conclusion)) = end else { return };
        self.running.remove(&exchange);
        // A turn ends when the action says so, at the latest when nobody waits for it any more.
        let until =
            if outcome == Outcome::Mine { deadline.max(now) } else { now } + self.timing.memory;
        self.kept.keep(exchange, outcome.clone(), conclusion, until);
        self.effects.push(Effect::Ended { exchange, outcome });
    }

    /// A node that was stopped for a while may have been passed over, and what the others said
    /// meanwhile waits in its queues: it says nothing of weight before it has heard that.
    fn notice_sleep(&mut self, now: Instant) {
        let slept = now.since(self.awake);
        self.awake = now;
        if slept > self.timing.grace {
            let running: Vec<ExchangeId> = self.running.keys().copied().collect();
            running.into_iter().for_each(|exchange| self.ask(exchange, now));
        }
    }
}

impl Role for Exchanges {
    type Message = ExchangeMessage;
    type Effect = Effect;

    fn receive(
        &mut self,
        from: PartyId,
        message: ExchangeMessage,
        now: Instant,
        _: &mut dyn Entropy,
    ) {
        self.notice_sleep(now);
        match message {
            ExchangeMessage::Word(word) => self.on_word(from, *word, now),
            ExchangeMessage::Ask(exchange) => self.on_ask(from, &exchange),
        }
    }

    /// Moves on what has waited too long. To be called often, at least ten times within
    /// [`Timing::grace`].
    fn tick(&mut self, now: Instant, _: &mut dyn Entropy) {
        self.notice_sleep(now);
        let running: Vec<ExchangeId> = self.running.keys().copied().collect();
        running.into_iter().for_each(|exchange| self.advance(exchange, now));
        if now >= self.swept + SWEEP_INTERVAL {
            self.swept = now;
            let past = now - self.timing.memory;
            self.early.forget_before(past);
            self.kept.forget_until(now);
            self.silent.forget_before(past);
        }
    }

    fn link_opened(&mut self, peer: PartyId, _: Instant) {
        self.open.insert(peer);
        // What was said while there was no link was lost.
        let own: Vec<SignedWord> =
            self.running.values().flat_map(|running| running.own.iter().cloned()).collect();
        own.into_iter().for_each(|word| self.send(peer, ExchangeMessage::Word(Box::new(word))));
    }

    fn link_closed(&mut self, peer: PartyId, now: Instant) {
        self.notice_sleep(now);
        self.open.remove(&peer);
        let claimed_by =
            |running: &Running| running.heard.claims.keys().any(|(_, runner)| *runner == peer);
        let orphans = self
            .running
            .iter()
            .filter(|(_, running)| running.is_awaited(peer) || claimed_by(running));
        let orphans: Vec<ExchangeId> = orphans.map(|(exchange, _)| *exchange).collect();
        for exchange in orphans {
            // It may have told others what this node does not know.
            self.ask(exchange, now);
            self.advance(exchange, now);
        }
    }

    fn effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }
}
