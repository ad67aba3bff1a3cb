//! A wallet key, for clients and tests.

use std::fmt;

use conclave_wire::AuthSig;
use k256::ecdsa::SigningKey;

use crate::address::{Address, checksummed, of_key};
use crate::personal::personal_digest;
use crate::siwe::SiweMessage;
use crate::wallet_signature::WALLET;

/// A secp256k1 key that signs personal messages. Erased when dropped; `Debug` shows the address
/// only.
#[derive(Clone)]
pub struct Wallet {
    key: SigningKey,
    address: Address,
}

/// The bytes are no secret key: zero, or not below the group's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no secp256k1 secret key")]
pub struct InvalidSecret;

impl Wallet {
    /// The wallet of a secret key, big-endian.
    pub fn from_secret(secret: &[u8; 32]) -> Result<Self, InvalidSecret> {
        let key = SigningKey::from_slice(secret).map_err(|_| InvalidSecret)?;
        let address = of_key(key.verifying_key());
        Ok(Self { key, address })
    }

    /// The wallet's address.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Signs a personal message: `0x`, r, s (lower half) and v (27 or 28) in hexadecimal.
    pub fn sign_personal(&self, message: &str) -> String {
        let digest = personal_digest(message.as_bytes());
        let (signature, recovery) = self.key.sign_prehash_recoverable(&digest);
        format!("0x{}{:02x}", hex::encode(signature.to_bytes()), 27 + u8::from(recovery.is_y_odd()))
    }

    /// Signs a message of EIP-4361 as an `authSig`.
    pub fn sign_siwe(&self, message: &SiweMessage) -> AuthSig {
        self.sign_text(message.to_string())
    }

    pub(crate) fn sign_text(&self, text: String) -> AuthSig {
        AuthSig {
            sig: self.sign_personal(&text),
            derived_via: WALLET.into(),
            signed_message: text,
            address: checksummed(&self.address),
            algo: None,
        }
    }
}

impl fmt::Debug for Wallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wallet")
            .field("address", &checksummed(&self.address))
            .finish_non_exhaustive()
    }
}
