//! Identifiers of content, version 0.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::unixfs;

/// Multihash prefix: SHA-256, 32 bytes.
const SHA2_256: [u8; 2] = [0x12, 0x20];

/// Base58 of a 34-byte SHA-256 multihash always has this many characters.
const TEXT_LENGTH: usize = 46;

/// Names a file by the hash of its content: CIDv0, printed as `Qm...`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cid([u8; 32]);

/// Why something is not a CIDv0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CidError {
    /// Neither 46 characters of base58, nor 34 bytes.
    #[error("a CIDv0 has 46 characters of base58 and begins with Qm")]
    Malformed,
    /// Another hash function or length than SHA-256.
    #[error("the multihash is not a SHA-256 of 32 bytes")]
    NotSha256,
}

impl Cid {
    /// The CID that IPFS gives to a file of these bytes.
    pub fn of(content: &[u8]) -> Self {
        unixfs::root(content)
    }

    /// From a multihash of 34 bytes, the form in which contracts hold it.
    pub fn from_multihash(bytes: &[u8]) -> Result<Self, CidError> {
        let (prefix, digest) = bytes.split_at_checked(SHA2_256.len()).ok_or(CidError::Malformed)?;
        let digest = digest.try_into().map_err(|_| CidError::Malformed)?;
        if prefix != SHA2_256 {
            return Err(CidError::NotSha256);
        }
        Ok(Self(digest))
    }

    /// The multihash of 34 bytes: `0x1220` and the SHA-256 digest.
    pub fn multihash(&self) -> [u8; 34] {
        let mut bytes = [0; 34];
        bytes[..2].copy_from_slice(&SHA2_256);
        bytes[2..].copy_from_slice(&self.0);
        bytes
    }

    pub(crate) fn of_node(encoded: &[u8]) -> Self {
        Self(Sha256::digest(encoded).into())
    }
}

impl FromStr for Cid {
    type Err = CidError;

    fn from_str(text: &str) -> Result<Self, CidError> {
        if text.len() != TEXT_LENGTH {
            return Err(CidError::Malformed);
        }
        let bytes = bs58::decode(text).into_vec().map_err(|_| CidError::Malformed)?;
        Self::from_multihash(&bytes)
    }
}

impl fmt::Display for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bs58::encode(self.multihash()).into_string())
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cid({self})")
    }
}
