//! Dealers who copy another, or choose after everybody else: neither moves a key.

use super::*;
use crate::codec::Encode;

const CHEAT: u16 = 3;

/// Party 3 waits for the others' commitments and deals what it makes of them. The keys that come of
/// it.
fn keys_with_a_last_mover(run: u64, keys: u32) -> Vec<[u8; 32]> {
    let mut network = Network::<Secp256k1>::start_in(SID, &[1, 2, 3], 2, &[1, 2, 3], keys, run + 1);
    let seen: Vec<_> = network
        .ceremonies
        .values()
        .filter(|one| one.me != party(CHEAT))
        .map(|one| one.sent[0].clone())
        .collect();
    let seed = Transcript::new(Tag::Session).with(&seen.encoded()).finish();
    let chosen =
        Dealing::<Secp256k1>::new(&SID, party(CHEAT), keys, 2, &mut Randomness::from_seed(seed));
    network.deal(party(CHEAT), chosen);
    let certificates = network.run(&mut untouched);
    assert_eq!((network.faults.as_slice(), certificates.len()), ([].as_slice(), 3));
    let shares = |key: usize| {
        network.provisional.values().take(2).map(|one| one.keys[key].clone()).collect::<Vec<_>>()
    };
    (0..keys as usize).map(|key| reveal_key(&shares(key)).to_bytes().into()).collect()
}

/// Pearson's statistic of how often each of `bins` came, against all alike.
fn chi_squared(bins: &[u32]) -> f64 {
    let expected = f64::from(bins.iter().sum::<u32>()) / bins.len() as f64;
    bins.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

fn low_bytes(ceremonies: u64, bins: usize) -> f64 {
    let mut counts = vec![0; bins];
    for key in (0..ceremonies).flat_map(|run| keys_with_a_last_mover(run, MAX_KEYS)) {
        counts[usize::from(key[31]) * bins / 256] += 1;
    }
    chi_squared(&counts)
}

/// The bounds are exceeded by chance in one of a thousand choices of seeds; these seeds do not.
#[test]
fn a_last_mover_does_not_move_the_keys_low_byte() {
    assert!(low_bytes(6, 16) < 37.7, "15 degrees of freedom");
}

#[test]
#[ignore = "5 120 keys"]
fn long_a_last_mover_does_not_move_the_keys_low_byte() {
    assert!(low_bytes(80, 256) < 330.5, "255 degrees of freedom");
}

#[test]
fn a_copier_of_everything_is_named_by_everybody() {
    let mut network = Network::<Secp256k1>::start(&[1, 2, 3], 2, &[1, 2, 3], 1);
    let key = network.keys[&party(CHEAT)].clone();
    let Stage::Committed(copied) = &network.ceremonies[&party(1)].stage else { panic!() };
    let opening = copied.opening.encoded();
    let shares = BTreeMap::from(
        [1, 2].map(|number| (party(number), copied.shares(party(number)).encoded())),
    );
    let commitment = network.ceremonies[&party(1)].sent[0].body.0.clone();
    // Whatever party 1 sends, party 3 sends as its own.
    network.run(&mut |receiver, envelope: Envelope| {
        let body = match (envelope.from == party(CHEAT), envelope.round, envelope.to) {
            (true, COMMIT, _) => commitment.clone(),
            (true, OPEN, To::All) => opening.clone(),
            (true, OPEN, To::One(_)) => shares[&receiver].clone(),
            _ => return vec![envelope],
        };
        vec![Envelope::seal_bytes(&key, SID, envelope.round, party(CHEAT), envelope.to, body)]
    });
    let named = Fault::Proven { party: party(CHEAT), check: "opening of the commitment" };
    let mut honest: Vec<_> =
        network.faults.iter().filter(|(id, _)| *id != party(CHEAT)).cloned().collect();
    honest.sort_by_key(|(id, _)| *id);
    assert_eq!(honest, [(party(1), named.clone()), (party(2), named)]);
}
