//! The error catalogue: every code a client can get, with its HTTP status and whether a retry
//! helps.
//!
//! Codes beginning with `Node` or `CoreApi`, and `request_timeout`, are those that applications
//! written against the original network already know; ours begin with `Conclave`. `docs/errors.md`
//! lists the same table for readers, and a test holds the two together.

mod body;
mod catalogue;

pub use body::{ActionFailure, ErrorBody};
pub use catalogue::ErrorCode;

/// The family of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A fault of the node itself.
    Unexpected,
    /// The request, or who makes it, is refused.
    Validation,
    /// The request cannot be read.
    Parser,
    /// Content is not to be had.
    Ipfs,
    /// Something took too long.
    Timeout,
    /// Something could not be reached.
    Connect,
    /// An action needed too much memory.
    MemoryLimit,
    /// The chain did not answer, or answered nonsense.
    Blockchain,
    /// Anything else.
    Generic,
}

impl ErrorKind {
    /// The family on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unexpected => "Unexpected",
            Self::Validation => "Validation",
            Self::Parser => "Parser",
            Self::Ipfs => "IPFS",
            Self::Timeout => "Timeout",
            Self::Connect => "Connect",
            Self::MemoryLimit => "MemoryLimit",
            Self::Blockchain => "Blockchain",
            Self::Generic => "Generic",
        }
    }
}
