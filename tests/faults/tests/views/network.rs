//! A network in one thread that writes down what each party sees.

use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::dkg;
use conclave_threshold::envelope::{Envelope, To};
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::{Digest, NameHash, RequestKey};
use conclave_threshold::key::KeyShare;
use conclave_threshold::machine::Machine;
use conclave_threshold::online::{Assignment, Derivation, assemble, index_owner};
use conclave_threshold::ot::{Pair, PairSeeds, base};
use conclave_threshold::party::{Epoch, PartyId, two_thirds};
use conclave_threshold::presign;
use conclave_threshold::presignature::Presignature;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_epoch, reveal_key};
use ed25519_dalek::SigningKey;
use k256::Scalar;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What one party has seen: the bodies of the messages it sent and received, and its own secrets.
#[derive(Default)]
pub struct View {
    pub bodies: Vec<Vec<u8>>,
}

pub struct Network {
    pub epoch: Arc<Epoch>,
    keys: BTreeMap<PartyId, SigningKey>,
    randomness: Randomness,
    pub views: BTreeMap<PartyId, View>,
    /// By party, its share of each key.
    pub shares: BTreeMap<PartyId, Vec<KeyShare<Secp256k1>>>,
    presignatures: BTreeMap<PartyId, VecDeque<Presignature>>,
}

fn attestation(id: PartyId) -> Vec<u8> {
    id.encoded()
}

impl Network {
    pub fn new(parties: u16) -> Self {
        let mut randomness = Randomness::from_seed([parties as u8; 32]);
        let ids: Vec<u16> = (1..=parties).collect();
        let (epoch, keys) = deal_epoch(&ids, two_thirds(ids.len()), &mut randomness);
        let views = epoch.ids().into_iter().map(|id| (id, View::default())).collect();
        Network {
            epoch,
            keys,
            randomness,
            views,
            shares: BTreeMap::new(),
            presignatures: BTreeMap::new(),
        }
    }

    /// Adds a message to what a party has seen.
    pub fn tell(&mut self, to: PartyId, body: &[u8]) {
        self.views.entry(to).or_default().bodies.push(body.to_vec());
    }

    fn tell_all(&mut self, body: &[u8]) {
        self.epoch.ids().into_iter().for_each(|id| self.tell(id, body));
    }

    /// Delivers everything that machines send, and writes it down.
    fn run<M: Machine>(&mut self, machines: &mut BTreeMap<PartyId, M>, first: Vec<Envelope>) {
        let mut queue = VecDeque::from(first);
        while let Some(envelope) = queue.pop_front() {
            self.tell(envelope.from, &[&envelope.body.0[..], &envelope.bulk.0].concat());
            for (id, machine) in machines.iter_mut().filter(|(id, _)| **id != envelope.from) {
                if [To::All, To::One(*id)].contains(&envelope.to) {
                    self.tell(*id, &[&envelope.body.0[..], &envelope.bulk.0].concat());
                    queue.extend(machine.receive(envelope.from, envelope.clone()).unwrap());
                }
            }
        }
    }

    pub fn generate_keys(&mut self, keys: u32) {
        let ids = self.epoch.ids();
        let (mut machines, mut first) = (BTreeMap::new(), Vec::new());
        for &me in &ids {
            let config = dkg::Config {
                epoch: self.epoch.clone(),
                participants: ids.clone(),
                me,
                keys,
                signing_key: self.keys[&me].clone(),
                sid: [9; 32],
                randomness: self.randomness.fork(b"dkg", u64::from(me.number())),
            };
            let (machine, messages) = dkg::Ceremony::<Secp256k1>::start(config).unwrap();
            machines.insert(me, machine);
            first.extend(messages);
        }
        self.run(&mut machines, first);
        let mut attestations = Vec::new();
        for (id, machine) in &mut machines {
            self.shares.insert(*id, machine.provisional().unwrap().keys);
            attestations.extend(
                machine
                    .attest(attestation(*id), Box::new(|id, bytes| bytes == attestation(id)))
                    .unwrap(),
            );
        }
        self.run(&mut machines, attestations);
        assert!(machines.values_mut().all(|machine| machine.output().is_some()));
    }

