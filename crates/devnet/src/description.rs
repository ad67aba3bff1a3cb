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

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    pub rpc_url: String,
    pub chain_id: u64,
    pub threshold: u16,
    /// The nodes' HTTP URLs, by id from 1.
    pub nodes: Vec<String>,
    /// Their process ids, in the same order.
    pub pids: Vec<u32>,
    pub contracts: Addresses,
    /// A folder with one `NAME.json` for each contract, of at least `{"abi": [..]}`.
    pub abi_dir: String,
    pub accounts: Vec<Account>,
    /// Serves stored actions under `/ipfs/CID`.
    pub ipfs_gateway: String,
}
