//! The threshold protocols: distributed key generation, oblivious transfer, presignatures that belong to no key yet, and the
//! online half that binds one to a key and a digest.
//!
//! Everything here is *sans-IO*: a state machine takes messages and returns messages. There is no clock, socket, disk or async
//! in this crate, and it does not know what a wallet, a token or a user is. Randomness comes in as a parameter
//! ([`randomness::Randomness`]), and every hash goes through [`transcript::Transcript`].
//!
//! Setting: `n` parties of one epoch, threshold `t`; `t` of them sign, `t - 1` colluding ones learn nothing. Inside a signing set all
//! but one may be corrupt; a cheat is caught, and aborts.
//!
//! Nobody has audited this crate.

pub mod codec;
#[cfg(test)]
mod constant_time;
pub mod dkg;
pub mod fault;
pub mod group;
pub mod key;
pub mod merkle;
pub mod message;
pub mod multiplication;
pub mod online;
pub mod ot;
pub mod party;
pub mod presign;
pub mod presignature;
pub mod randomness;
pub mod session;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod transcript;
