//! One whole network and its course: parties, links, the client, and the ledger of what was done.

use crate::links::Links;
use crate::party::{Effects, Party};
use crate::roster::Roster;
use crate::rules::Ledger;
use crate::view::{MadeKey, Repair, Sharing, View};
use crate::weather::{Dice, Weather};
use conclave_threshold::codec::Encode;
use conclave_threshold::fault::Fault;
use conclave_threshold::group::{Curve, Secp256k1};
use conclave_threshold::ids::EpochDigest;
use conclave_threshold::online::Answer;
use conclave_threshold::ot::{Pair, PairSeeds, base};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::session::SessionId;
use conclave_threshold::session::session_id;
use conclave_threshold::testing::{deal_epoch, reveal_key};
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a proven lie weighs against its author, in complaints of the other kind.
const NAMED: u32 = 10;

pub struct World {
    pub epoch: Arc<Epoch>,
    pub parties: BTreeMap<PartyId, Party>,
    pub links: Links,
    pub ledger: Ledger,
    pub keys: Vec<MadeKey>,
    pub sharings: BTreeMap<SessionId, Sharing>,
    pub repairs: BTreeMap<SessionId, Repair>,
    /// For each epoch, by its digest, which sharings its shares are of.
    epochs: BTreeMap<EpochDigest, Vec<SessionId>>,
    pub answers: Vec<Answer>,
    /// How often each party stood where something stuck: who leads here is left out of the next
    /// attempt.
    pub complaints: BTreeMap<PartyId, u32>,
    randomness: Randomness,
    sessions: u64,
    /// Hash of everything that was delivered, in order.
    trace: Sha256,
    /// Whether base transfers are made by the parties, or dealt to save time.
    pub own_transfers: bool,
    /// By how much thresholds are above two thirds, where there are members enough.
    pub margin: u16,
}

impl World {
    /// The roster's parties; who lies and who fails is the seed's choice.
    pub fn new(roster: &Roster, weather: Weather, seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let randomness = Randomness::from_seed(bytes);
        let (epoch, keys) =
            deal_epoch(&roster.ids, roster.threshold, &mut randomness.fork(b"identities", 0));
        let mut links = Links::new(weather, keys.clone(), Dice::new(randomness.fork(b"dice", 0)));
        let shuffled = links.dice.shuffled(epoch.ids());
        let threshold = usize::from(epoch.threshold());
        let faulty = if weather.spare { shuffled.len() - threshold } else { threshold - 1 };
        if weather.corruption {
            links.corrupt = shuffled[..faulty].iter().copied().collect();
        }
        if weather.failure {
            let failing = &shuffled[..faulty];
            links.failing = failing
                .iter()
                .map(|id| (*id, [10_000, 5_000, 2_000][links.dice.below(3)]))
                .collect();
        }
        let party = |(id, key): (PartyId, _)| {
            let own = randomness.fork(b"party", u64::from(id.number()));
            (id, Party::new(id, epoch.clone(), key, own))
        };
        World {
            parties: keys.into_iter().map(party).collect(),
            epoch,
            links,
            ledger: Ledger::default(),
            keys: Vec::new(),
            sharings: BTreeMap::new(),
            repairs: BTreeMap::new(),
            epochs: BTreeMap::new(),
            answers: Vec::new(),
            complaints: BTreeMap::new(),
            randomness,
            sessions: 0,
            trace: Sha256::new(),
            own_transfers: false,
            margin: roster.margin(),
        }
    }

    pub fn stream(&mut self, label: &[u8]) -> Randomness {
        self.sessions += 1;
        self.randomness.fork(label, self.sessions)
    }

    pub fn add_party(&mut self, id: PartyId, key: SigningKey) {
        self.links.join(id, key.clone());
        let own = self.randomness.fork(b"party", u64::from(id.number()));
        self.parties.insert(id, Party::new(id, self.epoch.clone(), key, own));
    }

    /// What the chain now names.
    pub fn enter(&mut self, epoch: Arc<Epoch>) {
        self.epochs.insert(epoch.digest(), self.keys.iter().map(|key| key.sharing).collect());
        self.epoch = epoch;
    }

    /// The members that hold every key.
    pub fn holders(&self) -> Vec<PartyId> {
        let holds = |id: &PartyId| {
            self.keys.iter().all(|key| self.parties[id].keys.contains_key(&key.session))
        };
        self.epoch.ids().into_iter().filter(holds).collect()
    }

    /// How many parties may be left out, where no more lie or fail than are to spare.
    pub fn to_spare(&self) -> usize {
        if self.links.weather.spare {
            self.links.failing.len() + self.links.corrupt.len()
        } else {
            0
        }
    }

    /// Whether no more members fail, or never got their shares, than are to spare.
    pub fn enough_hold(&self) -> bool {
        let faulty =
            |id: &PartyId| self.links.failing.contains_key(id) || self.links.corrupt.contains(id);
        self.holders().iter().filter(|id| !faulty(id)).count()
            >= usize::from(self.epoch.threshold())
    }

