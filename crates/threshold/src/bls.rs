//! Threshold BLS signatures by the network's key: public keys in G1 of BLS12-381, signatures in G2.
//!
//! A share of the signature on `m` is `H(m) x_i`; `t` of them interpolate to `H(m) x`, of which
//! there is exactly one. The scheme is that of Boldyreva (ePrint 2002/118) over the ciphersuite
//! `BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_` of the CFRG's BLS draft; points are hashed as in
//! RFC 9380.
//!
//! **A signature on `m` is also the key that decrypts what was encrypted to the identity `m`**
//! (Boneh and Franklin's scheme), and it stays so for ever. Therefore nothing here signs bytes: the
//! one entrance is [`BlsMessage`], whose three kinds have no bytes in common.

mod interpolation;
mod message;
mod pairing;
mod signature;

pub use message::{
    BlsMessage, IDENTITY_PREFIX, Identity, NotOfThisShape, Session, TOKEN_HEADER, Token,
};
pub use signature::{CombineError, SHARE_BYTES, Signature, SignatureShare};

#[cfg(test)]
mod tests;
