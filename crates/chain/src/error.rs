use alloy::primitives::B256;
use alloy::rpc::json_rpc::RpcError;
use alloy::transports::{TransportError, TransportErrorKind};
use thiserror::Error;

use crate::Revert;

/// Longest piece of foreign text that an error repeats, in characters.
const MAX_FOREIGN_TEXT: usize = 300;

/// Why the chain gave no usable answer. `operation` says what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainError {
    /// Nobody answered, not in time, or with a server error. A retry helps.
    #[error("{operation}: the chain's RPC endpoint cannot be reached: {detail}")]
    RpcUnreachable {
        /// What was asked.
        operation: &'static str,
        /// What went wrong, without the endpoint's URL, which may hold an access token.
        detail: String,
    },
    /// The endpoint refused the request itself, for instance for lack of funds.
    #[error("{operation}: the chain's RPC endpoint refused: {message} (code {code})")]
    Refused {
        /// What was asked.
        operation: &'static str,
        /// JSON-RPC error code.
        code: i64,
        /// The endpoint's words, shortened.
        message: String,
    },
    /// A contract said no.
    #[error("{operation}: reverted with {revert}")]
    Reverted {
        /// What was asked.
        operation: &'static str,
        /// What the contract said.
        revert: Revert,
    },
    /// The answer contradicts itself or is malformed: a wrong address, a wrong chain's endpoint, or
    /// a liar.
    #[error("{operation}: the answer makes no sense: {detail}")]
    BadAnswer {
        /// What was asked.
        operation: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The endpoint is one of another chain.
    #[error("the RPC endpoint is of chain {found}, not {expected}")]
    WrongChain {
        /// The chain id that was asked for.
        expected: u64,
        /// The chain id that the endpoint reports.
        found: u64,
    },
    /// The transaction was sent and is in no block yet. It may still get there.
    #[error("{operation}: transaction {transaction} is in no block after {seconds} s")]
    NotMined {
        /// What was asked.
        operation: &'static str,
        /// The transaction's hash.
        transaction: B256,
        /// How long it was waited for.
        seconds: u64,
    },
    /// What was to be sent is above a limit, and was not sent.
    #[error("{operation}: {found} at once is above the limit of {maximum}")]
    TooMany {
        /// What was asked.
        operation: &'static str,
        /// How many there were.
        found: usize,
        /// How many there may be.
        maximum: usize,
    },
}

impl ChainError {
    /// Whether the same question may be answered a moment later.
    pub fn retry_helps(&self) -> bool {
        matches!(self, Self::RpcUnreachable { .. })
    }

    /// What the contract said, when it said no.
    pub fn revert(&self) -> Option<&Revert> {
        match self {
            Self::Reverted { revert, .. } => Some(revert),
            _ => None,
        }
    }

    pub(crate) fn bad_answer(operation: &'static str, detail: impl Into<String>) -> Self {
        Self::BadAnswer { operation, detail: shorten(&detail.into()) }
    }

    pub(crate) fn from_transport(operation: &'static str, error: TransportError) -> Self {
        match error {
            RpcError::ErrorResp(payload) => match payload.as_revert_data() {
                Some(data) => Self::Reverted { operation, revert: Revert::decode(&data) },
                // An empty revert has no data field on some endpoints.
                None if payload.message.starts_with("execution reverted") => {
                    Self::Reverted { operation, revert: Revert::decode(&[]) }
                }
                None => Self::Refused {
                    operation,
                    code: payload.code,
                    message: shorten(&payload.message),
                },
            },
            RpcError::Transport(TransportErrorKind::NonRetryable(error)) => {
                Self::bad_answer(operation, error.to_string())
            }
            RpcError::Transport(error) => {
                Self::RpcUnreachable { operation, detail: shorten(&error.to_string()) }
            }
            other => Self::bad_answer(operation, other.to_string()),
        }
    }
}

/// Foreign text, made harmless for a terminal and a log line.
pub(crate) fn shorten(text: &str) -> String {
    let mut short: String =
        text.chars().take(MAX_FOREIGN_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MAX_FOREIGN_TEXT).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_kept_up_to_the_limit_and_cut_behind_it() {
        let exact = "x".repeat(MAX_FOREIGN_TEXT);
        assert_eq!(shorten(&exact), exact);
        assert_eq!(shorten(&format!("{exact}y")), format!("{exact}…"));
        assert_eq!(shorten("a\u{1b}[31m\nb"), "a [31m b");
    }
}
