//! Pauses between attempts to reach a peer.

use std::time::Duration;

use crate::{FIRST_BACKOFF, LARGEST_BACKOFF};

/// Doubles from [`FIRST_BACKOFF`] to [`LARGEST_BACKOFF`].
pub(crate) struct Backoff {
    pause: Duration,
}

impl Backoff {
    pub fn new() -> Self {
        Self { pause: FIRST_BACKOFF }
    }

    pub fn reset(&mut self) {
        self.pause = FIRST_BACKOFF;
    }

    /// The next pause, of which up to half is taken off at random, so that nodes that lost a peer
    /// at the same moment do not all come back at the same moment.
    pub fn next(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = LARGEST_BACKOFF.min(pause * 2);
        let mut random = [0; 1];
        // Without randomness the pause is merely not scattered.
        let _ = getrandom::fill(&mut random);
        pause - pause * u32::from(random[0]) / 512
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_the_largest_pause_and_starts_again_after_a_reset() {
        let mut backoff = Backoff::new();
        let mut nominal = FIRST_BACKOFF;
        for _ in 0..20 {
            let pause = backoff.next();
            assert!(pause > nominal / 2 && pause <= nominal);
            nominal = LARGEST_BACKOFF.min(nominal * 2);
        }
        assert_eq!(nominal, LARGEST_BACKOFF);
        backoff.reset();
        assert!(backoff.next() <= FIRST_BACKOFF);
    }
}
