//! All calls of one node, and the rules by which they move.

use super::announce::{Announce, SignedAnnounce, Verdict};
use super::call::{Call, Outcome, Stage, Wish};
use super::desk::{Decision, Desk, Surroundings, proves_split};
use super::message::SigningMessage;
use super::order::{CallId, assigners, call_id};
use super::stock::Stock;
use super::Millis;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{Answer, Assignment, BindMessage, SignedAssignment};
use conclave_threshold::party::{Epoch, PartyId};
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most calls a node has in hand, finished ones that may still be asked about included.
pub const MAX_CALLS: usize = 10_000;
/// The most calls a node assigns for at a time.
pub const MAX_DESKS: usize = 10_000;
/// The most distinct calls one peer may open at this node as their assigner; a flood from one member leaves the others room.
pub const MAX_DESKS_PER_PEER: usize = 2_000;

/// How long things may take, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From the assignment until the presignature burns: the mesh's own time, never that of a slow action.
    pub bind: Millis,
    /// How long a node that said no waits for the others before it answers its client.
    pub refusal: Millis,
    /// How long a finished call is remembered.
    pub memory: Millis,
}

impl Default for Timing {
    fn default() -> Self {
        Timing { bind: 150, refusal: 2_000, memory: 60_000 }
    }
}

/// What the node is to do.
#[derive(Debug)]
pub enum Effect {
    Send { to: PartyId, message: SigningMessage },
    Finished { call: CallId, outcome: Outcome },
    /// This node is to start a presigning batch with exactly this set, of which it is a member.
    MakeBatch { set: Vec<PartyId> },
}

pub struct Coordinator {
    epoch: Arc<Epoch>,
    epoch_digest: [u8; 32],
    me: PartyId,
    signing_key: SigningKey,
    pub timing: Timing,
    pub stock: Stock,
    calls: BTreeMap<CallId, Call>,
    desks: BTreeMap<CallId, Desk>,
    open: BTreeSet<PartyId>,
    effects: Vec<Effect>,
    /// Calls that ended in the retryable error, for the operator.
    pub retried: u64,
}

impl Coordinator {
    pub fn new(epoch: Arc<Epoch>, me: PartyId, signing_key: SigningKey, timing: Timing) -> Self {
        Coordinator {
            epoch_digest: epoch.digest(),
            stock: Stock::new(epoch.clone(), me),
            open: BTreeSet::from([me]),
            epoch,
            me,
            signing_key,
            timing,
            calls: BTreeMap::new(),
            desks: BTreeMap::new(),
            effects: Vec::new(),
            retried: 0,
        }
    }

