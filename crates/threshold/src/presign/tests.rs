mod alterations;
mod cheats;
mod honest;
mod opening;

use super::*;
use crate::codec::Decode;
use crate::ot::base::{AliceSeeds, AliceStart, BobSeeds, bob_respond};
use crate::party::{Member, two_thirds};
use std::collections::VecDeque;
use std::sync::LazyLock;

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

fn signing_key(id: PartyId) -> SigningKey {
    SigningKey::from_bytes(&[id.number() as u8; 32])
}

fn epoch(members: u16) -> Arc<Epoch> {
    let member = |number| Member {
        id: party(number),
        identity: *signing_key(party(number)).verifying_key().as_bytes(),
    };
    Arc::new(
        Epoch::new(
            [7; 32],
            1,
            (1..=members).map(member).collect(),
            two_thirds(usize::from(members)),
        )
        .unwrap(),
    )
}

const SID: SessionId = [11; 32];

type Transfers = BTreeMap<(PartyId, PartyId), (AliceSeeds, BobSeeds)>;

/// The base transfers of every ordered pair of the set, Alice first. Made once: a test takes
/// copies.
fn transfers(members: u16) -> &'static Transfers {
    static OF_THREE: LazyLock<Transfers> = LazyLock::new(|| exchange(3));
    static OF_FOUR: LazyLock<Transfers> = LazyLock::new(|| exchange(4));
    match members {
        3 => &OF_THREE,
        4 => &OF_FOUR,
        _ => panic!("no test has {members} members"),
    }
}

fn exchange(members: u16) -> Transfers {
    let epoch = epoch(members);
    let set = 1..=epoch.threshold();
    let pairs = set
        .clone()
        .flat_map(|alice| set.clone().map(move |bob| (alice, bob)))
        .filter(|(alice, bob)| alice != bob);
    let exchanged = pairs.map(|(alice, bob)| {
        let pair = Pair { epoch: epoch.digest(), alice: party(alice), bob: party(bob) };
        let root =
            Randomness::from_seed([12; 32]).fork(b"pair", u64::from(alice) << 16 | u64::from(bob));
        let (start, request) = AliceStart::new(pair, root.fork(b"alice", 0));
        let (bob, answer) = bob_respond(pair, &request, root.fork(b"bob", 0)).unwrap();
        ((pair.alice, pair.bob), (start.finish(&answer).unwrap(), bob))
    });
    exchanged.collect()
}

/// Everybody's configuration.
fn configs(members: u16, size: u32) -> BTreeMap<PartyId, Config> {
    let epoch = epoch(members);
    let set: Vec<_> = (1..=epoch.threshold()).map(party).collect();
    let root = Randomness::from_seed([size as u8; 32]);
    let transfers = transfers(members);
    let mut configs = BTreeMap::new();
    for &me in &set {
        let peers = set.iter().filter(|peer| **peer != me);
        let ots = peers.map(|peer| {
            let (alice, bob) =
                (transfers[&(me, *peer)].0.clone(), transfers[&(*peer, me)].1.clone());
            (*peer, PairSeeds { alice, bob })
        });
        let ots = ots.collect();
        let randomness = root.fork(b"party", u64::from(me.number()));
        configs.insert(
            me,
            Config {
                epoch: epoch.clone(),
                set: set.clone(),
                me,
                size,
                sid: SID,
                signing_key: signing_key(me),
                ots,
                randomness,
            },
        );
    }
    configs
}

/// Decides what becomes of one copy of a message: sees the sender's machine, the message and its
/// receiver.
type Meddle<'a> = dyn FnMut(&Ceremony, &Envelope, PartyId) -> Vec<Envelope> + 'a;

/// A set of machines and what came of them.
struct Network {
    machines: BTreeMap<PartyId, Ceremony>,
    /// Every message sent, before anybody meddled with it.
    sent: Vec<Envelope>,
    /// All that `receive` refused, by receiver.
    faults: Vec<(PartyId, Fault)>,
    batches: BTreeMap<PartyId, Batch>,
}

impl Network {
    fn run(members: u16, size: u32, meddle: &mut Meddle<'_>) -> Self {
        Self::of(configs(members, size), meddle)
    }

    fn of(configs: BTreeMap<PartyId, Config>, meddle: &mut Meddle<'_>) -> Self {
        let mut network = Network {
            machines: BTreeMap::new(),
            sent: Vec::new(),
            faults: Vec::new(),
            batches: BTreeMap::new(),
        };
        let mut queue = VecDeque::new();
        for (id, config) in configs {
            let (machine, messages) = Ceremony::start(config).unwrap();
            network.machines.insert(id, machine);
            queue.extend(messages);
        }
        let set: Vec<_> = network.machines.keys().copied().collect();
        while let Some(envelope) = queue.pop_front() {
            network.sent.push(envelope.clone());
            for &receiver in set.iter().filter(|id| {
                **id != envelope.from && [To::All, To::One(**id)].contains(&envelope.to)
            }) {
                for copy in meddle(&network.machines[&envelope.from], &envelope, receiver) {
                    match network.machines.get_mut(&receiver).unwrap().receive(envelope.from, copy)
                    {
                        Ok(messages) => queue.extend(messages),
                        Err(fault) => network.faults.push((receiver, fault)),
                    }
                }
            }
        }
        for (id, machine) in &mut network.machines {
            network.batches.extend(machine.output().map(|batch| (*id, batch)));
        }
        network
    }

    fn honest(members: u16, size: u32) -> Self {
        Self::run(members, size, &mut |_, envelope, _| vec![envelope.clone()])
    }

    /// The first fault that each party met, without the cheater's own.
    fn first_faults(&self, cheater: PartyId) -> BTreeMap<PartyId, Fault> {
        let mut first = BTreeMap::new();
        for (id, fault) in self.faults.iter().filter(|(id, _)| *id != cheater) {
            first.entry(*id).or_insert_with(|| fault.clone());
        }
        first
    }

    fn sent<M: Message>(&self, round: u16, from: PartyId, to: To) -> M {
        let mut all = self.sent.iter();
        let found = all
            .find(|envelope| (envelope.round, envelope.from, envelope.to) == (round, from, to))
            .unwrap();
        M::decode_all(&found.body.0).unwrap()
    }
}

/// The same message with another body, signed by its sender.
fn resealed(envelope: &Envelope, body: Vec<u8>) -> Envelope {
    resealed_with_bulk(envelope, body, envelope.bulk.0.clone())
}

fn resealed_with_bulk(envelope: &Envelope, body: Vec<u8>, bulk: Vec<u8>) -> Envelope {
    let Envelope { sid, round, from, to, .. } = *envelope;
    Envelope::seal_with_bulk(&signing_key(from), sid, round, from, to, body, Bulk::new(bulk))
}
