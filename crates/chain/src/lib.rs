//! What the chain says, and how to change it.
//!
//! The chain is the referee of a network: who its members are, which keys they hold, who owns a key
//! and who may use it. [`Chain`] asks those questions of one JSON-RPC endpoint;
//! [`permission::decide`] turns an answer into a yes or no without any I/O; [`Account`] sends the
//! transactions of nodes (attested key batches) and of users (mint, grant, transfer); [`deploy()`]
//! puts the contracts there in the first place. Every answer is checked before anyone sees it,
//! every wait has a limit.
//!
//! What it deliberately does not know: the threshold protocols, HTTP as clients speak it, how an
//! asker proved who it is, and any secret but the secp256k1 key of the account that sends.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod account;
mod addresses;
pub mod anvil;
mod artifacts;
mod batch;
mod bindings;
mod blocks;
mod contract_call;
mod deploy;
mod error;
mod ethereum_key;
mod grants;
mod keys;
mod membership;
mod mint;
pub mod permission;
mod permitted;
mod reader;
mod receipt;
mod revert;
mod rpc;
mod tokens;
mod transfer;
mod transport;
mod wallet_key;

pub use account::Account;
pub use addresses::{Addresses, Contracts};
pub use alloy::primitives::{Address, B256, U256};
pub use artifacts::{ABI_NAMES, abi_json};
pub use batch::{
    Attestation, Batch, BatchError, MAX_BATCH_KEYS, RegisterBatchError, attestation_digest,
    verify_attestation,
};
pub use blocks::{Block, FALLBACK_CONFIRMATIONS};
pub use contract_call::{ContractCall, DEFAULT_CALL_GAS, NotACall};
pub use deploy::{NewMember, deploy};
pub use error::ChainError;
pub use ethereum_key::{EthereumKey, InvalidKey};
pub use grants::MAX_GRANTS;
pub use keys::{KeyInfo, MAX_KEYS_ASKED};
pub use membership::{MAX_MEMBERS, Member, Membership};
pub use mint::{MintError, Minted};
pub use permission::{AuthMethod, Grant, Scope, Scopes};
pub use permitted::{PermittedMethod, SCOPE_COUNT};
pub use reader::Chain;
pub use receipt::{RECEIPT_WAIT, Receipt};
pub use revert::Revert;
pub use rpc::{CONNECT_TIMEOUT, DEFAULT_TIMEOUT, Fees, Rpc};
pub use tokens::MAX_TOKENS_SEARCHED;
pub use transport::MAX_RESPONSE_BYTES;
pub use wallet_key::{NotAWalletKey, WalletKey};
