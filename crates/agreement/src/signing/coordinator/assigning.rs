//! The assigner's moves: hear announces, name a set, or say that there is none.

use super::{Coordinator, Effect, MAX_DESKS, MAX_DESKS_PER_PEER};
use crate::signing::announce::SignedAnnounce;
use crate::signing::call::{Call, Stage};
use crate::signing::desk::{Decision, Desk, Surroundings};
use crate::signing::message::SigningMessage;
use crate::signing::order::CallId;
use crate::time::{Duration, Instant};
use conclave_threshold::online::{Assignment, Derivation, SignedAssignment};
use conclave_threshold::party::PartyId;
use std::collections::{BTreeMap, BTreeSet};

/// An assigner without a fitting index asks for a batch this often, in milliseconds.
const ASK_INTERVAL: Duration = Duration::from_secs(1);

impl Coordinator {
    pub(super) fn hear_at_desk(&mut self, id: CallId, signed: SignedAnnounce, now: Instant) {
        let announce = &signed.announce;
        let (from, request_key, name_hash, attempt) =
            (announce.from, announce.request_key, announce.name_hash, announce.attempt);
        if !self.desks.contains_key(&id) {
            let opened_by_peer = self.desks.values().filter(|desk| desk.opened_by == from).count();
            if from != self.me
                && (self.desks.len() >= MAX_DESKS || opened_by_peer >= MAX_DESKS_PER_PEER)
            {
                return;
            }
            let desk = Desk {
                request_key,
                name_hash,
                attempt,
                opened: now,
                opened_by: from,
                announces: BTreeMap::new(),
                assigned: None,
                asked_for_batch: None,
                closed: false,
            };
            self.desks.insert(id, desk);
        }
        let Some(desk) = self.desks.get_mut(&id) else { return };
        desk.hear(signed);
        if let Some(assignment) = desk.assigned.clone() {
            self.deliver(from, assignment, now);
            // What the set showed to everybody before this node took the call up itself is lost on
            // it.
            if from == self.me {
                self.ask_binds(id);
            }
            return;
        }
        if desk.closed {
            return self.repeat_end(id, from, now);
        }
        if from != self.me {
            let out_of_stock = false;
            self.send(
                from,
                SigningMessage::Pending { request_key, name_hash, attempt, out_of_stock },
            );
        } else if let Some(Call { stage: Stage::Waiting { acknowledged, .. }, .. }) =
            self.calls.get_mut(&id)
        {
            *acknowledged = true;
        }
        self.work_desk(id, now);
    }

    /// Tells a late announcer how the call has ended.
    fn repeat_end(&mut self, id: CallId, to: PartyId, now: Instant) {
        let served = self.calls.get(&id).map(|call| call.complete.clone()).unwrap_or_default();
        let Some(desk) = self.desks.get(&id) else { return };
        let message = if served.is_empty() {
            SigningMessage::Split(desk.announces.values().cloned().collect())
        } else {
            SigningMessage::Binds(served)
        };
        if to == self.me {
            self.hear(to, message, now);
        } else {
            self.send(to, message);
        }
    }

    fn deliver(&mut self, to: PartyId, assignment: SignedAssignment, now: Instant) {
        if to == self.me {
            self.on_assigned(assignment, now);
        } else {
            self.send(to, SigningMessage::Assigned(Box::new(assignment)));
        }
    }

    pub(super) fn work_desks(&mut self, now: Instant) {
        let open: Vec<CallId> = self
            .desks
            .iter()
            .filter(|(_, desk)| desk.assigned.is_none())
            .map(|(id, _)| *id)
            .collect();
        for id in open {
            self.work_desk(id, now);
        }
    }

    pub(super) fn work_desk(&mut self, id: CallId, now: Instant) {
        // Somebody already served this call: there is no further attempt.
        let served = self.calls.get(&id).map(|call| call.complete.clone()).unwrap_or_default();
        let threshold = usize::from(self.epoch.threshold());
        let Some(desk) =
            self.desks.get_mut(&id).filter(|desk| desk.assigned.is_none() && !desk.closed)
        else {
            return;
        };
        if !served.is_empty() {
            let waiting: Vec<PartyId> =
                desk.announces.keys().copied().filter(|peer| *peer != self.me).collect();
            desk.closed = true;
            for peer in waiting {
                self.send(peer, SigningMessage::Binds(served.clone()));
            }
            return;
        }
        let around = Surroundings { now, threshold, open: &self.open, patience: self.timing.bind };
        match desk.decide(&around) {
            Decision::Wait => (),
            Decision::Split => {
                desk.closed = true;
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
                let trusted: BTreeSet<PartyId> =
                    willing.iter().copied().filter(|id| !self.shunned.contains_key(id)).collect();
                let found = self
                    .stock
                    .next_assignable(&trusted)
                    .or_else(|| self.stock.next_assignable(&willing));
                let Some((sid, index, set)) = found else {
                    let enough = trusted.len() >= threshold;
                    return self.ask_for_batch(id, if enough { &trusted } else { &willing }, now);
                };
                let assignment = Assignment {
                    sid,
                    index,
                    set,
                    epoch: self.epoch_digest,
                    public_key,
                    derivation: Derivation::None,
                    digest,
                    request_key: desk.request_key,
                    name_hash: desk.name_hash,
                    attempt: desk.attempt,
                };
                let signed = assignment.sign(&self.signing_key);
                desk.assigned = Some(signed.clone());
                let announcers: Vec<PartyId> = desk.announces.keys().copied().collect();
                // Members of the set first: they are who the client waits for.
                let (members, others): (Vec<_>, Vec<_>) =
                    announcers.into_iter().partition(|id| signed.assignment.set.contains(id));
                for peer in members.into_iter().chain(others) {
                    self.deliver(peer, signed.clone(), now);
                }
            }
        }
    }

    fn ask_for_batch(&mut self, id: CallId, willing: &BTreeSet<PartyId>, now: Instant) {
        let Some(desk) = self.desks.get_mut(&id) else { return };
        if desk.asked_for_batch.is_some_and(|asked| now < asked + ASK_INTERVAL) {
            return;
        }
        desk.asked_for_batch = Some(now);
        let pending = SigningMessage::Pending {
            request_key: desk.request_key,
            name_hash: desk.name_hash,
            attempt: desk.attempt,
            out_of_stock: true,
        };
        let announcers: Vec<PartyId> = desk.announces.keys().copied().collect();
        for announcer in announcers {
            if announcer == self.me {
                self.hear(announcer, pending.clone(), now);
            } else {
                self.send(announcer, pending.clone());
            }
        }
        // Another set and another proposer each time: no single member can keep the batch from
        // being made.
        let turn = (now.as_millis() / ASK_INTERVAL.as_millis() as u64) as usize;
        let rotated = willing.iter().copied().cycle().skip(turn % willing.len().max(1));
        let mut set: Vec<PartyId> = rotated.take(usize::from(self.epoch.threshold())).collect();
        set.sort_unstable();
        if set.contains(&self.me) {
            self.effects.push(Effect::MakeBatch { set });
        } else if let Some(proposer) = set.get(turn % set.len().max(1)).copied() {
            self.send(proposer, SigningMessage::NeedBatch(set));
        }
    }
}
