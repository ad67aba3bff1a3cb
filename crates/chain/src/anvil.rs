//! A chain for tests and local networks: Foundry's anvil as a child process.
//!
//! Whoever reaches its port may act as any account, so it listens on 127.0.0.1 only and is no chain
//! for real keys.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use thiserror::Error;
use tokio::time::{Instant, sleep};

use crate::{ChainError, DEFAULT_TIMEOUT, EthereumKey, Rpc};

/// Names the program when no folder at or above the current one or the executable has it in
/// `js/node_modules`.
pub const PROGRAM_VARIABLE: &str = "CONCLAVE_ANVIL";
/// How long it may take to answer after it was started.
pub const START_WAIT: Duration = Duration::from_secs(20);
/// How long it may take to end, and to write its state, after it was asked to.
pub const STOP_WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(20);
/// How often another free port is tried when somebody else was faster.
const MAX_PORT_ATTEMPTS: usize = 5;

/// Private keys of the accounts that anvil always funds. Everybody knows them.
pub const FUNDED_KEYS: [&str; 10] = [
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    "7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
    "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
    "8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
    "92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
    "4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
    "dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
    "2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
];

/// The key of the funded account with this number, 0 to 9.
///
/// # Panics
/// For any other number.
#[allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "constants, and a documented panic"
)]
pub fn funded_key(number: usize) -> EthereumKey {
    let bytes = alloy::primitives::hex::decode_to_array(FUNDED_KEYS[number])
        .expect("the constants are hex");
    EthereumKey::from_bytes(&bytes).expect("the constants are keys")
}

/// How to start it.
#[derive(Clone, Debug, Default)]
pub struct AnvilOptions {
    /// TCP port on 127.0.0.1; any free one when `None`.
    pub port: Option<u16>,
    /// Chain id; 31337 when `None`.
    pub chain_id: Option<u64>,
    /// File to continue from and to write to when it is stopped; nothing is kept when `None`.
    pub state: Option<PathBuf>,
}

/// Why there is no chain.
#[derive(Debug, Error)]
pub enum AnvilError {
    /// The program is nowhere.
    #[error("anvil was not found: run `make setup`, or name the program in {PROGRAM_VARIABLE}")]
    ProgramNotFound,
    /// The operating system refused.
    #[error("anvil cannot be started: {0}")]
    Io(#[from] io::Error),
    /// Somebody else listens there.
    #[error("port {port} on 127.0.0.1 is taken")]
    PortTaken {
        /// The port it was to listen on.
        port: u16,
    },
    /// It ended at once; most often its port was taken in that moment, or its state file is
    /// damaged.
    #[error("anvil ended at once ({status}) on port {port}")]
    Ended {
        /// Its exit status.
        status: ExitStatus,
        /// The port it was to listen on.
        port: u16,
    },
    /// It runs and does not answer.
    #[error("anvil does not answer: {0}")]
    Silent(ChainError),
}

/// A running anvil. It is killed when this is dropped; [`AnvilProcess::stop`] ends it gently.
#[derive(Debug)]
pub struct AnvilProcess {
    child: Child,
    port: u16,
    rpc: Rpc,
}

impl AnvilProcess {
    /// Starts it and waits until it answers.
    pub async fn start(options: &AnvilOptions) -> Result<Self, AnvilError> {
        let program = program().ok_or(AnvilError::ProgramNotFound)?;
        for _ in 1..MAX_PORT_ATTEMPTS {
            match Self::start_once(&program, options).await {
                Err(AnvilError::Ended { .. }) if options.port.is_none() => {}
                outcome => return outcome,
            }
        }
        Self::start_once(&program, options).await
    }

    async fn start_once(program: &Path, options: &AnvilOptions) -> Result<Self, AnvilError> {
        let port = free_port(options.port)?;
        let mut command = Command::new(program);
        command
            .args(["--silent", "--host", "127.0.0.1", "--port", &port.to_string()])
            // Blocks become final two blocks later instead of 64, which a chain without traffic
            // never reaches.
            .args(["--slots-in-an-epoch", "1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(chain_id) = options.chain_id {
            command.args(["--chain-id", &chain_id.to_string()]);
        }
        if let Some(state) = &options.state {
            command.arg("--state").arg(state);
        }
        let child = command.spawn()?;
        // From here on the child is killed on every way out.
        let mut guard = Guard(Some(child));
        let rpc = guard.until_it_answers(port).await?;
        let child = guard.0.take().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Self { child, port, rpc })
    }

    /// Its endpoint, for [`crate::Chain::connect`] and other programs.
    pub fn url(&self) -> String {
        url(self.port)
    }

    /// Its TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A connection to it.
    pub fn rpc(&self) -> &Rpc {
        &self.rpc
    }

    /// Whether it is still there.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end, so that it writes its state, and waits for that. Kills it when it does not
    /// end in [`STOP_WAIT`].
    pub async fn stop(mut self) -> io::Result<()> {
        if self.is_running()
            && let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
        {
            kill_process(id, Signal::INT)?;
        }
        let deadline = Instant::now() + STOP_WAIT;
        while self.is_running() && Instant::now() < deadline {
            sleep(POLL).await;
        }
        Ok(())
    }
}

impl Drop for AnvilProcess {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

struct Guard(Option<Child>);

impl Guard {
    async fn until_it_answers(&mut self, port: u16) -> Result<Rpc, AnvilError> {
        let deadline = Instant::now() + START_WAIT;
        loop {
            let answer = Rpc::connect(&url(port), None, DEFAULT_TIMEOUT).await;
            // Asked after the answer: with the process gone, it was somebody else who answered.
            if let Some(status) = self.0.as_mut().map(Child::try_wait).transpose()?.flatten() {
                return Err(AnvilError::Ended { status, port });
            }
            match answer {
                Ok(rpc) => return Ok(rpc),
                Err(error) if Instant::now() > deadline => return Err(AnvilError::Silent(error)),
                Err(_) => sleep(POLL).await,
            }
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            end(child);
        }
    }
}

fn end(child: &mut Child) {
    // It may be gone already; then there is nothing left to do.
    let _ = child.kill();
    let _ = child.wait();
}

/// The wanted port, or any, if nobody listens there: otherwise a foreign chain would answer in the
/// place of ours.
fn free_port(wanted: Option<u16>) -> Result<u16, AnvilError> {
    match (TcpListener::bind((Ipv4Addr::LOCALHOST, wanted.unwrap_or(0))), wanted) {
        (Ok(listener), _) => Ok(listener.local_addr()?.port()),
        (Err(error), Some(port)) if error.kind() == io::ErrorKind::AddrInUse => {
            Err(AnvilError::PortTaken { port })
        }
        (Err(error), _) => Err(error.into()),
    }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(PROGRAM_VARIABLE) {
        return Some(named.into());
    }
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let installed = format!("js/node_modules/@foundry-rs/anvil-{system}-{machine}/bin/anvil");
    [std::env::current_dir(), std::env::current_exe()]
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .chain(Path::new(env!("CARGO_MANIFEST_DIR")).ancestors())
        .map(|folder| folder.join(&installed))
        .find(|program| program.is_file())
}
