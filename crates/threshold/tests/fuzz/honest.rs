//! Honest runs from fixed seeds: what party 1 receives in each, and what comes of it.

use conclave_threshold::codec::{Bytes, Decode, Encode};
use conclave_threshold::dkg;
use conclave_threshold::envelope::{Bulk, Envelope, To};
use conclave_threshold::group::{Curve, Secp256k1};
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::machine::Machine;
use conclave_threshold::online::{
    Assignment, BindMessage, Bound, Derivation, SignedAssignment, index_owner,
};
use conclave_threshold::ot::{Pair, PairSeeds, base};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presign;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::session::SessionId;
use conclave_threshold::testing::{deal_batch, deal_epoch, deal_key};
use ed25519_dalek::SigningKey;
use std::any::type_name;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock};

pub const SID: SessionId = [9; 32];

pub fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

pub fn seed(label: &[u8], number: u64) -> Randomness {
    Randomness::from_seed([7; 32]).fork(label, number)
}

/// Three members, two of whom sign.
pub fn members() -> (Arc<Epoch>, BTreeMap<PartyId, SigningKey>) {
    static MADE: OnceLock<(Arc<Epoch>, BTreeMap<PartyId, SigningKey>)> = OnceLock::new();
    MADE.get_or_init(|| deal_epoch(&[1, 2, 3], 2, &mut seed(b"identities", 0))).clone()
}

/// A machine that the fuzzer feeds with altered messages. Everything that it draws comes from fixed
/// seeds.
pub trait Subject: Sized {
    fn participants() -> Vec<PartyId>;
    fn start(me: PartyId) -> (Self, Vec<Envelope>);
    /// Whatever the machine says to the message, or sends because of it.
    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Vec<Envelope>;
    /// Everything that the machine puts out at its end, encoded.
    fn output(self) -> Option<Vec<u8>>;

    /// The same message with another body, signed by its author if that is a member.
    fn reseal(envelope: &Envelope, body: Vec<u8>) -> Envelope {
        let Envelope { sid, round, from, to, .. } = *envelope;
        match members().1.get(&from) {
            Some(key) => Envelope::seal_with_bulk(
                key,
                sid,
                round,
                from,
                to,
                body,
                Bulk::new(envelope.bulk.0.clone()),
            ),
            None => Envelope { body: Bytes(body), ..envelope.clone() },
        }
    }
}

/// What an honest run is for party 1.
pub struct Recording {
    /// In the order of arrival.
    pub received: Vec<Envelope>,
    pub output: Vec<u8>,
}

/// The honest run of `S`, made once.
pub fn recording<S: Subject>() -> &'static Recording {
    static MADE: Mutex<BTreeMap<&str, &'static Recording>> = Mutex::new(BTreeMap::new());
    MADE.lock()
        .unwrap()
        .entry(type_name::<S>())
        .or_insert_with(|| Box::leak(Box::new(run_honestly::<S>())))
}

fn run_honestly<S: Subject>() -> Recording {
    let (mut machines, mut queue, mut received) = (BTreeMap::new(), VecDeque::new(), Vec::new());
    for me in S::participants() {
        let (machine, sent) = S::start(me);
        machines.insert(me, machine);
        queue.extend(sent);
    }
    while let Some(envelope) = queue.pop_front() {
        for (id, machine) in &mut machines {
            if *id != envelope.from && [To::All, To::One(*id)].contains(&envelope.to) {
                if *id == party(1) {
                    received.push(envelope.clone());
                }
                queue.extend(machine.receive(envelope.from, envelope.clone()));
            }
        }
    }
    let output = machines.remove(&party(1)).and_then(S::output).expect("an honest run ends well");
    Recording { received, output }
}

/// Key generation by all three.
pub struct Dkg<C: Curve> {
    machine: dkg::Ceremony<C>,
    me: PartyId,
    keys: Vec<KeyShare<C>>,
}

fn attestation(id: PartyId, transcript: &[u8; 32]) -> Vec<u8> {
    [id.encoded().as_slice(), transcript].concat()
}

impl<C: Curve> Subject for Dkg<C> {
    fn participants() -> Vec<PartyId> {
        members().0.ids()
    }

    fn start(me: PartyId) -> (Self, Vec<Envelope>) {
        let (epoch, mut keys) = members();
        let signing_key = keys.remove(&me).unwrap();
        let randomness = seed(b"dkg", me.number().into());
        let config = dkg::Config {
            epoch,
            participants: Self::participants(),
            me,
            keys: 2,
            signing_key,
            sid: SID,
            randomness,
        };
        let (machine, sent) = dkg::Ceremony::start(config).unwrap();
        (Dkg { machine, me, keys: Vec::new() }, sent)
    }

    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Vec<Envelope> {
        let mut sent = self.machine.receive(link, envelope).unwrap_or_default();
        if let Some(provisional) = self.machine.provisional() {
            let transcript = provisional.transcript;
            self.keys = provisional.keys;
            let check =
                Box::new(move |id: PartyId, bytes: &[u8]| bytes == attestation(id, &transcript));
            sent.extend(self.machine.attest(attestation(self.me, &transcript), check).unwrap());
        }
        sent
    }

