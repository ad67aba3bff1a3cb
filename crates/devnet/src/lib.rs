//! A whole network on one machine: a chain, the contracts, n nodes as separate processes.
//!
//! [`run`] starts or continues the network in a folder and keeps it up until it is told to stop.
//! Everything listens on 127.0.0.1, and every port derives from one base. What tools need to know
//! stands in `devnet.json` in that folder, see [`Description`].
//!
//! The passphrases of the nodes' keystores lie beside them and the chain obeys anybody who reaches
//! its port: nothing here is fit for keys that are worth something.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod description;
mod error;
mod folder;
mod gateway;
mod members;
mod nodes;
mod run;

pub use description::{Account, Description};
pub use error::DevnetError;
pub use folder::DESCRIPTION_FILE;
pub use run::{DevnetConfig, READY_TIMEOUT, run};
