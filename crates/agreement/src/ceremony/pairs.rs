//! Peers with which a check failed that names neither of the two. What was prepared with such a
//! peer is dropped by the caller, never tried again; the pair is left alone for a while, and after
//! a few failures for the rest of the epoch, since each may show a bit of a secret.

use crate::time::{Duration, Instant};
use conclave_threshold::party::PartyId;
use std::collections::BTreeMap;

/// How long a pair is left alone after a failure.
const QUARANTINE: Duration = Duration::from_secs(600);
/// So many failures of a pair within this time suspend it.
const MAX_FAILURES: usize = 3;
const WINDOW: Duration = Duration::from_secs(3_600);

#[derive(Default)]
struct Pair {
    /// When its latest failures were, the last one last.
    failures: Vec<Instant>,
    is_suspended: bool,
}

/// The pairs of one node in one epoch.
#[derive(Default)]
pub struct Pairs(BTreeMap<PartyId, Pair>);

impl Pairs {
    /// Notes a failure: whether it suspends the pair, and nothing when that was so before.
    pub fn failed(&mut self, peer: PartyId, now: Instant) -> Option<bool> {
        let pair = self.0.entry(peer).or_default();
        if pair.is_suspended {
            return None;
        }
        pair.failures.retain(|failure| now.since(*failure) < WINDOW);
        pair.failures.push(now);
        pair.is_suspended = pair.failures.len() >= MAX_FAILURES;
        Some(pair.is_suspended)
    }

    pub fn is_left_alone(&self, peer: PartyId, now: Instant) -> bool {
        let recent =
            |pair: &Pair| pair.failures.last().is_some_and(|last| now < *last + QUARANTINE);
        self.0.get(&peer).is_some_and(|pair| pair.is_suspended || recent(pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Instant = Instant::from_millis(1_000);
    const NEVER: Instant = Instant::from_millis(u64::MAX);
    const MOMENT: Duration = Duration::from_millis(1);

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    #[test]
    fn a_pair_that_failed_is_left_alone_for_a_while_and_others_are_not() {
        let mut pairs = Pairs::default();
        pairs.failed(party(1), AT);
        assert!(pairs.is_left_alone(party(1), AT + (QUARANTINE - MOMENT)));
        assert!(!pairs.is_left_alone(party(1), AT + QUARANTINE));
        assert!(!pairs.is_left_alone(party(2), AT));
    }

    #[test]
    fn so_many_failures_within_an_hour_suspend_a_pair_for_good_and_one_fewer_does_not() {
        for (last, suspended) in [(WINDOW - MOMENT, true), (WINDOW, false)] {
            let mut pairs = Pairs::default();
            for _ in 1..MAX_FAILURES {
                pairs.failed(party(1), Instant::START);
                assert!(!pairs.is_left_alone(party(1), NEVER));
            }
            pairs.failed(party(1), Instant::START + last);
            assert_eq!(pairs.is_left_alone(party(1), NEVER), suspended, "{last:?}");
        }
    }

    #[test]
    fn a_suspended_pair_stays_suspended_whatever_fails_later() {
        let mut pairs = Pairs::default();
        for _ in 0..MAX_FAILURES {
            pairs.failed(party(1), Instant::START);
        }
        pairs.failed(party(1), Instant::START + 10 * WINDOW);
        assert!(pairs.is_left_alone(party(1), NEVER));
    }
}
