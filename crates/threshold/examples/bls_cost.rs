//! What a BLS signature and a decryption cost: processor time. `cargo run --release -p conclave-threshold --features testing --example bls_cost`.

use conclave_threshold::bls::{BlsMessage, IDENTITY_PREFIX, Identity, SignatureShare};
use conclave_threshold::decryption::{Context, Scope, decrypt, encrypt};
use conclave_threshold::group::{Bls12381G1, Secp256k1};
use conclave_threshold::party::{PartyId, two_thirds};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::{deal_epoch, deal_key};
use conclave_threshold::verification_keys::VerificationKeys;
use std::collections::BTreeMap;
use std::hint::black_box;

fn main() {
    println!("| n, t | what | ms |\n|---|---|---|");
    for parties in [3, 10] {
        signature(parties);
        decryption(parties);
    }
}

/// Time that this process was on a processor, in milliseconds, whichever thread it was in.
fn processor_time() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("Linux");
    let time = |thread: std::io::Result<std::fs::DirEntry>| {
        let statistics = std::fs::read_to_string(thread.expect("a thread").path().join("schedstat")).unwrap_or_default();
        statistics.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or_default()
    };
    threads.map(time).sum::<f64>() / 1e6
}

/// The median of five times a hundred runs.
fn report<T>(parties: u16, what: &str, mut run: impl FnMut() -> T) {
    let mut once = || {
        let begun = processor_time();
        (0..100).for_each(|_| drop(black_box(run())));
        (processor_time() - begun) / 100.0
    };
    let mut times: Vec<_> = (0..5).map(|_| once()).collect();
    times.sort_by(f64::total_cmp);
    println!("| {parties}, {} | {what} | {:.3} |", two_thirds(parties.into()), times[2]);
}

fn signature(parties: u16) {
    let mut randomness = Randomness::from_seed([1; 32]);
    let ids: Vec<_> = (1..=parties).filter_map(PartyId::new).collect();
    let threshold = two_thirds(ids.len());
    let shares = deal_key::<Bls12381G1>(threshold, &ids, &mut randomness);
    let commitments = shares[&ids[0]].commitments();
    let keys = VerificationKeys::<Bls12381G1>::new(commitments, &ids).expect("enough parties");
    let hash = "a".repeat(64);
    let message = BlsMessage::from(Identity::parse(&format!("{IDENTITY_PREFIX}{hash}/{hash}")).expect("its shape"));
    let signed = ids.iter().take(threshold.into()).map(|id| (*id, shares[id].sign(&message)));
    let signed: BTreeMap<_, _> = signed.collect();
    let bytes = signed[&ids[0]].to_bytes(ids[0]).expect("a small id");
    let whole = keys.combine(&message, &signed).expect("honest");

    report(parties, "verification keys of all parties", || VerificationKeys::<Bls12381G1>::new(commitments, &ids));
    report(parties, "signature share", || shares[&ids[0]].sign(&message));
    report(parties, "reading a share", || SignatureShare::read(ids[0], &bytes).expect("honest"));
    report(parties, "checking one share", || keys.check_share(&message, ids[0], &signed[&ids[0]]).expect("honest"));
    report(parties, "checking t shares", || keys.check_shares(&message, &signed, &mut randomness).expect("honest"));
    report(parties, "interpolating t shares", || keys.combine_checked(&signed).expect("honest"));
    report(parties, "combining t shares, with verification", || keys.combine(&message, &signed).expect("honest"));
    report(parties, "verifying a signature", || assert!(whole.verify(&keys.public_key(), &message)));
}

fn decryption(parties: u16) {
    let mut randomness = Randomness::from_seed([1; 32]);
    let ids: Vec<_> = (1..=parties).collect();
    let (epoch, signing_keys) = deal_epoch(&ids, two_thirds(ids.len()), &mut randomness);
    let shares = deal_key::<Secp256k1>(epoch.threshold(), &epoch.ids(), &mut randomness);
    let set: Vec<_> = epoch.ids().into_iter().take(epoch.threshold().into()).collect();
    let keys = VerificationKeys::<Secp256k1>::new(shares[&set[0]].commitments(), &epoch.ids()).expect("enough parties");
    let context = Context { epoch: &epoch, request_key: &[3; 32] };
    let scope = Scope { public_key: keys.public_key(), conditions: [8; 32] };
    let ciphertext = encrypt(&scope, &[5; 256], &mut randomness).expect("short");
    let mut share = |id: &PartyId| {
        ciphertext.header.share(&scope, &shares[id], &context, &signing_keys[id], &mut randomness).expect("honest")
    };
    let given: BTreeMap<_, _> = set.iter().map(|id| (*id, share(id))).collect();
    report(parties, "decryption share", || share(&set[0]));
    report(parties, "encrypting 256 bytes", || encrypt(&scope, &[5; 256], &mut randomness));
    report(parties, "decrypting with t shares, all checked", || {
        decrypt(&ciphertext, &scope, &keys, &context, &given, &mut randomness).expect("honest")
    });
}
