//! Threshold decryption with a wallet's key: ECIES whose ciphertexts prove that their author could
//! have decrypted them.
//!
//! A ciphertext is `E = e G`, a proof of knowledge of `e` bound to the key, the conditions and the
//! body, and the body under a key hashed from `e X`. A party answers with `x_i E` and a proof
//! (Chaum and Pedersen's) that it is so; `t` such points interpolate to `x E = e X`.
//!
//! The shape is that of Shoup and Gennaro's TDH2 ("Securing threshold cryptosystems against chosen
//! ciphertext attack"), with the signed-ElGamal proof in place of their second generator. Without
//! the author's proof a share would be a Diffie-Hellman oracle on a signing key: whoever may
//! decrypt one ciphertext could decrypt any other by shifting its `E`. With it, whoever may ask for
//! `x E` could already compute it.
//!
//! The share is given for a [`Header`] alone: a party never sees the body. Only keys of their own
//! decrypt; a derived key's share is of another type (see [`derivation`](crate::derivation)).

mod ciphertext;
mod share;

pub use ciphertext::{Ciphertext, Header, MAX_PLAINTEXT, NotEncrypted, Scope, encrypt};
pub use share::{Context, DecryptError, DecryptionShare, Refused, decrypt};

#[cfg(test)]
mod tests;
