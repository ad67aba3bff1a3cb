//! What single steps cost a member, as one flat table for a simulator: name to microseconds.

use crate::measure::Measure;
use crate::meter::{Sample, median, timed};
use crate::ours::delivery::Step;
use crate::ours::network::Network;
use crate::ours::signing::Signing;
use crate::ours::{keygen, presignature};
use conclave_threshold::codec::{Decode, Encode};
use conclave_threshold::envelope::{Bulk, Envelope, To, verify};
use conclave_threshold::group::Secp256k1;
use conclave_threshold::ot::Pair;
use conclave_threshold::ot::base::{AliceStart, bob_respond};
use std::collections::BTreeMap;
use std::time::Duration;

const RUNS: usize = 7;
/// Repeated steps of one run: a single one is too short to time.
const REPEATS: u32 = 64;
const SIZES: [u16; 3] = [3, 5, 10];
const BATCHES: [u32; 3] = [16, 64, 256];
/// The network that numbers without a size in their names are of.
const USUAL: u16 = 5;
const USUAL_BATCH: u32 = 64;
const KEYS: u32 = 16;
const SIGNATURES: u32 = 8;
/// About the length of an assignment or an announce.
const BODY: usize = 300;
const BULK: usize = 1 << 20;

pub fn measure() -> BTreeMap<String, f64> {
    let mut table = BTreeMap::new();
    messages(&mut table);
    base_transfers(&mut table);
    presigning(&mut table);
    keys(&mut table);
    signing(&mut table);
    table
}

/// The median over the runs of what one of `REPEATS` takes.
fn each(mut work: impl FnMut()) -> f64 {
    let run = |_| micros(timed(|| (0..REPEATS).for_each(|_| work())).1) / f64::from(REPEATS);
    median(&(0..RUNS).map(run).collect::<Vec<_>>())
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// Signing, checking and reading signed messages: an announce and an assignment are such.
fn messages(table: &mut BTreeMap<String, f64>) {
    let network = Network::new(3);
    let (from, to) = (&network.nodes[0], &network.nodes[1]);
    let seal = |bulk| {
        Envelope::seal_with_bulk(
            &from.signing_key,
            [1; 32],
            1,
            from.id,
            To::One(to.id),
            vec![7; BODY],
            bulk,
        )
    };
    let (small, large) = (seal(Bulk::new(Vec::new())), seal(Bulk::new(vec![7; BULK])));
    let (identity, hash) = (from.signing_key.verifying_key().to_bytes(), [7; 32]);
    let signature = ed25519_dalek::Signer::sign(&from.signing_key, &hash).to_bytes();
    let (small_bytes, large_bytes) = (small.encoded(), large.encoded());
    let read = |bytes: &[u8]| {
        let envelope = Envelope::decode_all(bytes).expect("an envelope");
        assert_eq!(envelope.body.0.len(), BODY);
        Bulk::new(envelope.bulk.0)
    };
    let frame = each(|| _ = std::hint::black_box(read(&small_bytes)));
    let long = each(|| _ = std::hint::black_box(read(&large_bytes)));
    table.insert("frame".into(), frame);
    table.insert("kilobyte".into(), (long - frame) / (BULK / 1024) as f64);
    table
        .insert("signature".into(), each(|| _ = std::hint::black_box(seal(Bulk::new(Vec::new())))));
    table.insert("verification".into(), each(|| assert!(verify(&identity, &hash, &signature))));
}

/// One exchange, in one direction, with one peer.
fn base_transfers(table: &mut BTreeMap<String, f64>) {
    let network = Network::new(3);
    let (alice, bob) = (&network.nodes[0], &network.nodes[1]);
    let pair = Pair { epoch: network.epoch.digest(), alice: alice.id, bob: bob.id };
    let mut steps: [Vec<f64>; 3] = Default::default();
    for _ in 0..RUNS {
        let ((start, question), asked) =
            timed(|| AliceStart::new(pair, alice.randomness(b"base transfers")));
        let ((_, answer), answered) = timed(|| {
            bob_respond(pair, &question, bob.randomness(b"base transfers")).expect("honest")
        });
        let (_, finished) = timed(|| start.finish(&answer).expect("honest"));
        for (steps, took) in steps.iter_mut().zip([asked, answered, finished]) {
            steps.push(micros(took));
        }
    }
    let [asked, answered, finished] = steps.map(|steps| median(&steps));
    table.insert("base_transfer_ask".into(), asked);
    table.insert("base_transfer_answer".into(), answered);
    table.insert("base_transfer_finish".into(), finished);
    // A member is Alice to each peer, and Bob to it.
    table.insert("base_transfers".into(), asked + answered + finished);
}

/// The ceremony alone, for each presignature and member; base transfers are not in it.
fn presigning(table: &mut BTreeMap<String, f64>) {
    for n in SIZES {
        let network = Network::new(n);
        let signers = network.signers().len() as f64;
        for batch in BATCHES {
            let made: Vec<_> = (0..3).map(|_| presignature::make(&network, batch)).collect();
            let of = |sample: &dyn Fn(&presignature::Made) -> f64| {
                median(&made.iter().map(sample).collect::<Vec<_>>())
            };
            let whole = of(&|made| (made.whole.ms - made.base.ms) * 1e3);
            table.insert(format!("presignature_n{n}_batch{batch}"), whole);
            if (n, batch) == (USUAL, USUAL_BATCH) {
                let start = of(&|made| micros(made.steps[&Step::Start]) / signers);
                let messages = 4.0 * (signers - 1.0);
                table.insert("batch_start".into(), start);
                let rest = whole - start / f64::from(batch);
                table.insert("presignature_round".into(), rest / messages);
            }
        }
    }
}

fn keys(table: &mut BTreeMap<String, f64>) {
    for n in SIZES {
        let network = Network::new(n);
        let runs: Vec<_> =
            (0..3).map(|_| keygen::make::<Secp256k1>(&network, KEYS).sample.ms * 1e3).collect();
        table.insert(format!("key_n{n}"), median(&runs));
    }
}

/// The online half, for each member.
fn signing(table: &mut BTreeMap<String, f64>) {
    for n in SIZES {
        let mut signing = Signing::new(n, SIGNATURES * RUNS as u32);
        let mut samples: BTreeMap<Measure, Vec<Sample>> = BTreeMap::new();
        for _ in 0..RUNS {
            for (measure, sample) in signing.run(SIGNATURES as usize) {
                samples.entry(measure).or_default().push(sample);
            }
        }
        let of = |measure| {
            let all: Vec<_> = samples[&measure].iter().map(|sample| sample.ms * 1e3).collect();
            median(&all)
        };
        let (bind, taken) = (of(Measure::Bind), of(Measure::TakeBinds));
        let share = of(Measure::CheckBinds) + of(Measure::Share);
        let peers = f64::from(conclave_threshold::party::two_thirds(n.into()) - 1);
        for (name, cost) in [("bind", bind), ("bind_received", taken / peers), ("share", share)] {
            table.insert(format!("{name}_n{n}"), cost);
            if n == USUAL {
                table.insert(name.into(), cost);
            }
        }
    }
}
