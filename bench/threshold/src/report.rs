//! A report as it is kept: JSON, from which the page is written.

use crate::machine::Machine;
use crate::measure::Line;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Ours and the peers at the usual sizes, or ours alone as the network grows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measured {
    pub machine: Machine,
    pub lines: Vec<Line>,
}

/// Where the time of a presignature goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Profile {
    pub machine: Machine,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub median_ms: f64,
    /// A piece of the part before it, measured by itself.
    pub within: bool,
}

/// What single steps cost a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Costs {
    pub date: String,
    /// In general words: another machine of its kind has much the same numbers.
    pub machine: String,
    pub command: String,
    pub microseconds: BTreeMap<String, f64>,
}

impl Costs {
    pub fn of(machine: &Machine, microseconds: BTreeMap<String, f64>) -> Self {
        let to_a_tenth = |cost: f64| (cost * 10.0).round() / 10.0;
        Costs {
            date: machine.date.clone(),
            machine: format!(
                "one thread of {} cores of {}, CPU time, other work beside it; release profile, thin LTO",
                machine.cores, machine.cpu
            ),
            command: "make bench-threshold-costs".into(),
            microseconds: microseconds
                .into_iter()
                .map(|(name, cost)| (name, to_a_tenth(cost)))
                .collect(),
        }
    }
}

/// The kinds of report, by the name of their file.
pub const SIDES: &str = "threshold";
pub const GROWTH: &str = "threshold-growth";
pub const PROFILE: &str = "threshold-profile";
pub const COSTS: &str = "costs";

pub fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Results are this machine's, and not committed, but for the costs: a simulator reads them.
fn path(kind: &str) -> PathBuf {
    let folder = if kind == COSTS { "bench/threshold" } else { "bench/results" };
    repository().join(folder).join(kind).with_extension("json")
}

pub fn save(kind: &str, report: &impl Serialize) -> io::Result<()> {
    let path = path(kind);
    std::fs::create_dir_all(path.parent().expect("a folder"))?;
    std::fs::write(path, serde_json::to_string_pretty(report)? + "\n")
}

/// `None` when there is no such report yet.
pub fn load<R: DeserializeOwned>(kind: &str) -> Option<R> {
    serde_json::from_str(&std::fs::read_to_string(path(kind)).ok()?).ok()
}
