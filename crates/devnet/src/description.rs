//! `devnet.json`: what tools outside the project rely on.

use conclave_chain::Addresses;
use serde::{Deserialize, Serialize};

/// An account with funds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// `0x` and 40 digits, checksummed.
    pub address: String,
    /// `0x` and 64 digits. Published test keys: never to be used elsewhere.
    pub private_key: String,
}

/// All that tools need to know of a devnet that is up: the content of `devnet.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// The chain's JSON-RPC endpoint.
    pub rpc_url: String,
    /// The chain's id, as transactions are signed for.
    pub chain_id: u64,
    /// How many nodes sign together.
    pub threshold: u16,
    /// The nodes' HTTP URLs, by id from 1.
    pub nodes: Vec<String>,
    /// Their process ids, in the same order.
    pub pids: Vec<u32>,
    /// Addresses of the deployed contracts.
    pub contracts: Addresses,
    /// A folder with one `NAME.json` for each contract, of at least `{"abi": [..]}`.
    pub abi_dir: String,
    /// Accounts that the chain has given money.
    pub accounts: Vec<Account>,
    /// Serves stored actions under `/ipfs/CID`.
    pub ipfs_gateway: String,
}
