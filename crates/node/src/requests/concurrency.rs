//! How many requests of one principal are under way, so that one cannot take the places of all.

use super::failure::Failure;
use crate::lock::locked;
use conclave_wire::ErrorCode;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Requests of one principal under way at a time: half of what a node takes by default.
pub const MAX_REQUESTS_OF_ONE: usize = 500;

/// Counts requests under way by the key of who asks. It has an entry for nobody else, so that it is
/// never longer than the list of requests under way.
#[derive(Default)]
pub struct Concurrency {
    counts: Arc<Mutex<HashMap<Vec<u8>, usize>>>,
}

/// One request under way, until this is dropped.
pub struct UnderWay {
    key: Vec<u8>,
    counts: Arc<Mutex<HashMap<Vec<u8>, usize>>>,
}

impl Concurrency {
    /// Counts one more request of the principal with this key.
    pub fn begin(&self, key: Vec<u8>) -> Result<UnderWay, Failure> {
        let mut counts = locked(&self.counts);
        let count = counts.entry(key.clone()).or_default();
        if *count >= MAX_REQUESTS_OF_ONE {
            let message = format!(
                "{MAX_REQUESTS_OF_ONE} requests of yours are under way at this node; wait for some"
            );
            return Err(Failure::new(ErrorCode::NodeConcurrencyOverload, message));
        }
        *count += 1;
        Ok(UnderWay { key, counts: self.counts.clone() })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counts = locked(&self.counts);
        match counts.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(counts.remove(&self.key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_principal_has_its_places_and_no_more_and_takes_none_of_another() {
        let concurrency = Concurrency::default();
        let mut held: Vec<_> =
            (0..MAX_REQUESTS_OF_ONE).map(|_| concurrency.begin(vec![1]).ok().unwrap()).collect();
        let refused = concurrency.begin(vec![1]).err().unwrap();
        assert!(refused.code == ErrorCode::NodeConcurrencyOverload && refused.code.retryable());
        assert!(concurrency.begin(vec![2]).is_ok());
        held.pop();
        held.push(concurrency.begin(vec![1]).ok().unwrap());
        assert!(concurrency.begin(vec![1]).is_err());
    }

    #[test]
    fn nothing_is_kept_of_requests_that_have_ended() {
        let concurrency = Concurrency::default();
        let two =
            [concurrency.begin(vec![1]).ok().unwrap(), concurrency.begin(vec![1]).ok().unwrap()];
        assert_eq!(locked(&concurrency.counts).get([1].as_slice()), Some(&2));
        drop(two);
        assert!(locked(&concurrency.counts).is_empty());
    }
}
