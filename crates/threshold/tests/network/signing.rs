//! A party's part in signing: it assigns, binds, forwards and answers.

use crate::links::{Packet, Slot};
use crate::party::{Effects, Party};
use conclave_threshold::codec::Encode;
use conclave_threshold::fault::Fault;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{
    Assignment, BindMessage, Bound, Derivation, Progress, SignedAssignment, index_owner,
};
use conclave_threshold::party::PartyId;
use std::sync::Arc;

/// What a client wants signed, as one party was told.
#[derive(Clone, Copy)]
pub struct Request {
    pub public_key: [u8; 33],
    pub digest: Digest,
    pub request_key: RequestKey,
    pub name_hash: NameHash,
}

impl Party {
    /// A slot that this party may assign and, as far as it knows, has not, with the batch's set.
    /// Whoever owns a slot can sign twice; an honest owner does not.
    pub fn assignable(&self, again: bool) -> Option<(Slot, Vec<PartyId>)> {
        let batches = self.memory.batches.values();
        let slots = batches
            .flat_map(|batch| (0..batch.size).map(move |index| ((batch.sid, index), &batch.set)));
        let mine = slots.filter(|((_, index), _)| index_owner(&self.epoch, *index) == self.id);
        let mut free = mine.filter(|(slot, _)| self.memory.assigned.contains(slot) == again);
        free.next().map(|(slot, set)| (slot, set.clone()))
    }

    pub fn assign(
        &mut self,
        slot: Slot,
        set: &[PartyId],
        request: &Request,
        attempt: u16,
    ) -> SignedAssignment {
        self.memory.assigned.insert(slot);
        let assignment = Assignment {
            sid: slot.0,
            index: slot.1,
            set: set.to_vec(),
            epoch: self.epoch.digest(),
            public_key: request.public_key,
            derivation: Derivation::None,
            digest: request.digest,
            request_key: request.request_key,
            name_hash: request.name_hash,
            attempt,
        };
        assignment.sign(&self.key)
    }

    /// Binds for what it has itself announced. The same assignment again gets what it got.
    pub fn assigned(&mut self, signed: &SignedAssignment, effects: &mut Effects) {
        let assignment = &signed.assignment;
        let slot = (assignment.sid, assignment.index);
        if let Some(served) = self.memory.served.get(&slot) {
            let again = served
                .answer_for(assignment)
                .map(|answer| (answer.clone(), served.use_bytes().to_vec()));
            effects.answers.extend(again);
            return;
        }
        if !self.memory.announced.contains(&assignment.digest) {
            return;
        }
        let of_key =
            |share: &&KeyShare<Secp256k1>| share.public_key().encoded() == assignment.public_key;
        let Some(share) = self.keys.values().map(|(_, share)| share).find(of_key) else { return };
        let Some(public) = share.public_shares(&assignment.set).map(Arc::new) else { return };
        let Some(presignature) = self.memory.fresh.remove(&slot) else { return };
        match presignature.bind(signed, share, &public, &self.epoch, &self.key) {
            Ok((bound, message)) => {
                effects.posts.push((assignment.set.clone(), Packet::Bind(message)));
                self.memory.bound.insert(slot, bound);
            }
            Err(refused) => {
                effects.faults.push(refused.fault);
                self.memory.fresh.insert(slot, refused.presignature);
            }
        }
    }

    /// Who sees a signed assignment first in another's bind message may take it from there.
    pub fn bind_message(&mut self, message: BindMessage, effects: &mut Effects) {
        let slot = (message.assignment.assignment.sid, message.assignment.assignment.index);
        if self.memory.fresh.contains_key(&slot) {
            self.assigned(&message.assignment.clone(), effects);
        }
        let Some(bound) = self.memory.bound.get_mut(&slot) else { return };
        match bound.receive(message) {
            Ok(Progress::WaitingFor(_)) => {}
            Ok(Progress::Complete) => self.answer(slot, effects),
            Err(fault) => {
                if matches!(fault, Fault::Proven { check: "one assignment per index", .. }) {
                    assert!(
                        bound
                            .equivocation()
                            .is_some_and(|proof| proof.culprit(&self.epoch) == fault.culprit())
                    );
                }
                if fault.is_fatal() {
                    self.memory.bound.remove(&slot);
                }
                effects.faults.push(fault);
            }
        }
    }

    fn answer(&mut self, slot: Slot, effects: &mut Effects) {
        let mut randomness = self.stream();
        let Some(bound) = self.memory.bound.remove(&slot) else { return };
        match bound.check(&mut randomness).and_then(|ready| ready.share(&self.key)) {
            Ok((answer, served)) => {
                effects.answers.push((answer, served.use_bytes().to_vec()));
                self.memory.served.insert(slot, served);
            }
            Err(fault) => effects.faults.push(fault),
        }
    }

    /// Shows everybody of the set the bind messages that are here.
    pub fn forward(&self) -> Effects {
        let mut effects = Effects::default();
        let bound = self
            .memory
            .bound
            .values()
            .map(|bound| (bound.assignment().assignment.set.clone(), bound.messages()));
        let served = self.memory.served.values().map(|served| {
            let messages = served.messages();
            (messages[0].assignment.assignment.set.clone(), messages)
        });
        for (set, messages) in bound.chain(served) {
            effects
                .posts
                .extend(messages.into_iter().map(|message| (set.clone(), Packet::Bind(message))));
        }
        effects
    }

    /// Whom the slots that are bound here wait for. They are burnt.
    pub fn burn_bound(&mut self) -> Vec<PartyId> {
        let waiting = |bound: &Bound| match bound.progress() {
            Progress::WaitingFor(missing) => missing,
            Progress::Complete => Vec::new(),
        };
        std::mem::take(&mut self.memory.bound).values().flat_map(waiting).collect()
    }
}
