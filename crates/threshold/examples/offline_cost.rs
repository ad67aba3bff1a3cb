//! What a presignature costs: processor time and bytes sent, per party. `cargo run -p conclave-threshold --example offline_cost`.

use conclave_threshold::message::Machine;
use conclave_threshold::message::To;
use conclave_threshold::ot::base::{AliceStart, bob_respond};
use conclave_threshold::ot::{Pair, PairSeeds};
use conclave_threshold::party::{Epoch, Member, PartyId, two_thirds};
use conclave_threshold::presign::{Ceremony, Config};
use conclave_threshold::randomness::Randomness;
use ed25519_dalek::SigningKey;
use k256::{ProjectivePoint, Scalar};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Of every message beside its body.
const ENVELOPE_BYTES: usize = 32 + 3 * 2 + 2 * 4 + 64;

fn main() {
    let begun = processor_time();
    let point = (0..1000)
        .fold(ProjectivePoint::GENERATOR, |point, number| point * Scalar::from(u128::MAX - number).invert().expect("not zero"));
    println!(
        "one multiplication of a point, with the inversion of a scalar, for comparison between machines: {:.3} ms",
        (processor_time() - begun) / 1000.0
    );
    assert_ne!(point, ProjectivePoint::IDENTITY);
    println!(
        "| n, t | batch | base transfers, ms per pair and role | presignature, ms | with its share of the base transfers | KB sent |"
    );
    for (members, size) in [(3, 64), (3, 256), (10, 64), (10, 256)] {
        report(members, size);
    }
}

/// Time that this thread was on a processor, in milliseconds: what others do on the machine does not count.
fn processor_time() -> f64 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    statistics.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).expect("a number") / 1e6
}

fn report(members: u16, size: u32) {
    let party = |number| PartyId::new(number).expect("not zero");
    let key = |id: PartyId| SigningKey::from_bytes(&[id.number() as u8; 32]);
    let member = |number| Member { id: party(number), identity: *key(party(number)).verifying_key().as_bytes() };
    let epoch = Epoch::new([7; 32], 1, (1..=members).map(member).collect(), two_thirds(members.into())).expect("an epoch");
    let epoch = Arc::new(epoch);
    let set: Vec<_> = (1..=epoch.threshold()).map(party).collect();
    let root = Randomness::from_seed([1; 32]);

    let begun = processor_time();
    let (mut alices, mut bobs) = (BTreeMap::new(), BTreeMap::new());
    for &alice in &set {
        for &bob in set.iter().filter(|bob| **bob != alice) {
            let pair = Pair { epoch: epoch.digest(), alice, bob };
            let fork = |label: &[u8]| root.fork(label, u64::from(alice.number()) << 16 | u64::from(bob.number()));
            let (start, message) = AliceStart::new(pair, fork(b"alice"));
            let (seeds, answer) = bob_respond(pair, &message, fork(b"bob")).expect("honest");
            alices.insert((alice, bob), start.finish(&answer).expect("honest"));
            bobs.insert((bob, alice), seeds);
        }
    }
    let pairs = (set.len() * (set.len() - 1)) as f64;
    let base = (processor_time() - begun) / pairs / 2.0;

    let begun = processor_time();
    let mut machines = BTreeMap::new();
    let mut queue = VecDeque::new();
    for &me in &set {
        let ots = set.iter().filter(|peer| **peer != me).map(|peer| {
            let seeds = alices.remove(&(me, *peer)).zip(bobs.remove(&(me, *peer)));
            let (alice, bob) = seeds.expect("made above");
            (*peer, PairSeeds { alice, bob })
        });
        let ots = ots.collect();
        let randomness = root.fork(b"party", me.number().into());
        let config =
            Config { epoch: epoch.clone(), set: set.clone(), me, size, sid: [3; 32], signing_key: key(me), ots, randomness };
        let (machine, messages) = Ceremony::start(config).expect("a good configuration");
        machines.insert(me, machine);
        queue.extend(messages);
    }
    let mut bytes = 0;
    while let Some(envelope) = queue.pop_front() {
        let receivers = match envelope.to {
            To::One(id) => vec![id],
            To::All => set.iter().copied().filter(|id| *id != envelope.from).collect(),
        };
        bytes += (envelope.body.0.len() + envelope.bulk.0.len() + ENVELOPE_BYTES) * receivers.len();
        for (id, copy) in receivers.iter().zip(std::iter::repeat_n(envelope, receivers.len())) {
            let machine = machines.get_mut(id).expect("a member");
            queue.extend(machine.receive(copy.from, copy).expect("honest"));
        }
    }
    assert!(machines.values_mut().all(|machine| machine.output().is_some()));
    let shares = (set.len() as u32 * size) as f64;
    let presignature = (processor_time() - begun) / shares;
    let amortised = presignature + base * 2.0 * (set.len() - 1) as f64 / 256.0;
    let kilobytes = bytes as f64 / shares / 1000.0;
    println!(
        "| {members}, {} | {size} | {base:.2} | {presignature:.2} | {amortised:.2} (batches of 256) | {kilobytes:.0} |",
        set.len()
    );
}
