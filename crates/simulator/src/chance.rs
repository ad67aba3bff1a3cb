//! Everything that a seed decides.

use conclave_threshold::randomness::Randomness;
use rand_core::Rng;

/// A stream of decisions.
pub struct Chance(Randomness);

impl Chance {
    /// The stream of one seed.
    pub fn of_seed(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        Chance(Randomness::from_seed(bytes))
    }

    /// A stream of its own: what else is drawn does not move it.
    pub fn fork(&self, label: &str, number: u64) -> Self {
        Chance(self.0.fork(label.as_bytes(), number))
    }

    /// The randomness itself, for what is dealt.
    pub fn randomness(&mut self) -> &mut Randomness {
        &mut self.0
    }

    /// From 0 to one less than `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound.max(1)
    }

    /// From `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True once in so many times; never for 0.
    pub fn one_in(&mut self, times: u64) -> bool {
        times > 0 && self.below(times) == 0
    }

    /// True so many times of a hundred.
    pub fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }

    /// So many of these, or all.
    pub fn some<T: Clone>(&mut self, of: &[T], count: usize) -> Vec<T> {
        let mut rest = of.to_vec();
        let mut picked = Vec::new();
        while picked.len() < count && !rest.is_empty() {
            picked.push(rest.swap_remove(self.below(rest.len() as u64) as usize));
        }
        picked
    }
}
