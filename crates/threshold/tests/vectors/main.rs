//! Published vectors, and our own pinned ones: what the crate accepts and computes is what the rest
//! of the world does, and does not change by accident.

#![expect(clippy::disallowed_methods, reason = "it reads and writes recorded vectors")]

mod cipher;
mod ecdsa;
mod ed25519;
mod encodings;
mod signatures;
mod transcript;
