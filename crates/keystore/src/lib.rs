//! A node's secrets at rest.
//!
//! This is the only crate that writes secrets to disk. A [`Keystore`] is one file, opened by one
//! process at a time. It holds records of a public part (epoch, key id, kind, state, metadata) and
//! a secret part that is sealed with XChaCha20-Poly1305. The seal covers the public part too, so a
//! record that was altered, moved to another place or taken from another node's file does not open.
//! The sealing key is random and itself sealed by a key derived from the operator's passphrase with
//! Argon2id.
//!
//! What it deliberately does not know: protocols, curves, what a kind means, the chain, the
//! network, time. Presignatures have no place here; they live in memory only.
//!
//! What it cannot do: notice that the whole file was replaced by an older copy of itself, or
//! promise that an erased record's *ciphertext* is gone from the medium. After a disk and the
//! passphrase have both been stolen, erased records may be readable.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod derivation;
mod error;
mod header;
mod passphrase;
mod record;
mod seal;
mod secret;
mod store;

pub use derivation::{DerivationCost, MAX_LANES, MAX_MEMORY_KIB, MAX_PASSES};
pub use error::{CreateError, KeystoreError, OpenError, PassphraseError, RecordError};
pub use passphrase::{MAX_PASSPHRASE_BYTES, Passphrase};
pub use record::{MAX_METADATA_BYTES, MAX_SECRET_BYTES, Record, RecordId, State};
pub use secret::Secret;
pub use store::{Keystore, MAX_BATCH_RECORDS, MAX_LISTED_RECORDS};
