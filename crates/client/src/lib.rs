//! The Rust client of a Conclave network: asks every node, needs two thirds of them, and names the
//! one that cheats.
//!
//! [`Network::connect`] reads from the chain who the nodes are, [`Network::session`] has a wallet
//! consent to a session key, and [`Network::sign`] and [`Network::run`] send one request to every
//! node in parallel, add up the shares that come back and verify the sum. Only when that fails is
//! each share checked against its certificate; the error then names the node. Nodes that are dead,
//! slow or silent cost nothing as long as the threshold is met.
//!
//! ```no_run
//! # use conclave_client::{Contracts, Wallet, WalletKey};
//! use conclave_client::{Ability, Digest, Grant, Network};
//! # async fn example(wallet: Wallet, contracts: Contracts, key: WalletKey)
//! #     -> Result<(), Box<dyn std::error::Error>> {
//!
//! let network = Network::connect("http://127.0.0.1:8545", contracts).await?;
//! let grants = vec![Grant::any(Ability::PkpSigning)];
//! let session = network.session(&wallet, grants, Network::SESSION_LIFETIME).await?;
//! let signed = network.sign(&session, &key, Digest::new([7; 32])).await?;
//! println!("{}", signed.signature);
//! # Ok(()) }
//! ```
//!
//! What it deliberately does not know: how nodes agree, what an action is allowed to do, how to
//! mint or to grant (see `conclave-chain`). It believes no node: every answer is bounded, and a
//! signature that it returns has been verified.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod collector;
mod failure;
mod fan_out;
mod handshake;
mod http;
mod network;
mod request_id;
mod retries;
mod run;
mod session;
mod share;
mod sign;
mod signature;
mod status;
mod store;

pub use collector::MAX_SIGNATURES;
pub use conclave_auth::{Ability, Grant, Needed, SessionTerms, Wallet};
pub use conclave_chain::{Addresses, Contracts, WalletKey};
pub use conclave_content::Cid;
pub use conclave_threshold::ids::Digest;
pub use conclave_wire::{ActionSource, RequestId, Status};
pub use failure::{NodeFailure, NodeFault, Shortfall};
pub use handshake::{Handshake, HandshakeError};
pub use http::MAX_RESPONSE_BYTES;
pub use network::{ConnectError, Network, Node, Options, Scheme};
pub use request_id::RandomnessError;
pub use retries::{MAX_RETRY_AGE, RETRY_PAUSE};
pub use run::{RunError, RunOutcome, RunResult, RunSplit};
pub use session::{Session, SessionError};
pub use sign::{SignError, Signed};
pub use signature::Signature;
pub use status::NodeStatus;
pub use store::{StoreError, Stored};
