//! The daemon: one member of a network, with its API, its ceremonies, its stock of presignatures
//! and its part of every signature.
//!
//! This is the only crate that knows all the others. [`run`] brings a node up from its data folder
//! and the chain, and keeps it up until it is told to stop.
//!
//! One task, the [`core`], owns all state that decides who signs what with which presignature; the
//! API asks it. Whatever takes long (ceremonies, disks, actions, the chain) happens elsewhere and
//! comes back as an event.

mod ceremony;
mod chain_view;
pub mod chains;
pub mod config;
mod core;
mod entropy;
pub mod exchange;
mod http;
pub mod identity;
mod keybook;
mod lock;
mod message;
mod registration;
mod requests;
pub mod signing;
mod start;
mod stocking;
mod support;
pub mod tap;

pub use config::{NodeConfig, StockTargets, StorePolicy};
pub use start::{NodeError, run, run_tapped};
