//! A report as it is kept: JSON, from which the page is written.

use crate::machine::Machine;
use crate::measure::Line;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
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

/// The kinds of report, by the name of their file.
pub const SIDES: &str = "threshold";
pub const GROWTH: &str = "threshold-growth";
pub const PROFILE: &str = "threshold-profile";

pub fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn path(kind: &str) -> PathBuf {
    repository().join("bench/results").join(kind).with_extension("json")
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
