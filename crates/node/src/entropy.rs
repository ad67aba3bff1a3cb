//! Fresh randomness for every run of a protocol.

use conclave_threshold::randomness::{Hedge, Randomness};
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness: {0}")]
pub struct EntropyError(getrandom::Error);

/// Hedges what the operating system gives with a secret that the node keeps for life, the process
/// and a counter.
pub struct Entropy {
    long_term: Zeroizing<[u8; 32]>,
    boot_nonce: [u8; 16],
    counter: AtomicU64,
}

impl Entropy {
    pub fn new(long_term: Zeroizing<[u8; 32]>) -> Result<Self, EntropyError> {
        Ok(Entropy { long_term, boot_nonce: fresh()?, counter: AtomicU64::new(0) })
    }

    /// A stream that no other call returns.
    pub fn randomness(&self, session: &[u8]) -> Result<Randomness, EntropyError> {
        let fresh = Zeroizing::new(fresh::<32>()?);
        let counter = self.counter.fetch_add(1, Ordering::Relaxed);
        let hedge = Hedge {
            fresh: &fresh,
            long_term: &self.long_term,
            session,
            boot_nonce: &self.boot_nonce,
            counter,
        };
        Ok(Randomness::hedged(hedge))
    }
}

/// Bytes that need not be secret for long, such as nonces and ids.
pub fn fresh<const N: usize>() -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(EntropyError)?;
    Ok(bytes)
}
