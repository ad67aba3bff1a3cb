//! What clients ask of a node, decided and done: who asks, may they sign, what do the nodes agree
//! on. Each service is a small struct with what it needs and nothing else.
//!
//! A request belongs to the epoch in which it begins: it reads [`CurrentMember`] once. Nothing here
//! knows HTTP.

mod action_host;
mod asker;
mod chain_questions;
mod code;
mod concurrency;
mod exchanger;
mod executor;
mod failure;
mod member;
mod pkp_signing;
mod signatures;
mod signer;

pub use asker::{Accepted, Askers};
pub use chain_questions::ChainQuestions;
pub use code::{CodeStore, read_cid};
pub use concurrency::Concurrency;
pub use executor::Executor;
pub use failure::Failure;
pub use member::{CurrentMember, EpochMember};
pub use pkp_signing::{PkpSigning, Signed};
pub use signer::{Given, certificate};

#[cfg(test)]
mod tests;
