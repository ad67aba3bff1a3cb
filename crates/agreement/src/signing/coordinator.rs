//! All calls of one node, and the rules by which they move.

mod assigning;
mod serving;

use super::announce::{Announce, SignedAnnounce, Verdict};
use super::call::{Call, Outcome, Stage, Wish};
use super::desk::{Desk, proves_split};
use super::message::SigningMessage;
use super::order::{CallId, assigners, call_id};
use super::stock::{Stock, StockLimits};
use crate::entropy::Entropy;
use crate::member::Backlog;
use crate::note::Note;
use crate::role::Role;
use crate::time::{Duration, Instant};
use conclave_threshold::ids::{EpochDigest, RequestKey};
use conclave_threshold::key::PublicShares;
use conclave_threshold::online::SignedAssignment;
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::session::SessionId;
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The most calls a node has in hand, finished ones that may still be asked about included.
pub const MAX_CALLS: usize = 32_768;
/// The most calls a node assigns for at a time.
pub const MAX_DESKS: usize = 32_768;
/// The most distinct calls one peer may open at this node as their assigner; a flood from one
/// member leaves the others room.
pub const MAX_DESKS_PER_PEER: usize = 4_096;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From the assignment until the presignature burns: the mesh's own time, never that of a slow
    /// action.
    pub bind: Duration,
    /// How long a node that said no waits for the others before it answers its client.
    pub refusal: Duration,
    /// How long a finished call is remembered.
    pub memory: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            bind: Duration::from_millis(150),
            refusal: Duration::from_secs(2),
            memory: Duration::from_secs(45),
        }
    }
}

/// What whoever drives the coordinator is to do.
#[derive(Debug)]
pub enum Effect {
    /// For the operator.
    Note(Note),
    /// Send a message to a peer.
    Send {
        /// The peer.
        to: PartyId,
        /// The message.
        message: SigningMessage,
    },
    /// A call has ended at this member.
    Finished {
        /// Which call.
        call: CallId,
        /// How it ended.
        outcome: Outcome,
    },
    /// This node is to start a presigning batch with exactly this set, of which it is a member.
    MakeBatch {
        /// In ascending order.
        set: Vec<PartyId>,
    },
}

/// All calls of one member in one epoch.
pub struct Coordinator {
    epoch: Arc<Epoch>,
    epoch_digest: EpochDigest,
    me: PartyId,
    signing_key: SigningKey,
    /// How long things may take now.
    pub timing: Timing,
    /// The presignatures.
    pub stock: Stock,
    calls: BTreeMap<CallId, Call>,
    desks: BTreeMap<CallId, Desk>,
    open: BTreeSet<PartyId>,
    effects: Vec<Effect>,
    /// Calls that ended in the retryable error, for the operator.
    pub retried: u64,
    randomness: Randomness,
    /// Checks made with this randomness so far: each draws from a fork of its own.
    checks: u64,
    public_shares: BTreeMap<([u8; 33], Vec<PartyId>), Arc<PublicShares>>,
    /// When this coordinator was last called.
    awake: Instant,
    /// The assignments that this node accepted, by presignature: a second one of the same index
    /// convicts its author.
    assignments: BTreeMap<(SessionId, u32), SignedAssignment>,
    /// Members convicted of two assignments of one index, each time counted.
    pub equivocations: u64,
    /// Members that let a bind fail, and until when this node assigns without them where it can.
    shunned: BTreeMap<PartyId, Instant>,
}

/// How long a member that did not bind in time is left out of this node's assignments where another
/// set will do.
const SHUN_SILENT: Duration = Duration::from_secs(30);
/// The same for a member whose own messages prove that it cheated.
const SHUN_PROVEN: Duration = Duration::from_secs(24 * 3_600);
/// How long an assigner that keeps saying "wait" is waited for once enough nodes are seen to agree.
const PENDING_PATIENCE: Duration = Duration::from_secs(4);

