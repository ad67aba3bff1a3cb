//! Presigning runs for the attacks to meddle with: the set of two in an epoch of three, or
//! whichever else.

use conclave_threshold::envelope::{Envelope, To};
use conclave_threshold::fault::Fault;
use conclave_threshold::machine::Machine;
use conclave_threshold::ot::{Pair, PairSeeds, base};
use conclave_threshold::party::{Epoch, PartyId};
use conclave_threshold::presign::{Ceremony, Config};
use conclave_threshold::presignature::Batch;
use conclave_threshold::randomness::Randomness;
use conclave_threshold::session::SessionId;
use conclave_threshold::testing::deal_epoch;
use ed25519_dalek::SigningKey;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

pub fn randomness(label: &[u8], number: u64) -> Randomness {
    Randomness::from_seed([21; 32]).fork(label, number)
}

pub struct Table {
    pub epoch: Arc<Epoch>,
    pub keys: BTreeMap<PartyId, SigningKey>,
}

impl Table {
    pub fn new(members: u16) -> Self {
        let ids: Vec<_> = (1..=members).collect();
        let threshold = conclave_threshold::party::two_thirds(ids.len());
        let (epoch, keys) =
            deal_epoch(&ids, threshold, &mut randomness(b"identities", u64::from(members)));
        Table { epoch, keys }
    }

    pub fn set(&self) -> Vec<PartyId> {
        self.epoch.ids()[..usize::from(self.epoch.threshold())].to_vec()
    }

    /// Everybody's configuration of run number `run`, its base transfers dealt.
    pub fn configs(&self, run: u64, sid: SessionId) -> BTreeMap<PartyId, Config> {
        let set = self.set();
        let root = randomness(b"run", run);
        let (mut alices, mut bobs) = (BTreeMap::new(), BTreeMap::new());
        for alice in &set {
            for bob in set.iter().filter(|bob| *bob != alice) {
                let pair = Pair { epoch: self.epoch.digest(), alice: *alice, bob: *bob };
                let number = u64::from(alice.number()) << 16 | u64::from(bob.number());
                let (alice_seeds, bob_seeds) = base::deal(pair, root.fork(b"transfers", number));
                alices.insert((*alice, *bob), alice_seeds);
                bobs.insert((*bob, *alice), bob_seeds);
            }
        }
        let config = |me: &PartyId| {
            let peers = set.iter().filter(|peer| *peer != me);
            let seeds = peers.map(|peer| {
                let (alice, bob) =
                    (alices.remove(&(*me, *peer)).unwrap(), bobs.remove(&(*me, *peer)).unwrap());
                (*peer, PairSeeds { alice, bob })
            });
            let config = Config {
                epoch: self.epoch.clone(),
                set: set.clone(),
                me: *me,
                size: 1,
                sid,
                signing_key: self.keys[me].clone(),
                ots: seeds.collect(),
                randomness: root.fork(b"party", u64::from(me.number())),
            };
            (*me, config)
        };
        set.iter().map(config).collect()
    }
}

/// A run and what came of it.
#[derive(Default)]
pub struct Run {
    pub machines: BTreeMap<PartyId, Ceremony>,
    /// Every message as its machine sent it.
    pub sent: Vec<Envelope>,
    pub faults: Vec<(PartyId, Fault)>,
    pub batches: BTreeMap<PartyId, Batch>,
}

impl Run {
    /// Delivers in order what `meddle` makes of each message for each receiver.
    pub fn new(
        configs: BTreeMap<PartyId, Config>,
        meddle: &mut dyn FnMut(&Envelope, PartyId) -> Vec<Envelope>,
    ) -> Self {
        let (mut run, mut queue) = (Run::default(), VecDeque::new());
        for (id, config) in configs {
            let (machine, messages) = Ceremony::start(config).unwrap();
            run.machines.insert(id, machine);
            queue.extend(messages);
        }
        let set: Vec<_> = run.machines.keys().copied().collect();
        while let Some(envelope) = queue.pop_front() {
            run.sent.push(envelope.clone());
            for &to in set.iter().filter(|id| {
                **id != envelope.from && [To::All, To::One(**id)].contains(&envelope.to)
            }) {
                for copy in meddle(&envelope, to) {
                    match run.machines.get_mut(&to).unwrap().receive(envelope.from, copy) {
                        Ok(messages) => queue.extend(messages),
                        Err(fault) => run.faults.push((to, fault)),
                    }
                }
            }
        }
        for (id, machine) in &mut run.machines {
            run.batches.extend(machine.output().map(|batch| (*id, batch)));
        }
        run
    }

    pub fn honest(configs: BTreeMap<PartyId, Config>) -> Self {
        Self::new(configs, &mut |envelope, _| vec![envelope.clone()])
    }

    pub fn sent_by(&self, party: PartyId) -> usize {
        self.sent.iter().filter(|envelope| envelope.from == party).count()
    }
}
