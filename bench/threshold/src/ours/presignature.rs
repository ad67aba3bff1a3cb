//! Presignatures: base transfers between all pairs, made for this batch and consumed by it, and the
//! ceremony.

use super::delivery::{Delivery, Step};
use super::network::{Network, Node, ids};
use crate::measure::Measure;
use crate::meter::{Meter, Sample};
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::machine::Machine;
use conclave_threshold::ot::base::{
    AliceMessage, AliceSeeds, AliceStart, BobMessage, BobSeeds, bob_respond,
};
use conclave_threshold::ot::{Pair, PairSeeds};
use conclave_threshold::party::PartyId;
use conclave_threshold::presign::{Ceremony, Config};
use conclave_threshold::presignature::Batch;
use std::collections::BTreeMap;
use std::time::Duration;

/// A batch as every member of the set has it, and what it cost.
pub struct Made {
    pub batches: BTreeMap<PartyId, Batch>,
    /// All of one presignature.
    pub whole: Sample,
    /// What of it the base transfers take.
    pub base: Sample,
    /// The ceremony by step, all parties and the whole batch together.
    pub steps: BTreeMap<Step, Duration>,
}

impl Made {
    pub fn samples(&self) -> Vec<(Measure, Sample)> {
        vec![(Measure::Presignature, self.whole), (Measure::BaseTransfers, self.base)]
    }
}

/// `size` presignatures of the first set of the network.
pub fn make(network: &Network, size: u32) -> Made {
    let set = network.signers();
    let mut meter = Meter::new(set.len());
    let mut seeds = exchange_base_transfers(network, &mut meter);
    let base = meter.sample(size as usize);

    let sid = network.session("presign", set, &size.to_be_bytes());
    let mut delivery = Delivery::begin(&ids(set), meter, |me| {
        let node = network.node(me);
        let config = Config {
            epoch: network.epoch.clone(),
            set: ids(set),
            me,
            size,
            sid,
            signing_key: node.signing_key.clone(),
            ots: seeds.remove(&me).expect("seeds of every member"),
            randomness: node.randomness(&sid),
        };
        Ceremony::start(config).expect("a proper configuration")
    });
    delivery.settle();
    let batches = delivery
        .machines
        .iter_mut()
        .map(|(id, machine)| (*id, machine.output().expect("a complete batch")));
    Made {
        batches: batches.collect(),
        whole: delivery.meter.sample(size as usize),
        base,
        steps: delivery.steps,
    }
}

/// Both directions between every two members: what each of them has with its peers.
fn exchange_base_transfers(
    network: &Network,
    meter: &mut Meter,
) -> BTreeMap<PartyId, BTreeMap<PartyId, PairSeeds>> {
    let set = network.signers();
    let (mut alices, mut bobs) = (BTreeMap::new(), BTreeMap::new());
    for (alice_at, alice) in set.iter().enumerate() {
        for (bob_at, bob) in set.iter().enumerate().filter(|(at, _)| *at != alice_at) {
            let (alice_seeds, bob_seeds) =
                exchange(network, (alice_at, alice), (bob_at, bob), meter);
            alices.insert((alice.id, bob.id), alice_seeds);
            bobs.insert((bob.id, alice.id), bob_seeds);
        }
    }
    let mut all: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for ((me, peer), alice) in alices {
        let bob = bobs.remove(&(me, peer)).expect("both directions");
        all.entry(me).or_default().insert(peer, PairSeeds { alice, bob });
    }
    all
}

fn exchange(
    network: &Network,
    alice: (usize, &Node),
    bob: (usize, &Node),
    meter: &mut Meter,
) -> (AliceSeeds, BobSeeds) {
    let ((alice_at, alice), (bob_at, bob)) = (alice, bob);
    let pair = Pair { epoch: network.epoch.digest(), alice: alice.id, bob: bob.id };
    let (start, question) = meter.time(alice_at, || {
        let (start, message) = AliceStart::new(pair, alice.randomness(b"base transfers"));
        (start, message.encoded())
    });
    meter.sent(alice_at, question.len());
    let (bob_seeds, answer) = meter.time(bob_at, || {
        let message = AliceMessage::decode_all(&question).expect("an honest message");
        let (seeds, answer) = bob_respond(pair, &message, bob.randomness(b"base transfers"))
            .expect("an honest message");
        (seeds, answer.encoded())
    });
    meter.sent(bob_at, answer.len());
    let alice_seeds = meter.time(alice_at, || {
        let answer = BobMessage::decode_all(&answer).expect("an honest answer");
        start.finish(&answer).expect("an honest answer")
    });
    (alice_seeds, bob_seeds)
}
