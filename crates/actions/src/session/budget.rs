//! What a run may still ask of its node.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::action::Limits;
use crate::error::Limit;

/// Calls of one run, those that are refused included.
pub(crate) const CALLS_MAX: u32 = 1000;

/// The counts of one run. Whoever asks past a limit is refused, and what was refused stays counted.
#[derive(Debug)]
pub(crate) struct Budget {
    calls: Count,
    signatures: Count,
    fetches: Count,
    chain_queries: Count,
    exchanges: Count,
    children: Count,
}

/// A limit that was reached, and its value.
pub(super) type Spent = (Limit, u64);

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            calls: Count::new(Limit::Calls, CALLS_MAX),
            signatures: Count::new(Limit::Signatures, limits.signatures),
            fetches: Count::new(Limit::Fetches, limits.fetches),
            chain_queries: Count::new(Limit::ChainQueries, limits.chain_queries),
            exchanges: Count::new(Limit::Exchanges, limits.exchanges),
            children: Count::new(Limit::Children, limits.children),
        }
    }

    /// Takes one of `limit`, if one is left.
    pub(super) fn take(&self, limit: Limit) -> Result<(), Spent> {
        let counts = [
            &self.calls,
            &self.signatures,
            &self.fetches,
            &self.chain_queries,
            &self.exchanges,
            &self.children,
        ];
        counts.into_iter().find(|count| count.limit == limit).map_or(Ok(()), Count::take)
    }
}

#[derive(Debug)]
struct Count {
    limit: Limit,
    max: u32,
    taken: AtomicU32,
}

impl Count {
    fn new(limit: Limit, max: u32) -> Self {
        Self { limit, max, taken: AtomicU32::new(0) }
    }

    fn take(&self) -> Result<(), Spent> {
        let add = |taken: u32| (taken < self.max).then_some(taken + 1);
        let taken = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        taken.map(|_| ()).map_err(|_| (self.limit, self.max.into()))
    }
}
