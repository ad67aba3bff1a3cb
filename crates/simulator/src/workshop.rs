//! What jobs need of the world, with a simulated disk; and protocols whose results are dealt.

use crate::disk::{Changes, Disk, PublicKey, Share, Standing};
use conclave_agreement::Workshop;
use conclave_agreement::ceremony::{
    CeremonyOutput, KeyBatch, Protocol, Started, Stop, TransfersBegun,
};
use conclave_threshold::codec::Encode;
use conclave_threshold::envelope::{Envelope, To};
use conclave_threshold::fault::Fault;
use conclave_threshold::group::{Bls12381G1, Secp256k1};
use conclave_threshold::key::KeyShare;
use conclave_threshold::ot::Pair;
use conclave_threshold::ot::base::{AliceSeeds, AliceStart, BobSeeds, deal};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presign;
use conclave_threshold::presignature::Batch;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::session::SessionId;
use conclave_threshold::testing::deal_batch;
use ed25519_dalek::{Signer, SigningKey, Verifier, VerifyingKey};
use k256::AffinePoint;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A lock that nobody ever waits for: a simulation has one thread.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Deals each batch once, and gives every member its part.
pub struct Dealer {
    epoch: Arc<Epoch>,
    keys: BTreeMap<PartyId, SigningKey>,
    dealt: Mutex<BTreeMap<SessionId, BTreeMap<PartyId, Batch>>>,
}

impl Dealer {
    /// Signs for all members.
    pub fn new(epoch: Arc<Epoch>, keys: BTreeMap<PartyId, SigningKey>) -> Self {
        Dealer { epoch, keys, dealt: Mutex::new(BTreeMap::new()) }
    }

    fn part(&self, sid: SessionId, set: &[PartyId], size: u32, me: PartyId) -> Option<Batch> {
        let mut dealt = lock(&self.dealt);
        let parts = dealt.entry(sid).or_insert_with(|| {
            let mut randomness = Randomness::from_seed(sid);
            deal_batch(&self.epoch, set, size, &self.keys, &mut randomness)
        });
        parts.remove(&me)
    }
}

/// One node's.
pub struct SimulatedWorkshop {
    pub(crate) epoch: Arc<Epoch>,
    pub(crate) signing_key: SigningKey,
    pub(crate) disk: Arc<Mutex<Disk>>,
    /// `None`: the protocols themselves run.
    pub(crate) dealer: Option<Arc<Dealer>>,
}

fn signed_form(batch: &KeyBatch) -> Vec<u8> {
    let keys = batch.public_keys.concat();
    [batch.transcript.as_slice(), &batch.expiry.to_be_bytes(), &[batch.key_type], &keys].concat()
}

impl SimulatedWorkshop {
    fn keep(
        &self,
        expiry: u64,
        shares: Vec<(PublicKey, Option<Arc<KeyShare<Secp256k1>>>)>,
    ) -> Result<Vec<Vec<u8>>, String> {
        let keys = shares.iter().map(|(key, _)| key.clone()).collect();
        let standing = Standing::Provisional { expiry };
        let put = shares.into_iter().map(|(key, wallet)| (key, Share { wallet, standing }));
        lock(&self.disk).commit(Changes { put: put.collect(), erase: Vec::new() })?;
        Ok(keys)
    }
}

impl Workshop for SimulatedWorkshop {
    fn keep_wallets(
        &self,
        _: [u8; 32],
        expiry: u64,
        keys: &[KeyShare<Secp256k1>],
    ) -> Result<Vec<Vec<u8>>, String> {
        let share = |key: &KeyShare<Secp256k1>| {
            (AffinePoint::from(key.public_key()).encoded(), Some(Arc::new(key.clone())))
        };
        self.keep(expiry, keys.iter().map(share).collect())
    }

    fn keep_network_key(
        &self,
        transcript: [u8; 32],
        expiry: u64,
        _: &KeyShare<Bls12381G1>,
    ) -> Result<Vec<Vec<u8>>, String> {
        self.keep(expiry, vec![(transcript.to_vec(), None)])
    }

    fn attest(&self, batch: &KeyBatch) -> Result<Vec<u8>, String> {
        Ok(self.signing_key.sign(&signed_form(batch)).to_bytes().to_vec())
    }

    fn verify(&self, member: PartyId, batch: &KeyBatch, attestation: &[u8]) -> bool {
        let key = self.epoch.identity(member).and_then(|key| VerifyingKey::from_bytes(key).ok());
        let signature = attestation.try_into().ok();
        let verified = key.zip(signature).map(|(key, bytes): (VerifyingKey, [u8; 64])| {
            key.verify(&signed_form(batch), &bytes.into()).is_ok()
        });
        verified == Some(true)
    }

