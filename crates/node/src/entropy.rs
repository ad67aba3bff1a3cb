//! Fresh randomness for every run of a protocol.

use conclave_agreement::Entropy;
use conclave_threshold::randomness::{Hedge, Randomness};
use zeroize::Zeroizing;

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness: {0}")]
pub struct EntropyError(getrandom::Error);

/// Hedges what the operating system gives with a secret that the node keeps for life, the process
/// and a counter.
pub struct SystemEntropy {
    long_term: Zeroizing<[u8; 32]>,
    boot_nonce: [u8; 16],
    counter: u64,
}

impl SystemEntropy {
    pub fn new(long_term: Zeroizing<[u8; 32]>) -> Result<Self, EntropyError> {
        Ok(SystemEntropy { long_term, boot_nonce: fresh()?, counter: 0 })
    }
}

impl Entropy for SystemEntropy {
    /// Ends the process when the operating system gives no randomness: nothing that a node does is
    /// safe without it.
    fn randomness(&mut self, session: &[u8]) -> Randomness {
        let fresh = match fresh::<32>() {
            Ok(fresh) => Zeroizing::new(fresh),
            Err(error) => {
                tracing::error!(%error, "the node stops");
                std::process::exit(conclave_panics::EXIT_CODE)
            }
        };
        self.counter += 1;
        Randomness::hedged(Hedge {
            fresh: &fresh,
            long_term: &self.long_term,
            session,
            boot_nonce: &self.boot_nonce,
            counter: self.counter,
        })
    }
}

/// Bytes that need not be secret for long, such as nonces and ids.
pub fn fresh<const N: usize>() -> Result<[u8; N], EntropyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(EntropyError)?;
    Ok(bytes)
}
