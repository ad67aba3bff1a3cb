//! Who was waited for in vain, by request.

use crate::time::Instant;
use conclave_threshold::ids::RequestKey;
use conclave_threshold::party::PartyId;
use std::collections::{BTreeMap, BTreeSet};

/// Requests in which somebody was silent.
pub const MAX_SILENT: usize = 4_096;

/// The requests, the oldest of which make room for new ones.
#[derive(Default)]
pub(super) struct Silent {
    /// The members that were passed over, and when the last one was.
    requests: BTreeMap<RequestKey, (Instant, BTreeSet<PartyId>)>,
}

impl Silent {
    /// Who was waited for in vain once is not waited for in every further exchange of the same
    /// request.
    pub fn note(&mut self, request_key: RequestKey, members: BTreeSet<PartyId>, now: Instant) {
        if self.requests.len() >= MAX_SILENT && !self.requests.contains_key(&request_key) {
            let oldest = self
                .requests
                .iter()
                .min_by_key(|(_, (at, _))| *at)
                .map(|(request_key, _)| *request_key);
            oldest.and_then(|oldest| self.requests.remove(&oldest));
        }
        let (at, silent) = self.requests.entry(request_key).or_default();
        *at = now;
        silent.extend(members);
    }

    pub fn contains(&self, request_key: &RequestKey, member: PartyId) -> bool {
        self.requests.get(request_key).is_some_and(|(_, silent)| silent.contains(&member))
    }

    pub fn forget_before(&mut self, past: Instant) {
        self.requests.retain(|_, (at, _)| *at >= past);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> RequestKey {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        RequestKey::new(bytes)
    }

    #[test]
    fn so_many_requests_are_known_and_one_more_pushes_out_the_oldest() {
        let member = PartyId::new(1).unwrap();
        let mut silent = Silent::default();
        let note = |silent: &mut Silent, number: usize| {
            silent.note(key(number), BTreeSet::from([member]), Instant::from_millis(number as u64))
        };
        (0..MAX_SILENT).for_each(|number| note(&mut silent, number));
        note(&mut silent, MAX_SILENT - 1);
        assert!(silent.contains(&key(0), member), "one that is known already pushes out none");
        note(&mut silent, MAX_SILENT);
        assert!(!silent.contains(&key(0), member) && silent.contains(&key(1), member));
        assert!(silent.contains(&key(MAX_SILENT), member));
        silent.forget_before(Instant::from_millis(2));
        assert!(!silent.contains(&key(1), member) && silent.contains(&key(2), member));
    }
}
