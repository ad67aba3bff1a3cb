//! One party: what it keeps on disk, what it has in memory, and what it does with each message.

use crate::links::{Packet, Slot};
use conclave_threshold::codec::Encode;
use conclave_threshold::dkg;
use conclave_threshold::envelope::{Envelope, To};
use conclave_threshold::fault::Fault;
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ids::Digest;
use conclave_threshold::key::KeyShare;
use conclave_threshold::machine::Machine;
use conclave_threshold::online::{Answer, Bound, Served};
use conclave_threshold::ot::base::{self, AliceSeeds, AliceStart, BobSeeds};
use conclave_threshold::ot::{Pair, PairSeeds};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presign;
use conclave_threshold::presignature::{BatchCertificate, Presignature};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::repair;
use conclave_threshold::reshare::{self, Transition};
use conclave_threshold::session::SessionId;
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What came of one message, or of a party's own step.
#[derive(Default)]
pub struct Effects {
    pub posts: Vec<(Vec<PartyId>, Packet)>,
    /// With the use that they are for.
    pub answers: Vec<(Answer, Vec<u8>)>,
    pub faults: Vec<Fault>,
}

/// The base transfers that a run waits for.
struct Preparation {
    set: Vec<PartyId>,
    size: u32,
    starts: BTreeMap<PartyId, AliceStart>,
    alice: BTreeMap<PartyId, AliceSeeds>,
    bob: BTreeMap<PartyId, BobSeeds>,
}

/// What a restart loses.
#[derive(Default)]
pub struct Memory {
    participants: BTreeMap<SessionId, Vec<PartyId>>,
    /// The last round of each session that this party has sent.
    pub rounds: BTreeMap<SessionId, u16>,
    generations: BTreeMap<SessionId, dkg::Ceremony<Secp256k1>>,
    preparations: BTreeMap<SessionId, Preparation>,
    runs: BTreeMap<SessionId, presign::Ceremony>,
    reshares: BTreeMap<SessionId, reshare::Ceremony<Secp256k1>>,
    repairs: BTreeMap<SessionId, repair::Ceremony<Secp256k1>>,
    /// For runs whose base transfers are not complete.
    early: BTreeMap<SessionId, Vec<(PartyId, Envelope)>>,
    pub certificates: BTreeMap<SessionId, dkg::Certificate>,
    /// Of the batches that this party knows; as a member, because it holds its part.
    pub batches: BTreeMap<SessionId, BatchCertificate>,
    pub fresh: BTreeMap<Slot, Presignature>,
    pub bound: BTreeMap<Slot, Bound>,
    pub served: BTreeMap<Slot, Served>,
    /// Digests that this party has itself agreed to sign.
    pub announced: BTreeSet<Digest>,
    /// What it has assigned as its owner.
    pub assigned: BTreeSet<Slot>,
}

pub struct Party {
    pub id: PartyId,
    pub epoch: Arc<Epoch>,
    pub key: SigningKey,
    randomness: Randomness,
    /// Never goes back: no two streams of a party are the same, whatever it forgets.
    streams: u64,
    /// On disk, with the transcripts of their ceremonies.
    pub keys: BTreeMap<SessionId, ([u8; 32], KeyShare<Secp256k1>)>,
    /// On disk as well: both epochs' shares of an attempt that the chain has not decided, by its
    /// session.
    pub transitions: BTreeMap<SessionId, (Transition<Secp256k1>, reshare::Certificate)>,
    pub memory: Memory,
}

/// The test's stand-in for a signature that a chain can check.
fn attestation(id: PartyId, transcript: &[u8; 32]) -> Vec<u8> {
    [transcript.as_slice(), &id.encoded()].concat()
}

impl Party {
    pub fn new(id: PartyId, epoch: Arc<Epoch>, key: SigningKey, randomness: Randomness) -> Self {
        Party {
            id,
            epoch,
            key,
            randomness,
            streams: 0,
            keys: BTreeMap::new(),
            transitions: BTreeMap::new(),
            memory: Memory::default(),
        }
    }

    pub fn stream(&mut self) -> Randomness {
        self.streams += 1;
        self.randomness.fork(b"stream", self.streams)
    }

