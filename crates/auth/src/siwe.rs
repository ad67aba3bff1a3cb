//! Sign-in with Ethereum (EIP-4361): the message, its strict reading and its writing.
//!
//! The grammar is that of the EIP, with three narrowings: a domain has no user part, a nonce has at
//! most [`MAX_NONCE_CHARACTERS`], and a chain id fits into 64 bits. What [`SiweMessage::parse`]
//! accepts, `Display` writes back byte for byte.

mod grammar;
mod parse;

use std::fmt;

use crate::address::{Address, checksummed};
use crate::timestamp::Timestamp;

/// Longest message, in bytes.
pub const MAX_SIWE_BYTES: usize = 16 * 1024;
/// Most resources in a message.
pub const MAX_SIWE_RESOURCES: usize = 32;
/// Longest nonce; the EIP has only a lower bound, of 8.
pub const MAX_NONCE_CHARACTERS: usize = 128;

/// A message of EIP-4361. Its version is always 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiweMessage {
    /// The scheme of the asking page, when the wallet added it.
    pub scheme: Option<String>,
    /// The host, and port if any, of the asking page.
    pub domain: String,
    /// Who signs.
    pub address: Address,
    /// What the wallet shows to its user.
    pub statement: Option<String>,
    /// What the signature is for.
    pub uri: String,
    /// The chain of the account.
    pub chain_id: u64,
    /// At least 8 letters and digits.
    pub nonce: String,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expiration_time: Option<Timestamp>,
    /// When it begins, if later than it was made.
    pub not_before: Option<Timestamp>,
    /// Whatever the asking page put there.
    pub request_id: Option<String>,
    /// What it refers to; `urn:recap:` resources grant rights.
    pub resources: Vec<String>,
}

/// Why a text is not a message of EIP-4361.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiweFault {
    /// It is longer than [`MAX_SIWE_BYTES`].
    #[error("is longer than {MAX_SIWE_BYTES} bytes")]
    TooLong,
    /// A part that must be there is not, or something else stands in its place.
    #[error("has no {0} where EIP-4361 wants it")]
    Missing(&'static str),
    /// A part is there, but not in the form that the EIP wants.
    #[error("has a malformed {0}")]
    Malformed(&'static str),
    /// More resources than [`MAX_SIWE_RESOURCES`].
    #[error("has more than {MAX_SIWE_RESOURCES} resources")]
    TooManyResources,
    /// Text after the end.
    #[error("goes on after its last part")]
    Trailing,
}

impl fmt::Display for SiweMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = &self.scheme {
            write!(f, "{scheme}://")?;
        }
        write!(f, "{}{}\n{}\n\n", self.domain, parse::HEADER, checksummed(&self.address))?;
        if let Some(statement) = &self.statement {
            writeln!(f, "{statement}")?;
        }
        write!(
            f,
            "\nURI: {}\nVersion: 1\nChain ID: {}\nNonce: {}",
            self.uri, self.chain_id, self.nonce
        )?;
        write!(f, "\nIssued At: {}", self.issued_at)?;
        if let Some(time) = &self.expiration_time {
            write!(f, "\nExpiration Time: {time}")?;
        }
        if let Some(time) = &self.not_before {
            write!(f, "\nNot Before: {time}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\nRequest ID: {id}")?;
        }
        if !self.resources.is_empty() {
            f.write_str("\nResources:")?;
        }
        self.resources.iter().try_for_each(|resource| write!(f, "\n- {resource}"))
    }
}
