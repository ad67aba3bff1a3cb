//! Content by its hash: the identifiers that name an action's code, and the folder in which a node
//! keeps that code.
//!
//! A [`Cid`] is what IPFS calls CIDv0: the hash of a file laid out as kubo lays it out by default
//! (256 KiB chunks in UnixFS nodes, 174 links to a node). Client libraries compute the same one,
//! and the chain's permissions hold it.
//!
//! This crate knows nothing of JavaScript, of who may store, or of signatures: an account is twenty
//! bytes to it. It opens no connection; whoever fetches content elsewhere hands the bytes in and
//! learns whether they are what was asked.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod cid;
mod store;
mod unixfs;

pub use cid::{Cid, CidError};
pub use store::{
    AccountId, MAX_CODE_BYTES, PutError, ReadError, Store, StoreError, StoreLimits, Usage,
};
