//! Where secrets come from: a ChaCha20 stream from a seed that hashes fresh randomness of the
//! operating system together with the node's long-term secret, the session, the boot nonce and a
//! counter, so that no single failure of them repeats a nonce.

use crate::transcript::{Tag, Transcript};
use chacha20::ChaCha20Rng;
use core::convert::Infallible;
use core::fmt;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};
use zeroize::Zeroizing;

/// A stream of secret random bytes. Not `Clone`: two copies would repeat each other. Seed, state
/// and buffer are erased on drop; the latter two by the generator itself.
pub struct Randomness {
    seed: Zeroizing<[u8; 32]>,
    stream: ChaCha20Rng,
}

/// What [`Randomness::hedged`] hashes together.
pub struct Hedge<'a> {
    /// Fresh from the operating system.
    pub fresh: &'a [u8; 32],
    /// A secret that the node keeps for life.
    pub long_term: &'a [u8; 32],
    /// The session this stream is for.
    pub session: &'a [u8],
    /// Random per process start.
    pub boot_nonce: &'a [u8; 16],
    /// Never repeated within a boot.
    pub counter: u64,
}

impl Randomness {
    /// A stream that is unpredictable while either the fresh or the long-term bytes are.
    pub fn hedged(hedge: Hedge<'_>) -> Self {
        let transcript = Transcript::new(Tag::Randomness)
            .with(hedge.fresh)
            .with(hedge.long_term)
            .with(hedge.session);
        Self::seeded(transcript.with(hedge.boot_nonce).with_number(hedge.counter).finish())
    }

    /// For tests and benchmarks: the same seed gives the same stream.
    #[cfg(any(test, feature = "testing"))]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self::seeded(seed)
    }

    /// Repeats a stream that was opened: what a party did with its randomness can then be done
    /// again.
    pub(crate) fn reopened(seed: [u8; 32]) -> Self {
        Self::seeded(seed)
    }

    /// What [`reopened`](Self::reopened) repeats the stream from. Only for a stream that may be
    /// shown to others as a whole, forks included.
    pub(crate) fn seed(&self) -> [u8; 32] {
        *self.seed
    }

    fn seeded(seed: [u8; 32]) -> Self {
        Randomness { stream: ChaCha20Rng::from_seed(seed), seed: Zeroizing::new(seed) }
    }

    /// A stream of its own for one part of the session: knowing it tells nothing of any other.
    pub fn fork(&self, label: &[u8], number: u64) -> Self {
        Self::seeded(
            Transcript::new(Tag::RandomnessFork)
                .with(&*self.seed)
                .with(label)
                .with_number(number)
                .finish(),
        )
    }

    /// The next `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.stream.fill_bytes(&mut bytes);
        bytes
    }
}

impl TryRng for Randomness {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.stream.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.stream.next_u64())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.stream.fill_bytes(out);
        Ok(())
    }
}

impl TryCryptoRng for Randomness {}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Randomness(..)")
    }
}

/// Fails to compile when the generator does not erase itself.
const _: () = {
    const fn erases_itself<T: zeroize::ZeroizeOnDrop>() {}
    erases_itself::<ChaCha20Rng>();
};
#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn hedge<'a>() -> Hedge<'a> {
        Hedge {
            fresh: &[1; 32],
            long_term: &[2; 32],
            session: b"session",
            boot_nonce: &[3; 16],
            counter: 4,
        }
    }

    #[test]
    fn every_input_of_the_hedge_makes_another_stream() {
        let hedges = [
            hedge(),
            Hedge { fresh: &[9; 32], ..hedge() },
            Hedge { long_term: &[9; 32], ..hedge() },
            Hedge { session: b"another", ..hedge() },
            Hedge { boot_nonce: &[9; 16], ..hedge() },
            Hedge { counter: 5, ..hedge() },
        ];
        let streams: BTreeSet<[u8; 32]> =
            hedges.into_iter().map(|hedge| Randomness::hedged(hedge).bytes()).collect();
        assert_eq!(streams.len(), 6);
        assert_eq!(Randomness::hedged(hedge()).bytes::<32>(), Randomness::hedged(hedge()).bytes());
    }

    #[test]
    fn forks_differ_by_seed_label_and_number_and_not_by_what_was_drawn() {
        let first = |seed: u8, label: &[u8], number| {
            Randomness::from_seed([seed; 32]).fork(label, number).bytes::<32>()
        };
        let streams = BTreeSet::from([
            first(1, b"a", 0),
            first(2, b"a", 0),
            first(1, b"b", 0),
            first(1, b"a", 1),
        ]);
        assert_eq!(streams.len(), 4);
        let mut drawn = Randomness::from_seed([1; 32]);
        assert_ne!(drawn.bytes::<32>(), first(1, b"a", 0));
        assert_eq!(drawn.fork(b"a", 0).bytes::<32>(), first(1, b"a", 0));
    }

    #[test]
    fn a_stream_is_made_again_from_its_seed() {
        let mut stream = Randomness::from_seed([6; 32]).fork(b"a", 7);
        let mut again = Randomness::reopened(stream.seed());
        assert_eq!(
            (stream.fork(b"b", 0).bytes::<32>(), stream.bytes::<32>()),
            (again.fork(b"b", 0).bytes(), again.bytes())
        );
        assert_eq!(Randomness::from_seed([6; 32]).seed(), [6; 32]);
    }

    #[test]
    fn every_way_to_draw_takes_from_the_one_stream() {
        let bytes: [u8; 64] = Randomness::from_seed([5; 32]).bytes();
        let mut stream = Randomness::from_seed([5; 32]);
        assert_eq!(stream.next_u32().to_le_bytes(), bytes[..4]);
        assert_eq!(Randomness::from_seed([5; 32]).next_u64().to_le_bytes(), bytes[..8]);
        let mut filled = [0; 64];
        Randomness::from_seed([5; 32]).fill_bytes(&mut filled);
        assert_eq!(filled, bytes);
    }
}