    /// Base transfers between every two, and a batch of the first `t` parties.
    pub fn presign(&mut self, size: u32) {
        let set: Vec<PartyId> =
            self.epoch.ids().into_iter().take(usize::from(self.epoch.threshold())).collect();
        let (mut alices, mut bobs) = (BTreeMap::new(), BTreeMap::new());
        for &alice in &set {
            for &bob in set.iter().filter(|bob| **bob != alice) {
                let pair = Pair { epoch: self.epoch.digest(), alice, bob };
                let fork = |label: &[u8]| {
                    self.randomness
                        .fork(label, u64::from(alice.number()) << 16 | u64::from(bob.number()))
                };
                let (start, message) = base::AliceStart::new(pair, fork(b"alice"));
                let (seeds, answer) = base::bob_respond(pair, &message, fork(b"bob")).unwrap();
                for party in [alice, bob] {
                    self.tell(party, &message.encoded());
                    self.tell(party, &answer.encoded());
                }
                alices.insert((alice, bob), start.finish(&answer).unwrap());
                bobs.insert((bob, alice), seeds);
            }
        }
        let (mut machines, mut first) = (BTreeMap::new(), Vec::new());
        for &me in &set {
            let ots = set.iter().filter(|peer| **peer != me).map(|peer| {
                (
                    *peer,
                    PairSeeds {
                        alice: alices.remove(&(me, *peer)).unwrap(),
                        bob: bobs.remove(&(me, *peer)).unwrap(),
                    },
                )
            });
            let config = presign::Config {
                epoch: self.epoch.clone(),
                set: set.clone(),
                me,
                size,
                sid: [3; 32],
                signing_key: self.keys[&me].clone(),
                ots: ots.collect(),
                randomness: self.randomness.fork(b"presign", u64::from(me.number())),
            };
            let (machine, messages) = presign::Ceremony::start(config).unwrap();
            machines.insert(me, machine);
            first.extend(messages);
        }
        self.run(&mut machines, first);
        for (id, mut machine) in machines {
            self.presignatures.insert(id, machine.output().unwrap().presignatures.into());
        }
    }

    /// Signs with the presignature `index` of the batch, in front of all parties: bind messages and
    /// answers reach everybody.
    pub fn sign(&mut self, index: u32, key: usize) {
        let presignatures: BTreeMap<_, _> = self
            .presignatures
            .iter_mut()
            .map(|(id, batch)| (*id, batch.pop_front().unwrap()))
            .collect();
        let set: Vec<PartyId> = presignatures.keys().copied().collect();
        let share = &self.shares[&set[0]][key];
        let public = Arc::new(share.public_shares(&set).unwrap());
        let mut public_key = [0; 33];
        public_key.copy_from_slice(&share.public_key().encoded());
        let digest = Digest::new([index as u8; 32]);
        let assignment = Assignment {
            sid: *presignatures[&set[0]].sid(),
            index,
            set: set.clone(),
            epoch: self.epoch.digest(),
            public_key,
            derivation: Derivation::None,
            digest,
            request_key: RequestKey::new([5; 32]),
            name_hash: NameHash::new([6; 32]),
            attempt: 0,
        };
        let signed = assignment.sign(&self.keys[&index_owner(&self.epoch, index)]);
        let (mut bound, mut messages) = (BTreeMap::new(), Vec::new());
        for (id, presignature) in presignatures {
            // A party knows its own part of the presignature, whatever it was told.
            let (f, w, b) = presignature.reveal();
            self.tell(id, &[f, w, b].map(|scalar| scalar.to_bytes()).concat());
            let (party, message) = presignature
                .bind(&signed, &self.shares[&id][key], &public, &self.epoch, &self.keys[&id])
                .unwrap();
            bound.insert(id, party);
            messages.push(message);
        }
        self.tell_all(&messages.encoded());
        let mut scalars = Vec::new();
        let mut big_r = None;
        for (id, mut party) in bound {
            messages.iter().for_each(|message| drop(party.receive(message.clone()).unwrap()));
            let ready =
                party.check(&mut self.randomness.fork(b"share", u64::from(id.number()))).unwrap();
            let (answer, _) = ready.share(&self.keys[&id]).unwrap();
            self.tell_all(&answer.encoded());
            scalars.push(Scalar::decode_all(&answer.share_bytes()).unwrap());
            big_r = Some(answer.big_r);
        }
        assert!(
            assemble(&public_key, &digest, &big_r.unwrap(), &scalars).is_some(),
            "the recorded run makes a signature"
        );
    }

    /// A party's share of a key.
    pub fn share(&self, id: PartyId, key: usize) -> Scalar {
        self.shares[&id][key].share().0
    }

    /// The key itself, which no party knows.
    pub fn key(&self, key: usize) -> Scalar {
        let shares: Vec<_> = self
            .shares
            .values()
            .map(|shares| shares[key].clone())
            .take(usize::from(self.epoch.threshold()))
            .collect();
        reveal_key(&shares)
    }
}
