//! Key generation and presigning of the simulated network.

use crate::links::{Links, Weather};
use conclave_threshold::codec::Encode;
use conclave_threshold::dkg;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::key::KeyShare;
use conclave_threshold::message::Machine;
use conclave_threshold::ot::{Pair, PairSeeds, base};
use conclave_threshold::party::{Epoch, PartyId, two_thirds};
use conclave_threshold::presign;
use conclave_threshold::presignature::Batch;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::session::session_id;
use conclave_threshold::testing::deal_epoch;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub struct Network {
    pub epoch: Arc<Epoch>,
    pub links: Links,
    pub randomness: Randomness,
}

fn attestation(id: PartyId, transcript: &[u8; 32]) -> Vec<u8> {
    [transcript.as_slice(), &id.encoded()].concat()
}

impl Network {
    /// Parties 1 to `parties`, the corrupt among them chosen by the seed.
    pub fn new(parties: u16, weather: Weather, seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let root = Randomness::from_seed(bytes);
        let ids: Vec<_> = (1..=parties).collect();
        let (epoch, keys) = deal_epoch(&ids, two_thirds(ids.len()), &mut root.fork(b"identities", 0));
        let mut links = Links::new(weather, BTreeSet::new(), keys, root.fork(b"dice", 0));
        let corruptible = if weather.corruption { usize::from(epoch.threshold()) - 1 } else { 0 };
        while links.corrupt.len() < corruptible {
            let at = links.below(ids.len());
            links.corrupt.insert(epoch.members()[at].id);
        }
        Network { epoch, links, randomness: root.fork(b"parties", 0) }
    }

    pub fn honest(&self) -> Vec<PartyId> {
        self.epoch.ids().into_iter().filter(|id| !self.links.corrupt.contains(id)).collect()
    }

    fn session(&self, kind: &str, participants: &[PartyId]) -> [u8; 32] {
        let nonces =
            participants.iter().map(|id| (*id, self.randomness.fork(b"nonce", u64::from(id.number())).bytes())).collect();
        session_id(kind, &self.epoch, participants, b"", &nonces)
    }

    /// The shares of those for whom the ceremony ended well.
    pub fn generate_key(&mut self) -> BTreeMap<PartyId, KeyShare<Secp256k1>> {
        let participants = self.epoch.ids();
        let sid = self.session("dkg", &participants);
        let (mut machines, mut first) = (BTreeMap::new(), Vec::new());
        for &me in &participants {
            let config = dkg::Config {
                epoch: self.epoch.clone(),
                participants: participants.clone(),
                me,
                keys: 1,
                signing_key: self.links.keys[&me].clone(),
                sid,
                randomness: self.randomness.fork(b"dkg", u64::from(me.number())),
            };
            let (machine, sent) = dkg::Ceremony::<Secp256k1>::start(config).unwrap();
            machines.insert(me, machine);
            first.extend(sent);
        }
        self.links.exchange(&mut machines, first);

        let (mut provisional, mut attested) = (BTreeMap::new(), Vec::new());
        for (&me, machine) in &mut machines {
            let Some(keys) = machine.provisional() else { continue };
            let transcript = keys.transcript;
            let check = Box::new(move |id: PartyId, bytes: &[u8]| bytes == attestation(id, &transcript));
            attested.extend(machine.attest(attestation(me, &transcript), check).unwrap());
            provisional.insert(me, keys);
        }
        self.links.exchange(&mut machines, attested);

        let mut shares = BTreeMap::new();
        let mut outcomes = BTreeSet::new();
        for (me, machine) in &mut machines {
            let Some(certificate) = machine.output() else { continue };
            let share = provisional.remove(me).unwrap().keys.remove(0);
            assert!(share.verify());
            if !self.links.corrupt.contains(me) {
                outcomes.insert((certificate.transcript, share.commitments().to_vec().encoded()));
            }
            shares.insert(*me, share);
        }
        assert!(outcomes.len() <= 1, "two public keys from one ceremony");
        shares
    }

