//! Strangers' JavaScript, run in a process of its own.
//!
//! ```text
//! node ── Pool ──► zygote (conclave-runner): engine, Lit.Actions, ethers, loaded once
//!          │         └─ fork ─► worker: one action
//!          │  ◄── frames over the worker's socket: logs, calls, the end
//!          ├── Host     what the node does for an action: sign
//!          └── Egress   what the action may reach: the public internet, not this network
//! ```
//! A worker serves one action and is killed. It holds no secret and reaches nothing but its socket;
//! whatever it asks for is counted and done, or refused, on this side. So the worst that a script
//! can do, engine bugs included, is to ask for what its request was allowed anyway.
//!
//! This crate does not know who asks, what a key is or whether it may sign: the [`Host`] decides
//! that.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]
#![forbid(unsafe_code)]

mod action;
mod egress;
mod error;
mod host;
#[doc(hidden)]
pub mod packet;
mod pool;
pub mod protocol;
#[doc(hidden)]
pub mod sandbox;
mod session;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use action::{
    Action, AuthContext, AuthMethodContext, CODE_BYTES_MAX, Limits, Outcome, PARAMETER_BYTES_MAX,
};
pub use egress::{
    Egress, EgressConfig, EgressError, FetchError, HostPort, HostPortError, Resolver,
    SystemResolver,
};
pub use error::{Limit, RunError, RunErrorKind};
pub use host::{Answer, Host, HostError};
pub use pool::{Pool, PoolConfig, PoolError};
pub use protocol::{
    ChainQuery, FetchRequest, FetchResponse, Redirect, SignKind, SignRequest, Turn,
};
pub use sandbox::{Layer, UnknownLayer};
