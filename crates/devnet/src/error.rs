//! Why a local network does not come up.

use conclave_chain::ChainError;
use conclave_chain::anvil::AnvilError;
use conclave_node::identity::IdentityError;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    #[error("{path}: {error}")]
    Folder { path: PathBuf, error: std::io::Error },
    #[error(
        "{path} holds something else than a devnet; choose another folder or empty it yourself"
    )]
    NotADevnet { path: PathBuf },
    #[error("{path} is in use by another devnet")]
    InUse { path: PathBuf },
    #[error(
        "{path} was made with {had} nodes on port base {had_base}; start it so, or use --fresh"
    )]
    OtherShape { path: PathBuf, had: u16, had_base: u16 },
    #[error("{path} cannot be read: {reason}; use --fresh to begin anew")]
    Damaged { path: PathBuf, reason: String },
    #[error("a network has 3 to 64 nodes, not {0}")]
    Nodes(u16),
    #[error("the ports from {base} on do not fit: a devnet uses up to port base + 202")]
    Ports { base: u16 },
    #[error(transparent)]
    Anvil(#[from] AnvilError),
    #[error("the chain's state in {path} does not hold this network; use --fresh to begin anew")]
    ChainLost { path: PathBuf },
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("node {node}: {error}")]
    Identity { node: u16, error: IdentityError },
    #[error("the operating system gave no randomness: {0}")]
    Entropy(String),
    #[error("node {node} cannot be started: {error}")]
    Spawn { node: u16, error: std::io::Error },
    #[error("node {node} ended at once; the end of its log says:\n{log}")]
    NodeEnded { node: u16, log: String },
    #[error("the network was not ready after {seconds} seconds; its logs are in {logs}")]
    NotReady { seconds: u64, logs: PathBuf },
    #[error("port {port} on 127.0.0.1 cannot be used: {error}")]
    Port { port: u16, error: std::io::Error },
}
