//! The simulated network. One seed decides everything.

use crate::unused_entropy::Unused;
use conclave_agreement::Role;
use conclave_agreement::signing::{
    CallId, Coordinator, Effect, Outcome, SigningMessage, Timing, Verdict, Wish, call_id, name_hash,
};
use conclave_agreement::time::{Duration, Instant};
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{Expected, Signature, combine, index_owner};
use conclave_threshold::party::{Epoch, PartyId, two_thirds};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_batch, deal_epoch, deal_key};
use ed25519_dalek::SigningKey;
use k256::AffinePoint;
use rand_core::Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const DEADLINE: u64 = 6_000;
const STEP: u64 = 5;
/// Milliseconds that a message takes at least.
const HOP: u64 = 1;

/// What each node finds.
pub struct Verdicts(Box<dyn Fn(u16) -> Option<u8>>);

impl Verdicts {
    pub fn all_yes() -> Self {
        Verdicts(Box::new(|_| Some(1)))
    }
    pub fn each_another_digest() -> Self {
        Verdicts(Box::new(|id| Some(id as u8)))
    }
    pub fn one_refuses() -> Self {
        Verdicts(Box::new(|id| (id != 1).then_some(1)))
    }
    /// As `digest` says by a node's number: the digest that it wants, or that it refuses.
    pub fn by(digest: impl Fn(u16) -> Option<u8> + 'static) -> Self {
        Verdicts(Box::new(digest))
    }
    pub fn all_refuse() -> Self {
        Verdicts(Box::new(|_| None))
    }
}

type Matcher = Box<dyn Fn(&SigningMessage) -> bool>;

enum Trap {
    KillSender,
    StallSender(u64),
    StallReceiver(u64),
}

struct Node {
    coordinator: Coordinator,
    key: Arc<KeyShare<Secp256k1>>,
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
    epoch: Arc<Epoch>,
    nodes: BTreeMap<PartyId, Node>,
    flying: Vec<Flying>,
    now: u64,
    chance: Randomness,
    keys: BTreeMap<PartyId, SigningKey>,
    lose: u32,
    double: u32,
    delay: u64,
    trap: Option<(Matcher, Trap)>,
    outcomes: BTreeMap<(CallId, PartyId), Outcome>,
    wishes: BTreeMap<CallId, BTreeMap<PartyId, Wish>>,
    /// Every share that was ever given: which presignature, under which nonce point.
    given: BTreeMap<([u8; 32], u32, PartyId), BTreeSet<[u8; 33]>>,
    calls: u8,
}

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

impl Network {
    pub fn new(size: usize, seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let mut randomness = Randomness::from_seed(bytes);
        let ids: Vec<u16> = (1..=size as u16).collect();
        let threshold = two_thirds(size);
        let (epoch, keys) = deal_epoch(&ids, threshold, &mut randomness);
        let members = epoch.ids();
        let mut shares = deal_key::<Secp256k1>(threshold, &members, &mut randomness);
        let node = |id: &PartyId| {
            let key: SigningKey = keys[id].clone();
            let own = Randomness::from_seed([id.number() as u8; 32]);
            let mut coordinator = Coordinator::new(epoch.clone(), *id, key, Timing::default(), own);
            members.iter().for_each(|peer| coordinator.link_opened(*peer, Instant::START));
            (
                *id,
                Node {
                    coordinator,
                    key: Arc::new(shares.remove(id).unwrap()),
                    alive: true,
                    stalled_until: 0,
                },
            )
        };
        let mut nodes: BTreeMap<_, _> = members.iter().map(node).collect();
        let sets: Vec<Vec<PartyId>> = (0..size)
            .map(|start| {
                let mut set: Vec<_> = members
                    .iter()
                    .cycle()
                    .skip(start)
                    .take(usize::from(threshold))
                    .copied()
                    .collect();
                set.sort();
                set
            })
            .collect();
        for set in sets {
            let batch = deal_batch(&epoch, &set, 4 * size as u32, &keys, &mut randomness);
            let certificate = batch.values().next().unwrap().certificate.clone();
            for (id, part) in batch {
                nodes.get_mut(&id).unwrap().coordinator.stock.hold(part);
            }
            for node in nodes.values_mut() {
                set.iter().for_each(|member| {
                    node.coordinator.stock.ready(*member, (*certificate).clone())
                });
            }
        }
        Network {
            epoch,
            nodes,
            flying: Vec::new(),
            now: 0,
            chance: randomness.fork(b"chance", seed),
            keys,
            lose: 0,
            double: 0,
            delay: 0,
            trap: None,
            outcomes: BTreeMap::new(),
            wishes: BTreeMap::new(),
            given: BTreeMap::new(),
            calls: 0,
        }
    }