    fn output(mut self) -> Option<Vec<u8>> {
        let mut bytes = self.machine.output()?.encoded();
        for key in &self.keys {
            bytes.extend(key.encode_public());
            bytes.extend_from_slice(&key.encode_secret());
        }
        Some(bytes)
    }
}

/// A presigning run of two members.
pub struct Presign(pub presign::Ceremony);

impl Subject for Presign {
    fn participants() -> Vec<PartyId> {
        vec![party(1), party(2)]
    }

    fn start(me: PartyId) -> (Self, Vec<Envelope>) {
        let (epoch, mut keys) = members();
        let set = Self::participants();
        let peer = set.iter().copied().find(|id| *id != me).unwrap();
        let dealt = |alice, bob: PartyId| {
            base::deal(
                Pair { epoch: epoch.digest(), alice, bob },
                seed(b"base", bob.number().into()),
            )
        };
        let seeds = PairSeeds { alice: dealt(me, peer).0, bob: dealt(peer, me).1 };
        let (signing_key, randomness) =
            (keys.remove(&me).unwrap(), seed(b"presign", me.number().into()));
        let ots = BTreeMap::from([(peer, seeds)]);
        let config =
            presign::Config { epoch, set, me, size: 1, sid: SID, signing_key, ots, randomness };
        let (machine, sent) = presign::Ceremony::start(config).unwrap();
        (Presign(machine), sent)
    }

    fn receive(&mut self, link: PartyId, envelope: Envelope) -> Vec<Envelope> {
        self.0.receive(link, envelope).unwrap_or_default()
    }

    fn output(mut self) -> Option<Vec<u8>> {
        let batch = self.0.output()?;
        let mut bytes = batch.certificate.encoded();
        for presignature in &batch.presignatures {
            let (f, w, b) = presignature.reveal();
            [f, w, b].encode_each(&mut bytes);
        }
        Some(bytes)
    }
}

trait EncodeEach {
    fn encode_each(&self, out: &mut Vec<u8>);
}

impl<T: Encode, const N: usize> EncodeEach for [T; N] {
    fn encode_each(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|item| item.encode(out));
    }
}

/// Binding and sharing by two members. The bodies are bind messages.
pub struct Bind(Bound, SigningKey);

/// The assignment of presignature 0 by its owner.
pub fn assignment() -> SignedAssignment {
    static MADE: OnceLock<SignedAssignment> = OnceLock::new();
    MADE.get_or_init(assign).clone()
}

fn assign() -> SignedAssignment {
    let (epoch, keys) = members();
    let key =
        deal_key::<Secp256k1>(2, &epoch.ids(), &mut seed(b"key", 0)).remove(&party(1)).unwrap();
    let batch = batches().remove(&party(1)).unwrap();
    let assignment = Assignment {
        sid: batch.certificate.sid,
        index: 0,
        set: batch.certificate.set.clone(),
        epoch: epoch.digest(),
        public_key: key.public_key().encoded().try_into().unwrap(),
        derivation: Derivation::None,
        digest: Digest::new([1; 32]),
        request_key: RequestKey::new([2; 32]),
        name_hash: NameHash::new([3; 32]),
        attempt: 0,
    };
    assignment.sign(&keys[&index_owner(&epoch, 0)])
}

pub fn batches() -> BTreeMap<PartyId, conclave_threshold::presignature::Batch> {
    let (epoch, keys) = members();
    deal_batch(&epoch, &[party(1), party(2)], 1, &keys, &mut seed(b"batch", 0))
}

impl Subject for Bind {
    fn participants() -> Vec<PartyId> {
        vec![party(1), party(2)]
    }

    fn start(me: PartyId) -> (Self, Vec<Envelope>) {
        let (epoch, mut keys) = members();
        let share =
            deal_key::<Secp256k1>(2, &epoch.ids(), &mut seed(b"key", 0)).remove(&me).unwrap();
        let public = Arc::new(share.public_shares(&Self::participants()).unwrap());
        let presignature = batches().remove(&me).unwrap().presignatures.remove(0);
        let signing_key = keys.remove(&me).unwrap();
        let (bound, message) =
            presignature.bind(&assignment(), &share, &public, &epoch, &signing_key).unwrap();
        let envelope = Envelope::seal(&signing_key, SID, 1, me, To::All, &message);
        (Bind(bound, signing_key), vec![envelope])
    }

    fn receive(&mut self, _: PartyId, envelope: Envelope) -> Vec<Envelope> {
        if let Ok(message) = BindMessage::read(&envelope.body.0) {
            let _ = self.0.receive(message);
        }
        Vec::new()
    }

    fn output(self) -> Option<Vec<u8>> {
        let (answer, _) =
            self.0.check(&mut seed(b"fold", 0)).and_then(|ready| ready.share(&self.1)).ok()?;
        Some(answer.encoded())
    }

    fn reseal(envelope: &Envelope, body: Vec<u8>) -> Envelope {
        let signed = BindMessage::decode_all(&body).ok().and_then(|message| {
            let (_, keys) = members();
            Some(message.resign(keys.get(&message.from)?).encoded())
        });
        Envelope { body: Bytes(signed.unwrap_or(body)), ..envelope.clone() }
    }
}