    pub fn restart(&mut self) {
        self.memory = Memory::default();
    }

    pub fn begin_generation(&mut self, sid: SessionId, participants: &[PartyId]) -> Effects {
        let config = dkg::Config {
            epoch: self.epoch.clone(),
            participants: participants.to_vec(),
            me: self.id,
            keys: 1,
            signing_key: self.key.clone(),
            sid,
            randomness: self.stream(),
        };
        let (machine, sent) = dkg::Ceremony::start(config).unwrap();
        self.memory.generations.insert(sid, machine);
        self.memory.participants.insert(sid, participants.to_vec());
        let mut effects = Effects::default();
        self.send(sid, sent, &mut effects);
        effects
    }

    pub fn begin_reshare(
        &mut self,
        participants: &[PartyId],
        config: reshare::Config<Secp256k1>,
    ) -> Effects {
        let (sid, mut effects) = (config.sid, Effects::default());
        let (machine, sent) = reshare::Ceremony::start(config).unwrap();
        self.memory.reshares.insert(sid, machine);
        self.memory.participants.insert(sid, participants.to_vec());
        self.send(sid, sent, &mut effects);
        effects
    }

    pub fn begin_repair(&mut self, config: repair::Config<Secp256k1>) -> Effects {
        let (sid, mut effects) = (config.sid, Effects::default());
        let (machine, sent) = repair::Ceremony::start(config).unwrap();
        self.memory.repairs.insert(sid, machine);
        self.send(sid, sent, &mut effects);
        effects
    }

    /// The repaired shares, if the run came to its end.
    pub fn repaired(&mut self, sid: &SessionId) -> Option<Vec<KeyShare<Secp256k1>>> {
        self.memory.repairs.get_mut(sid).and_then(Machine::output)
    }

    /// A new epoch begins: presignatures die with the old one.
    pub fn enter(&mut self, epoch: Arc<Epoch>) {
        self.epoch = epoch;
        self.memory =
            Memory { announced: std::mem::take(&mut self.memory.announced), ..Memory::default() };
    }

    /// Asks every peer for base transfers, or begins with those that a dealer gives.
    pub fn begin_presigning(
        &mut self,
        sid: SessionId,
        set: &[PartyId],
        size: u32,
        dealt: Option<BTreeMap<PartyId, PairSeeds>>,
    ) -> Effects {
        let mut effects = Effects::default();
        self.memory.participants.insert(sid, set.to_vec());
        let (mut starts, mut alice, mut bob) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        if let Some(dealt) = dealt {
            for (peer, seeds) in dealt {
                alice.insert(peer, seeds.alice);
                bob.insert(peer, seeds.bob);
            }
        } else {
            let me = self.id;
            for &peer in set.iter().filter(|peer| **peer != me) {
                let (start, message) = AliceStart::new(self.pair(me, peer), self.stream());
                starts.insert(peer, start);
                effects.posts.push((vec![peer], Packet::BaseRequest(sid, message)));
            }
        }
        self.memory
            .preparations
            .insert(sid, Preparation { set: set.to_vec(), size, starts, alice, bob });
        self.begin_run(sid, &mut effects);
        effects
    }

    fn pair(&self, alice: PartyId, bob: PartyId) -> Pair {
        Pair { epoch: self.epoch.digest(), alice, bob }
    }

    fn begin_run(&mut self, sid: SessionId, effects: &mut Effects) {
        let ready = |preparation: &Preparation| {
            let peers = preparation.set.len() - 1;
            preparation.alice.len() == peers && preparation.bob.len() == peers
        };
        if !self.memory.preparations.get(&sid).is_some_and(ready) {
            return;
        }
        let Some(Preparation { set, size, alice, mut bob, .. }) =
            self.memory.preparations.remove(&sid)
        else {
            return;
        };
        let ots = alice
            .into_iter()
            .map(|(peer, alice)| (peer, PairSeeds { alice, bob: bob.remove(&peer).unwrap() }))
            .collect();
        let (epoch, signing_key, randomness) =
            (self.epoch.clone(), self.key.clone(), self.stream());
        let config =
            presign::Config { epoch, set, me: self.id, size, sid, signing_key, ots, randomness };
        let (machine, sent) = presign::Ceremony::start(config).unwrap();
        self.memory.runs.insert(sid, machine);
        self.send(sid, sent, effects);
        for (from, envelope) in self.memory.early.remove(&sid).unwrap_or_default() {
            self.hear(from, envelope, effects);
        }
    }

