//! Peers with which a check failed that names neither of the two. What was prepared with such a
//! peer is dropped by the caller, never tried again; the pair is left alone for a while, and after
//! a few failures for the rest of the epoch, since each may show a bit of a secret.

use conclave_threshold::party::PartyId;
use std::collections::BTreeMap;

/// How long a pair is left alone after a failure, in milliseconds.
const QUARANTINE: u64 = 600_000;
/// So many failures of a pair within so many milliseconds suspend it.
const MAX_FAILURES: usize = 3;
const WINDOW: u64 = 3_600_000;

#[derive(Default)]
struct Pair {
    /// When its latest failures were, the last one last.
    failures: Vec<u64>,
    is_suspended: bool,
}

/// The pairs of one node in one epoch.
#[derive(Default)]
pub struct Pairs(BTreeMap<PartyId, Pair>);

impl Pairs {
    /// Notes a failure. Whoever operates the node is told.
    pub fn failed(&mut self, peer: PartyId, check: &str, now: u64) {
        let pair = self.0.entry(peer).or_default();
        if pair.is_suspended {
            return;
        }
        pair.failures.retain(|failure| now.saturating_sub(*failure) < WINDOW);
        pair.failures.push(now);
        pair.is_suspended = pair.failures.len() >= MAX_FAILURES;
        if pair.is_suspended {
            tracing::error!(%peer, check, "checks of this pair fail again and again: it is suspended until the next epoch; look at both nodes");
        } else {
            tracing::warn!(%peer, check, "a check failed that either end can have caused: the pair is left alone for a while");
        }
    }

    pub fn is_left_alone(&self, peer: PartyId, now: u64) -> bool {
        let recent = |pair: &Pair| {
            pair.failures.last().is_some_and(|last| now < last.saturating_add(QUARANTINE))
        };
        self.0.get(&peer).is_some_and(|pair| pair.is_suspended || recent(pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(number: u16) -> PartyId {
        PartyId::new(number).unwrap()
    }

    #[test]
    fn a_pair_that_failed_is_left_alone_for_a_while_and_others_are_not() {
        let mut pairs = Pairs::default();
        pairs.failed(party(1), "check", 1_000);
        assert!(pairs.is_left_alone(party(1), 1_000 + QUARANTINE - 1));
        assert!(!pairs.is_left_alone(party(1), 1_000 + QUARANTINE));
        assert!(!pairs.is_left_alone(party(2), 1_000));
    }

    #[test]
    fn so_many_failures_within_an_hour_suspend_a_pair_for_good_and_one_fewer_does_not() {
        for (last, suspended) in [(WINDOW - 1, true), (WINDOW, false)] {
            let mut pairs = Pairs::default();
            for _ in 1..MAX_FAILURES {
                pairs.failed(party(1), "check", 0);
                assert!(!pairs.is_left_alone(party(1), u64::MAX));
            }
            pairs.failed(party(1), "check", last);
            assert_eq!(pairs.is_left_alone(party(1), u64::MAX), suspended, "{last}");
        }
    }

    #[test]
    fn a_suspended_pair_stays_suspended_whatever_fails_later() {
        let mut pairs = Pairs::default();
        for _ in 0..MAX_FAILURES {
            pairs.failed(party(1), "check", 0);
        }
        pairs.failed(party(1), "check", 10 * WINDOW);
        assert!(pairs.is_left_alone(party(1), u64::MAX));
    }
}