    pub fn complaints(&self, id: PartyId) -> u32 {
        self.complaints.get(&id).copied().unwrap_or(0)
    }

    /// The `count` parties of `candidates` that have been in the way least, ascending.
    pub fn most_trusted(&mut self, candidates: Vec<PartyId>, count: usize) -> Vec<PartyId> {
        let mut candidates = self.links.dice.shuffled(candidates);
        candidates.sort_by_key(|id| self.complaints(*id));
        candidates.truncate(count);
        candidates.sort_unstable();
        candidates
    }

    /// A fresh nonce of everybody in it.
    fn session(&mut self, kind: &str, participants: &[PartyId]) -> SessionId {
        self.sessions += 1;
        let nonces = participants
            .iter()
            .map(|id| (*id, self.parties.get_mut(id).unwrap().stream().bytes()))
            .collect();
        session_id(kind, &self.epoch, participants, &self.sessions.encoded(), &nonces)
    }

    pub fn apply(&mut self, party: PartyId, effects: Effects) {
        let Effects { posts, answers, faults } = effects;
        for (receivers, packet) in posts {
            self.links.post(party, &receivers, packet);
        }
        let corrupt = self.links.corrupt.contains(&party);
        for fault in faults {
            match fault {
                Fault::Proven { party: liar, .. } => {
                    *self.complaints.entry(liar).or_default() += NAMED
                }
                Fault::Pairwise { peer, .. } => self.complain(party, vec![peer]),
                _ => {}
            }
            self.ledger.faults.push((party, fault));
        }
        for (answer, use_bytes) in answers {
            if !corrupt {
                self.ledger.share((answer.certificate.sid, answer.leaf.index), party, &use_bytes);
            }
            let told = if self.links.lies(party) {
                let share = answer.share + Secp256k1::scalar(1);
                Answer { share, ..answer }.resign(&self.parties[&party].key)
            } else {
                answer
            };
            let mut bytes = told.encoded();
            // As it reaches the client.
            self.answers.push(Answer::read(&bytes).unwrap());
            if self.links.dice.happens(self.links.weather.altered) {
                self.links.dice.flip(&mut bytes);
                self.answers.extend(Answer::read(&bytes));
            }
        }
        if !corrupt {
            let memory = &self.parties[&party].memory;
            memory.certificates.iter().for_each(|(sid, certificate)| {
                self.ledger.certificate(*sid, certificate.transcript)
            });
            let certificates =
                memory.batches.values().filter(|certificate| certificate.set.contains(&party));
            certificates
                .for_each(|certificate| self.ledger.root(certificate.sid, certificate.root));
        }
    }

    /// Delivers until nothing waits.
    pub fn settle(&mut self) {
        while let Some((delivery, copies)) = self.links.next() {
            if self.links.dice.happens(self.links.weather.crashed) {
                let ids = self.epoch.ids();
                let crashed = ids[self.links.dice.below(ids.len())];
                self.parties.get_mut(&crashed).unwrap().restart();
                self.links.restarted(crashed);
            }
            for packet in copies {
                self.trace.update(delivery.to.encoded());
                self.trace.update(packet.encoded());
                let effects =
                    self.parties.get_mut(&delivery.to).unwrap().receive(delivery.from, packet);
                self.apply(delivery.to, effects);
            }
        }
    }

    /// The ceremonies come to their deadlines. Each that stuck speaks against both ends of every
    /// link that its slowest parties wait on.
    pub fn end_ceremonies(&mut self) {
        let mut slowest: BTreeMap<SessionId, u16> = BTreeMap::new();
        let unfinished: Vec<_> =
            self.parties.iter().map(|(id, party)| (*id, party.unfinished())).collect();
        for (sid, round, _) in unfinished.iter().flat_map(|(_, sessions)| sessions) {
            slowest
                .entry(*sid)
                .and_modify(|slowest| *slowest = (*slowest).min(*round))
                .or_insert(*round);
        }
        for (id, sessions) in unfinished {
            for (_, _, waiting) in
                sessions.into_iter().filter(|(sid, round, _)| slowest[sid] == *round)
            {
                self.complain(id, waiting);
            }
        }
        self.parties.values_mut().for_each(Party::give_up);
    }

    pub fn complain(&mut self, party: PartyId, about: Vec<PartyId>) {
        for other in about {
            *self.complaints.entry(party).or_default() += 1;
            *self.complaints.entry(other).or_default() += 1;
        }
    }

