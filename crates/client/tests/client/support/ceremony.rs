//! What the nodes of a real network work out together: one key, and a presignature for every
//! request.

use conclave_chain::WalletKey;
use conclave_threshold::codec::Encode;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::online::{Answer, Assignment, Derivation, index_owner};
use conclave_threshold::party::{Epoch, Member, PartyId, network_hash, two_thirds};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_batch, deal_key};
use conclave_threshold::transcript::{Tag, Transcript};
use ed25519_dalek::{Signer, SigningKey};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// One signature that one request asks for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    pub request_key: RequestKey,
    pub name_hash: NameHash,
    pub digest: Digest,
}

pub struct Ceremony {
    pub epoch: Arc<Epoch>,
    old_epoch: Arc<Epoch>,
    keys: BTreeMap<PartyId, SigningKey>,
    shares: BTreeMap<PartyId, KeyShare<Secp256k1>>,
    state: Mutex<State>,
}

struct State {
    randomness: Randomness,
    /// The signing sets of the coming requests; the last serves all others.
    sets: Vec<Vec<u16>>,
    answers: BTreeMap<(Call, bool), BTreeMap<PartyId, Answer>>,
    requests: Vec<String>,
}

pub fn party(id: u16) -> PartyId {
    PartyId::new(id).expect("an id above 0")
}

impl Ceremony {
    pub const CHAIN: u64 = 31337;

    /// The first two thirds sign.
    pub fn new(n: u16, staking: [u8; 20]) -> Self {
        let mut randomness = Randomness::from_seed([5; 32]);
        let keys: BTreeMap<_, _> =
            (1..=n).map(|id| (party(id), SigningKey::from_bytes(&randomness.bytes()))).collect();
        let members = || {
            keys.iter()
                .map(|(id, key)| Member { id: *id, identity: key.verifying_key().to_bytes() })
                .collect()
        };
        let threshold = two_thirds(n.into());
        let epoch = |number| {
            Epoch::new(network_hash(Self::CHAIN, &staking), number, members(), threshold)
                .expect("a proper epoch")
        };
        let shares =
            deal_key(threshold, &keys.keys().copied().collect::<Vec<_>>(), &mut randomness);
        let state = State {
            randomness,
            sets: vec![(1..=threshold).collect()],
            answers: BTreeMap::new(),
            requests: Vec::new(),
        };
        let (epoch, old_epoch) = (Arc::new(epoch(1)), Arc::new(epoch(0)));
        Self { epoch, old_epoch, shares, state: Mutex::new(state), keys }
    }

    pub fn identity(&self, id: u16) -> [u8; 32] {
        self.keys[&party(id)].verifying_key().to_bytes()
    }

    /// The sets that sign the coming requests, one each; the last serves all that follow.
    pub fn sign_with(&self, sets: &[&[u16]]) {
        self.state.lock().expect("no test panicked").sets =
            sets.iter().rev().map(|set| set.to_vec()).collect();
    }

    pub fn public_key(&self) -> WalletKey {
        let key =
            k256::ecdsa::VerifyingKey::from_affine(self.shares[&party(1)].public_key().to_affine())
                .expect("a key");
        key.to_sec1_point(false).as_bytes().try_into().expect("65 bytes")
    }

    pub fn compressed_key(&self) -> [u8; 33] {
        self.shares[&party(1)].public_key().to_affine().encoded().try_into().expect("33 bytes")
    }

    pub fn note_request(&self, id: &str) {
        self.state.lock().expect("no test panicked").requests.push(id.to_owned());
    }

    /// The ids of all requests that arrived, each as often as it did.
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().expect("no test panicked").requests.clone()
    }

    /// What a node answers; `None` when it is outside the set. All nodes asked for the same call
    /// work with one presignature.
    pub fn answer(&self, call: &Call, id: u16, old_epoch: bool) -> Option<Answer> {
        let state = &mut *self.state.lock().expect("no test panicked");
        if !state.answers.contains_key(&(call.clone(), old_epoch)) {
            let set =
                if state.sets.len() > 1 { state.sets.pop() } else { state.sets.last().cloned() };
            let set: Vec<PartyId> = set.expect("there is one").into_iter().map(party).collect();
            let epoch = if old_epoch { &self.old_epoch } else { &self.epoch };
            let answers = self.sign(call, &set, epoch, &mut state.randomness);
            state.answers.insert((call.clone(), old_epoch), answers);
        }
        state.answers[&(call.clone(), old_epoch)].get(&party(id)).cloned()
    }

    fn sign(
        &self,
        call: &Call,
        set: &[PartyId],
        epoch: &Arc<Epoch>,
        randomness: &mut Randomness,
    ) -> BTreeMap<PartyId, Answer> {
        let mut batches = deal_batch(epoch, set, 1, &self.keys, randomness);
        let assignment = Assignment {
            sid: batches[&set[0]].certificate.sid,
            index: 0,
            set: set.to_vec(),
            epoch: epoch.digest(),
            public_key: self.compressed_key(),
            derivation: Derivation::None,
            digest: call.digest,
            request_key: call.request_key,
            name_hash: call.name_hash,
            attempt: 0,
        };
        let assignment = assignment.sign(&self.keys[&index_owner(epoch, 0)]);
        let (mut bounds, mut messages) = (Vec::new(), Vec::new());
        for id in set {
            let presignature =
                batches.get_mut(id).and_then(|batch| batch.presignatures.pop()).expect("dealt");
            let share = &self.shares[id];
            let public = Arc::new(share.public_shares(set).expect("a signing set"));
            let (bound, message) = presignature
                .bind(&assignment, share, &public, epoch, &self.keys[id])
                .expect("fits");
            bounds.push((*id, bound));
            messages.push(message);
        }
        let answer = |(id, mut bound): (PartyId, conclave_threshold::online::Bound)| {
            for message in messages.iter().filter(|message| message.from != id) {
                bound.receive(message.clone()).expect("an honest message");
            }
            (
                id,
                bound
                    .check(randomness)
                    .and_then(|ready| ready.share(&self.keys[&id]))
                    .expect("all are honest")
                    .0,
            )
        };
        bounds.into_iter().map(answer).collect()
    }

    /// The answer with its author's signature, after it was altered.
    pub fn sign_again(&self, mut answer: Answer) -> Answer {
        let mut unsigned = answer.encoded();
        unsigned.truncate(unsigned.len() - answer.signature.len());
        let hash = Transcript::new(Tag::ShareAnswer).with(&unsigned).finish();
        answer.signature = self.keys[&answer.from].sign(&hash).to_bytes();
        answer
    }
}
