//! A member's moves: bind, show everybody, give the share; or hold, and see others do it.

use super::{Coordinator, MAX_ASSIGNMENTS, MAX_PUBLIC_SHARES, SHUN_PROVEN, SHUN_SILENT};
use crate::note::Note;
use crate::signing::announce::Verdict;
use crate::signing::call::{Call, Outcome, Stage};
use crate::signing::message::SigningMessage;
use crate::signing::order::{CallId, call_id};
use crate::signing::stock::owner;
use crate::time::Instant;
use conclave_threshold::codec::Encode;
use conclave_threshold::fault::Fault;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::{KeyShare, PublicShares};
use conclave_threshold::online::{
    Assignment, BindMessage, Equivocation, Progress, SignedAssignment,
};
use conclave_threshold::party::PartyId;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Coordinator {
    /// An assignment of the present attempt, for exactly what this node announced.
    pub(super) fn on_assigned(&mut self, signed: SignedAssignment, now: Instant) {
        self.convict_of_two_assignments(&signed, now);
        let assignment = &signed.assignment;
        let id = call_id(&assignment.request_key, &assignment.name_hash);
        // Every bind message carries its assignment: what is no news is told from what is before
        // any signature is looked at.
        let awaited = |call: &&mut Call| {
            call.attempt == assignment.attempt && matches!(call.stage, Stage::Waiting { .. })
        };
        let assigner = self.assigner(&assignment.request_key, assignment.attempt);
        let Some(call) = self.calls.get_mut(&id).filter(awaited) else { return };
        if assigner != Some(owner(&self.epoch, assignment.index))
            || signed.verify(&self.epoch).is_err()
        {
            return;
        }
        if !assignment.set.contains(&self.me) {
            call.assignment = Some(signed.clone());
            call.stage = Stage::Held { since: now };
            return self.remember_assignment(signed);
        }
        let wanted = call.wish.verdict == Verdict::Yes { digest: assignment.digest }
            && call.wish.public_key == assignment.public_key;
        let Some(key) = call.wish.key.clone().filter(|_| wanted) else { return };
        call.assignment = Some(signed.clone());
        self.remember_assignment(signed.clone());
        self.bind(id, &signed, &key, now);
    }

    fn remember_assignment(&mut self, signed: SignedAssignment) {
        if self.assignments.len() >= MAX_ASSIGNMENTS {
            self.assignments.pop_first();
        }
        self.assignments.insert((signed.assignment.sid, signed.assignment.index), signed);
    }

    /// An index has one assignment in its life. Its owner's signature under another is proof,
    /// whichever call it is for.
    fn convict_of_two_assignments(&mut self, signed: &SignedAssignment, now: Instant) {
        let place = (signed.assignment.sid, signed.assignment.index);
        let Some(first) =
            self.assignments.get(&place).filter(|first| first.assignment != signed.assignment)
        else {
            return;
        };
        let proof = Equivocation { first: first.clone(), second: signed.clone() };
        if let Some(culprit) = proof.culprit(&self.epoch) {
            self.note(Note::AssignedTwice { culprit, proof: proof.encoded() });
            self.equivocations += 1;
            self.shun(culprit, now + SHUN_PROVEN);
        }
    }

    fn bind(
        &mut self,
        id: CallId,
        signed: &SignedAssignment,
        key: &KeyShare<Secp256k1>,
        now: Instant,
    ) {
        let assignment = &signed.assignment;
        let presignature = self.stock.take(&assignment.sid, assignment.index);
        let public = self.public_shares(assignment, key);
        let bound = presignature.zip(public).and_then(|(presignature, public)| {
            // A presignature that cannot be bound is dropped here: nobody else can use it.
            presignature.bind(signed, key, &public, &self.epoch, &self.signing_key).ok()
        });
        let Some((bound, bind)) = bound else { return self.next_attempt(id, now) };
        let others: Vec<PartyId> =
            assignment.set.iter().copied().filter(|member| *member != self.me).collect();
        if let Some(call) = self.calls.get_mut(&id) {
            call.last_bound = Some(assignment.attempt);
            call.stage = Stage::Binding {
                since: now,
                asked: false,
                bound: Box::new(bound),
                binds: vec![bind.clone()],
            };
        }
        for member in others {
            self.send(member, SigningMessage::Bind(Box::new(bind.clone())));
        }
        self.complete_if_possible(id, now);
    }

    fn public_shares(
        &mut self,
        assignment: &Assignment,
        key: &KeyShare<Secp256k1>,
    ) -> Option<Arc<PublicShares>> {
        let place = (assignment.public_key, assignment.set.clone());
        if let Some(known) = self.public_shares.get(&place) {
            return Some(known.clone());
        }
        let made = Arc::new(key.public_shares(&assignment.set)?);
        if self.public_shares.len() >= MAX_PUBLIC_SHARES {
            self.public_shares.pop_first();
        }
        self.public_shares.insert(place, made.clone());
        Some(made)
    }

    pub(super) fn on_bind(&mut self, bind: BindMessage, now: Instant) {
        // The assignment inside is as good as the assigner's own message.
        self.on_assigned(bind.assignment.clone(), now);
        let id =
            call_id(&bind.assignment.assignment.request_key, &bind.assignment.assignment.name_hash);
        let Some(Call { stage: Stage::Binding { bound, binds, .. }, .. }) = self.calls.get_mut(&id)
        else {
            return;
        };
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
                self.note(Note::BindFailed { fault: fault.clone() });
                self.shun_culprit(&fault, now);
                self.next_attempt(id, now);
            }
            Err(_) => (),
        }
    }

    /// With all bind messages in hand and every check of them good: make the share, and show them
    /// to everybody.
    fn complete_if_possible(&mut self, id: CallId, now: Instant) {
        let threshold = usize::from(self.epoch.threshold());
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Stage::Binding { since, binds, .. } = &call.stage else { return };
        if binds.len() < threshold {
            return;
        }
        let in_time = now <= *since + self.timing.bind;
        let waiting = Stage::Waiting { since: now, acknowledged: false };
        let Stage::Binding { bound, binds, .. } = core::mem::replace(&mut call.stage, waiting)
        else {
            return;
        };
        if !in_time {
            return self.next_attempt(id, now);
        }
        self.checks += 1;
        let mut randomness = self.randomness.fork(b"bind", self.checks);
        match bound.check(&mut randomness).and_then(|ready| ready.share(&self.signing_key)) {
            Ok((answer, _)) => {
                call.complete = binds.clone();
                let holders = BTreeSet::from([self.me]);
                call.stage =
                    Stage::Shown { since: now, asked: false, answer: Arc::new(answer), holders };
                self.broadcast(&SigningMessage::Binds(binds));
                self.give_if_final(id, now);
            }
            Err(fault) => {
                self.note(Note::BindFailed { fault: fault.clone() });
                self.shun_culprit(&fault, now);
                self.next_attempt(id, now);
            }
        }
    }

    /// Gives the share once `n - t + 1` nodes hold all bind messages. None of them binds in a later
    /// attempt, and the other `t - 1` are no signing set: whatever is lost or late, nobody will
    /// ever answer this call under another nonce.
    fn give_if_final(&mut self, id: CallId, now: Instant) {
        let enough = self.epoch.members().len() + 1 - usize::from(self.epoch.threshold());
        let Some(Call { stage: Stage::Shown { answer, holders, .. }, .. }) = self.calls.get(&id)
        else {
            return;
        };
        if holders.len() >= enough {
            let outcome = Outcome::Share(answer.clone());
            self.finish(id, outcome, now);
        }
    }

    fn shun_culprit(&mut self, fault: &Fault, now: Instant) {
        if let Some(culprit) = fault.culprit() {
            self.shun(culprit, now + SHUN_PROVEN);
        }
    }

    /// The members of an unfinished assignment whose bind messages did not come.
    pub(super) fn shun_who_did_not_bind(&mut self, id: CallId, now: Instant) {
        let Some(Call { stage: Stage::Binding { bound, .. }, .. }) = self.calls.get(&id) else {
            return;
        };
        if let Progress::WaitingFor(silent) = bound.progress() {
            silent.into_iter().for_each(|member| self.shun(member, now + SHUN_SILENT));
        }
    }

    /// Bind messages shown by another node. All `t` of one assignment show that its members serve
    /// the call.
    pub(super) fn on_binds(&mut self, from: PartyId, binds: Vec<BindMessage>, now: Instant) {
        let Some(first) = binds.first() else { return };
        let signed = first.assignment.clone();
        let assignment = &signed.assignment;
        let id = call_id(&assignment.request_key, &assignment.name_hash);
        let Some(call) = self.calls.get(&id).filter(|call| !call.is_done()) else { return };
        let ours = call.assignment.as_ref() == Some(&signed);
        if matches!(call.stage, Stage::Binding { .. }) {
            if ours {
                binds.iter().for_each(|bind| self.on_bind(bind.clone(), now));
                self.note_holder(id, from, &binds, now);
            }
            return;
        }
        if matches!(call.stage, Stage::Shown { .. }) && ours {
            return self.note_holder(id, from, &binds, now);
        }
        let same = |bind: &BindMessage| bind.assignment == signed && bind.verify(&self.epoch);
        let authors: BTreeSet<PartyId> = binds.iter().map(|bind| bind.from).collect();
        let whole = authors.iter().eq(assignment.set.iter()) && binds.len() == assignment.set.len();
        if !whole || signed.verify(&self.epoch).is_err() || !binds.iter().all(same) {
            return;
        }
        // A member of the set that promised to leave this attempt cannot serve it any more, and
        // nobody else may.
        let member = assignment.set.contains(&self.me);
        let outcome = if member { Outcome::Retry } else { Outcome::Empty };
        // Who has bound in a later attempt is no holder of these: what it sent there may still
        // complete.
        let bound_later = call.last_bound > Some(assignment.attempt);
        if let Some(call) = self.calls.get_mut(&id).filter(|_| !bound_later) {
            call.complete = binds;
            call.assignment = Some(signed);
        }
        self.finish(id, outcome, now);
        self.work_desk(id, now);
    }

    /// `from` has shown bind messages of the assignment that this node serves. Whoever shows all of
    /// them holds them.
    fn note_holder(&mut self, id: CallId, from: PartyId, binds: &[BindMessage], now: Instant) {
        let Some(Call { stage: Stage::Shown { holders, .. }, complete, .. }) =
            self.calls.get_mut(&id)
        else {
            return;
        };
        if binds.len() == complete.len() && complete.iter().all(|bind| binds.contains(bind)) {
            holders.insert(from);
            self.give_if_final(id, now);
        }
    }

    pub(super) fn ask_binds(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        match &mut call.stage {
            Stage::Binding { asked, .. } | Stage::Shown { asked, .. } => *asked = true,
            Stage::Held { .. } => (),
            Stage::Waiting { .. } | Stage::Done { .. } => return,
        }
        let (request_key, name_hash, attempt) =
            (call.wish.request_key, call.wish.name_hash, call.attempt);
        let set = call.assignment.iter().flat_map(|signed| signed.assignment.set.clone());
        let others: Vec<PartyId> = set.filter(|member| *member != self.me).collect();
        for member in others {
            self.send(member, SigningMessage::AskBinds { request_key, name_hash, attempt });
        }
    }
}
