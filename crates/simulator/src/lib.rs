//! Whole nodes in one process, from one seed. Nodes are those of `conclave-agreement` and the
//! queues of `conclave-mesh`; network, clock, processor, disk and chain are simulated, and so are
//! clients and members that deviate. The same seed gives the same run to the last byte.
//!
//! A run has an invariant after every step: each presignature serves one use, each call has one
//! nonce, every queue is within its limit, and no share is erased that could still be needed. After
//! the weather it has a bar: goodput is back to nine tenths within ten seconds.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]
#![allow(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test bed: places never leave the roster, and a panic fails the test that runs it"
)]

pub mod chain;
pub mod chance;
pub mod checks;
pub mod client;
pub mod corruption;
pub mod costs;
pub mod disk;
pub mod network;
pub mod node;
pub mod report;
pub mod scenarios;
pub mod seeds;
pub mod weather;
pub mod workshop;
mod world;

pub use world::{Goodput, Load, Setup, World};

/// Simulated microseconds: a point or a span of the simulation's clock.
pub type Micros = u64;

/// A simulated second.
pub const SECOND: Micros = 1_000_000;
