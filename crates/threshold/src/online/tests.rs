//! Whole signatures in one thread, from a trusted dealer's presignatures: honest ones here, cheats
//! in the child modules.

mod alterations;
mod answers;
mod cheats;
mod derived;
mod nonces;
mod uses;

use super::*;
use crate::codec::{Decode, Encode};
use crate::fault::Fault;
use crate::group::{Curve, Secp256k1};
use crate::ids::{Digest, NameHash, RequestKey};
use crate::key::{KeyShare, PublicShares};
use crate::party::{Epoch, PartyId, two_thirds};
use crate::presignature::Presignature;
use crate::randomness::Randomness;
use crate::session::SessionId;
use crate::testing::{deal_batch, deal_epoch, deal_key};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const DIGEST: Digest = Digest::new([5; 32]);
const OTHER: Digest = Digest::new([6; 32]);

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

/// An epoch of parties 1..=n with a key, and a set of them with presignatures.
struct Table {
    epoch: Arc<Epoch>,
    keys: BTreeMap<PartyId, SigningKey>,
    set: Vec<PartyId>,
    shares: BTreeMap<PartyId, KeyShare<Secp256k1>>,
    public: Arc<PublicShares>,
    sid: SessionId,
    /// By index.
    presignatures: BTreeMap<PartyId, Vec<Option<Presignature>>>,
    randomness: Randomness,
}

impl Table {
    fn new(set: &[u16], parties: u16, size: u32, seed: u8) -> Self {
        let mut randomness = Randomness::from_seed([seed; 32]);
        let ids: Vec<_> = (1..=parties).collect();
        let threshold = two_thirds(ids.len());
        let (epoch, keys) = deal_epoch(&ids, threshold, &mut randomness);
        let set: Vec<_> = set.iter().map(|number| party(*number)).collect();
        let shares = deal_key::<Secp256k1>(threshold, &epoch.ids(), &mut randomness);
        let public = Arc::new(shares[&set[0]].public_shares(&set).unwrap());
        let batches = deal_batch(&epoch, &set, size, &keys, &mut randomness);
        let sid = batches[&set[0]].certificate.sid;
        let presignatures = batches
            .into_iter()
            .map(|(id, batch)| (id, batch.presignatures.into_iter().map(Some).collect()))
            .collect();
        Table { epoch, keys, set, shares, public, sid, presignatures, randomness }
    }

    /// What the parties agreed to use `index` for.
    fn assignment(&self, index: u32, digest: Digest) -> Assignment {
        let mut public_key = [0; 33];
        public_key.copy_from_slice(&self.public.public_key().encoded());
        Assignment {
            sid: self.sid,
            index,
            set: self.set.clone(),
            epoch: self.epoch.digest(),
            public_key,
            derivation: Derivation::None,
            digest,
            request_key: RequestKey::new([3; 32]),
            name_hash: NameHash::new([4; 32]),
            attempt: 0,
        }
    }

    /// Signed by the index's owner.
    fn signed(&self, assignment: Assignment) -> SignedAssignment {
        let owner = index_owner(&self.epoch, assignment.index);
        assignment.sign(&self.keys[&owner])
    }

    fn take(&mut self, id: PartyId, index: u32) -> Presignature {
        self.presignatures.get_mut(&id).unwrap()[index as usize].take().unwrap()
    }

    fn bind(
        &mut self,
        id: PartyId,
        signed: &SignedAssignment,
    ) -> Result<(Bound, BindMessage), Box<NotBound>> {
        let presignature = self.take(id, signed.assignment.index);
        presignature.bind(signed, &self.shares[&id], &self.public, &self.epoch, &self.keys[&id])
    }

    fn bind_all(
        &mut self,
        signed: &SignedAssignment,
    ) -> (BTreeMap<PartyId, Bound>, Vec<BindMessage>) {
        let bound = self.set.clone().into_iter().map(|id| (id, self.bind(id, signed).unwrap()));
        let (mut all, mut messages) = (BTreeMap::new(), Vec::new());
        for (id, (bound, message)) in bound {
            all.insert(id, bound);
            messages.push(message);
        }
        (all, messages)
    }

    fn share(&mut self, bound: Bound) -> Result<(Answer, Served), Fault> {
        let key = &self.keys[&bound.me];
        bound.check(&mut self.randomness)?.share(key)
    }

    /// Every member's answer for `index` and `digest`.
    fn answers(&mut self, index: u32, digest: Digest) -> Vec<(Answer, Served)> {
        let signed = self.signed(self.assignment(index, digest));
        let (mut bound, messages) = self.bind_all(&signed);
        deliver_all(&mut bound, &messages);
        bound.into_values().map(|bound| self.share(bound).unwrap()).collect()
    }

    fn expected(&self, digest: Digest) -> Expected {
        let assignment = self.assignment(0, digest);
        Expected {
            public_key: assignment.public_key,
            digest,
            name_hash: assignment.name_hash,
            set: None,
        }
    }
}

fn deliver_all(bound: &mut BTreeMap<PartyId, Bound>, messages: &[BindMessage]) {
    for bound in bound.values_mut() {
        messages.iter().for_each(|message| assert!(bound.receive(message.clone()).is_ok()));
        assert_eq!(bound.progress(), Progress::Complete);
    }
}