    /// The members' identities: [`deal_epoch`] deals the same to every network of this size and
    /// seed.
    pub fn epoch(&self) -> Arc<Epoch> {
        self.epoch.clone()
    }

    pub fn keys(&self) -> &BTreeMap<PartyId, SigningKey> {
        &self.keys
    }

    fn clock(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    pub fn threshold(&self) -> usize {
        usize::from(self.epoch.threshold())
    }

    pub fn lose_one_in(&mut self, chance: u32) {
        self.lose = chance;
    }

    pub fn double_one_in(&mut self, chance: u32) {
        self.double = chance;
    }

    /// Nodes measure their round trips, and give a bind four of the slowest.
    pub fn delay_up_to(&mut self, milliseconds: u64) {
        self.delay = milliseconds;
        for node in self.nodes.values_mut() {
            let four = Duration::from_millis(4 * 2 * milliseconds);
            node.coordinator.timing.bind = node.coordinator.timing.bind.max(four);
        }
    }

    pub fn kill_first_sender_of(&mut self, matcher: impl Fn(&SigningMessage) -> bool + 'static) {
        self.trap = Some((Box::new(matcher), Trap::KillSender));
    }

    pub fn stall_first_sender_of(
        &mut self,
        matcher: impl Fn(&SigningMessage) -> bool + 'static,
        milliseconds: u64,
    ) {
        self.trap = Some((Box::new(matcher), Trap::StallSender(milliseconds)));
    }

    pub fn stall_first_receiver_of(
        &mut self,
        matcher: impl Fn(&SigningMessage) -> bool + 'static,
        milliseconds: u64,
    ) {
        self.trap = Some((Box::new(matcher), Trap::StallReceiver(milliseconds)));
    }

    pub fn kill(&mut self, number: u16) {
        self.kill_party(party(number));
    }

    fn kill_party(&mut self, id: PartyId) {
        self.nodes.get_mut(&id).unwrap().alive = false;
        let now = self.clock();
        for (_, node) in self.nodes.iter_mut().filter(|(other, _)| **other != id) {
            node.coordinator.link_closed(id, now);
        }
    }

    pub fn ask(&mut self, verdicts: Verdicts) -> CallId {
        let all: Vec<u16> = self.nodes.keys().map(|id| id.number()).collect();
        self.ask_only(&all, verdicts)
    }

    pub fn ask_only(&mut self, numbers: &[u16], Verdicts(verdict): Verdicts) -> CallId {
        self.calls += 1;
        let (request_key, name_hash) = (RequestKey::new([self.calls; 32]), name_hash("signature"));
        let id = call_id(&request_key, &name_hash);
        for number in numbers {
            let node = &self.nodes[&party(*number)];
            let mut public_key = [0; 33];
            public_key.copy_from_slice(&AffinePoint::from(node.key.public_key()).encoded());
            let wish = Wish {
                request_key,
                name_hash,
                public_key,
                verdict: match verdict(*number) {
                    Some(digest) => Verdict::Yes { digest: Digest::new([digest; 32]) },
                    None => Verdict::No { reason: "NodePKPNotAuthorized".into() },
                },
                key: Some(node.key.clone()),
                patience: Duration::from_millis(DEADLINE),
            };
            self.wishes.entry(id).or_default().insert(party(*number), wish);
        }
        self.ask_again(&id);
        id
    }

    /// A node takes up a call that others are in already, and wants the same.
    pub fn join(&mut self, call: &CallId, number: u16) {
        let id = party(number);
        let wish = self.wishes[call].values().next().expect("somebody asked").clone();
        let now = self.clock();
        let node = self.nodes.get_mut(&id).unwrap();
        let wish = Wish { key: Some(node.key.clone()), ..wish };
        node.coordinator.begin(wish.clone(), now);
        self.wishes.get_mut(call).unwrap().insert(id, wish);
    }

    pub fn ask_again(&mut self, call: &CallId) {
        let now = self.clock();
        for (id, wish) in self.wishes[call].clone() {
            let node = self.nodes.get_mut(&id).unwrap();
            if node.alive {
                node.coordinator.begin(wish, now);
            }
        }
    }

    pub fn run_for(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while self.now < end {
            self.collect();
            self.now += STEP;
            self.deliver();
            let now = self.clock();
            for (_, node) in self
                .nodes
                .iter_mut()
                .filter(|(_, node)| node.alive && node.stalled_until <= self.now)
            {
                node.coordinator.tick(now, &mut Unused);
            }
        }
        self.collect();
    }

    fn one_in(&mut self, chance: u32) -> bool {
        chance > 0 && self.chance.next_u32().is_multiple_of(chance)
    }

    /// What presigning would bring, had it no need of time.
    fn deal(&mut self, set: &[PartyId]) {
        if !set.iter().all(|member| self.nodes[member].alive) {
            return;
        }
        let batch =
            deal_batch(&self.epoch, set, 4 * self.nodes.len() as u32, &self.keys, &mut self.chance);
        let certificate = batch.values().next().unwrap().certificate.clone();
        for (id, part) in batch {
            self.nodes.get_mut(&id).unwrap().coordinator.stock.hold(part);
        }
        for node in self.nodes.values_mut() {
            set.iter()
                .for_each(|member| node.coordinator.stock.ready(*member, (*certificate).clone()));
        }
    }

    fn collect(&mut self) {
        let mut wanted = BTreeSet::new();
        let ids: Vec<PartyId> = self.nodes.keys().copied().collect();
        for id in ids {
            for effect in self.nodes.get_mut(&id).unwrap().coordinator.effects() {
                match effect {
                    Effect::Send { to, message } => self.launch(id, to, message),
                    Effect::Finished { call, outcome } => {
                        if let Outcome::Share(answer) = &outcome {
                            let assignment = &answer.assignment.assignment;
                            self.given
                                .entry((assignment.sid, assignment.index, id))
                                .or_default()
                                .insert(answer.big_r());
                        }
                        self.outcomes.insert((call, id), outcome);
                    }
                    Effect::Note(_) => (),
                    Effect::MakeBatch { set } => _ = wanted.insert(set),
                }
            }
        }
        wanted.iter().for_each(|set| self.deal(set));
    }

    fn launch(&mut self, from: PartyId, to: PartyId, message: SigningMessage) {
        let sprung = self.trap.take_if(|(matches, trap)| {
            matches(&message) && !matches!(trap, Trap::StallReceiver(_))
        });
        match sprung {
            Some((_, Trap::KillSender)) => return self.kill_party(from),
            Some((_, Trap::StallSender(time))) => {
                self.nodes.get_mut(&from).unwrap().stalled_until = self.now + time
            }
            _ => (),
        }
        if !self.nodes[&from].alive || self.one_in(self.lose) {
            return;
        }
        // A stalled sender's message leaves when it wakes up.
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

    fn deliver(&mut self) {
        let due;
        (due, self.flying) = core::mem::take(&mut self.flying)
            .into_iter()
            .partition(|flying| flying.due <= self.now);
        for Flying { from, to, bytes, .. } in due {
            let message = SigningMessage::decode_all(&bytes).expect("what was encoded decodes");
            if let Some((_, Trap::StallReceiver(time))) =
                self.trap.take_if(|(matches, _)| matches(&message))
            {
                self.nodes.get_mut(&to).unwrap().stalled_until = self.now + time;
            }
            let now = self.clock();
            let node = self.nodes.get_mut(&to).unwrap();
            if !node.alive {
                continue;
            }
            if node.stalled_until > self.now {
                let due = node.stalled_until;
                self.flying.push(Flying { due, from, to, bytes });
                continue;
            }
            node.coordinator.receive(from, message, now, &mut Unused);
        }
    }

    pub fn outcomes(&self, call: &CallId) -> BTreeMap<PartyId, &Outcome> {
        self.outcomes
            .iter()
            .filter(|((of, _), _)| of == call)
            .map(|((_, id), outcome)| (*id, outcome))
            .collect()
    }

    /// What a client makes of the answers.
    pub fn signature(&self, call: &CallId) -> Option<Signature> {
        let checked: Vec<_> = self
            .outcomes(call)
            .into_iter()
            .filter_map(|(id, outcome)| {
                let Outcome::Share(answer) = outcome else { return None };
                let wish = &self.wishes[call][&id];
                let Verdict::Yes { digest } = wish.verdict else {
                    panic!("a share from a node that said no")
                };
                let expected = Expected {
                    public_key: wish.public_key,
                    digest,
                    name_hash: wish.name_hash,
                    set: None,
                };
                Some(
                    answer
                        .verify(&self.epoch, &expected)
                        .expect("an honest node's certificate verifies"),
                )
            })
            .collect();
        combine(&checked).ok()
    }

    /// Has the owner of the presignature that served `call` sign a second assignment of it, and
    /// shows that to everybody. Returns how many nodes convict it.
    pub fn assign_again(&mut self, call: &CallId) -> usize {
        let outcomes = self.outcomes(call);
        let served = outcomes.values().find_map(|outcome| {
            if let Outcome::Share(answer) = outcome { Some(answer.clone()) } else { None }
        });
        drop(outcomes);
        let mut second = served.expect("a served call").assignment.assignment.clone();
        second.digest = Digest::new([99; 32]);
        second.request_key = RequestKey::new([99; 32]);
        let owner = index_owner(&self.epoch, second.index);
        let second = second.sign(&self.keys[&owner]);
        let now = self.clock();
        let others = self.nodes.iter_mut().filter(|(id, _)| **id != owner);
        let convictions = others.map(|(_, node)| {
            node.coordinator.receive(
                owner,
                SigningMessage::Assigned(Box::new(second.clone())),
                now,
                &mut Unused,
            );
            node.coordinator.equivocations as usize
        });
        convictions.sum()
    }

    /// An old client sums every share it gets: they must all be of one use.
    pub fn assert_single_nonce(&self, call: &CallId, seed: u64) {
        let nonces: BTreeSet<[u8; 33]> = self
            .outcomes(call)
            .values()
            .filter_map(|outcome| {
                if let Outcome::Share(answer) = outcome { Some(answer.big_r()) } else { None }
            })
            .collect();
        assert!(nonces.len() <= 1, "seed {seed}: shares of two uses answer one call");
    }

    pub fn assert_no_presignature_served_twice(&self, seed: u64) {
        for ((_, index, id), uses) in &self.given {
            assert_eq!(uses.len(), 1, "seed {seed}: {id:?} served index {index} twice");
        }
        let mut owners = BTreeMap::new();
        for (sid, index, _) in self.given.keys() {
            *owners.entry((sid, index)).or_insert(0) += 1;
        }
        assert!(owners.values().all(|count| *count <= self.threshold()));
    }
}
