//! What happened in a run, counted.

use std::collections::BTreeMap;
use std::fmt;

/// Counts by name.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Counts(pub BTreeMap<&'static str, u64>);

impl Counts {
    /// One more.
    pub fn add(&mut self, name: &'static str) {
        self.add_many(name, 1);
    }

    /// So many more.
    pub fn add_many(&mut self, name: &'static str, count: u64) {
        *self.0.entry(name).or_default() += count;
    }

    /// Those of another run on top.
    pub fn merge(&mut self, other: &Counts) {
        other.0.iter().for_each(|(name, count)| self.add_many(name, *count));
    }

    /// How often.
    pub fn of(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> =
            self.0.iter().map(|(name, count)| format!("{count} {name}")).collect();
        f.write_str(&counts.join(", "))
    }
}

/// The hash of everything that happened, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trace(u64);

impl Default for Trace {
    fn default() -> Self {
        Trace(0xcbf2_9ce4_8422_2325)
    }
}

impl Trace {
    /// One more event.
    pub fn note(&mut self, at: u64, what: &str, bytes: &[u8]) {
        for byte in at.to_be_bytes().iter().chain(what.as_bytes()).chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// One run.
#[derive(Clone, Default, Debug)]
pub struct Report {
    /// Faults, by kind.
    pub faults: Counts,
    /// What nodes and clients came to, by kind.
    pub events: Counts,
    /// The first invariant that did not hold.
    pub violation: Option<String>,
    /// Of the run.
    pub trace: Trace,
}

impl Report {
    /// Keeps the first violation.
    pub fn violate(&mut self, at: u64, what: String) {
        self.violation.get_or_insert_with(|| format!("at {} ms: {what}", at / 1_000));
    }
}
