//! A node that does one thing wrong. It takes those options of `conclave node run` that a devnet
//! gives, and from its environment which [`Fault`] and the file that arms it.

use clap::{Args, Parser, Subcommand};
use conclave_actions::{HostPort, Layer};
use conclave_chain::{Address, Contracts};
use conclave_faults::fault::{ARM_VARIABLE, FAULT_VARIABLE, Fault};
use conclave_faults::saboteur::{Saboteur, planted_scalar};
use conclave_keystore::Passphrase;
use conclave_node::chains::{ChainName, ChainsConfig, NamedUrl};
use conclave_node::tap::Tap;
use conclave_node::{NodeConfig, StorePolicy, Timing};
use rustix::process::{Signal, set_parent_process_death_signal};
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

#[derive(Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(subcommand)]
    Node(NodeCommand),
}

#[derive(Subcommand)]
enum NodeCommand {
    Run(Options),
}

#[derive(Args)]
struct Options {
    #[arg(long)]
    stop_with_parent: bool,
    #[arg(long)]
    dir: PathBuf,
    #[arg(long)]
    passphrase_file: PathBuf,
    #[arg(long)]
    rpc: String,
    /// The resolver knows it too.
    #[arg(long)]
    staking: Address,
    #[arg(long)]
    resolver: Address,
    #[arg(long)]
    own_chain_name: Vec<ChainName>,
    #[arg(long)]
    chain: Vec<NamedUrl>,
    #[arg(long)]
    public_rpc: Vec<NamedUrl>,
    #[arg(long)]
    allow_fetch: Vec<HostPort>,
    #[arg(long)]
    allow_actions_without: Vec<Layer>,
    #[arg(long)]
    store_account: Vec<Address>,
    #[arg(long, default_value_t = Timing::default().bind.as_millis() as u64)]
    bind_deadline_ms: u64,
}

/// Worker threads: enough that the links go on while the node's own task is held up.
const THREADS: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    conclave_panics::end_the_process();
    let Command::Node(NodeCommand::Run(options)) = CommandLine::parse().command;
    if options.stop_with_parent {
        // A node that is stopped would take no other signal.
        set_parent_process_death_signal(Some(Signal::KILL))?;
    }
    tracing_subscriber::fmt().with_ansi(false).init();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()?
        .block_on(run(options))
}

async fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let fault = std::env::var(FAULT_VARIABLE).ok().map(|name| name.parse::<Fault>()).transpose()?;
    let planted = (fault == Some(Fault::Plant)).then(|| Box::new(planted_scalar()));
    let arm = std::env::var_os(ARM_VARIABLE).map(PathBuf::from).unwrap_or_default();
    let tap = fault.map(|fault| Arc::new(Saboteur::new(fault, arm)) as Arc<dyn Tap>);

    let passphrase = std::fs::read_to_string(&options.passphrase_file)?;
    let passphrase = Passphrase::new(passphrase.trim_end_matches(['\r', '\n']))?;
    let config = NodeConfig {
        folder: options.dir,
        rpc_url: options.rpc,
        contracts: Contracts::ResolvedBy(options.resolver),
        chains: ChainsConfig {
            own_names: options.own_chain_name,
            endpoints: options.chain,
            public: options.public_rpc,
        },
        http: None,
        mesh: None,
        timing: Timing {
            bind: Duration::from_millis(options.bind_deadline_ms),
            ..Timing::default()
        },
        targets: Default::default(),
        domains: None,
        nonce: Default::default(),
        store: StorePolicy { accounts: options.store_account },
        limits: Default::default(),
        fetch_allow: options.allow_fetch,
        actions_without: options.allow_actions_without,
        actions_user: None,
        workers: 1,
        runner: None,
    };
    let (stop, stopped) = watch::channel(false);
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        terminated.recv().await;
        stop.send_replace(true);
    });
    conclave_node::run_tapped(config, passphrase, stopped, |_| (), tap).await?;
    drop(std::hint::black_box(planted));
    Ok(())
}