    fn send(&mut self, sid: SessionId, envelopes: Vec<Envelope>, effects: &mut Effects) {
        for envelope in envelopes {
            let round = self.memory.rounds.entry(sid).or_default();
            *round = envelope.round.max(*round);
            let receivers = match envelope.to {
                To::One(id) => vec![id],
                To::All => self.memory.participants[&sid].clone(),
            };
            effects.posts.push((receivers, Packet::Ceremony(envelope)));
        }
    }

    pub fn receive(&mut self, from: PartyId, packet: Packet) -> Effects {
        let mut effects = Effects::default();
        match packet {
            Packet::BaseRequest(sid, message) => {
                let (pair, randomness) = (self.pair(from, self.id), self.stream());
                let Some(preparation) = self.memory.preparations.get_mut(&sid) else {
                    return effects;
                };
                if !preparation.set.contains(&from) || preparation.bob.contains_key(&from) {
                    return effects;
                }
                match base::bob_respond(pair, &message, randomness) {
                    Ok((seeds, answer)) => {
                        preparation.bob.insert(from, seeds);
                        effects.posts.push((vec![from], Packet::BaseAnswer(sid, answer)));
                    }
                    Err(fault) => effects.faults.push(fault),
                }
                self.begin_run(sid, &mut effects);
            }
            Packet::BaseAnswer(sid, message) => {
                let Some(preparation) = self.memory.preparations.get_mut(&sid) else {
                    return effects;
                };
                let Some(start) = preparation.starts.remove(&from) else { return effects };
                match start.finish(&message) {
                    Ok(seeds) => drop(preparation.alice.insert(from, seeds)),
                    Err(fault) => effects.faults.push(fault),
                }
                self.begin_run(sid, &mut effects);
            }
            Packet::Ceremony(envelope) => self.hear(from, envelope, &mut effects),
            Packet::Certificate(certificate) => self.learn(from, certificate, &mut effects),
            Packet::Reshared(certificate) => {
                let sid = certificate.record.sid;
                if let Some(machine) = self.memory.reshares.get_mut(&sid) {
                    match machine.complete(from, &certificate) {
                        Ok(()) => self.harvest_reshared(sid, &mut effects),
                        Err(Fault::Misuse(_)) => {}
                        Err(fault) => effects.faults.push(fault),
                    }
                }
            }
            Packet::Assignment(signed) => self.assigned(&signed, &mut effects),
            Packet::Bind(message) => self.bind_message(message, &mut effects),
        }
        effects
    }

    fn hear(&mut self, from: PartyId, envelope: Envelope, effects: &mut Effects) {
        let sid = envelope.sid;
        let heard = if let Some(machine) = self.memory.generations.get_mut(&sid) {
            machine.receive(from, envelope)
        } else if let Some(machine) = self.memory.runs.get_mut(&sid) {
            machine.receive(from, envelope)
        } else if let Some(machine) = self.memory.reshares.get_mut(&sid) {
            machine.receive(from, envelope)
        } else if let Some(machine) = self.memory.repairs.get_mut(&sid) {
            machine.receive(from, envelope)
        } else if self.memory.preparations.contains_key(&sid) {
            self.memory.early.entry(sid).or_default().push((from, envelope));
            return;
        } else {
            return;
        };
        match heard {
            Ok(sent) => self.send(sid, sent, effects),
            Err(fault) => effects.faults.push(fault),
        }
        self.harvest_key(sid, effects);
        self.harvest_batch(sid, effects);
        self.harvest_reshared(sid, effects);
    }

    /// Stores the new shares beside the old ones, and shows everybody the certificate.
    fn harvest_reshared(&mut self, sid: SessionId, effects: &mut Effects) {
        let Some(reshared) = self.memory.reshares.get_mut(&sid).and_then(Machine::output) else {
            return;
        };
        assert!(reshared.keys.iter().all(KeyShare::verify));
        let certificate = reshared.certificate.clone();
        effects
            .posts
            .push((self.memory.participants[&sid].clone(), Packet::Reshared(certificate.clone())));
        let old = self.keys.values().map(|(_, share)| share.clone()).collect();
        self.transitions.insert(sid, (Transition::new(old, reshared), certificate));
    }

