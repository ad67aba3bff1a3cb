//! The daemon: one member of a network, with its API, its ceremonies, its stock of presignatures
//! and its part of every signature.
//!
//! This is the only crate that knows all the others. [`run`] brings a node up from its data folder
//! and the chain, and keeps it up until it is told to stop.
//!
//! One task, the [`core`], owns all state that decides who signs what with which presignature; the
//! API asks it. Whatever takes long (ceremonies, disks, actions, the chain) happens elsewhere and
//! comes back as an event.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod ceremonies;
mod chain_view;
pub mod chains;
pub mod config;
mod core;
mod entropy;
mod http;
pub mod identity;
mod keys;
mod lock;
mod requests;
mod seat;
mod start;
pub mod tap;

pub use config::{NodeConfig, StockTargets, StorePolicy, Timing};
pub use start::{NodeError, run, run_tapped};
