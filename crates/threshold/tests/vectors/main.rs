//! Published vectors, and our own pinned ones: what the crate accepts and computes is what the rest
//! of the world does, and does not change by accident.

mod cipher;
mod ecdsa;
mod ed25519;
mod encodings;
mod signatures;
mod transcript;
