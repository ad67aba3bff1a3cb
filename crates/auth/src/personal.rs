//! EIP-191 personal messages: their digest, and who signed one.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest, Keccak256};

use crate::address::{Address, of_key};

/// Why a wallet signature cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// Not `0x` and 130 hexadecimal digits, a scalar out of range, or a recovery byte other than 0,
    /// 1, 27 or 28.
    #[error(
        "must be a 65-byte signature in hexadecimal, beginning with 0x and ending with 00, 01, 1b or 1c"
    )]
    Unreadable,
    /// The upper of the two forms of `s`. Wallets write the lower one, as transactions require
    /// (EIP-2); with only one form accepted, nobody but the signer can make a second signature out
    /// of a first.
    #[error("must have its s in the lower half")]
    HighS,
    /// No key could have made it.
    #[error("was made by no key")]
    NoSigner,
}

/// The digest that a wallet signs for a personal message.
pub fn personal_digest(message: &[u8]) -> [u8; 32] {
    let mut hash = Keccak256::new();
    hash.update(format!("\x19Ethereum Signed Message:\n{}", message.len()));
    hash.update(message);
    hash.finalize().into()
}

/// The address that signed `message`; `signature` is `0x`, r, s and v.
pub fn recover_personal(message: &str, signature: &str) -> Result<Address, SignatureFault> {
    let mut bytes = [0; 65];
    let digits = signature.strip_prefix("0x").ok_or(SignatureFault::Unreadable)?;
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| SignatureFault::Unreadable)?;
    let (scalars, v) = bytes.split_at(64);
    let parity = match v {
        [0 | 27] => false,
        [1 | 28] => true,
        _ => return Err(SignatureFault::Unreadable),
    };
    let signature = Signature::from_slice(scalars).map_err(|_| SignatureFault::Unreadable)?;
    if signature.normalize_s() != signature {
        return Err(SignatureFault::HighS);
    }
    let digest = personal_digest(message.as_bytes());
    VerifyingKey::recover_from_prehash(&digest, &signature, RecoveryId::new(parity, false))
        .map(|key| of_key(&key))
        .map_err(|_| SignatureFault::NoSigner)
}