    /// Stores a key before it attests it.
    fn harvest_key(&mut self, sid: SessionId, effects: &mut Effects) {
        let Some(machine) = self.memory.generations.get_mut(&sid) else { return };
        if let Some(mut provisional) = machine.provisional() {
            let (transcript, id) = (provisional.transcript, self.id);
            let share = provisional.keys.remove(0);
            assert!(share.verify());
            self.keys.insert(sid, (transcript, share));
            let check =
                Box::new(move |id: PartyId, bytes: &[u8]| bytes == attestation(id, &transcript));
            let sent = machine.attest(attestation(id, &transcript), check).unwrap();
            self.send(sid, sent, effects);
        }
        let certificate = self.memory.generations.get_mut(&sid).and_then(Machine::output);
        if let Some(certificate) = certificate {
            self.memory.certificates.insert(sid, certificate);
        }
    }

    /// Keeps its part of a batch that is complete, and shows everybody the certificate.
    fn harvest_batch(&mut self, sid: SessionId, effects: &mut Effects) {
        let Some(batch) = self.memory.runs.get_mut(&sid).and_then(Machine::output) else { return };
        assert!(batch.certificate.verify(&self.epoch));
        let certificate = BatchCertificate::clone(&batch.certificate);
        self.memory.batches.insert(sid, certificate.clone());
        effects.posts.push((self.epoch.ids(), Packet::Certificate(certificate)));
        self.memory.fresh.extend(
            batch
                .presignatures
                .into_iter()
                .map(|presignature| ((sid, presignature.index()), presignature)),
        );
    }

    /// Another member's certificate completes a batch that lacks a signature; who is not of the set
    /// learns of the batch.
    fn learn(&mut self, from: PartyId, certificate: BatchCertificate, effects: &mut Effects) {
        let sid = certificate.sid;
        if let Some(machine) = self.memory.runs.get_mut(&sid) {
            match machine.complete(from, &certificate) {
                Ok(()) => self.harvest_batch(sid, effects),
                Err(Fault::Misuse(_)) => {}
                Err(fault) => effects.faults.push(fault),
            }
        } else if !certificate.set.contains(&self.id) && certificate.verify(&self.epoch) {
            self.memory.batches.insert(sid, certificate);
        }
    }

    /// Where each session stands that has not come to its end, and whom it waits for.
    pub fn unfinished(&self) -> Vec<(SessionId, u16, Vec<PartyId>)> {
        let round = |sid: &SessionId| self.memory.rounds.get(sid).copied().unwrap_or(0);
        let mut all = Vec::new();
        for (sid, preparation) in &self.memory.preparations {
            let lacks = |id: &&PartyId| {
                !(preparation.alice.contains_key(id) && preparation.bob.contains_key(id))
            };
            let peers = preparation.set.iter().filter(|id| **id != self.id);
            all.push((*sid, 0, peers.filter(lacks).copied().collect()));
        }
        all.extend(
            self.memory
                .generations
                .iter()
                .map(|(sid, machine)| (*sid, round(sid), machine.waiting_for())),
        );
        all.extend(
            self.memory.runs.iter().map(|(sid, machine)| (*sid, round(sid), machine.waiting_for())),
        );
        all.extend(
            self.memory
                .reshares
                .iter()
                .map(|(sid, machine)| (*sid, round(sid), machine.waiting_for())),
        );
        all.extend(
            self.memory
                .repairs
                .iter()
                .map(|(sid, machine)| (*sid, round(sid), machine.waiting_for())),
        );
        all.retain(|(_, _, waiting)| !waiting.is_empty());
        all
    }

    /// Gives up what did not come to its end, as its deadline demands.
    pub fn give_up(&mut self) {
        self.memory.generations.clear();
        self.memory.preparations.clear();
        self.memory.runs.clear();
        self.memory.reshares.clear();
        self.memory.repairs.clear();
        self.memory.early.clear();
    }
}
