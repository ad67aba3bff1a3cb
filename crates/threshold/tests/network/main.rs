//! A whole network from one seed: key generation, presignatures, binding, shares and the client's sum, with messages dropped, doubled,
//! reordered, altered and told two ways as the seed decides.
//!
//! What must hold whatever happens: no two public keys from one ceremony, no two roots from one batch, no presignature with two uses, no
//! signature but on what was asked, and no honest party blamed.

mod ceremonies;
mod links;
mod signing;

use ceremonies::Network;
use links::Weather;

/// What came of one whole run.
struct Outcome {
    keys: usize,
    batches: usize,
    signatures: usize,
}

const PRESIGNATURES: u32 = 3;

/// Where corrupt parties lie, and how often out of 1000 deliveries: rarely in a ceremony, which one lie ends, often in the requests.
const LIES: [(Phase, u16); 3] = [(Phase::KeyGeneration, 40), (Phase::Presigning, 80), (Phase::Signing, 150)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    KeyGeneration,
    Presigning,
    Signing,
}

fn run(parties: u16, weather: Weather, seed: u64) -> Outcome {
    let mut network = Network::new(parties, weather, seed);
    let (phase, chance) = LIES[seed as usize % LIES.len()];
    let begin = |network: &mut Network, now| network.links.lies = if now == phase { chance } else { 0 };
    begin(&mut network, Phase::KeyGeneration);
    let shares = network.generate_key();
    begin(&mut network, Phase::Presigning);
    let batches = network.presign(PRESIGNATURES, &shares);
    let (keys, batches_held) = (shares.len(), batches.len());
    begin(&mut network, Phase::Signing);
    let signatures = network.sign_everything(&shares, batches);
    network.assert_nobody_honest_was_blamed();
    Outcome { keys, batches: batches_held, signatures }
}

#[test]
fn a_calm_network_signs_with_every_presignature() {
    for (parties, threshold) in [(2, 2), (3, 2), (4, 3), (5, 4)] {
        let outcome = run(parties, Weather::CALM, 1);
        assert_eq!((outcome.keys, outcome.batches), (usize::from(parties), threshold));
        assert_eq!(outcome.signatures, PRESIGNATURES as usize);
    }
}

#[test]
fn repetition_and_disorder_change_nothing() {
    for (parties, seeds) in [(3, 0..6), (5, 0..2)] {
        for seed in seeds {
            let outcome = run(parties, Weather::DISORDERLY, seed);
            assert_eq!(outcome.keys, usize::from(parties), "seed {seed}");
            assert_eq!(outcome.signatures, PRESIGNATURES as usize, "seed {seed}");
        }
    }
}

#[test]
fn loss_and_noise_on_the_links_break_no_rule() {
    let mut signed = 0;
    for (parties, seeds) in [(3, 0..20), (5, 0..6)] {
        for seed in seeds {
            signed += run(parties, Weather::LOSSY, seed).signatures;
        }
    }
    assert!(signed > 0, "some runs get through, or nothing was tested");
}

#[test]
fn corrupt_members_break_no_rule() {
    let (mut runs, mut signed) = (0, 0);
    for (parties, seeds) in [(3, 0..36), (5, 0..12)] {
        for seed in seeds {
            runs += 1;
            signed += run(parties, Weather::HOSTILE, seed).signatures;
        }
    }
    let most = runs * PRESIGNATURES as usize;
    assert!(signed > most / 10 && signed < most, "lies must neither stop everything nor nothing: {signed} of {most}");
}
