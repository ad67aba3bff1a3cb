//! How a run fails.

use std::time::Duration;

use crate::host::HostError;

/// A run that failed, with the log lines that the action wrote until then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct RunError {
    /// What happened.
    pub kind: RunErrorKind,
    /// Log lines until then, each ended by a newline.
    pub logs: String,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunErrorKind {
    /// It did not end in time.
    #[error("Your function exceeded the maximum runtime of {}ms and was terminated.", limit.as_millis())]
    Timeout {
        /// The time it had.
        limit: Duration,
    },
    /// It used more memory than it may.
    #[error("Your function exceeded the maximum memory of {} MB and was terminated.", limit_bytes >> 20)]
    Memory {
        /// The memory it had, in bytes.
        limit_bytes: u64,
    },
    /// The script threw, or could not be read.
    #[error("Uncaught {message}{}", Position(*line, *column))]
    Thrown {
        /// What it threw, as text.
        message: String,
        /// Line of the script, from 1, where known.
        line: Option<u32>,
        /// Column of that line, from 1, where known.
        column: Option<u32>,
    },
    /// It went past another limit.
    #[error("{}", limit.message(*max))]
    Limit {
        /// Which one.
        limit: Limit,
        /// Its value.
        max: u64,
    },
    /// A parameter would replace something that scripts rely on.
    #[error("jsParams may not contain \"{name}\": a global of that name exists already")]
    Parameter {
        /// Its name.
        name: String,
    },
    /// The node refused, or failed, a call that the script did not catch.
    #[error(transparent)]
    Host(HostError),
    /// All workers are in use and enough requests wait for one.
    #[error("this node runs as many actions as it can; try again")]
    Busy,
    /// The worker died or broke the protocol. No fault of the request that is known.
    #[error("the worker that ran the action failed: {reason}")]
    Worker {
        /// What was seen of it.
        reason: &'static str,
    },
}

impl RunErrorKind {
    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Host(error) => error.retryable,
            Self::Busy | Self::Worker { .. } => true,
            Self::Timeout { .. }
            | Self::Memory { .. }
            | Self::Thrown { .. }
            | Self::Limit { .. }
            | Self::Parameter { .. } => false,
        }
    }
}

/// A limit that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Length of the code, in bytes.
    CodeBytes {
        /// That of this code.
        length: u64,
    },
    /// Length of the parameters, in bytes of JSON.
    ParameterBytes,
    /// Length of the response, in bytes.
    ResponseBytes,
    /// Length of all log lines, in bytes.
    LogBytes,
    /// Signatures.
    Signatures,
    /// Calls of `fetch`.
    Fetches,
    /// Questions to chains.
    ChainQueries,
    /// Exchanges among the nodes.
    Exchanges,
    /// Child actions.
    Children,
    /// Depth of child actions.
    Depth,
    /// Calls of any kind, refused ones included.
    Calls,
}

impl Limit {
    /// The sentence that the action's author reads.
    pub fn message(self, max: u64) -> String {
        match self {
            Self::CodeBytes { length } => {
                format!("Code payload is too large ({length} bytes). Max length is {max} bytes.")
            }
            Self::ParameterBytes => format!("jsParams are too large. Max length is {max} bytes"),
            Self::ResponseBytes => format!("Response is too long. Max length is {max} bytes"),
            Self::LogBytes => format!(
                "Console.log is printing something that is too long. Max length for all logs in a single request is {max} bytes"
            ),
            Self::Signatures => exceeded("sign", max, "times"),
            Self::Fetches => exceeded("send", max, "HTTP requests"),
            Self::ChainQueries => exceeded("invoke contract calls", max, "times"),
            Self::Exchanges => exceeded("use broadcast and collect functionality", max, "times"),
            Self::Children => exceeded("call", max, "child actions"),
            Self::Depth => format!(
                "The recursion limit of a child action is {max} and you have attempted to exceed that limit."
            ),
            Self::Calls => exceeded("call the node", max, "times"),
        }
    }
}

fn exceeded(what: &str, max: u64, unit: &str) -> String {
    format!(
        "You may not {what} more than {max} {unit} per session and you have attempted to exceed that limit."
    )
}

struct Position(Option<u32>, Option<u32>);

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self(Some(line), Some(column)) => write!(f, " (line {line}, column {column})"),
            Self(Some(line), None) => write!(f, " (line {line})"),
            Self(None, _) => Ok(()),
        }
    }
}