/// Verifies with two libraries, and by recovery.
fn assert_signs(signature: &Signature, public_key: &[u8; 33], digest: Digest) {
    let message = secp256k1::Message::from_digest(*digest.as_bytes());
    let compact = [signature.r, signature.s].concat();
    let secp = secp256k1::Secp256k1::new();
    let key = secp256k1::PublicKey::from_slice(public_key).unwrap();
    let theirs = secp256k1::ecdsa::Signature::from_compact(&compact).unwrap();
    let mut normalized = theirs;
    normalized.normalize_s();
    assert_eq!(theirs, normalized, "s is low");
    assert!(secp.verify_ecdsa(message, &theirs, &key).is_ok());
    let id = secp256k1::ecdsa::RecoveryId::try_from(i32::from(signature.recovery_id)).unwrap();
    let recoverable = secp256k1::ecdsa::RecoverableSignature::from_compact(&compact, id).unwrap();
    assert_eq!(secp.recover_ecdsa(message, &recoverable), Ok(key));

    let ours = k256::ecdsa::Signature::from_slice(&compact).unwrap();
    let id = k256::ecdsa::RecoveryId::from_byte(signature.recovery_id).unwrap();
    let recovered =
        k256::ecdsa::VerifyingKey::recover_from_prehash(digest.as_bytes(), &ours, id).unwrap();
    assert_eq!(recovered.to_sec1_point(true).as_bytes(), public_key);
}

fn sign_and_verify(table: &mut Table, index: u32, digest: Digest) -> Signature {
    let answers = table.answers(index, digest);
    let expected = table.expected(digest);
    let checked: Vec<_> =
        answers.iter().map(|(answer, _)| answer.verify(&table.epoch, &expected).unwrap()).collect();
    assert!(checked.iter().all(|checked| checked.check_share().is_ok()));
    let signature = combine(&checked).unwrap();
    assert_signs(&signature, &expected.public_key, digest);
    signature
}

#[test]
fn every_set_signs() {
    for set in [[1, 2], [1, 3], [2, 3]] {
        sign_and_verify(&mut Table::new(&set, 3, 1, 1), 0, DIGEST);
    }
    for set in [[1, 2, 3, 4], [1, 2, 4, 5], [2, 3, 4, 5]] {
        sign_and_verify(&mut Table::new(&set, 5, 1, 1), 0, DIGEST);
    }
    sign_and_verify(&mut Table::new(&[1, 2, 4, 6, 7, 8, 10], 10, 1, 1), 0, DIGEST);
}

#[test]
fn digests_at_the_ends_of_the_range_are_signed() {
    let order =
        hex::decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
    let order: [u8; 32] = order.try_into().unwrap();
    let mut above = order;
    above[31] += 1;
    let mut table = Table::new(&[1, 3], 3, 4, 1);
    for (index, digest) in [[0; 32], order, above, [0xff; 32]].into_iter().enumerate() {
        sign_and_verify(&mut table, index as u32, Digest::new(digest));
    }
}

#[test]
fn known_seeds_make_the_known_signature() {
    let signature = sign_and_verify(&mut Table::new(&[1, 3], 3, 1, 1), 0, DIGEST);
    let known = [
        "aaffd8dde3a0460f1ae4b20f6af8a797dd55fd3e4b4806e200b75360d3e7f521",
        "528f76e51ce3693fc5fbfd142ae8b99e1257c6ba2616914202de54dc8bf0eeb8",
    ];
    assert_eq!([signature.r, signature.s].map(hex::encode), known);
    assert_eq!(signature.recovery_id, 0);
}

#[test]
fn dealt_presignatures_hold_the_relations() {
    let mut table = Table::new(&[1, 2, 4, 5], 5, 1, 1);
    let set = table.set.clone();
    let all: Vec<_> = set.into_iter().map(|id| table.take(id, 0)).collect();
    let sums = all
        .iter()
        .map(Presignature::reveal)
        .fold([k256::Scalar::ZERO; 3], |[f, w, b], (fi, wi, bi)| [f + fi, w + wi, b + bi]);
    let [f, w, b] = sums;
    assert_eq!(all[0].r() * f, Secp256k1::generator_times(&k256::Scalar::ONE));
    assert_eq!(w, f * b);
    assert_eq!(all[0].b_point(), Secp256k1::generator_times(&b));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_digest_is_signed_whatever_the_order_of_messages(digest: [u8; 32], seed: u8, order in Just((0..4usize).collect::<Vec<_>>()).prop_shuffle()) {
        let digest = Digest::new(digest);
        let mut table = Table::new(&[1, 2, 4, 5], 5, 1, seed);
        let signed = table.signed(table.assignment(0, digest));
        let (mut bound, messages) = table.bind_all(&signed);
        let messages: Vec<_> = order.iter().map(|at| messages[*at].clone()).collect();
        deliver_all(&mut bound, &messages);
        let expected = table.expected(digest);
        let answers: Vec<_> = bound.into_values().map(|bound| table.share(bound).unwrap().0).collect();
        let checked: Vec<_> = answers.iter().map(|answer| answer.verify(&table.epoch, &expected).unwrap()).collect();
        assert_signs(&combine(&checked).unwrap(), &expected.public_key, digest);
    }
}