    /// Several ceremonies at once for one key each, with as many participants.
    pub fn generate_keys(&mut self, ceremonies: usize, participants: usize) {
        for _ in 0..ceremonies {
            let participants = self.most_trusted(self.epoch.ids(), participants);
            let session = self.session("dkg", &participants);
            for id in &participants {
                let effects =
                    self.parties.get_mut(id).unwrap().begin_generation(session, &participants);
                self.apply(*id, effects);
            }
            let coefficients = usize::from(self.epoch.threshold());
            self.sharings.insert(
                session,
                Sharing { dealers: participants.clone(), coefficients, parents: Vec::new() },
            );
            self.keys.push(MadeKey {
                session,
                participants,
                public_key: [0; 33],
                vector: Vec::new(),
                sharing: session,
            });
        }
        self.settle();
        self.links.release_late();
        self.settle();
        self.end_ceremonies();
        self.register_keys();
    }

    /// The chain registers what all participants attested; everybody else drops its provisional
    /// share.
    fn register_keys(&mut self) {
        let (parties, ledger, corrupt) = (&mut self.parties, &self.ledger, &self.links.corrupt);
        self.keys.retain_mut(|key| {
            for (id, party) in parties.iter_mut() {
                let Some((transcript, share)) = party.keys.get(&key.session) else { continue };
                if ledger.is_certified(&key.session, transcript) {
                    let public_key: [u8; 33] = share.public_key().encoded().try_into().unwrap();
                    assert!(
                        [[0; 33], public_key].contains(&key.public_key),
                        "two public keys from one ceremony"
                    );
                    (key.public_key, key.vector) = (public_key, share.commitments().to_vec());
                } else {
                    party.keys.remove(&key.session);
                }
                assert!(
                    corrupt.contains(id)
                        || party.keys.get(&key.session).is_none_or(|(_, share)| share.verify())
                );
            }
            let held =
                |id: &PartyId| corrupt.contains(id) || parties[id].keys.contains_key(&key.session);
            let registered = key.public_key != [0; 33];
            assert!(
                !registered || key.participants.iter().all(held),
                "a registered key that an honest participant does not hold"
            );
            registered
        });
        self.enter(self.epoch.clone());
    }

    /// Several batches at once, each of a set of its own.
    pub fn stock(&mut self, batches: usize, size: u32) {
        for _ in 0..batches {
            let set = self.most_trusted(self.holders(), usize::from(self.epoch.threshold()));
            if self.epoch.signing_set(&set).is_err() {
                return;
            }
            let session = self.session("presign", &set);
            let mut dealt =
                if self.own_transfers { BTreeMap::new() } else { self.deal_transfers(&set) };
            for id in &set {
                let effects = self.parties.get_mut(id).unwrap().begin_presigning(
                    session,
                    &set,
                    size,
                    dealt.remove(id),
                );
                self.apply(*id, effects);
            }
        }
        self.settle();
        self.links.release_late();
        self.settle();
        self.end_ceremonies();
    }

    fn deal_transfers(
        &mut self,
        set: &[PartyId],
    ) -> BTreeMap<PartyId, BTreeMap<PartyId, PairSeeds>> {
        let (mut as_alice, mut as_bob) = (BTreeMap::new(), BTreeMap::new());
        for alice in set {
            for bob in set.iter().filter(|bob| *bob != alice) {
                let pair = Pair { epoch: self.epoch.digest(), alice: *alice, bob: *bob };
                self.sessions += 1;
                let (alice_seeds, bob_seeds) =
                    base::deal(pair, self.randomness.fork(b"dealt", self.sessions));
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

    /// The rules that can only be looked at when all is done.
    pub fn check(&self) {
        self.ledger.check_blame(&self.links.corrupt);
        let coalition = &self.links.corrupt;
        let (keys, sharings, repairs, epochs) =
            (&self.keys, &self.sharings, &self.repairs, &self.epochs);
        let view = View { coalition, keys, sharings, repairs, epochs };
        if self.links.weather.corruption {
            assert!(
                view.decided_by(&self.links.seen, None).into_iter().all(|decided| !decided),
                "t - 1 parties know a key"
            );
        }
        if self.links.weather.corruption && !self.links.weather.spare {
            let outside = self.parties.keys().find(|id| !coalition.contains(id)).copied();
            let with_another = view.decided_by(&self.links.seen, outside);
            assert!(
                with_another.into_iter().all(|decided| decided),
                "a view that not even t parties' shares complete"
            );
        }
        for key in &self.keys {
            let shares = self
                .parties
                .values()
                .filter_map(|party| Some(party.keys.get(&key.session)?.1.clone()));
            let shares: Vec<_> = shares.take(usize::from(self.epoch.threshold())).collect();
            let public_key =
                |shares: &[_]| Secp256k1::generator_times(&reveal_key(shares)).encoded();
            assert_eq!(public_key(&shares), key.public_key);
            assert_ne!(public_key(&shares[1..]), key.public_key);
        }
    }

    pub fn signatures(&self) -> usize {
        self.ledger.signatures()
    }

    pub fn trace(&self) -> [u8; 32] {
        self.trace.clone().finalize().into()
    }
}
