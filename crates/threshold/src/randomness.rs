//! Where secrets come from: a ChaCha20 stream from a seed that hashes fresh randomness of the operating system together with the
//! node's long-term secret, the session, the boot nonce and a counter, so that no single failure of them repeats a nonce.

use crate::transcript::{Tag, Transcript};
use chacha20::ChaCha20Rng;
use core::convert::Infallible;
use core::fmt;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};
use zeroize::Zeroize;

/// A stream of secret random bytes. Not `Clone`: two copies would repeat each other. Seed, state and buffer are erased on drop; the latter
/// two by the generator itself.
pub struct Randomness {
    seed: [u8; 32],
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
    pub fn hedged(hedge: Hedge<'_>) -> Self {
        let transcript = Transcript::new(Tag::Randomness).with(hedge.fresh).with(hedge.long_term).with(hedge.session);
        Self::seeded(transcript.with(hedge.boot_nonce).with_number(hedge.counter).finish())
    }

    /// For tests and benchmarks: the same seed gives the same stream.
    #[cfg(any(test, feature = "testing"))]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self::seeded(seed)
    }

    /// Repeats a stream that was opened: what a party did with its randomness can then be done again.
    pub(crate) fn reopened(seed: [u8; 32]) -> Self {
        Self::seeded(seed)
    }

    /// What [`reopened`](Self::reopened) repeats the stream from. Only for a stream that may be shown to others as a whole, forks
    /// included.
    pub(crate) fn seed(&self) -> [u8; 32] {
        self.seed
    }

    fn seeded(seed: [u8; 32]) -> Self {
        Randomness { stream: ChaCha20Rng::from_seed(seed), seed }
    }

    /// A stream of its own for one part of the session: knowing it tells nothing of any other.
    pub fn fork(&self, label: &[u8], number: u64) -> Self {
        Self::seeded(Transcript::new(Tag::RandomnessFork).with(&self.seed).with(label).with_number(number).finish())
    }

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

impl Drop for Randomness {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

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
