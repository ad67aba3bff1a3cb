//! The nodes as child processes.

use crate::error::DevnetError;
use crate::folder::{Folder, Network};
use crate::members::{PASSPHRASE_FILE, http_address};
use crate::run::DevnetConfig;
use conclave_actions::Layer;
use conclave_chain::EthereumKey;
use conclave_chain::anvil::FUNDED_KEYS;
use conclave_wire::{Status, paths};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a node may take to stop before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(8);

/// The program behind the devnet's chain, as which tools know it; nodes know it as localhost too.
const CHAIN_NAME: &str = "anvil";
const LOCALHOST: &str = "localhost";

const BIND_DEADLINE_MS: &str = "600";

pub const LOG_FILE: &str = "log.txt";

/// How much of a log is shown when a node ends at once, in bytes.
const LOG_TAIL: usize = 2_000;

pub struct Node {
    pub number: u16,
    pub url: String,
    child: Child,
    /// Whether its end was already told.
    mourned: bool,
}

impl Node {
    /// Runs `program node run ..` with its output in the node's log.
    pub fn start(
        program: &Path,
        folder: &Folder,
        network: &Network,
        number: u16,
        rpc_url: &str,
        config: &DevnetConfig,
    ) -> Result<Self, DevnetError> {
        let failed = |error| DevnetError::Spawn { node: number, error };
        let home = folder.node(number);
        let log =
            File::options().create(true).append(true).open(home.join(LOG_FILE)).map_err(failed)?;
        let mut command = Command::new(program);
        command.args(["node", "run", "--stop-with-parent", "--dir"]).arg(&home);
        command.arg("--passphrase-file").arg(home.join(PASSPHRASE_FILE));
        command.args(["--rpc", rpc_url, "--staking", &network.contracts.staking.to_string()]);
        command.args(["--resolver", &network.contracts.contract_resolver.to_string()]);
        // All nodes share this machine's few cores: what a loaded machine takes to wake a process
        // is no sign of a dead one.
        command.args(["--bind-deadline-ms", BIND_DEADLINE_MS]);
        command.args(["--own-chain-name", CHAIN_NAME]);
        for name in [CHAIN_NAME, LOCALHOST] {
            command.args(["--public-rpc", &format!("{name}={rpc_url}")]);
        }
        for pair in &config.allow_fetch {
            command.args(["--allow-fetch", pair]);
        }
        for chain in &config.chains {
            command.args(["--chain", chain]);
        }
        // Nobody's actions but those of whoever started it run here: a container that lacks a layer
        // is good enough.
        for layer in Layer::ALL.into_iter().filter(|layer| layer.is_required()) {
            command.args(["--allow-actions-without", &layer.to_string()]);
        }
        for account in funded_accounts() {
            command.args(["--store-account", &account.address]);
        }
        command.stdin(Stdio::null()).stdout(log.try_clone().map_err(failed)?).stderr(log);
        let child = command.spawn().map_err(failed)?;
        Ok(Node {
            number,
            url: format!("http://{}", http_address(network.port_base, number)),
            child,
            mourned: false,
        })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// True once, when the node has ended.
    pub fn just_ended(&mut self) -> bool {
        !self.is_running() && !std::mem::replace(&mut self.mourned, true)
    }

    /// The end of its log.
    pub fn log_tail(&self, folder: &Folder) -> String {
        let log = std::fs::read(folder.node(self.number).join(LOG_FILE)).unwrap_or_default();
        let tail = log.get(log.len().saturating_sub(LOG_TAIL)..).unwrap_or_default();
        String::from_utf8_lossy(tail).into_owned()
    }

    pub async fn status(&self, client: &reqwest::Client) -> Option<Status> {
        let url = format!("{}{}", self.url, paths::STATUS);
        client.get(url).send().await.ok()?.json().await.ok()
    }

    fn signal(&self, signal: Signal) {
        if let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may be gone already.
            let _ = kill_process(id, signal);
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks all to stop, and kills who does not.
pub async fn stop(mut nodes: Vec<Node>) {
    for node in nodes.iter_mut().filter_map(|node| node.is_running().then_some(node)) {
        node.signal(Signal::TERM);
    }
    let deadline = Instant::now() + STOP_TIMEOUT;
    while nodes.iter_mut().any(Node::is_running) && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The accounts that the chain funds at its start.
pub fn funded_accounts() -> Vec<crate::description::Account> {
    let account = |secret: &&str| {
        let mut bytes = [0; 32];
        hex::decode_to_slice(secret, &mut bytes).ok()?;
        let address = EthereumKey::from_bytes(&bytes).ok()?.address().to_checksum(None);
        Some(crate::description::Account { address, private_key: format!("0x{secret}") })
    };
    FUNDED_KEYS.iter().filter_map(account).collect()
}
