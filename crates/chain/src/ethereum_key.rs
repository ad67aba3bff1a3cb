use std::fmt;

use alloy::primitives::{Address, B256};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use thiserror::Error;

/// The secp256k1 key of a node or of a user's account: it signs attestations and transactions.
/// Wiped when dropped, never printed. It is no share of anything that the network holds.
pub struct EthereumKey {
    // Its scalar is wiped on drop by the curve library.
    signer: PrivateKeySigner,
}

/// The bytes are no secp256k1 private key: zero, or not below the group order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("these bytes are no secp256k1 private key")]
pub struct InvalidKey;

impl EthereumKey {
    /// From 32 big-endian bytes. The caller wipes its copy.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, InvalidKey> {
        let signer = PrivateKeySigner::from_slice(bytes).map_err(|_| InvalidKey)?;
        Ok(Self { signer })
    }

    /// The account that this key controls.
    pub fn address(&self) -> Address {
        self.signer.address()
    }

    /// Signs the digest as it is, without any prefix: r, s (low) and v (27 or 28), 65 bytes.
    pub fn sign_digest(&self, digest: B256) -> [u8; 65] {
        self.signature(digest).as_bytes()
    }

    #[allow(clippy::expect_used, reason = "a local key signs every digest")]
    pub(crate) fn signature(&self, digest: B256) -> alloy::primitives::Signature {
        self.signer.sign_hash_sync(&digest).expect("a local key signs every digest")
    }
}

impl fmt::Debug for EthereumKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EthereumKey(of {})", self.address())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_outside_the_scalar_range_are_refused() {
        assert_eq!(EthereumKey::from_bytes(&[0; 32]).unwrap_err(), InvalidKey);
        assert_eq!(EthereumKey::from_bytes(&[0xff; 32]).unwrap_err(), InvalidKey);
    }

    #[test]
    fn the_key_is_never_printed() {
        let printed = format!("{:?}", EthereumKey::from_bytes(&[0x42; 32]).unwrap());
        assert!(!printed.contains("4242") && !printed.contains("66, 66"), "{printed}");
    }
}
