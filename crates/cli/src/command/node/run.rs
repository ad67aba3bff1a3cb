use super::Home;
use crate::failure::Failure;
use crate::interrupt::{Interrupt, parent_ended};
use crate::pkp::parse_address;
use clap::Args;
use conclave_actions::{HostPort, Layer, Limits};
use conclave_auth::NoncePolicy;
use conclave_chain::{Address, Chain, Contracts, DEFAULT_TIMEOUT};
use conclave_node::chains::{ChainName, ChainsConfig, NamedUrl};
use conclave_node::{NodeConfig, NodeError, StockTargets, StorePolicy, Timing};
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

const EXAMPLES: &str = "\
Example:
  conclave node run --dir /var/lib/conclave --passphrase-file /run/secrets/passphrase \\
      --rpc https://rpc.example --resolver 0x5FbDB2315678afecb367f032d93F642f64180aa3 --domain app.example

Log lines go to standard error; RUST_LOG chooses which (default: info). SIGINT and SIGTERM stop the node cleanly.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Run {
    #[command(flatten)]
    home: Home,
    /// JSON-RPC endpoint of the chain
    #[arg(long, value_name = "URL")]
    rpc: String,
    /// The network's ContractResolver, which names the other contracts
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    resolver: Address,
    /// The network's Staking contract: refuse to start when the resolver names another
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    staking: Option<Address>,
    /// Another name of the network's own chain for actions, which know it as localhost; may be
    /// given several times
    #[arg(long, value_name = "NAME")]
    own_chain_name: Vec<ChainName>,
    /// A chain that actions may ask about, and its JSON-RPC endpoint, which only this node sees;
    /// may be given several times
    #[arg(long, value_name = "NAME=URL")]
    chain: Vec<NamedUrl>,
    /// The JSON-RPC endpoint of a chain that actions are told when they ask; may be given several
    /// times
    #[arg(long, value_name = "NAME=URL")]
    public_rpc: Vec<NamedUrl>,
    /// Where the API listens [default: the address that the chain names]
    #[arg(long, value_name = "IP:PORT")]
    http: Option<SocketAddr>,
    /// Where links from other nodes are accepted [default: the address that the chain names]
    #[arg(long, value_name = "IP:PORT")]
    mesh: Option<SocketAddr>,
    /// Let actions fetch from this private address too
    #[arg(long, value_name = "HOST:PORT")]
    allow_fetch: Vec<HostPort>,
    /// Run actions although this machine lacks this layer of their isolation; may be given several
    /// times
    #[arg(long, value_name = "LAYER")]
    allow_actions_without: Vec<Layer>,
    /// Run actions as this user and group; only root can [default: the node's own]
    #[arg(long, value_name = "UID:GID", value_parser = parse_user)]
    actions_user: Option<(u32, u32)>,
    /// Let this account store actions here
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    store_account: Vec<Address>,
    /// Accept sign-in messages of this domain only; may be given several times
    #[arg(long, value_name = "DOMAIN")]
    domain: Vec<String>,
    /// Accept sign-in messages with this nonce only; may be given several times [default: any
    /// well-formed nonce]
    #[arg(long, value_name = "NONCE")]
    nonce: Vec<String>,
    /// How long a member of a signing set may be silent, in milliseconds
    #[arg(long, value_name = "N", default_value_t = Timing::default().bind.as_millis() as u64)]
    bind_deadline_ms: u64,
    /// Attested, unminted keys to keep on chain
    #[arg(long, value_name = "N", default_value_t = StockTargets::default().pool)]
    pool_target: u64,
    /// Presignatures to keep for each signing set
    #[arg(long, value_name = "N", default_value_t = StockTargets::default().presignatures)]
    presignature_target: usize,
    /// Processes that stand ready to run actions
    #[arg(long, value_name = "N", default_value_t = 4)]
    workers: usize,
    /// The program that runs actions [default: conclave-runner beside this program]
    #[arg(long, value_name = "FILE")]
    runner: Option<PathBuf>,
    /// Stop when the process that started this one has ended
    #[arg(long)]
    stop_with_parent: bool,
}

impl Run {
    pub async fn run(self) -> Result<(), Failure> {
        let chosen = std::env::var("RUST_LOG").ok().and_then(|text| text.parse().ok());
        let filter = chosen.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
        let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
        tracing_subscriber::registry().with(filter).with(lines).init();
        forbid_core_dumps()?;
        let interrupt = Interrupt::listen()
            .map_err(|error| Failure::new(format!("signals cannot be received: {error}")))?;
        let (stopper, stop) = watch::channel(false);
        let with_parent = self.stop_with_parent;
        tokio::spawn(async move {
            tokio::select! {
                () = interrupt.wait() => (),
                () = parent_ended(), if with_parent => (),
            }
            // The node may have ended by itself.
            let _ = stopper.send(true);
        });
        let passphrase = self.home.passphrase()?;
        let config = self.config().await?;
        let ready = |address| {
            let _ = writeln!(io::stdout(), "listening on http://{address}");
        };
        Ok(conclave_node::run(config, passphrase, stop, ready).await?)
    }

    async fn config(self) -> Result<NodeConfig, Failure> {
        let chain =
            Chain::connect(&self.rpc, None, Contracts::ResolvedBy(self.resolver), DEFAULT_TIMEOUT)
                .await?;
        let contracts = *chain.addresses();
        if let Some(staking) = self.staking.filter(|staking| *staking != contracts.staking) {
            return Err(Failure::new(format!(
                "the resolver names the staking contract {}, not {staking}",
                contracts.staking
            )));
        }
        Ok(NodeConfig {
            folder: self.home.folder().to_owned(),
            rpc_url: self.rpc,
            contracts: Contracts::Known(contracts),
            chains: ChainsConfig {
                own_names: self.own_chain_name,
                endpoints: self.chain,
                public: self.public_rpc,
            },
            http: self.http,
            mesh: self.mesh,
            timing: Timing {
                bind: Duration::from_millis(self.bind_deadline_ms),
                ..Timing::default()
            },
            targets: StockTargets {
                pool: self.pool_target,
                presignatures: self.presignature_target,
            },
            domains: (!self.domain.is_empty()).then_some(self.domain),
            nonce: if self.nonce.is_empty() {
                NoncePolicy::FormOnly
            } else {
                NoncePolicy::OneOf(self.nonce)
            },
            store: StorePolicy { accounts: self.store_account },
            limits: Limits::default(),
            fetch_allow: self.allow_fetch,
            actions_without: self.allow_actions_without,
            actions_user: self.actions_user,
            workers: self.workers,
            runner: self.runner,
        })
    }
}

/// What a node holds in memory while it signs is worth as much as its shares.
fn forbid_core_dumps() -> Result<(), Failure> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none)
        .map_err(|error| Failure::new(format!("core dumps cannot be forbidden: {error}")))
}

/// Numbers, as the kernel knows them.
fn parse_user(text: &str) -> Result<(u32, u32), String> {
    let numbers = text
        .split_once(':')
        .and_then(|(user, group)| Some((user.parse().ok()?, group.parse().ok()?)));
    numbers
        .ok_or_else(|| "expected the numbers of a user and a group, as in 65534:65534".to_owned())
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        let retry_helps = match &error {
            NodeError::Chain(error) => error.retry_helps(),
            NodeError::NotStarted => true,
            _ => false,
        };
        Self::new(error.to_string()).retryable_if(retry_helps)
    }
}
