//! What an operator decides.

use crate::chains::ChainsConfig;
use conclave_actions::{HostPort, Layer, Limits};
pub use conclave_agreement::signing::Timing;
pub use conclave_agreement::stocking::StockTargets;
use conclave_auth::NoncePolicy;
use conclave_chain::{Address, Contracts};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Who may store actions on this node.
#[derive(Clone, Debug, Default)]
pub struct StorePolicy {
    /// These accounts, and nobody when empty.
    pub accounts: Vec<Address>,
}

#[derive(Clone, Debug)]
pub struct NodeConfig {
    pub folder: PathBuf,
    pub rpc_url: String,
    pub contracts: Contracts,
    /// What actions may ask about.
    pub chains: ChainsConfig,
    /// Where the API listens; the chain's record of this node when `None`.
    pub http: Option<SocketAddr>,
    /// Where links are accepted; the chain's record of this node when `None`.
    pub mesh: Option<SocketAddr>,
    pub timing: Timing,
    pub targets: StockTargets,
    /// EIP-4361 domains that may ask; any when `None`.
    pub domains: Option<Vec<String>>,
    pub nonce: NoncePolicy,
    pub store: StorePolicy,
    pub limits: Limits,
    /// Private addresses that actions may fetch from all the same.
    pub fetch_allow: Vec<HostPort>,
    /// Required layers of isolation without which actions run here all the same.
    pub actions_without: Vec<Layer>,
    /// The user and group that actions run as; the node's own when `None`.
    pub actions_user: Option<(u32, u32)>,
    /// Warm action workers.
    pub workers: usize,
    /// The program that runs actions; beside the node's own program when `None`.
    pub runner: Option<PathBuf>,
}
