//! Many seeds, and one of them again.

use conclave_simulator::seeds::{Bar, Sum, run};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// Seeds of every run of the tests.
const SEEDS: u64 = 200;

#[test]
fn every_seed_keeps_the_invariants_and_goodput_comes_back_after_the_weather() {
    let (from, count) = (number("SIMULATOR_FROM").unwrap_or(0), number("SIMULATOR_COUNT"));
    let mut sum = Sum::default();
    for seed in from..from + count.unwrap_or(SEEDS) {
        let one = run(seed);
        if let Some(failure) = one.failure() {
            eprintln!("seed {seed}: {failure}");
        }
        sum.add(&one);
    }
    println!("{sum}");
    println!("events: {}", sum.events);
    println!("simulator: {}", sum.to_json());
    assert!(sum.failures.is_empty(), "{} of {} seeds failed", sum.failures.len(), sum.runs);
}

#[test]
fn replays_a_seed() {
    let seed = number("SIMULATOR_SEED").unwrap_or(1);
    let one = run(seed);
    println!("seed {seed}: {:?}, {:?}", one.bar, one.report);
    let failure = one.failure();
    assert!(failure.is_none(), "seed {seed}: {}", failure.unwrap_or_default());
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let traces: Vec<_> = [7, 7, 8].into_iter().map(|seed| run(seed).report.trace).collect();
    assert_eq!(traces[0], traces[1]);
    assert_ne!(traces[0], traces[2]);
}

#[test]
fn goodput_is_asked_of_most_seeds() {
    let asked = (0..40).filter(|seed| {
        let setup = conclave_simulator::seeds::setup(*seed);
        !setup.corrupt.iter().any(|(_, conduct)| conduct.is_unmended())
    });
    assert!(asked.count() >= 28);
    assert_ne!(run(1).bar, Bar::NotAsked);
}
