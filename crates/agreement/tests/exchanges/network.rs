//! The simulated network of exchanges. One seed decides everything.

pub use crate::unused_entropy::Unused;
use conclave_agreement::Role;
use conclave_agreement::exchange::{
    Effect, ExchangeId, ExchangeMessage, Exchanges, Outcome, SignedWord, Timing, Want, Wish, Word,
};
use conclave_agreement::time::{Duration, Instant};
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::ids::RequestKey;
use conclave_threshold::party::{Epoch, PartyId, two_thirds};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::deal_epoch;
use ed25519_dalek::SigningKey;
use rand_core::Rng;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Milliseconds from the beginning of the network in which actions are not waited for any more.
pub const DEADLINE: u64 = 40_000;
const STEP: u64 = 5;
const HOP: u64 = 1;
/// How long what one node runs for all takes.
const RUN: u64 = 100;

type Matcher = Box<dyn Fn(&Word) -> bool>;

enum Trap {
    Kill,
    Stall(u64),
}

struct Node {
    exchanges: Exchanges,
    alive: bool,
    stalled_until: u64,
}

struct Flying {
    due: u64,
    from: PartyId,
    to: PartyId,
    bytes: Vec<u8>,
}

pub struct Network {
    pub epoch: Arc<Epoch>,
    keys: BTreeMap<PartyId, SigningKey>,
    nodes: BTreeMap<PartyId, Node>,
    flying: Vec<Flying>,
    coming: Vec<(u64, PartyId, Wish)>,
    ending: Vec<(u64, PartyId, ExchangeId)>,
    pub now: u64,
    chance: Randomness,
    delay: u64,
    double: u32,
    lose: u32,
    two_faced: Option<PartyId>,
    trap: Option<(Matcher, Trap)>,
    outcomes: BTreeMap<(ExchangeId, PartyId), (u64, Outcome)>,
}

pub fn millis(span: Duration) -> u64 {
    span.as_millis() as u64
}

pub fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

impl Network {
    pub fn new(size: usize, seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let mut randomness = Randomness::from_seed(bytes);
        let ids: Vec<u16> = (1..=size as u16).collect();
        let (epoch, keys) = deal_epoch(&ids, two_thirds(size), &mut randomness);
        Self::of(epoch, keys, randomness.fork(b"chance", seed))
    }

    pub fn of(epoch: Arc<Epoch>, keys: BTreeMap<PartyId, SigningKey>, chance: Randomness) -> Self {
        let members = epoch.ids();
        let node = |id: &PartyId| {
            let mut exchanges =
                Exchanges::new(epoch.clone(), *id, keys[id].clone(), Timing::default());
            members
                .iter()
                .filter(|peer| *peer != id)
                .for_each(|peer| exchanges.link_opened(*peer, Instant::START));
            (*id, Node { exchanges, alive: true, stalled_until: 0 })
        };
        Network {
            nodes: members.iter().map(node).collect(),
            epoch,
            keys,
            flying: Vec::new(),
            coming: Vec::new(),
            ending: Vec::new(),
            now: 0,
            chance,
            delay: 0,
            double: 0,
            lose: 0,
            two_faced: None,
            trap: None,
            outcomes: BTreeMap::new(),
        }
    }

    pub fn ids(&self) -> Vec<PartyId> {
        self.epoch.ids()
    }

    pub fn key(&self, id: PartyId) -> SigningKey {
        self.keys[&id].clone()
    }

    pub fn threshold(&self) -> usize {
        usize::from(self.epoch.threshold())
    }

    /// The members in the order of this request.
    pub fn order(&self, request: u8) -> Vec<PartyId> {
        conclave_agreement::signing::assigners(&self.epoch, &RequestKey::new([request; 32]))
    }

    pub fn delay_up_to(&mut self, milliseconds: u64) {
        self.delay = milliseconds;
    }

    pub fn double_one_in(&mut self, chance: u32) {
        self.double = chance;
    }

    pub fn lose_one_in(&mut self, chance: u32) {
        self.lose = chance;
    }

    /// This member tells everybody something else, with its signature.
    pub fn make_two_faced(&mut self, id: PartyId) {
        self.two_faced = Some(id);
    }

    /// Kills the first node that is about to send such a word.
    pub fn kill_first_sender_of(&mut self, matcher: impl Fn(&Word) -> bool + 'static) {
        self.trap = Some((Box::new(matcher), Trap::Kill));
    }

    /// Stops it there, with its links open.
    pub fn stall_first_sender_of(
        &mut self,
        matcher: impl Fn(&Word) -> bool + 'static,
        milliseconds: u64,
    ) {
        self.trap = Some((Box::new(matcher), Trap::Stall(milliseconds)));
    }

    pub fn kill(&mut self, id: PartyId) {
        self.nodes.get_mut(&id).unwrap().alive = false;
        let now = self.now;
        for (_, node) in self.nodes.iter_mut().filter(|(other, _)| **other != id) {
            node.exchanges.link_closed(id, Instant::from_millis(now));
        }
    }

    pub fn stall(&mut self, id: PartyId, milliseconds: u64) {
        self.nodes.get_mut(&id).unwrap().stalled_until = self.now + milliseconds;
    }

    pub fn is_alive(&self, id: PartyId) -> bool {
        self.nodes[&id].alive
    }

    /// The action at this node comes to the exchange after so many milliseconds.
    pub fn begin_after(
        &mut self,
        milliseconds: u64,
        id: PartyId,
        request: u8,
        exchange: ExchangeId,
        want: Want,
    ) {
        // Until the network's deadline, whenever it begins.
        let patience = Duration::from_millis(DEADLINE - (self.now + milliseconds));
        let wish = Wish { exchange, request_key: RequestKey::new([request; 32]), want, patience };
        self.coming.push((self.now + milliseconds, id, wish));
    }

