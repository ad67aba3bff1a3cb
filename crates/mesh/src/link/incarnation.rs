//! One process run of a peer, over all the links that it has with us.

use std::{sync::Mutex, time::Instant};

use crate::sync::lock;

/// What we heard under one boot nonce.
pub(crate) struct Incarnation {
    pub boot: [u8; 16],
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    /// Lowest counter that the next frame may have.
    next: u64,
    rewound: bool,
    last_heard: Option<Instant>,
}

impl Incarnation {
    pub fn new(boot: [u8; 16]) -> Self {
        Self { boot, progress: Mutex::default() }
    }

    /// Takes the counter of a hello. `false` if it, or one before it, ran backward: no later
    /// counter makes that good.
    #[must_use]
    pub fn begin(&self, counter: u64) -> bool {
        let mut progress = lock(&self.progress);
        progress.rewound |= counter < progress.next;
        let good = !progress.rewound;
        drop(progress);
        if good {
            self.heard(counter);
        }
        good
    }

    /// Takes the counter of a frame of a link.
    pub fn heard(&self, counter: u64) {
        let mut progress = lock(&self.progress);
        progress.next = progress.next.max(counter.saturating_add(1));
        progress.last_heard = Some(Instant::now());
    }

    pub fn last_heard(&self) -> Option<Instant> {
        lock(&self.progress).last_heard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_counters_that_run_forward_over_several_links() {
        let incarnation = Incarnation::new([0; 16]);
        assert!(incarnation.begin(0));
        incarnation.heard(1);
        incarnation.heard(2);
        assert!(incarnation.begin(3));
        assert!(incarnation.begin(1000));
    }

    #[test]
    fn never_trusts_a_boot_again_whose_counter_ran_backward() {
        let incarnation = Incarnation::new([0; 16]);
        assert!(incarnation.begin(0));
        incarnation.heard(1);
        assert!(!incarnation.begin(1));
        assert!(!incarnation.begin(1000));
    }
}
