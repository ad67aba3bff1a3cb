//! From nothing to a network that signs, and back.

use crate::description::Description;
use crate::error::DevnetError;
use crate::folder::{DESCRIPTION_FILE, Folder, Network};
use crate::gateway;
use crate::members::found;
use crate::nodes::{Node, funded_accounts, stop};
use conclave_chain::anvil::{AnvilOptions, AnvilProcess};
use conclave_chain::{Chain, Contracts, Membership};
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A network that is not ready after this has a fault.
pub const READY_TIMEOUT: Duration = Duration::from_secs(300);

const CHAIN_ID: u64 = 31_337;
/// The gateway's port lies this far above the first node's.
const GATEWAY_OFFSET: u16 = 200;
/// Ports above the base that a devnet may use.
const PORTS: u16 = 202;
/// How long a node may take to answer about itself.
const STATUS_TIMEOUT: Duration = Duration::from_secs(5);

/// The shape of a devnet, and where it lies.
#[derive(Clone, Debug)]
pub struct DevnetConfig {
    /// How many nodes, 3 to 64.
    pub nodes: u16,
    /// The first node's HTTP port; all others derive from it.
    pub port_base: u16,
    /// The chain's port.
    pub rpc_port: u16,
    /// The folder with everything that outlives a run.
    pub dir: PathBuf,
    /// Begin with an empty chain and new keys.
    pub fresh: bool,
    /// `host:port` pairs on private addresses that actions may fetch from.
    pub allow_fetch: Vec<String>,
    /// `NAME=URL` of further chains that actions may ask about.
    pub chains: Vec<String>,
    /// The program that is called with `node run` for each node; the present one when `None`.
    pub program: Option<PathBuf>,
    /// Other programs for some nodes, by number from 1: what they do wrong is what a test is about.
    pub node_programs: BTreeMap<u16, PathBuf>,
}

impl DevnetConfig {
    /// Continues what is in `dir`, or begins there; actions may fetch from public addresses only.
    pub fn new(nodes: u16, port_base: u16, rpc_port: u16, dir: impl Into<PathBuf>) -> Self {
        DevnetConfig {
            nodes,
            port_base,
            rpc_port,
            dir: dir.into(),
            fresh: false,
            allow_fetch: Vec::new(),
            chains: Vec::new(),
            program: None,
            node_programs: BTreeMap::new(),
        }
    }

    /// What a node's process runs.
    fn program_of(&self, node: u16) -> std::io::Result<PathBuf> {
        match self.node_programs.get(&node).or(self.program.as_ref()) {
            Some(program) => Ok(program.clone()),
            None => std::env::current_exe(),
        }
    }
}

/// Brings the network up, prints a line that begins with `ready`, and keeps it up until `until`
/// ends. What is told on the way goes to standard error.
pub async fn run(config: DevnetConfig, until: impl Future<Output = ()>) -> Result<(), DevnetError> {
    if !(3..=64).contains(&config.nodes) {
        return Err(DevnetError::Nodes(config.nodes));
    }
    if config.port_base.checked_add(PORTS).is_none() || config.port_base == 0 {
        return Err(DevnetError::Ports { base: config.port_base });
    }
    let folder = Folder::open(&config.dir, config.fresh)?;
    tokio::pin!(until);
    let up = tokio::select! {
        up = bring_up(&config, &folder) => up?,
        () = &mut until => return Ok(()),
    };
    let Up { chain, mut nodes, description, gateway } = up;
    println!(
        "ready: {} nodes from {}, {} of them sign together; chain at {}; details in {}",
        description.nodes.len(),
        description.nodes.first().map_or("nowhere", String::as_str),
        description.threshold,
        description.rpc_url,
        folder.path().join(DESCRIPTION_FILE).display(),
    );
    loop {
        tokio::select! {
            () = &mut until => break,
            () = tokio::time::sleep(Duration::from_millis(500)) => {
                for node in nodes.iter_mut().filter_map(|node| node.just_ended().then_some(node)) {
                    eprintln!("node {} has ended; the others go on", node.number);
                }
            }
        }
    }
    eprintln!("stopping");
    gateway.abort();
    folder.remove_description();
    stop(nodes).await;
    chain.stop().await.map_err(|error| DevnetError::Folder { path: folder.chain_state(), error })
}

