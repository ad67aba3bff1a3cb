//! What running an action costs, from the hand-over to a warm worker to a signature of a local
//! network, beside deno.
//!
//! Started by `make bench-actions`. Prints a table and the same as JSON, writes both into the
//! repository, and fails when a bar is missed.

mod measure;
mod network;
mod peer;
mod report;
mod workers;

use report::{Report, Row};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Actions that both sides run.
pub struct Scripts {
    pub trivial: PathBuf,
    pub ethers: PathBuf,
    pub sign: PathBuf,
}

impl Scripts {
    fn find(repository: &Path) -> Self {
        let script = |name: &str| repository.join("bench/actions/scripts").join(name);
        Scripts {
            trivial: script("trivial.js"),
            ethers: script("ethers.js"),
            sign: script("sign.js"),
        }
    }
}

fn main() -> ExitCode {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let scripts = Scripts::find(&repository);
    let run = || -> Result<bool, Box<dyn std::error::Error>> {
        // The process has no other crypto provider; a second one would be refused.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let deno = peer::Deno::find(&repository)?;
        let rows = rows(&scripts, &deno)?;
        let report = Report { deno: deno.version()?, rows };
        println!("{}", report.table());
        report.write(&repository)?;
        Ok(report.holds())
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("a bar is missed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("bench-actions: {error}");
            ExitCode::FAILURE
        }
    }
}

fn rows(scripts: &Scripts, deno: &peer::Deno) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let mut rows = Vec::new();
    for (what, script, at_most, ethers) in [
        (
            "an action, from the hand-over to a warm worker to its result: trivial",
            &scripts.trivial,
            1.5,
            false,
        ),
        ("the same, with ethers: verifyMessage, encode, serialise", &scripts.ethers, 3.0, true),
    ] {
        let (ours, theirs) = workers::in_turn_with(deno, script, ethers)?;
        rows.push(Row::milliseconds(what, ours, at_most).beside(theirs));
    }
    rows.push(Row::milliseconds(
        "a new worker, fully loaded, beside the request",
        workers::replacement(&scripts.trivial)?,
        8.0,
    ));
    let (ours, theirs) = (workers::private_memory()?, deno.private_memory()?);
    rows.push(Row::mebibytes("private memory of an idle warm worker", ours, 5.0).beside(theirs));
    rows.push(Row::per_second(
        "trivial actions per second on one core, workers replaced",
        workers::rate(&scripts.trivial)?,
        // What workers are to reach that are forked from a loaded process.
        150.0,
    ));
    let execute = network::execute(&scripts.sign)?;
    rows.push(Row::milliseconds(
        "a whole execute request with one signature, three nodes on this machine",
        execute,
        15.0,
    ));
    Ok(rows)
}