/// Accepted assignments kept to hold others against.
const MAX_ASSIGNMENTS: usize = 16_384;
/// Public shares kept for keys and sets in use.
const MAX_PUBLIC_SHARES: usize = 4_096;

impl Coordinator {
    /// A coordinator that knows of no links and holds no presignatures yet.
    pub fn new(
        epoch: Arc<Epoch>,
        me: PartyId,
        signing_key: SigningKey,
        timing: Timing,
        randomness: Randomness,
    ) -> Self {
        Coordinator {
            epoch_digest: epoch.digest(),
            stock: Stock::new(epoch.clone(), me, StockLimits::default()),
            open: BTreeSet::from([me]),
            epoch,
            me,
            signing_key,
            timing,
            calls: BTreeMap::new(),
            desks: BTreeMap::new(),
            effects: Vec::new(),
            retried: 0,
            randomness,
            checks: 0,
            public_shares: BTreeMap::new(),
            awake: Instant::START,
            assignments: BTreeMap::new(),
            equivocations: 0,
            shunned: BTreeMap::new(),
        }
    }

    /// A node that was stopped for a while finds old messages in its queues: assignments whose
    /// deadline has passed for everybody else. It gives up the attempts it was in, so that it never
    /// serves one that the others have left.
    fn notice_sleep(&mut self, now: Instant) {
        let slept = now.since(self.awake);
        self.awake = now;
        if slept <= self.timing.bind / 2 {
            return;
        }
        let unfinished: Vec<CallId> =
            self.calls.iter().filter(|(_, call)| !call.is_done()).map(|(id, _)| *id).collect();
        for id in unfinished {
            self.next_attempt(id, now);
        }
    }

    /// What grows with calls and peers.
    pub fn backlogs(&self) -> Vec<Backlog> {
        let backlog = |name, length, limit| Backlog { name, length, limit };
        let mut backlogs = self.stock.backlogs();
        backlogs.extend([
            backlog("calls", self.calls.len(), MAX_CALLS),
            // This member's own calls open desks beside those of its peers.
            backlog("desks", self.desks.len(), MAX_DESKS + MAX_CALLS),
            backlog("accepted assignments", self.assignments.len(), MAX_ASSIGNMENTS),
            backlog("public shares", self.public_shares.len(), MAX_PUBLIC_SHARES),
            backlog("shunned members", self.shunned.len(), self.epoch.members().len()),
        ]);
        backlogs
    }

    pub(super) fn shun(&mut self, member: PartyId, until: Instant) {
        let term = self.shunned.entry(member).or_default();
        *term = until.max(*term);
    }

    fn assigner(&self, request_key: &RequestKey, attempt: u16) -> Option<PartyId> {
        assigners(&self.epoch, request_key).get(usize::from(attempt)).copied()
    }

    fn send(&mut self, to: PartyId, message: SigningMessage) {
        self.effects.push(Effect::Send { to, message });
    }

    fn note(&mut self, note: Note) {
        self.effects.push(Effect::Note(note));
    }

    fn broadcast(&mut self, message: &SigningMessage) {
        let me = self.me;
        for id in self.epoch.ids().into_iter().filter(|id| *id != me) {
            self.send(id, message.clone());
        }
    }

