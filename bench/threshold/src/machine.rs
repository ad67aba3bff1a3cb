//! On what, and of what, the numbers are.

use crate::report::repository;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::process::Command;
use time::OffsetDateTime;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Machine {
    pub date: String,
    pub commit: String,
    pub cores: usize,
    pub cpu: String,
    pub rustc: String,
    pub versions: BTreeMap<String, String>,
}

/// Ours first.
const COMPARED: [&str; 5] =
    ["conclave-threshold", "dkls23-core", "cait-sith", "frost-secp256k1-tr", "blsful"];

impl Machine {
    pub fn this() -> Self {
        Machine {
            date: OffsetDateTime::now_utc().date().to_string(),
            commit: commit().unwrap_or("unknown".into()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            cpu: cpu().unwrap_or("unknown".into()),
            rustc: env!("RUSTC_VERSION").into(),
            versions: COMPARED
                .map(|name| (name.into(), locked_version(name).unwrap_or("unknown".into())))
                .into(),
        }
    }

    /// What a reader of the tables must know.
    pub fn describe(&self) -> String {
        let versions: Vec<_> =
            COMPARED.iter().map(|name| format!("{name} {}", self.versions[*name])).collect();
        format!(
            "Run of {} at commit {}, on {} cores of {}, one thread.\n\
             {}, release profile, thin LTO.\nOf {}.\n\
             Ours: 128-bit computational and at least 80-bit statistical security;\n\
             n members, any t of whom sign.",
            self.date,
            self.commit,
            self.cores,
            self.cpu,
            self.rustc,
            versions.join(",\n"),
        )
    }
}

fn commit() -> Option<String> {
    let git = |args: &[&str]| {
        let answer = Command::new("git").args(args).current_dir(repository()).output().ok()?;
        Some(String::from_utf8(answer.stdout).ok()?.trim().to_owned())
    };
    let clean =
        git(&["status", "--porcelain", "--", "crates/threshold", "bench/threshold"])?.is_empty();
    Some(git(&["rev-parse", "--short", "HEAD"])? + if clean { "" } else { " with changes" })
}

fn cpu() -> Option<String> {
    let all = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = all.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// From this project's lockfile.
fn locked_version(name: &str) -> Option<String> {
    let (_, package) =
        include_str!("../Cargo.lock").split_once(&format!("name = \"{name}\"\nversion = \""))?;
    Some(package.split_once('"')?.0.to_owned())
}
