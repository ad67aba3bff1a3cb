//! For roles that draw no randomness while they run.

use conclave_agreement::Entropy;
use conclave_threshold::randomness::Randomness;

pub struct Unused;

impl Entropy for Unused {
    fn randomness(&mut self, session: &[u8]) -> Randomness {
        unreachable!("randomness for {session:?}")
    }
}
