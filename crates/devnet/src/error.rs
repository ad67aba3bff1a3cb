//! Why a local network does not come up.

use conclave_chain::ChainError;
use conclave_chain::anvil::AnvilError;
use conclave_node::identity::IdentityError;
use std::path::PathBuf;

/// The one thing that keeps a devnet from coming up.
#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    /// The file system refused something in the folder. A retry helps once its cause is gone.
    #[error("{path}: {error}")]
    Folder {
        /// The folder, or the file in it.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// The folder was made by something else, and is left as it is.
    #[error(
        "{path} holds something else than a devnet; choose another folder or empty it yourself"
    )]
    NotADevnet {
        /// The folder, or the file in it.
        path: PathBuf,
    },
    /// Another process runs the devnet in this folder.
    #[error("{path} is in use by another devnet")]
    InUse {
        /// The folder, or the file in it.
        path: PathBuf,
    },
    /// The folder holds a devnet of another size, or at other ports.
    #[error(
        "{path} was made with {had} nodes on port base {had_base}; start it so, or use --fresh"
    )]
    OtherShape {
        /// The folder, or the file in it.
        path: PathBuf,
        /// Nodes that it was made with.
        had: u16,
        /// Port base that it was made with.
        had_base: u16,
    },
    /// A file of the folder is malformed.
    #[error("{path} cannot be read: {reason}; use --fresh to begin anew")]
    Damaged {
        /// The folder, or the file in it.
        path: PathBuf,
        /// What is malformed.
        reason: String,
    },
    /// The number of nodes that was asked for.
    #[error("a network has 3 to 64 nodes, not {0}")]
    Nodes(u16),
    /// Some ports would be above 65535.
    #[error("the ports from {base} on do not fit: a devnet uses up to port base + 202")]
    Ports {
        /// Port base that was asked for.
        base: u16,
    },
    /// The chain does not start.
    #[error(transparent)]
    Anvil(#[from] AnvilError),
    /// The chain started without the contracts that the folder tells of.
    #[error("the chain's state in {path} does not hold this network; use --fresh to begin anew")]
    ChainLost {
        /// The folder, or the file in it.
        path: PathBuf,
    },
    /// The chain refused a transaction or a question.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A node's keys cannot be made or opened.
    #[error("node {node}: {error}")]
    Identity {
        /// Number of the node, from 1.
        node: u16,
        /// What keystores or identities said.
        error: IdentityError,
    },
    /// The reason that the operating system gave.
    #[error("the operating system gave no randomness: {0}")]
    Entropy(String),
    /// A node's program does not start.
    #[error("node {node} cannot be started: {error}")]
    Spawn {
        /// Number of the node, from 1.
        node: u16,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// A node ended before it was ready.
    #[error("node {node} ended at once; the end of its log says:\n{log}")]
    NodeEnded {
        /// Number of the node, from 1.
        node: u16,
        /// Last lines of its log.
        log: String,
    },
    /// Minting and signing did not work in time. A slow machine may do better at the next start.
    #[error("the network was not ready after {seconds} seconds; its logs are in {logs}")]
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// Folder with a log for each node.
        logs: PathBuf,
    },
    /// A port is taken, or not to be had.
    #[error("port {port} on 127.0.0.1 cannot be used: {error}")]
    Port {
        /// The port.
        port: u16,
        /// What the operating system said.
        error: std::io::Error,
    },
}
