//! What keys and signatures cost: processor time per party, of one thread.
//! `cargo run --release -p conclave-threshold --example online_cost`.

use conclave_threshold::codec::Encode;
use conclave_threshold::dkg::{self, AttestationCheck};
use conclave_threshold::group::Secp256k1;
use conclave_threshold::message::{Machine, To};
use conclave_threshold::online::{
    Answer, Assignment, BindMessage, Bound, Checked, Derivation, Expected, SignedAssignment, combine, index_owner,
};
use conclave_threshold::party::{Epoch, PartyId, two_thirds};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_batch, deal_epoch, deal_key};
use ed25519_dalek::{Signer, SigningKey};
use k256::{ProjectivePoint, Scalar};
use rustix::time::{ClockId, clock_gettime};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const MEMBERS: u16 = 10;
const KEYS: u32 = 64;
const SIGNATURES: u32 = 64;
const DIGEST: [u8; 32] = [5; 32];

fn main() {
    let mut randomness = Randomness::from_seed([1; 32]);
    let ids: Vec<_> = (1..=MEMBERS).collect();
    let (epoch, keys) = deal_epoch(&ids, two_thirds(ids.len()), &mut randomness);
    println!("{MEMBERS} members, threshold {}: milliseconds per party, medians", epoch.threshold());

    let point = ProjectivePoint::GENERATOR * Scalar::from(3u64).invert().expect("not zero");
    report("one multiplication of a point, for comparison between machines", 200, || {
        std::hint::black_box(std::hint::black_box(point) * Scalar::from(u128::MAX).invert().expect("not zero"));
    });
    let key = &keys[&epoch.ids()[0]];
    let signature = key.sign(&DIGEST);
    report("one Ed25519 signature", 200, || {
        std::hint::black_box(key.sign(&DIGEST));
    });
    report("one Ed25519 verification", 200, || key.verifying_key().verify_strict(&DIGEST, &signature).expect("signed"));

    let mut ceremonies: Vec<_> = (0..5).map(|run| ceremony(&epoch, &keys, run)).collect();
    println!("| key generation, per key, batches of {KEYS} | {:.3} |", median(&mut ceremonies));
    signatures(&epoch, &keys, &mut randomness);
}

/// Time that this thread was on a processor, in milliseconds: what others do on the machine does not count.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn timed<T>(times: &mut Vec<f64>, work: impl FnOnce() -> T) -> T {
    let begun = processor_time();
    let result = work();
    times.push(processor_time() - begun);
    result
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn report(what: &str, runs: u32, mut work: impl FnMut()) {
    let mut times = Vec::new();
    (0..runs).for_each(|_| timed(&mut times, &mut work));
    println!("| {what} | {:.3} |", median(&mut times));
}

/// A whole ceremony, of which everything but the envelopes' way is one party's work or another's.
fn ceremony(epoch: &Arc<Epoch>, keys: &BTreeMap<PartyId, SigningKey>, run: u8) -> f64 {
    let participants = epoch.ids();
    let begun = processor_time();
    let mut machines = BTreeMap::new();
    let mut queue = VecDeque::new();
    for &me in &participants {
        let config = dkg::Config {
            epoch: epoch.clone(),
            participants: participants.clone(),
            me,
            keys: KEYS,
            signing_key: keys[&me].clone(),
            sid: [run; 32],
            randomness: Randomness::from_seed([run; 32]).fork(b"party", me.number().into()),
        };
        let (machine, sent) = dkg::Ceremony::<Secp256k1>::start(config).expect("a good configuration");
        machines.insert(me, machine);
        queue.extend(sent);
    }
    let deliver = |machines: &mut BTreeMap<PartyId, dkg::Ceremony<Secp256k1>>, mut queue: VecDeque<_>| {
        while let Some(envelope) = queue.pop_front() {
            let envelope: conclave_threshold::message::Envelope = envelope;
            for (id, machine) in machines.iter_mut().filter(|(id, _)| **id != envelope.from) {
                if envelope.to == To::All || envelope.to == To::One(*id) {
                    queue.extend(machine.receive(envelope.from, envelope.clone()).expect("honest"));
                }
            }
        }
    };
    deliver(&mut machines, queue);
    let mut attestations = VecDeque::new();
    for machine in machines.values_mut() {
        assert_eq!(machine.provisional().expect("all are honest").keys.len(), KEYS as usize);
        let check: AttestationCheck = Box::new(|_, bytes| bytes == [1]);
        attestations.extend(machine.attest(vec![1], check).expect("its turn"));
    }
    deliver(&mut machines, attestations);
    assert!(machines.values_mut().all(|machine| machine.output().is_some()));
    (processor_time() - begun) / f64::from(KEYS) / participants.len() as f64
}