    fn start_presigning(&self, config: presign::Config) -> Result<Started, Fault> {
        let Some(dealer) = &self.dealer else {
            let (machine, first) = presign::Ceremony::start(config)?;
            return Ok(Started { protocol: Box::new(machine), first });
        };
        let mut run = DealtRun {
            dealer: dealer.clone(),
            sid: config.sid,
            set: config.set,
            me: config.me,
            size: config.size,
            signing_key: config.signing_key,
            round: 1,
            heard: BTreeMap::new(),
        };
        let first = run.say();
        Ok(Started { protocol: Box::new(run), first })
    }

    fn begin_transfers(
        &self,
        pair: Pair,
        mut randomness: Randomness,
    ) -> (Box<dyn TransfersBegun>, Vec<u8>) {
        if self.dealer.is_none() {
            let (start, message) = AliceStart::new(pair, randomness);
            return (Box::new(start), message.encoded());
        }
        let nonce: [u8; 32] = randomness.bytes();
        (Box::new(DealtTransfers { pair, nonce }), nonce.to_vec())
    }

    fn answer_transfers(
        &self,
        pair: Pair,
        message: &[u8],
        mut randomness: Randomness,
    ) -> Result<(BobSeeds, Vec<u8>), Fault> {
        let check = "message form";
        if self.dealer.is_none() {
            return answer_in_earnest(pair, message, randomness);
        }
        let nonce: [u8; 32] =
            message.try_into().map_err(|_| Fault::Pairwise { peer: pair.alice, check })?;
        let answer: [u8; 32] = randomness.bytes();
        Ok((deal_transfers(pair, &nonce, &answer).1, answer.to_vec()))
    }
}

fn answer_in_earnest(
    pair: Pair,
    message: &[u8],
    randomness: Randomness,
) -> Result<(BobSeeds, Vec<u8>), Fault> {
    use conclave_threshold::codec::Decode;
    use conclave_threshold::ot::base::{AliceMessage, bob_respond};
    let malformed = |_| Fault::Pairwise { peer: pair.alice, check: "message form" };
    let message = AliceMessage::decode_all(message).map_err(malformed)?;
    let (seeds, reply) = bob_respond(pair, &message, randomness)?;
    Ok((seeds, reply.encoded()))
}

/// Both ends make the same of their two nonces.
fn deal_transfers(pair: Pair, nonce: &[u8; 32], answer: &[u8; 32]) -> (AliceSeeds, BobSeeds) {
    let seed = core::array::from_fn(|at| nonce[at] ^ answer[at].rotate_left(1));
    let label = [pair.alice.number().to_be_bytes(), pair.bob.number().to_be_bytes()].concat();
    deal(pair, Randomness::from_seed(seed).fork(&label, 0))
}

struct DealtTransfers {
    pair: Pair,
    nonce: [u8; 32],
}

impl TransfersBegun for DealtTransfers {
    fn finish(self: Box<Self>, peer: PartyId, reply: &[u8]) -> Result<AliceSeeds, Fault> {
        let answer: [u8; 32] =
            reply.try_into().map_err(|_| Fault::Pairwise { peer, check: "message form" })?;
        Ok(deal_transfers(self.pair, &self.nonce, &answer).0)
    }
}

const ROUNDS: u16 = 4;

/// The rounds of a presigning run, with nothing in them, and a dealt result.
struct DealtRun {
    dealer: Arc<Dealer>,
    sid: SessionId,
    set: Vec<PartyId>,
    me: PartyId,
    size: u32,
    signing_key: SigningKey,
    round: u16,
    /// By round.
    heard: BTreeMap<u16, BTreeSet<PartyId>>,
}

impl DealtRun {
    fn say(&mut self) -> Vec<Envelope> {
        self.heard.entry(self.round).or_default().insert(self.me);
        let (key, sid, round, me) = (&self.signing_key, self.sid, self.round, self.me);
        vec![Envelope::seal_bytes(key, sid, round, me, To::All, Vec::new())]
    }

    fn has_heard_all(&self) -> bool {
        self.heard.get(&self.round).is_some_and(|heard| heard.len() == self.set.len())
    }
}

impl Protocol for DealtRun {
    fn receive(&mut self, from: PartyId, envelope: Envelope) -> Result<Vec<Envelope>, Stop> {
        if envelope.sid == self.sid && envelope.from == from && self.set.contains(&from) {
            self.heard.entry(envelope.round).or_default().insert(from);
        }
        let mut said = Vec::new();
        while self.round < ROUNDS && self.has_heard_all() {
            self.round += 1;
            said.extend(self.say());
        }
        Ok(said)
    }

    fn output(&mut self) -> Option<CeremonyOutput> {
        if self.round < ROUNDS || !self.has_heard_all() {
            return None;
        }
        let part = self.dealer.part(self.sid, &self.set, self.size, self.me)?;
        Some(CeremonyOutput::Presignatures(part))
    }

    fn waiting_for(&self) -> Vec<PartyId> {
        let silent =
            |id: &&PartyId| !self.heard.get(&self.round).is_some_and(|heard| heard.contains(id));
        self.set.iter().filter(silent).copied().collect()
    }
}
