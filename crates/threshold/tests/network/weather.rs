//! What can go wrong between parties and inside them, and the dice that decide when.

use conclave_threshold::randomness::Randomness;

/// How often things go wrong: chances out of 10 000 for each delivery.
#[derive(Clone, Copy)]
pub struct Weather {
    /// Never arrives.
    pub lost: u16,
    pub doubled: u16,
    /// Arrives only when everything else has, after the deadline of what it belongs to.
    pub delayed: u16,
    /// A copy with a flipped bit arrives as well.
    pub altered: u16,
    /// A party chosen at random loses its memory, as a restart does.
    pub crashed: u16,
    /// Any waiting message may be delivered next.
    pub disorder: bool,
    /// Parties lie, with their own keys.
    pub corruption: bool,
    /// Parties say nothing, or are hardly heard.
    pub failure: bool,
    /// Those that lie or fail are no more than `n - t`, so that something comes of everything; else
    /// `t - 1` lie.
    pub spare: bool,
}

impl Weather {
    pub const CALM: Weather = Weather {
        lost: 0,
        doubled: 0,
        delayed: 0,
        altered: 0,
        crashed: 0,
        disorder: false,
        corruption: false,
        failure: false,
        spare: false,
    };
    pub const DISORDERLY: Weather =
        Weather { doubled: 2000, altered: 200, disorder: true, ..Self::CALM };
    pub const LOSSY: Weather = Weather { lost: 60, delayed: 60, crashed: 20, ..Self::DISORDERLY };
    pub const HOSTILE: Weather =
        Weather { lost: 5, delayed: 30, crashed: 2, corruption: true, ..Self::DISORDERLY };
    pub const FAILING: Weather = Weather { failure: true, spare: true, ..Self::DISORDERLY };
    pub const LYING: Weather = Weather { corruption: true, spare: true, ..Self::DISORDERLY };
}

/// Every decision of one world, from its seed.
pub struct Dice(Randomness);

impl Dice {
    pub fn new(randomness: Randomness) -> Self {
        Dice(randomness)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        u32::from_be_bytes(self.0.bytes()) as usize % bound
    }

    pub fn happens(&mut self, per_ten_thousand: u16) -> bool {
        self.below(10_000) < usize::from(per_ten_thousand)
    }

    /// One bit flipped somewhere.
    pub fn flip(&mut self, bytes: &mut [u8]) {
        if !bytes.is_empty() {
            let (at, bit) = (self.below(bytes.len()), self.below(8));
            bytes[at] ^= 1 << bit;
        }
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        if list.is_empty() { None } else { list.get(self.below(list.len())) }
    }

    /// `list` in an order of its own.
    pub fn shuffled<T>(&mut self, mut list: Vec<T>) -> Vec<T> {
        for at in (1..list.len()).rev() {
            let other = self.below(at + 1);
            list.swap(at, other);
        }
        list
    }
}