/// One member's part in [`SIGNATURES`] signatures, and the client's.
fn signatures(epoch: &Arc<Epoch>, keys: &BTreeMap<PartyId, SigningKey>, randomness: &mut Randomness) {
    let set: Vec<_> = epoch.ids().into_iter().take(epoch.threshold().into()).collect();
    let shares = deal_key::<Secp256k1>(epoch.threshold(), &epoch.ids(), randomness);
    let share = &shares[&set[0]];
    report("public shares of one key and set (kept)", 20, || drop(share.public_shares(&set)));
    let public = Arc::new(share.public_shares(&set).expect("a signing set"));
    let mut batches = deal_batch(epoch, &set, SIGNATURES, keys, randomness);
    let sid = batches[&set[0]].certificate.sid;
    let expected = Expected {
        public_key: share.public_key().encoded().try_into().expect("33 bytes"),
        digest: DIGEST,
        name_hash: [4; 32],
        set: None,
    };

    let mut times: [Vec<f64>; 7] = Default::default();
    let [bind, receive, check, answer, verify, share_check, sum] = &mut times;
    for index in 0..SIGNATURES {
        let assignment = Assignment {
            sid,
            index,
            set: set.clone(),
            epoch: epoch.digest(),
            public_key: expected.public_key,
            derivation: Derivation::None,
            digest: DIGEST,
            request_key: [3; 32],
            name_hash: expected.name_hash,
            attempt: 0,
        };
        let signed: SignedAssignment = assignment.sign(&keys[&index_owner(epoch, index)]);
        let mut all: Vec<(Bound, BindMessage)> = Vec::new();
        for id in &set {
            let presignature = batches.get_mut(id).expect("a member").presignatures.remove(0);
            all.push(timed(bind, || presignature.bind(&signed, &shares[id], &public, epoch, &keys[id])).expect("it fits"));
        }
        let messages: Vec<_> = all.iter().map(|(_, message)| message.clone()).collect();
        let mut answers: Vec<Answer> = Vec::new();
        for (id, (mut bound, _)) in set.iter().zip(all) {
            let others: Vec<_> = messages.iter().filter(|message| message.from != *id).cloned().collect();
            timed(receive, || others.into_iter().for_each(|message| drop(bound.receive(message).expect("honest"))));
            let ready = timed(check, || bound.check(randomness)).expect("honest");
            answers.push(timed(answer, || ready.share(&keys[id])).expect("honest").0);
        }
        let checked: Vec<Checked> =
            answers.iter().map(|answer| timed(verify, || answer.verify(epoch, &expected)).expect("honest")).collect();
        timed(share_check, || checked[0].check_share()).expect("honest");
        timed(sum, || combine(&checked)).expect("honest");
    }
    let rows = [
        "bind: the assignment's signature, the own half, its Ed25519 signature",
        "taking the others' bind messages: an Ed25519 verification each",
        "the checks before a share, all deltas in hand",
        "share, with the answer's Ed25519 signature",
        "client: one answer verified (Ed25519 of all members' root, bind message, and its own)",
        "client: one share checked",
        "client: sum and verification",
    ];
    for (row, times) in rows.iter().zip(&mut times) {
        println!("| {row} | {:.3} |", median(times));
    }
}
