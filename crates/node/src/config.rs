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

/// All that a node is told when it starts.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Where it keeps its keystore and its store of actions.
    pub folder: PathBuf,
    /// The endpoint of the network's chain.
    pub rpc_url: String,
    /// The network's contracts there.
    pub contracts: Contracts,
    /// What actions may ask about.
    pub chains: ChainsConfig,
    /// Where the API listens; the chain's record of this node when `None`.
    pub http: Option<SocketAddr>,
    /// Where links are accepted; the chain's record of this node when `None`.
    pub mesh: Option<SocketAddr>,
    /// How long the members wait for one another in a call.
    pub timing: Timing,
    /// How much is kept ready.
    pub targets: StockTargets,
    /// EIP-4361 domains that may ask; any when `None`.
    pub domains: Option<Vec<String>>,
    /// Nonces that a wallet's text may carry.
    pub nonce: NoncePolicy,
    /// Who may store actions here.
    pub store: StorePolicy,
    /// What one action may use.
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
