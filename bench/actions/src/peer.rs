//! deno, one process for each action.

use crate::measure::{median, memory_of, milliseconds, until};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

pub struct Deno {
    program: PathBuf,
    wrapper: PathBuf,
    ethers: PathBuf,
}

impl Deno {
    /// # Errors
    /// It is not installed.
    pub fn find(repository: &Path) -> Result<Self, String> {
        let installed = repository.join("js/node_modules/@deno");
        let candidates = std::fs::read_dir(&installed)
            .map_err(|_| "deno is missing: `make bench-actions` brings it on Linux on x86-64")?;
        let program = candidates
            .flatten()
            .map(|folder| folder.path().join("deno"))
            .find(|program| program.is_file());
        Ok(Deno {
            program: program.ok_or("npm has no deno for this machine")?,
            wrapper: repository.join("js/bench-actions/deno.mjs"),
            ethers: repository.join("js/node_modules/ethers/dist/ethers.esm.min.js"),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["run", "--quiet", "--no-config", "--no-lock", "--allow-read"])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        command
    }

    /// Its version, as it says itself.
    ///
    /// # Errors
    /// It does not run.
    pub fn version(&self) -> Result<String, Box<dyn Error>> {
        let said = Command::new(&self.program).arg("--version").output()?;
        let line =
            String::from_utf8_lossy(&said.stdout).lines().next().unwrap_or_default().to_owned();
        Ok(line.split(" (").next().unwrap_or_default().to_owned())
    }

    /// Runs an action in a process of its own; milliseconds and response.
    ///
    /// # Errors
    /// It fails.
    pub fn run(&self, script: &Path, ethers: bool) -> Result<(f64, String), Box<dyn Error>> {
        let mut command = self.command();
        command.arg(&self.wrapper).arg(script);
        if ethers {
            command.arg(format!("file://{}", self.ethers.canonicalize()?.display()));
        }
        let begun = Instant::now();
        let output = command.output()?;
        let time = milliseconds(begun.elapsed());
        if !output.status.success() {
            return Err(format!("deno ended with {}", output.status).into());
        }
        Ok((time, String::from_utf8(output.stdout)?.trim().to_owned()))
    }

    /// MiB of a process that has started and waits; the median of some.
    ///
    /// # Errors
    /// It does not start.
    pub fn private_memory(&self) -> Result<f64, Box<dyn Error>> {
        const WAITING: &str = "console.log('ready'); setInterval(() => {}, 1000)";
        let mut values = Vec::new();
        for _ in 0..5 {
            let mut child = Command::new(&self.program)
                .args(["eval", WAITING])
                .stdout(Stdio::null())
                .stdin(Stdio::null())
                .spawn()?;
            let id = child.id();
            let mut last = 0.0;
            // It has settled when two looks see the same.
            let settled = until("deno's memory settles", || {
                std::thread::sleep(std::time::Duration::from_millis(200));
                let now = memory_of(id).unwrap_or(0.0);
                let same = now > 0.0 && now == last;
                last = now;
                same
            });
            let _ = child.kill();
            let _ = child.wait();
            settled?;
            values.push(last);
        }
        Ok(median(values))
    }
}
