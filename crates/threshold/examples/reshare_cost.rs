//! What it costs to move keys to another epoch and to repair lost shares: processor time and bytes sent, per party and key.
//! `cargo run --release -p conclave-threshold --example reshare_cost`.

use conclave_threshold::group::{Bls12381G1, Curve, Secp256k1};
use conclave_threshold::key::KeyShare;
use conclave_threshold::message::{Envelope, Machine};
use conclave_threshold::party::{Epoch, Member, PartyId, two_thirds};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::deal_key;
use conclave_threshold::testing::delivery::Delivery;
use conclave_threshold::{repair, reshare};
use ed25519_dalek::SigningKey;
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

const KEYS: usize = 64;
const RUNS: u8 = 5;

/// Of every message beside its body.
const ENVELOPE_BYTES: usize = 32 + 3 * 2 + 4 + 64;

fn main() {
    println!("| per key, batches of {KEYS} | parties | ms per party | KB sent per party |");
    report_reshare::<Secp256k1>(1..=10, 1..=10);
    report_reshare::<Secp256k1>(1..=10, 2..=12);
    report_reshare::<Secp256k1>(1..=3, 1..=3);
    report_reshare::<Bls12381G1>(1..=3, 1..=3);
    report_repair(10);
    report_repair(3);
}

/// Time that this thread was on a processor, in milliseconds: what others do on the machine does not count.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn key(id: PartyId) -> SigningKey {
    SigningKey::from_bytes(&[id.number() as u8; 32])
}

fn epoch(number: u64, ids: RangeInclusive<u16>) -> Arc<Epoch> {
    let party = |number| PartyId::new(number).expect("not zero");
    let member = |number| Member { id: party(number), identity: key(party(number)).verifying_key().to_bytes() };
    let members: Vec<_> = ids.map(member).collect();
    let threshold = two_thirds(members.len());
    Arc::new(Epoch::new([7; 32], number, members, threshold).expect("an epoch"))
}

fn shares<C: Curve>(epoch: &Epoch) -> Vec<BTreeMap<PartyId, KeyShare<C>>> {
    let mut randomness = Randomness::from_seed([3; 32]);
    (0..KEYS).map(|_| deal_key(epoch.threshold(), &epoch.ids(), &mut randomness)).collect()
}

fn of<C: Curve>(shares: &[BTreeMap<PartyId, KeyShare<C>>], id: PartyId) -> Vec<KeyShare<C>> {
    shares.iter().map(|shares| shares[&id].clone()).collect()
}

/// The median over some runs of everything between start and outputs.
fn report<M: Machine>(what: &str, mut start: impl FnMut(u8) -> BTreeMap<PartyId, (M, Vec<Envelope>)>) {
    let (mut times, mut bytes, mut parties) = (Vec::new(), 0, 0);
    for run in 1..=RUNS {
        bytes = 0;
        let begun = processor_time();
        let mut delivery = Delivery::new(start(run));
        delivery.settle(&mut |_, envelope| {
            bytes += envelope.body.0.len() + ENVELOPE_BYTES;
            vec![envelope]
        });
        parties = delivery.outputs().len();
        times.push((processor_time() - begun) / parties as f64 / KEYS as f64);
        assert!(delivery.faults.is_empty() && parties == delivery.machines.len());
    }
    times.sort_by(f64::total_cmp);
    let kilobytes = bytes as f64 / parties as f64 / KEYS as f64 / 1000.0;
    println!("| {what} | {parties} | {:.3} | {kilobytes:.2} |", times[times.len() / 2]);
}

fn report_reshare<C: Curve>(old: RangeInclusive<u16>, new: RangeInclusive<u16>) {
    let (old, new) = (epoch(1, old), epoch(2, new));
    let proposal = reshare::Proposal::new(old.clone(), new.clone()).expect("epochs that follow each other");
    let permit = proposal.permitted().expect("within the policy");
    let dealers: Vec<_> = old.ids().into_iter().take(old.threshold().into()).collect();
    let shares = shares::<C>(&old);
    let vectors: Vec<_> = shares.iter().map(|shares| shares[&dealers[0]].commitments().to_vec()).collect();
    let mut participants = [dealers.clone(), new.ids()].concat();
    participants.sort_unstable();
    participants.dedup();
    let start = |run| {
        let config = |me: PartyId| reshare::Config {
            proposal: proposal.clone(),
            dealers: dealers.clone(),
            me,
            vectors: vectors.clone(),
            dealing: dealers.contains(&me).then(|| reshare::Dealing { permit, shares: of(&shares, me) }),
            signing_key: key(me),
            sid: [run; 32],
            randomness: Randomness::from_seed([run; 32]).fork(b"party", me.number().into()),
        };
        let started = |me: &PartyId| (*me, reshare::Ceremony::start(config(*me)).expect("a good configuration"));
        participants.iter().map(started).collect()
    };
    let size = |epoch: &Epoch| format!("{} (t = {})", epoch.members().len(), epoch.threshold());
    report(&format!("reshare, {}: {} to {}", C::NAME, size(&old), size(&new)), start);
}

fn report_repair(members: u16) {
    let epoch = epoch(1, 1..=members);
    let shares = shares::<Secp256k1>(&epoch);
    let target = PartyId::new(members).expect("not zero");
    let helpers: Vec<_> = epoch.ids().into_iter().take(epoch.threshold().into()).collect();
    let start = |run| {
        let config = |me: PartyId| repair::Config {
            epoch: epoch.clone(),
            target,
            helpers: helpers.clone(),
            me,
            part: if me == target {
                repair::Part::Target(shares.iter().map(|shares| shares[&target].commitments().to_vec()).collect())
            } else {
                repair::Part::Helper(of(&shares, me))
            },
            signing_key: key(me),
            sid: [run; 32],
            randomness: Randomness::from_seed([run; 32]).fork(b"party", me.number().into()),
        };
        let started = |me: &PartyId| (*me, repair::Ceremony::<Secp256k1>::start(config(*me)).expect("a good configuration"));
        helpers.iter().chain([&target]).map(started).collect()
    };
    report(&format!("repair: {members} (t = {})", epoch.threshold()), start);
}
