//! A short run of what `make fuzz` runs for hours: the same targets over their seeds and some
//! thousand mutations of them.

#![expect(clippy::disallowed_methods, reason = "it reads and writes seeds")]

mod decoders;
mod honest;
mod machines;
mod own_forms;
mod repair;
mod reshare;
mod seeds;
mod source;

use conclave_threshold::randomness::Randomness;

/// Changes a few bytes, cuts, lengthens or doubles: blind, where libFuzzer sees what its changes
/// lead to.
fn mutate(seed: &[u8], dice: &mut Randomness) -> Vec<u8> {
    let mut below = |bound: usize| u32::from_be_bytes(dice.bytes()) as usize % bound.max(1);
    let mut data = seed.to_vec();
    for _ in 0..=below(3) {
        let at = 1 + below(data.len().saturating_sub(1));
        match below(8) {
            0 => data.truncate(at),
            1 => data.push(below(256) as u8),
            2 => data.extend_from_within(at.min(data.len())..),
            3 => data.get_mut(at).into_iter().for_each(|byte| *byte = 0xff),
            4 => data.get_mut(at).into_iter().for_each(|byte| *byte = 0),
            _ => data.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << below(8)),
        }
    }
    data
}

fn smoke(target: &str, mutations: usize, run: fn(&[u8]) -> bool) {
    let (_, seeds) = seeds::all().into_iter().find(|(name, _)| *name == target).unwrap();
    let mut dice = Randomness::from_seed([3; 32]);
    let accepted = seeds.iter().filter(|seed| run(seed)).count();
    assert!(accepted > 0, "no seed of {target} is accepted");
    for round in 0..mutations {
        run(&mutate(&seeds[round % seeds.len()], &mut dice));
    }
}

#[test]
fn decoders_for_peers_accept_only_what_they_write() {
    smoke("peers", 10000, |data| decoders::choose(decoders::PEERS, data));
}

#[test]
fn decoders_for_clients_and_the_disk_accept_only_what_they_write() {
    smoke("clients_and_disk", 4000, |data| decoders::choose(decoders::CLIENTS_AND_DISK, data));
}

#[test]
fn machines_put_out_what_honest_runs_do_or_nothing() {
    smoke("machines", 600, machines::choose);
}

#[test]
fn every_machine_comes_to_its_end_when_nothing_is_altered() {
    for machine in 0..machines::MACHINES.len() as u8 {
        assert!(machines::choose(&[machine]), "machine {machine}");
    }
}

/// `make fuzz` begins from these.
#[test]
#[ignore = "writes the seeds of each target to the folder that FUZZ_SEEDS names"]
fn write_the_seeds() {
    let folder = std::path::PathBuf::from(std::env::var_os("FUZZ_SEEDS").unwrap());
    for (target, seeds) in seeds::all() {
        std::fs::create_dir_all(folder.join(target)).unwrap();
        for (number, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(target).join(format!("seed-{number:04}")), seed).unwrap();
        }
    }
}