    /// The batches of those of one set for whom the run ended well. Every member of the set needs its share of the key.
    pub fn presign(&mut self, size: u32, shares: &BTreeMap<PartyId, KeyShare<Secp256k1>>) -> BTreeMap<PartyId, Batch> {
        let mut candidates: Vec<_> = shares.keys().copied().collect();
        while candidates.len() > usize::from(self.epoch.threshold()) {
            let at = self.links.below(candidates.len());
            candidates.remove(at);
        }
        let set = candidates;
        if self.epoch.signing_set(&set).is_err() {
            return BTreeMap::new();
        }
        let sid = self.session("presign", &set);
        let mut seeds = self.base_transfers(&set);
        let (mut machines, mut first) = (BTreeMap::new(), Vec::new());
        for &me in &set {
            let config = presign::Config {
                epoch: self.epoch.clone(),
                set: set.clone(),
                me,
                size,
                sid,
                signing_key: self.links.keys[&me].clone(),
                ots: seeds.remove(&me).unwrap(),
                randomness: self.randomness.fork(b"presign", u64::from(me.number())),
            };
            let (machine, sent) = presign::Ceremony::start(config).unwrap();
            machines.insert(me, machine);
            first.extend(sent);
        }
        self.links.exchange(&mut machines, first);

        let mut batches: BTreeMap<_, _> =
            machines.iter_mut().filter_map(|(id, machine)| Some((*id, machine.output()?))).collect();
        // Who lacks a root signature asks the others.
        if let Some((&holder, certificate)) = batches.iter().next().map(|(id, batch)| (id, batch.certificate.clone())) {
            for (id, machine) in &mut machines {
                if machine.complete(holder, &certificate).is_ok() {
                    batches.insert(*id, machine.output().unwrap());
                }
            }
        }
        let honest = batches.iter().filter(|(id, _)| !self.links.corrupt.contains(id));
        let roots: BTreeSet<_> = honest.map(|(_, batch)| batch.certificate.root).collect();
        assert!(roots.len() <= 1, "two roots of one batch");
        assert!(batches.values().all(|batch| batch.certificate.verify(&self.epoch)));
        batches
    }

    /// Fresh seeds for every two members: made by the protocol itself in calm weather, dealt in any other to save time.
    fn base_transfers(&self, set: &[PartyId]) -> BTreeMap<PartyId, BTreeMap<PartyId, PairSeeds>> {
        let (mut as_alice, mut as_bob) = (BTreeMap::new(), BTreeMap::new());
        for alice in set {
            for bob in set.iter().filter(|bob| *bob != alice) {
                let pair = Pair { epoch: self.epoch.digest(), alice: *alice, bob: *bob };
                let number = u64::from(alice.number()) << 16 | u64::from(bob.number());
                let (alice_seeds, bob_seeds) = if self.links.weather.disorder {
                    base::deal(pair, self.randomness.fork(b"dealt", number))
                } else {
                    let (start, request) = base::AliceStart::new(pair, self.randomness.fork(b"alice", number));
                    let (bob_seeds, answer) = base::bob_respond(pair, &request, self.randomness.fork(b"bob", number)).unwrap();
                    (start.finish(&answer).unwrap(), bob_seeds)
                };
                as_alice.insert((*alice, *bob), alice_seeds);
                as_bob.insert((*bob, *alice), bob_seeds);
            }
        }
        let mut seeds: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for ((me, peer), alice) in as_alice {
            let bob = as_bob.remove(&(me, peer)).unwrap();
            seeds.entry(me).or_default().insert(peer, PairSeeds { alice, bob });
        }
        seeds
    }

    pub fn assert_nobody_honest_was_blamed(&self) {
        let honest = self.honest();
        for (id, fault) in self.links.faults.iter().filter(|(id, _)| honest.contains(id)) {
            let blamed = fault.culprit();
            assert!(blamed.is_none_or(|party| self.links.corrupt.contains(&party)), "{id} blames an honest party: {fault}");
        }
    }
}