    pub fn run_for(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while self.now < end {
            self.collect();
            self.now += STEP;
            self.deliver();
            self.come_and_go();
            let now = Instant::from_millis(self.now);
            for (_, node) in self
                .nodes
                .iter_mut()
                .filter(|(_, node)| node.alive && node.stalled_until <= self.now)
            {
                node.exchanges.tick(now, &mut Unused);
            }
        }
        self.collect();
    }

    /// Actions that come to an exchange, and such that have run what they run for all.
    fn come_and_go(&mut self) {
        let now = self.now;
        let awake = |nodes: &BTreeMap<PartyId, Node>, id: &PartyId| nodes[id].stalled_until <= now;
        let nodes = &self.nodes;
        let coming: Vec<_> =
            self.coming.extract_if(.., |(due, id, _)| *due <= now && awake(nodes, id)).collect();
        let ending: Vec<_> =
            self.ending.extract_if(.., |(due, id, _)| *due <= now && awake(nodes, id)).collect();
        for (_, id, wish) in coming {
            let (node, exchange) = (self.nodes.get_mut(&id).unwrap(), wish.exchange);
            if let Some(outcome) =
                node.alive.then(|| node.exchanges.begin(wish, Instant::from_millis(now))).flatten()
            {
                self.note(exchange, id, outcome);
            }
        }
        for (_, id, exchange) in ending {
            let node = self.nodes.get_mut(&id).unwrap();
            if node.alive {
                assert!(node.exchanges.end_turn(exchange, format!("run by {id}")));
                assert!(!node.exchanges.end_turn(exchange, "again".into()), "a turn ends once");
            }
        }
    }

    fn note(&mut self, exchange: ExchangeId, id: PartyId, outcome: Outcome) {
        if outcome == Outcome::Mine {
            self.ending.push((self.now + RUN, id, exchange));
        }
        self.outcomes.insert((exchange, id), (self.now, outcome));
    }

    fn collect(&mut self) {
        for id in self.ids() {
            for effect in self.nodes.get_mut(&id).unwrap().exchanges.effects() {
                match effect {
                    Effect::Note(_) => (),
                    Effect::Send { to, message } => self.launch(id, to, message),
                    Effect::Ended { exchange, outcome } => self.note(exchange, id, outcome),
                }
            }
        }
    }

    fn one_in(&mut self, chance: u32) -> bool {
        chance > 0 && self.chance.next_u32().is_multiple_of(chance)
    }

    fn launch(&mut self, from: PartyId, to: PartyId, message: ExchangeMessage) {
        if let ExchangeMessage::Word(signed) = &message
            && let Some((_, trap)) =
                self.trap.take_if(|(matches, _)| signed.author == from && matches(&signed.word))
        {
            match trap {
                Trap::Kill => self.kill(from),
                Trap::Stall(time) => self.stall(from, time),
            }
        }
        if !self.nodes[&from].alive || self.one_in(self.lose) {
            return;
        }
        let message =
            if self.two_faced == Some(from) { self.twist(from, to, message) } else { message };
        let leaves = self.nodes[&from].stalled_until.max(self.now);
        let copies = if self.one_in(self.double) { 2 } else { 1 };
        for _ in 0..copies {
            let delay = if self.delay == 0 { 0 } else { self.chance.next_u64() % self.delay };
            self.flying.push(Flying {
                due: leaves + HOP + delay,
                from,
                to,
                bytes: message.encoded(),
            });
        }
    }

    /// Another value for everybody, and a set of values that lacks one for every second node. What
    /// others have signed it cannot change.
    fn twist(&self, from: PartyId, to: PartyId, message: ExchangeMessage) -> ExchangeMessage {
        let signed = match message {
            ExchangeMessage::Word(signed) if signed.author == from => signed,
            other => return other,
        };
        let word = match signed.word.clone() {
            Word::Value(value) => Word::Value(format!("{value} for {to}")),
            Word::Settled(mut given)
                if to.number().is_multiple_of(2) && given.len() > self.threshold() =>
            {
                given.pop();
                Word::Settled(given)
            }
            word => word,
        };
        let (author, digest) = (signed.author, self.epoch.digest());
        ExchangeMessage::Word(Box::new(SignedWord::new(
            &digest,
            signed.exchange,
            author,
            word,
            &self.keys[&author],
        )))
    }

    fn deliver(&mut self) {
        let now = self.now;
        let due: Vec<_> = self.flying.extract_if(.., |flying| flying.due <= now).collect();
        for Flying { from, to, bytes, .. } in due {
            let message = ExchangeMessage::decode_all(&bytes).expect("what was encoded decodes");
            let node = self.nodes.get_mut(&to).unwrap();
            if !node.alive {
                continue;
            }
            if node.stalled_until > now {
                let due = node.stalled_until;
                self.flying.push(Flying { due, from, to, bytes });
                continue;
            }
            node.exchanges.receive(from, message, Instant::from_millis(now), &mut Unused);
        }
    }

    pub fn outcomes(&self, exchange: &ExchangeId) -> BTreeMap<PartyId, &Outcome> {
        let of_this = self.outcomes.iter().filter(|((of, _), _)| of == exchange);
        of_this.map(|((_, id), (_, outcome))| (*id, outcome)).collect()
    }

    /// When the exchange ended at this node.
    pub fn ended_at(&self, exchange: &ExchangeId, id: PartyId) -> u64 {
        self.outcomes[&(*exchange, id)].0
    }
}
