//! A short run of what `make fuzz` runs for hours: the same targets over their seeds and some
//! thousand mutations of them.

mod frames;
mod seeds;
mod sessions;

/// A sequence of numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 as usize % bound.max(1)
    }
}

/// Changes a few bytes, cuts, lengthens or doubles.
fn mutate(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..=dice.below(3) {
        let at = dice.below(data.len());
        let value = dice.below(256) as u8;
        match dice.below(6) {
            0 => data.truncate(at + 1),
            1 => data.push(value),
            2 => data.extend_from_within(at..),
            _ => data[at] ^= value,
        }
    }
    data
}

fn smoke(target: &str, mutations: usize, run: fn(&[u8]) -> bool) {
    let (_, seeds) = seeds::all().into_iter().find(|(name, _)| *name == target).unwrap();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let accepted = seeds.iter().filter(|seed| run(seed)).count();
    assert!(
        accepted * 2 >= seeds.len(),
        "{accepted} of {} seeds of {target} are accepted",
        seeds.len()
    );
    for round in 0..mutations {
        run(&mutate(&seeds[round % seeds.len()], &mut dice));
    }
}

#[test]
fn frames_of_a_worker_are_read_as_they_are_written_or_refused() {
    smoke("worker_frames", 100_000, frames::choose);
}

#[test]
fn workers_that_were_taken_over_get_no_more_than_their_limits() {
    smoke("worker_sessions", 4000, sessions::choose);
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
