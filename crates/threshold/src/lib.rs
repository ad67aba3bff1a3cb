//! The threshold protocols: distributed key generation, resharing to other members, repair of lost
//! shares, oblivious transfer, presignatures that belong to no key yet, the online half that binds
//! one to a key and a digest, derived keys, BLS signatures and decryption.
//!
//! Everything here is *sans-IO*: a state machine takes messages and returns messages. There is no
//! clock, socket, disk or async in this crate, and it does not know what a wallet, a token or a
//! user is. Randomness comes in as a parameter ([`randomness::Randomness`]), and every hash goes
//! through [`transcript::Transcript`].
//!
//! Setting: `n` parties of one epoch, threshold `t`; `t` of them sign, `t - 1` colluding ones learn
//! nothing. Inside a signing set all but one may be corrupt; a cheat is caught, and aborts.
//!
//! Nobody has audited this crate.

#![deny(missing_docs)]
#![cfg_attr(
    not(any(test, feature = "testing")),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used, unreachable_pub)
)]

pub mod bls;
pub mod codec;
#[cfg(test)]
#[expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "times what it runs")]
mod constant_time;
pub mod decryption;
pub mod derivation;
pub mod dkg;
pub mod envelope;
pub mod fault;
pub mod feldman;
pub mod group;
pub mod ids;
pub mod key;
pub mod machine;
pub mod merkle;
pub mod multiplication;
pub mod online;
pub mod ot;
pub mod party;
pub mod presign;
pub mod presignature;
pub mod randomness;
pub mod repair;
pub mod reshare;
pub mod session;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod transcript;
pub mod verification_keys;
