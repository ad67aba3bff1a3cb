//! Where a member's secrets come from.

use conclave_threshold::randomness::Randomness;

/// A source of fresh randomness. A source that has none must not return: it ends the process.
pub trait Entropy {
    /// A stream that no other call returns, for what `session` names.
    fn randomness(&mut self, session: &[u8]) -> Randomness;
}

/// Bytes that need not be secret for long, such as nonces and ids.
pub(crate) fn fresh<const N: usize>(entropy: &mut dyn Entropy) -> [u8; N] {
    entropy.randomness(b"fresh").bytes()
}
