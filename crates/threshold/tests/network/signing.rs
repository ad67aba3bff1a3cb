//! Binding, shares and the client of the simulated network.

use crate::ceremonies::Network;
use conclave_threshold::codec::Encode;
use conclave_threshold::group::{Curve, Secp256k1};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{
    Answer, Assignment, BindMessage, Bound, Checked, CombineError, Derivation, Expected, SignedAssignment, combine, index_owner,
};
use conclave_threshold::party::PartyId;
use conclave_threshold::presignature::{Batch, Presignature};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Shares = BTreeMap<PartyId, KeyShare<Secp256k1>>;

impl Network {
    /// Uses up every presignature, and counts the signatures that the client accepted.
    pub fn sign_everything(&mut self, shares: &Shares, batches: BTreeMap<PartyId, Batch>) -> usize {
        let mut by_index: BTreeMap<u32, BTreeMap<PartyId, Presignature>> = BTreeMap::new();
        for (id, batch) in batches {
            for presignature in batch.presignatures {
                by_index.entry(presignature.index()).or_default().insert(id, presignature);
            }
        }
        by_index.into_values().map(|presignatures| usize::from(self.sign(shares, presignatures))).sum()
    }

    /// One index: its owner assigns it, perhaps to two digests; who binds sends its message to all; who is complete answers.
    fn sign(&mut self, shares: &Shares, presignatures: BTreeMap<PartyId, Presignature>) -> bool {
        let Some(any) = presignatures.values().next() else { return false };
        let (set, index, sid) = (any.set().to_vec(), any.index(), *any.sid());
        let public = Arc::new(shares[&set[0]].public_shares(&set).unwrap());
        let owner = index_owner(&self.epoch, index);
        let digests = [[index as u8 + 1; 32], [0xee; 32]];
        let assignments = digests.map(|digest| {
            let public_key = public.public_key().encoded().try_into().unwrap();
            let (epoch, set) = (self.epoch.digest(), set.clone());
            let names = ([3; 32], [4; 32]);
            let (request_key, name_hash) = names;
            let derivation = Derivation::None;
            let assignment =
                Assignment { sid, index, set, epoch, public_key, derivation, digest, request_key, name_hash, attempt: 0 };
            assignment.sign(&self.links.keys[&owner])
        });

        let (mut bound, mut messages) = (BTreeMap::new(), Vec::new());
        for (id, presignature) in presignatures {
            let assignment = &assignments[usize::from(self.links.lies(owner))];
            let key = &self.links.keys[&id];
            let (one, message) = presignature.bind(assignment, &shares[&id], &public, &self.epoch, key).unwrap();
            bound.insert(id, one);
            messages.push(message);
        }
        self.exchange_bind_messages(&mut bound, messages);
        let answers = self.share(index, bound);
        let accepted = assignments.map(|assignment| self.ask(&assignment, &answers));
        assert!(accepted.iter().filter(|accepted| **accepted).count() <= 1, "two signatures from one presignature");
        accepted[0] || accepted[1]
    }

    /// A corrupt author's other version, signed.
    fn lie_about_binding(&mut self, message: &BindMessage) -> BindMessage {
        let mut lie = message.clone();
        match self.links.below(3) {
            0 => lie.delta += Secp256k1::scalar(1),
            1 => lie.entropy[0] ^= 1,
            _ => lie.assignment.assignment.digest[0] ^= 1,
        }
        lie.resign(&self.links.keys[&message.from])
    }

    fn exchange_bind_messages(&mut self, bound: &mut BTreeMap<PartyId, Bound>, messages: Vec<BindMessage>) {
        let receivers: Vec<_> = bound.keys().copied().collect();
        // Everybody's own first, then whatever each holds, forwarded once.
        for forwarding in [false, true] {
            let sent: Vec<_> = if forwarding { bound.values().flat_map(Bound::messages).collect() } else { messages.clone() };
            let mut waiting = Vec::new();
            for message in sent {
                for receiver in &receivers {
                    let lies = !forwarding && self.links.lies(message.from);
                    waiting.push((*receiver, if lies { self.lie_about_binding(&message) } else { message.clone() }));
                }
            }
            while let Some((receiver, message)) = self.links.next(&mut waiting) {
                for copy in self.links.carry(&message) {
                    if let Err(fault) = bound.get_mut(&receiver).unwrap().receive(copy) {
                        self.links.faults.push((receiver, fault));
                    }
                }
            }
        }
    }

    /// The answers of all who can give one, as they reach the client.
    fn share(&mut self, index: u32, bound: BTreeMap<PartyId, Bound>) -> Vec<Answer> {
        let (mut answers, mut uses) = (Vec::new(), BTreeSet::new());
        for (id, one) in bound {
            let mut randomness = self.randomness.fork(b"fold", u64::from(index) << 16 | u64::from(id.number()));
            let (answer, served) = match one.check(&mut randomness).and_then(|ready| ready.share(&self.links.keys[&id])) {
                Ok(served) => served,
                Err(fault) => {
                    self.links.faults.push((id, fault));
                    continue;
                }
            };
            if !self.links.corrupt.contains(&id) {
                uses.insert(served.use_bytes().to_vec());
            }
            let lies = self.links.lies(id);
            let told = if lies {
                Answer { share: answer.share + Secp256k1::scalar(1), ..answer }.resign(&self.links.keys[&id])
            } else {
                answer
            };
            answers.extend(self.links.carry(&told));
        }
        assert!(uses.len() <= 1, "two uses of presignature {index}");
        answers
    }

    /// What the client makes of the answers, if it asked for this. It believes nobody.
    fn ask(&self, asked: &SignedAssignment, answers: &[Answer]) -> bool {
        let Assignment { public_key, digest, name_hash, .. } = asked.assignment;
        let expected = Expected { public_key, digest, name_hash, set: None };
        let mut checked: Vec<Checked> = Vec::new();
        for answer in answers {
            let read = Answer::read(&answer.encoded()).unwrap();
            match read.verify(&self.epoch, &expected) {
                Ok(answer) => checked.push(answer),
                Err(fault @ conclave_threshold::online::AnswerFault::Certificate { .. }) => {
                    assert!(self.links.corrupt.contains(&fault.party()), "an honest party is blamed: {fault}");
                }
                Err(_) => {}
            }
        }
        match combine(&checked) {
            Ok(signature) => {
                let secp = secp256k1::Secp256k1::verification_only();
                let key = secp256k1::PublicKey::from_slice(&public_key).unwrap();
                let theirs = secp256k1::ecdsa::Signature::from_compact(&[signature.r, signature.s].concat()).unwrap();
                assert!(secp.verify_ecdsa(secp256k1::Message::from_digest(digest), &theirs, &key).is_ok());
                true
            }
            Err(CombineError::WrongShares { liars }) => {
                assert!(liars.iter().all(|liar| self.links.corrupt.contains(liar)), "an honest party is blamed: {liars:?}");
                false
            }
            Err(CombineError::FalseCertificate) => panic!("an honest party certified a presignature that cannot sign"),
            Err(CombineError::Incomplete { .. }) => false,
        }
    }
}