struct Up {
    chain: AnvilProcess,
    nodes: Vec<Node>,
    description: Description,
    gateway: tokio::task::JoinHandle<()>,
}

async fn bring_up(config: &DevnetConfig, folder: &Folder) -> Result<Up, DevnetError> {
    let known = folder.network()?;
    if let Some(network) = known
        .as_ref()
        .filter(|network| (network.nodes, network.port_base) != (config.nodes, config.port_base))
    {
        return Err(DevnetError::OtherShape {
            path: folder.path().into(),
            had: network.nodes,
            had_base: network.port_base,
        });
    }
    eprintln!("starting the chain on port {}", config.rpc_port);
    let options = AnvilOptions {
        port: Some(config.rpc_port),
        chain_id: Some(CHAIN_ID),
        state: Some(folder.chain_state()),
    };
    let chain = AnvilProcess::start(&options).await?;
    let network = match known {
        Some(network) => network,
        None => {
            eprintln!("deploying the contracts and registering {} nodes", config.nodes);
            found(folder, chain.rpc(), config.nodes, config.port_base).await?
        }
    };
    let lost = |_| DevnetError::ChainLost { path: folder.chain_state() };
    let reader =
        Chain::new(chain.rpc().clone(), Contracts::Known(network.contracts)).await.map_err(lost)?;
    let membership = reader.membership().await.map_err(lost)?;

    eprintln!("starting {} nodes", config.nodes);
    let url = chain.url();
    let mut nodes = Vec::new();
    for number in 1..=config.nodes {
        let program = config
            .program_of(number)
            .map_err(|error| DevnetError::Spawn { node: number, error })?;
        nodes.push(Node::start(&program, folder, &network, number, &url, config)?);
    }
    let client = reqwest::Client::builder().timeout(STATUS_TIMEOUT).no_proxy().build();
    let client = client.map_err(|error| DevnetError::Entropy(error.to_string()))?;
    let urls: Vec<String> = nodes.iter().map(|node| node.url.clone()).collect();
    let gateway = gateway::serve(config.port_base + GATEWAY_OFFSET, urls, client.clone()).await?;
    eprintln!("the nodes link up, generate keys and make presignatures");
    let missing = until_ready(folder, &mut nodes, &client).await?;
    if !missing.is_empty() {
        eprintln!(
            "warning: this machine lacks layers of the isolation of actions: {missing}; run no stranger's actions here"
        );
    }

    let description = describe(config, folder, &network, &membership, &nodes, url)?;
    folder.write(DESCRIPTION_FILE, &description)?;
    Ok(Up { chain, nodes, description, gateway })
}

fn describe(
    config: &DevnetConfig,
    folder: &Folder,
    network: &Network,
    membership: &Membership,
    nodes: &[Node],
    rpc_url: String,
) -> Result<Description, DevnetError> {
    Ok(Description {
        rpc_url,
        chain_id: membership.chain_id,
        threshold: membership.threshold,
        nodes: nodes.iter().map(|node| node.url.clone()).collect(),
        pids: nodes.iter().map(Node::id).collect(),
        contracts: network.contracts,
        abi_dir: folder.write_abis()?.display().to_string(),
        accounts: funded_accounts(),
        ipfs_gateway: format!("http://127.0.0.1:{}", config.port_base + GATEWAY_OFFSET),
    })
}

/// Waits until every node says that a mint and a signature can begin. Returns the layers of the
/// isolation of actions that they lack.
async fn until_ready(
    folder: &Folder,
    nodes: &mut [Node],
    client: &reqwest::Client,
) -> Result<String, DevnetError> {
    let deadline = Instant::now() + READY_TIMEOUT;
    while Instant::now() < deadline {
        if let Some(node) = nodes.iter_mut().find_map(|node| (!node.is_running()).then_some(node)) {
            return Err(DevnetError::NodeEnded { node: node.number, log: node.log_tail(folder) });
        }
        let mut ready = Vec::new();
        for node in nodes.iter() {
            match node.status(client).await {
                Some(status) if status.ready && status.pool_unminted > 0 => {
                    ready.push(status.missing_layers.join(", "))
                }
                _ => break,
            }
        }
        if ready.len() == nodes.len() {
            // They all run on the same machine.
            return Ok(ready.pop().unwrap_or_default());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(DevnetError::NotReady {
        seconds: READY_TIMEOUT.as_secs(),
        logs: folder.path().join("nodes"),
    })
}
