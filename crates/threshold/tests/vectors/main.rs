//! Published vectors, and our own pinned ones: what the crate accepts and computes is what the rest
//! of the world does, and does not change by accident.

#![expect(clippy::disallowed_methods, reason = "reads and writes files of the repository")]

mod cipher;
mod ecdsa;
mod ed25519;
mod encodings;
mod signatures;
mod transcript;