    fn finish(&mut self, id: CallId, outcome: Outcome, now: Instant) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| !call.is_done()) else { return };
        if matches!(outcome, Outcome::Retry) {
            self.retried += 1;
        }
        call.stage = Stage::Done { since: now, outcome: outcome.clone() };
        self.effects.push(Effect::Finished { call: id, outcome });
    }

    /// Takes up a call that this node's own client asked for and this node has judged.
    pub fn begin(&mut self, wish: Wish, now: Instant) -> CallId {
        self.notice_sleep(now);
        let id = call_id(&wish.request_key, &wish.name_hash);
        if let Some(call) = self.calls.get(&id) {
            // The same call again gets the same answer; the same request with another digest must
            // be a new request.
            let same = call.wish.verdict == wish.verdict && call.wish.public_key == wish.public_key;
            match &call.stage {
                Stage::Done { outcome, .. } if same => {
                    self.effects.push(Effect::Finished { call: id, outcome: outcome.clone() })
                }
                _ if same => (),
                _ => self.effects.push(Effect::Finished { call: id, outcome: Outcome::Retry }),
            }
            return id;
        }
        if self.calls.len() >= MAX_CALLS && !self.forget_oldest() {
            self.effects.push(Effect::Finished { call: id, outcome: Outcome::Retry });
            return id;
        }
        let stage = Stage::Waiting { since: now, acknowledged: false };
        let call = Call {
            deadline: now + wish.patience,
            wish,
            begun: now,
            attempt: 0,
            stage,
            assignment: None,
            last_bound: None,
            complete: Vec::new(),
            agreeing: BTreeSet::new(),
            agreed: None,
            out_of_stock: false,
        };
        self.calls.insert(id, call);
        self.announce(id, now);
        id
    }

    /// Makes room. `false` when every call is still under way.
    fn forget_oldest(&mut self) -> bool {
        let finished = self.calls.iter().filter(|(_, call)| call.is_done());
        let oldest = finished.min_by_key(|(_, call)| call.begun).map(|(id, _)| *id);
        oldest.is_some_and(|id| self.calls.remove(&id).is_some())
    }

    /// Says this node's word for the call's present attempt, passing over assigners whose link is
    /// closed.
    fn announce(&mut self, id: CallId, now: Instant) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let order = assigners(&self.epoch, &call.wish.request_key);
        while order
            .get(usize::from(call.attempt))
            .is_some_and(|assigner| !self.open.contains(assigner))
        {
            call.attempt += 1;
        }
        let Some(assigner) = order.get(usize::from(call.attempt)).copied() else {
            let outcome = if call.out_of_stock { Outcome::NoPresignature } else { Outcome::Retry };
            return self.finish(id, outcome, now);
        };
        // An assigner that already said that it waits is asked again before everybody, so that all
        // see how many agree.
        let again = matches!(call.stage, Stage::Waiting { acknowledged: true, .. });
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
        if attempt > 0 || again {
            self.broadcast(&SigningMessage::Announce(Box::new(signed.clone())));
        } else if assigner != self.me {
            self.send(assigner, SigningMessage::Announce(Box::new(signed.clone())));
        }
        if assigner == self.me {
            self.hear_at_desk(id, signed, now);
        }
    }

    /// The present attempt is over for this node, whatever comes later: a bound presignature burns
    /// here.
    fn next_attempt(&mut self, id: CallId, now: Instant) {
        let may_leave =
            |call: &&mut Call| !matches!(call.stage, Stage::Shown { .. } | Stage::Done { .. });
        if let Some(call) = self.calls.get_mut(&id).filter(may_leave) {
            call.attempt += 1;
            call.stage = Stage::Waiting { since: now, acknowledged: false };
            (call.agreeing, call.agreed) = (BTreeSet::new(), None);
            self.announce(id, now);
        }
    }

    /// Notes which peers are seen to want the same as this node, in the same attempt.
    fn note_agreement(&mut self, id: CallId, announce: &Announce, now: Instant) {
        let others_needed = usize::from(self.epoch.threshold()).saturating_sub(1);
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.attempt == announce.attempt)
        else {
            return;
        };
        let same =
            announce.verdict == call.wish.verdict && announce.public_key == call.wish.public_key;
        if same && matches!(announce.verdict, Verdict::Yes { .. }) {
            call.agreeing.insert(announce.from);
            if call.agreeing.len() >= others_needed {
                call.agreed.get_or_insert(now);
            }
        }
    }

    fn hear(&mut self, from: PartyId, message: SigningMessage, now: Instant) {
        self.notice_sleep(now);
        match message {
            SigningMessage::Announce(signed) => self.on_announce(from, *signed, now),
            SigningMessage::Pending { request_key, name_hash, attempt, out_of_stock } => {
                let from_assigner = self.assigner(&request_key, attempt) == Some(from);
                let call = self.calls.get_mut(&call_id(&request_key, &name_hash));
                if let Some(call) = call.filter(|call| from_assigner && call.attempt == attempt)
                    && let Stage::Waiting { acknowledged, since } = &mut call.stage
                {
                    (*acknowledged, *since) = (true, now);
                    call.out_of_stock = out_of_stock;
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
            SigningMessage::Binds(binds) => self.on_binds(from, binds, now),
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

    fn on_announce(&mut self, from: PartyId, signed: SignedAnnounce, now: Instant) {
        if signed.announce.from != from || !signed.verify(&self.epoch) {
            return;
        }
        let (request_key, attempt) = (signed.announce.request_key, signed.announce.attempt);
        let id = call_id(&request_key, &signed.announce.name_hash);
        let at_desk = self.assigner(&request_key, attempt) == Some(self.me);
        self.peer_is_at_attempt(id, from, attempt, now);
        self.note_agreement(id, &signed.announce, now);
        if at_desk {
            self.hear_at_desk(id, signed, now);
        }
    }

    /// A peer has given up every attempt before `attempt`. Who has all bind messages shows them;
    /// who shares an unfinished assignment with the peer knows that it cannot complete any more.
    fn peer_is_at_attempt(&mut self, id: CallId, peer: PartyId, attempt: u16, now: Instant) {
        let Some(call) = self.calls.get(&id) else { return };
        if !call.complete.is_empty() {
            let binds = call.complete.clone();
            return self.send(peer, SigningMessage::Binds(binds));
        }
        if call.attempt >= attempt {
            return;
        }
        let shared =
            call.assignment.as_ref().is_some_and(|signed| signed.assignment.set.contains(&peer));
        if shared && matches!(call.stage, Stage::Binding { .. } | Stage::Held { .. }) {
            self.next_attempt(id, now);
        }
    }

    fn on_split(&mut self, from: PartyId, announces: Vec<SignedAnnounce>, now: Instant) {
        let Some(first) = announces.first() else { return };
        let (request_key, name_hash, attempt) =
            (first.announce.request_key, first.announce.name_hash, first.announce.attempt);
        let id = call_id(&request_key, &name_hash);
        if self.assigner(&request_key, attempt) != Some(from) {
            return;
        }
        let about_this = |signed: &SignedAnnounce| {
            let announce = &signed.announce;
            announce.request_key == request_key
                && announce.name_hash == name_hash
                && announce.attempt == attempt
        };
        if !announces.iter().all(|signed| about_this(signed) && signed.verify(&self.epoch)) {
            return;
        }
        let Some(call) = self.calls.get(&id).filter(|call| call.attempt == attempt) else { return };
        if !matches!(call.stage, Stage::Waiting { .. }) {
            return;
        }
        let (members, threshold) =
            (self.epoch.members().len(), usize::from(self.epoch.threshold()));
        let reachable = self.open.len() >= threshold;
        let proven = proves_split(&announces, members, threshold);
        if !proven && reachable && usize::from(attempt) + 1 < members {
            return self.next_attempt(id, now);
        }
        let outcome = match &call.wish.verdict {
            Verdict::No { reason } => Outcome::Refused { reason: reason.clone() },
            // Cut off from the others, a node cannot say that they disagree: they may have signed.
            Verdict::Yes { .. } if !proven && !reachable => Outcome::Retry,
            Verdict::Yes { .. } => Outcome::Split(announces),
        };
        self.finish(id, outcome, now);
    }
}

impl Role for Coordinator {
    type Message = SigningMessage;
    type Effect = Effect;

    fn receive(
        &mut self,
        from: PartyId,
        message: SigningMessage,
        now: Instant,
        _: &mut dyn Entropy,
    ) {
        self.hear(from, message, now);
    }

    /// Moves on what has waited too long. To be called often, at least ten times within
    /// [`Timing::bind`].
    fn tick(&mut self, now: Instant, _: &mut dyn Entropy) {
        self.notice_sleep(now);
        enum Due {
            Nothing,
            Attempt,
            Announce,
            Ask,
            End(Outcome),
        }
        let timing = self.timing;
        let due = |call: &Call| {
            let waited = |since: &Instant, limit: Duration| now.since(*since) > limit;
            let refusal = match &call.wish.verdict {
                Verdict::No { reason } => Some(Outcome::Refused { reason: reason.clone() }),
                Verdict::Yes { .. } => None,
            };
            match &call.stage {
                Stage::Done { .. } => Due::Nothing,
                _ if now >= call.deadline => Due::End(refusal.unwrap_or(if call.out_of_stock {
                    Outcome::NoPresignature
                } else {
                    Outcome::TimedOut
                })),
                Stage::Waiting { .. } | Stage::Held { .. }
                    if refusal.is_some() && waited(&call.begun, timing.refusal) =>
                {
                    refusal.map_or(Due::Nothing, Due::End)
                }
                Stage::Waiting { .. }
                    if call
                        .agreed
                        .as_ref()
                        .is_some_and(|agreed| waited(agreed, PENDING_PATIENCE)) =>
                {
                    Due::Attempt
                }
                Stage::Waiting { since, acknowledged: false } if waited(since, timing.bind) => {
                    Due::Attempt
                }
                Stage::Waiting { since, acknowledged: true } if waited(since, timing.bind) => {
                    Due::Announce
                }
                Stage::Held { since } if waited(since, 2 * timing.bind) => Due::Attempt,
                Stage::Binding { since, .. } if waited(since, timing.bind) => Due::Attempt,
                Stage::Shown { since, .. } if waited(since, 2 * timing.bind) => {
                    Due::End(Outcome::Retry)
                }
                Stage::Binding { since, asked: false, .. }
                | Stage::Shown { since, asked: false, .. }
                    if waited(since, timing.bind / 2) =>
                {
                    Due::Ask
                }
                _ => Due::Nothing,
            }
        };
        let overdue: Vec<(CallId, Due)> =
            self.calls.iter().map(|(id, call)| (*id, due(call))).collect();
        for (id, due) in overdue {
            match due {
                Due::Nothing => (),
                Due::Attempt => {
                    self.shun_who_did_not_bind(id, now);
                    self.next_attempt(id, now);
                }
                Due::Announce => self.announce(id, now),
                Due::Ask => self.ask_binds(id),
                Due::End(outcome) => self.finish(id, outcome, now),
            }
        }
        self.work_desks(now);
        let forgotten = |since: &Instant| now.since(*since) > timing.memory;
        self.calls.retain(
            |_, call| !matches!(&call.stage, Stage::Done { since, .. } if forgotten(since)),
        );
        self.desks.retain(|_, desk| !forgotten(&desk.opened));
        self.shunned.retain(|_, until| *until > now);
    }

    fn link_opened(&mut self, peer: PartyId, _: Instant) {
        self.open.insert(peer);
    }

    fn link_closed(&mut self, peer: PartyId, now: Instant) {
        self.open.remove(&peer);
        let assigned_by_peer = |call: &Call| {
            matches!(call.stage, Stage::Waiting { .. })
                && self.assigner(&call.wish.request_key, call.attempt) == Some(peer)
        };
        let orphans: Vec<CallId> = self
            .calls
            .iter()
            .filter(|(_, call)| assigned_by_peer(call))
            .map(|(id, _)| *id)
            .collect();
        for id in orphans {
            self.next_attempt(id, now);
        }
        self.work_desks(now);
    }

    fn effects(&mut self) -> Vec<Effect> {
        core::mem::take(&mut self.effects)
    }
}