    /// What is to be done since the last call of this.
    pub fn effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }

    pub fn link_opened(&mut self, peer: PartyId) {
        self.open.insert(peer);
    }

    pub fn link_closed(&mut self, peer: PartyId, now: Millis) {
        self.open.remove(&peer);
        let assigned_by_peer = |call: &Call| {
            matches!(call.stage, Stage::Waiting { .. }) && self.assigner(&call.wish.request_key, call.attempt) == Some(peer)
        };
        let orphans: Vec<CallId> = self.calls.iter().filter(|(_, call)| assigned_by_peer(call)).map(|(id, _)| *id).collect();
        for id in orphans {
            self.next_attempt(id, now);
        }
        self.work_desks(now);
    }

    fn assigner(&self, request_key: &[u8; 32], attempt: u16) -> Option<PartyId> {
        assigners(&self.epoch, request_key).get(usize::from(attempt)).copied()
    }

    fn send(&mut self, to: PartyId, message: SigningMessage) {
        self.effects.push(Effect::Send { to, message });
    }

    fn broadcast(&mut self, message: &SigningMessage) {
        for id in self.epoch.ids().into_iter().filter(|id| *id != self.me) {
            self.send(id, message.clone());
        }
    }

    fn finish(&mut self, id: CallId, outcome: Outcome, now: Millis) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| !call.is_done()) else { return };
        if matches!(outcome, Outcome::Retry) {
            self.retried += 1;
        }
        call.stage = Stage::Done { since: now, outcome: outcome.clone() };
        self.effects.push(Effect::Finished { call: id, outcome });
    }

    /// Takes up a call that this node's own client asked for and this node has judged.
    pub fn begin(&mut self, wish: Wish, now: Millis) -> CallId {
        let id = call_id(&wish.request_key, &wish.name_hash);
        if let Some(call) = self.calls.get(&id) {
            // The same call again gets the same answer; the same request with another digest must be a new request.
            let same = call.wish.verdict == wish.verdict && call.wish.public_key == wish.public_key;
            match &call.stage {
                Stage::Done { outcome, .. } if same => self.effects.push(Effect::Finished { call: id, outcome: outcome.clone() }),
                _ if same => (),
                _ => self.effects.push(Effect::Finished { call: id, outcome: Outcome::Retry }),
            }
            return id;
        }
        if self.calls.len() >= MAX_CALLS {
            self.effects.push(Effect::Finished { call: id, outcome: Outcome::Retry });
            return id;
        }
        let stage = Stage::Waiting { since: now, acknowledged: false };
        let call = Call { wish, begun: now, attempt: 0, stage, assignment: None, complete: Vec::new() };
        self.calls.insert(id, call);
        self.announce(id, now);
        id
    }

    /// Says this node's word for the call's present attempt, passing over assigners whose link is closed.
    fn announce(&mut self, id: CallId, now: Millis) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let order = assigners(&self.epoch, &call.wish.request_key);
        while order.get(usize::from(call.attempt)).is_some_and(|assigner| !self.open.contains(assigner)) {
            call.attempt += 1;
        }
        let Some(assigner) = order.get(usize::from(call.attempt)).copied() else {
            return self.finish(id, Outcome::Retry, now);
        };
        call.stage = Stage::Waiting { since: now, acknowledged: false };
        let announce = Announce {
            request_key: call.wish.request_key,
            name_hash: call.wish.name_hash,
            public_key: call.wish.public_key,
            verdict: call.wish.verdict.clone(),
            epoch: self.epoch_digest,
            attempt: call.attempt,
            from: self.me,
            previous: call.assignment.clone(),
        };
        let attempt = call.attempt;
        let signed = announce.sign(&self.signing_key);
        if attempt > 0 {
            self.broadcast(&SigningMessage::Announce(Box::new(signed.clone())));
        } else if assigner != self.me {
            self.send(assigner, SigningMessage::Announce(Box::new(signed.clone())));
        }
        if assigner == self.me {
            self.hear_at_desk(id, signed, now);
        }
    }

    /// The present attempt is over for this node, whatever comes later: a bound presignature burns here.
    fn next_attempt(&mut self, id: CallId, now: Millis) {
        if let Some(call) = self.calls.get_mut(&id).filter(|call| !call.is_done()) {
            call.attempt += 1;
            call.stage = Stage::Waiting { since: now, acknowledged: false };
            self.announce(id, now);
        }
    }

    pub fn receive(&mut self, from: PartyId, message: SigningMessage, now: Millis) {
        match message {
            SigningMessage::Announce(signed) => self.on_announce(from, *signed, now),
            SigningMessage::Pending { request_key, name_hash, attempt } => {
                let from_assigner = self.assigner(&request_key, attempt) == Some(from);
                let call = self.calls.get_mut(&call_id(&request_key, &name_hash));
                if let Some(call) = call.filter(|call| from_assigner && call.attempt == attempt)
                    && let Stage::Waiting { acknowledged, since } = &mut call.stage
                {
                    (*acknowledged, *since) = (true, now);
                }
            }
            SigningMessage::Assigned(assignment) => self.on_assigned(*assignment, now),
            SigningMessage::Bind(bind) => self.on_bind(*bind, now),
            SigningMessage::AskBinds { request_key, name_hash, attempt } => {
                let Some(call) = self.calls.get(&call_id(&request_key, &name_hash)) else { return };
                let binds = match &call.stage {
                    Stage::Binding { binds, .. } if call.attempt == attempt => binds.clone(),
                    _ => call.complete.clone(),
                };
                if !binds.is_empty() {
                    self.send(from, SigningMessage::Binds(binds));
                }
            }
            SigningMessage::Binds(binds) => self.on_binds(binds, now),
            SigningMessage::Split(announces) => self.on_split(from, announces, now),
            SigningMessage::BatchReady(certificate) => {
                self.stock.ready(from, *certificate);
                self.work_desks(now);
            }
            SigningMessage::NeedBatch(set) => {
                if self.epoch.signing_set(&set).is_ok() && set.contains(&self.me) {
                    self.effects.push(Effect::MakeBatch { set });
                }
            }
        }
    }

    fn on_announce(&mut self, from: PartyId, signed: SignedAnnounce, now: Millis) {
        if signed.announce.from != from || !signed.verify(&self.epoch) {
            return;
        }
        let announce = &signed.announce;
        let id = call_id(&announce.request_key, &announce.name_hash);
        let attempt = announce.attempt;
        let at_desk = self.assigner(&announce.request_key, attempt) == Some(self.me);
        self.peer_is_at_attempt(id, from, attempt, now);
        if at_desk {
            self.hear_at_desk(id, signed, now);
        }
    }

    /// A peer has given up every attempt before `attempt`. Who has all bind messages shows them; who shares an unfinished assignment
    /// with the peer knows that it cannot complete any more.
    fn peer_is_at_attempt(&mut self, id: CallId, peer: PartyId, attempt: u16, now: Millis) {
        let Some(call) = self.calls.get(&id) else { return };
        if !call.complete.is_empty() {
            let binds = call.complete.clone();
            return self.send(peer, SigningMessage::Binds(binds));
        }
        if call.attempt >= attempt {
            return;
        }
        let shared = call.assignment.as_ref().is_some_and(|signed| signed.assignment.set.contains(&peer));
        if shared && matches!(call.stage, Stage::Binding { .. } | Stage::Held { .. }) {
            self.next_attempt(id, now);
        }
    }

    fn hear_at_desk(&mut self, id: CallId, signed: SignedAnnounce, now: Millis) {
        let announce = &signed.announce;
        let (from, request_key, name_hash, attempt) = (announce.from, announce.request_key, announce.name_hash, announce.attempt);
        if !self.desks.contains_key(&id) {
            let opened_by_peer = self.desks.values().filter(|desk| desk.announces.len() == 1 && desk.announces.contains_key(&from)).count();
            if self.desks.len() >= MAX_DESKS || (from != self.me && opened_by_peer >= MAX_DESKS_PER_PEER) {
                return;
            }
            let desk = Desk {
                request_key,
                name_hash,
                attempt,
                opened: now,
                announces: BTreeMap::new(),
                assigned: None,
                asked_for_batch: None,
                split: false,
            };
            self.desks.insert(id, desk);
        }
        let Some(desk) = self.desks.get_mut(&id) else { return };
        desk.hear(signed);
        if let Some(assignment) = desk.assigned.clone() {
            return self.deliver(from, assignment, now);
        }
        if from != self.me {
            self.send(from, SigningMessage::Pending { request_key, name_hash, attempt });
        } else if let Some(Call { stage: Stage::Waiting { acknowledged, .. }, .. }) = self.calls.get_mut(&id) {
            *acknowledged = true;
        }
        self.work_desk(id, now);
    }

    fn deliver(&mut self, to: PartyId, assignment: SignedAssignment, now: Millis) {
        if to == self.me {
            self.on_assigned(assignment, now);
        } else {
            self.send(to, SigningMessage::Assigned(Box::new(assignment)));
        }
    }

    fn work_desks(&mut self, now: Millis) {
        let open: Vec<CallId> = self.desks.iter().filter(|(_, desk)| desk.assigned.is_none()).map(|(id, _)| *id).collect();
        for id in open {
            self.work_desk(id, now);
        }
    }

    fn work_desk(&mut self, id: CallId, now: Millis) {
        // Somebody already served this call: there is no further attempt.
        let served = self.calls.get(&id).map(|call| call.complete.clone()).unwrap_or_default();
        let threshold = usize::from(self.epoch.threshold());
        let Some(desk) = self.desks.get_mut(&id).filter(|desk| desk.assigned.is_none() && !desk.split) else { return };
        if !served.is_empty() {
            let waiting: Vec<PartyId> = desk.announces.keys().copied().filter(|peer| *peer != self.me).collect();
            desk.split = true;
            for peer in waiting {
                self.send(peer, SigningMessage::Binds(served.clone()));
            }
            return;
        }
        let around = Surroundings { now, threshold, open: &self.open, patience: self.timing.bind };
        match desk.decide(&around) {
            Decision::Wait => (),
            Decision::Split => {
                desk.split = true;
                let announces: Vec<SignedAnnounce> = desk.announces.values().cloned().collect();
                for peer in announces.iter().map(|signed| signed.announce.from) {
                    if peer == self.me {
                        self.on_split(self.me, announces.clone(), now);
                    } else {
                        self.send(peer, SigningMessage::Split(announces.clone()));
                    }
                }
            }
            Decision::Group { public_key, digest, willing } => {
                let Some((sid, index, set)) = self.stock.next_assignable(&willing) else {
                    return self.ask_for_batch(id, &willing, now);
                };
                self.stock.spend(&sid, index);
                let assignment = Assignment {
                    sid,
                    index,
                    set,
                    epoch: self.epoch_digest,
                    public_key,
                    derivation: Default::default(),
                    digest,
                    request_key: desk.request_key,
                    name_hash: desk.name_hash,
                    attempt: desk.attempt,
                };
                let signed = assignment.sign(&self.signing_key);
                desk.assigned = Some(signed.clone());
                let announcers: Vec<PartyId> = desk.announces.keys().copied().collect();
                // Members of the set first: they are who the client waits for.
                let (members, others): (Vec<_>, Vec<_>) = announcers.into_iter().partition(|id| signed.assignment.set.contains(id));
                for peer in members.into_iter().chain(others) {
                    self.deliver(peer, signed.clone(), now);
                }
            }
        }
    }

    fn ask_for_batch(&mut self, id: CallId, willing: &BTreeSet<PartyId>, now: Millis) {
        let Some(desk) = self.desks.get_mut(&id) else { return };
        if desk.asked_for_batch.is_some_and(|asked| now < asked + 1_000) {
            return;
        }
        desk.asked_for_batch = Some(now);
        let set: Vec<PartyId> = willing.iter().copied().take(usize::from(self.epoch.threshold())).collect();
        match set.first().copied() {
            _ if set.contains(&self.me) => self.effects.push(Effect::MakeBatch { set }),
            Some(first) => self.send(first, SigningMessage::NeedBatch(set)),
            None => (),
        }
    }

    /// An assignment of the present attempt, for exactly what this node announced.
    fn on_assigned(&mut self, signed: SignedAssignment, now: Millis) {
        let assignment = &signed.assignment;
        let id = call_id(&assignment.request_key, &assignment.name_hash);
        let owner = Stock::owner(&self.epoch, assignment.index);
        let assigner = self.assigner(&assignment.request_key, assignment.attempt);
        if assigner != Some(owner) || signed.verify(&self.epoch).is_err() {
            return;
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.attempt != assignment.attempt || !matches!(call.stage, Stage::Waiting { .. }) {
            return;
        }
        if !assignment.set.contains(&self.me) {
            call.assignment = Some(signed);
            call.stage = Stage::Held { since: now };
            return;
        }
        let wanted = call.wish.verdict == Verdict::Yes { digest: assignment.digest } && call.wish.public_key == assignment.public_key;
        let Some(key) = call.wish.key.clone().filter(|_| wanted) else { return };
        call.assignment = Some(signed.clone());
        self.bind(id, &signed, &key, now);
    }

    fn bind(&mut self, id: CallId, signed: &SignedAssignment, key: &KeyShare<Secp256k1>, now: Millis) {
        let assignment = &signed.assignment;
        let presignature = self.stock.take(&assignment.sid, assignment.index);
        let bound = presignature.and_then(|presignature| presignature.bind(signed, key, &self.epoch, &self.signing_key).ok());
        let Some((bound, bind)) = bound else { return self.next_attempt(id, now) };
        let others: Vec<PartyId> = assignment.set.iter().copied().filter(|member| *member != self.me).collect();
        if let Some(call) = self.calls.get_mut(&id) {
            call.stage = Stage::Binding { since: now, asked: false, bound: Box::new(bound), binds: vec![bind.clone()] };
        }
        for member in others {
            self.send(member, SigningMessage::Bind(Box::new(bind.clone())));
        }
        self.complete_if_possible(id, now);
    }

    fn on_bind(&mut self, bind: BindMessage, now: Millis) {
        // The assignment inside is as good as the assigner's own message.
        self.on_assigned(bind.assignment.clone(), now);
        let id = call_id(&bind.assignment.assignment.request_key, &bind.assignment.assignment.name_hash);
        let Some(Call { stage: Stage::Binding { bound, binds, .. }, .. }) = self.calls.get_mut(&id) else { return };
        let author = bind.from;
        if binds.iter().any(|held| held.from == author) {
            return;
        }
        match bound.receive(bind.clone()) {
            Ok(_) => {
                binds.push(bind);
                self.complete_if_possible(id, now);
            }
            Err(fault) if fault.is_fatal() => {
                tracing::warn!(%fault, "a bind message failed its checks; the presignature is burnt");
                self.next_attempt(id, now);
            }
            Err(_) => (),
        }
    }

    /// With all bind messages in hand and every check of them good: show them to everybody, then give the share.
    fn complete_if_possible(&mut self, id: CallId, now: Millis) {
        let threshold = usize::from(self.epoch.threshold());
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Stage::Binding { since, binds, .. } = &call.stage else { return };
        if binds.len() < threshold {
            return;
        }
        let in_time = now <= since + self.timing.bind;
        let waiting = Stage::Waiting { since: now, acknowledged: false };
        let Stage::Binding { bound, binds, .. } = core::mem::replace(&mut call.stage, waiting) else { return };
        if !in_time {
            return self.next_attempt(id, now);
        }
        match bound.share() {
            Ok((answer, _)) => {
                call.complete = binds.clone();
                self.broadcast(&SigningMessage::Binds(binds));
                self.finish(id, Outcome::Share(Arc::new(answer)), now);
            }
            Err(fault) => {
                tracing::warn!(%fault, "the bind messages failed their checks; the presignature is burnt");
                self.next_attempt(id, now);
            }
        }
    }

    /// Bind messages shown by another node. All `t` of one assignment show that its members serve the call.
    fn on_binds(&mut self, binds: Vec<BindMessage>, now: Millis) {
        let Some(first) = binds.first() else { return };
        let signed = first.assignment.clone();
        let assignment = &signed.assignment;
        let id = call_id(&assignment.request_key, &assignment.name_hash);
        let Some(call) = self.calls.get(&id).filter(|call| !call.is_done()) else { return };
        if matches!(call.stage, Stage::Binding { .. }) {
            if call.assignment.as_ref() == Some(&signed) {
                for bind in binds {
                    self.on_bind(bind, now);
                }
            }
            return;
        }
        let same = |bind: &BindMessage| bind.assignment == signed && bind.verify(&self.epoch);
        let authors: BTreeSet<PartyId> = binds.iter().map(|bind| bind.from).collect();
        let whole = authors.iter().eq(assignment.set.iter()) && binds.len() == assignment.set.len();
        if !whole || signed.verify(&self.epoch).is_err() || !binds.iter().all(same) {
            return;
        }
        // A member of the set that promised to leave this attempt cannot serve it any more, and nobody else may.
        let member = assignment.set.contains(&self.me);
        let outcome = if member { Outcome::Retry } else { Outcome::Empty };
        if let Some(call) = self.calls.get_mut(&id) {
            call.complete = binds;
            call.assignment = Some(signed);
        }
        self.finish(id, outcome, now);
        self.work_desk(id, now);
    }

    fn on_split(&mut self, from: PartyId, announces: Vec<SignedAnnounce>, now: Millis) {
        let Some(first) = announces.first() else { return };
        let (request_key, name_hash, attempt) = (first.announce.request_key, first.announce.name_hash, first.announce.attempt);
        let id = call_id(&request_key, &name_hash);
        if self.assigner(&request_key, attempt) != Some(from) {
            return;
        }
        let about_this = |signed: &SignedAnnounce| {
            let announce = &signed.announce;
            announce.request_key == request_key && announce.name_hash == name_hash && announce.attempt == attempt
        };
        if !announces.iter().all(|signed| about_this(signed) && signed.verify(&self.epoch)) {
            return;
        }
        let Some(call) = self.calls.get(&id).filter(|call| call.attempt == attempt) else { return };
        if !matches!(call.stage, Stage::Waiting { .. }) {
            return;
        }
        let (members, threshold) = (self.epoch.members().len(), usize::from(self.epoch.threshold()));
        let reachable = self.open.len() >= threshold;
        if !proves_split(&announces, members, threshold) && reachable && usize::from(attempt) + 1 < members {
            return self.next_attempt(id, now);
        }
        let outcome = match &call.wish.verdict {
            Verdict::No { reason } => Outcome::Refused { reason: reason.clone() },
            Verdict::Yes { .. } => Outcome::Split(announces),
        };
        self.finish(id, outcome, now);
    }

    /// Moves on what has waited too long. To be called often, at least ten times within [`Timing::bind`].
    pub fn tick(&mut self, now: Millis) {
        enum Due {
            Nothing,
            Attempt,
            Announce,
            Ask,
            End(Outcome),
        }
        let timing = self.timing;
        let due = |call: &Call| {
            let waited = |since: &Millis, limit: Millis| now.saturating_sub(*since) > limit;
            let refusal = match &call.wish.verdict {
                Verdict::No { reason } => Some(Outcome::Refused { reason: reason.clone() }),
                Verdict::Yes { .. } => None,
            };
            match &call.stage {
                Stage::Done { .. } => Due::Nothing,
                _ if now >= call.wish.deadline => Due::End(refusal.unwrap_or(Outcome::TimedOut)),
                Stage::Waiting { .. } | Stage::Held { .. } if refusal.is_some() && waited(&call.begun, timing.refusal) => {
                    refusal.map_or(Due::Nothing, Due::End)
                }
                Stage::Waiting { since, acknowledged: false } if waited(since, timing.bind) => Due::Attempt,
                Stage::Waiting { since, acknowledged: true } if waited(since, timing.bind) => Due::Announce,
                Stage::Held { since } if waited(since, 2 * timing.bind) => Due::Attempt,
                Stage::Binding { since, .. } if waited(since, timing.bind) => Due::Attempt,
                Stage::Binding { since, asked: false, .. } if waited(since, timing.bind / 2) => Due::Ask,
                _ => Due::Nothing,
            }
        };
        let overdue: Vec<(CallId, Due)> = self.calls.iter().map(|(id, call)| (*id, due(call))).collect();
        for (id, due) in overdue {
            match due {
                Due::Nothing => (),
                Due::Attempt => self.next_attempt(id, now),
                Due::Announce => self.announce(id, now),
                Due::Ask => self.ask_binds(id),
                Due::End(outcome) => self.finish(id, outcome, now),
            }
        }
        self.work_desks(now);
        let forgotten = |since: &Millis| now.saturating_sub(*since) > timing.memory;
        self.calls.retain(|_, call| !matches!(&call.stage, Stage::Done { since, .. } if forgotten(since)));
        self.desks.retain(|_, desk| !forgotten(&desk.opened));
    }

    fn ask_binds(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Stage::Binding { asked, .. } = &mut call.stage else { return };
        *asked = true;
        let (request_key, name_hash, attempt) = (call.wish.request_key, call.wish.name_hash, call.attempt);
        let set = call.assignment.iter().flat_map(|signed| signed.assignment.set.clone());
        let others: Vec<PartyId> = set.filter(|member| *member != self.me).collect();
        for member in others {
            self.send(member, SigningMessage::AskBinds { request_key, name_hash, attempt });
        }
    }

    /// This node's share of a finished call, as its client gets it.
    pub fn answer(&self, id: &CallId) -> Option<Arc<Answer>> {
        match &self.calls.get(id)?.stage {
            Stage::Done { outcome: Outcome::Share(answer), .. } => Some(answer.clone()),
            _ => None,
        }
    }
}
