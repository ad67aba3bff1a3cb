use serde::{Deserialize, Serialize};

/// What a node sees of itself and the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// This node's id in the epoch, from 1.
    pub node_id: u16,
    /// The epoch.
    pub epoch: u64,
    /// How many nodes sign together.
    pub threshold: u16,
    /// Whether a mint and a signature that start now can be expected to succeed, as far as this
    /// node sees.
    pub ready: bool,
    /// The epoch's members, this node among them.
    pub members: Vec<MemberStatus>,
    /// Presignatures in stock at this node, of all signing sets.
    pub presignatures: u64,
    /// Attested keys on chain that nobody has minted yet.
    pub pool_unminted: u64,
    /// Requests that needed a further attempt, since the process started.
    pub requests_retried: u64,
    /// Requests answered with success, since the process started.
    pub requests_served: u64,
    /// Layers of the isolation of actions that the node's machine does not offer; empty when they
    /// run fully shut in.
    #[serde(default)]
    pub missing_layers: Vec<String>,
    /// The version of the node.
    pub version: String,
}

/// A member as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberStatus {
    /// Its id in the epoch, from 1.
    pub id: u16,
    /// Its Ethereum address, `0x` and 40 digits.
    pub address: String,
    /// Its HTTP URL.
    pub http: String,
    /// Whether a link to it stands; true for the node itself.
    pub linked: bool,
}
