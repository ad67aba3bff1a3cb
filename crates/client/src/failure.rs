//! What single nodes did instead of helping, and what that means for the whole call.

use conclave_threshold::online::AnswerFault;
use conclave_wire::{ErrorBody, ErrorCode, RequestId};
use std::collections::BTreeMap;
use std::fmt;

/// The longest piece of a node's own words that an error repeats, in characters.
const MAX_FOREIGN_TEXT: usize = 1_000;

/// One node and its fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("node {node} ({url}) {fault}")]
pub struct NodeFailure {
    /// The node's id in the epoch, from 1.
    pub node: u16,
    /// Where it was asked.
    pub url: String,
    /// What it did.
    pub fault: NodeFault,
}

/// What a node did instead of helping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodeFault {
    /// No connection, or one that broke.
    #[error("cannot be reached: {detail}")]
    Unreachable {
        /// The innermost cause.
        detail: String,
    },
    /// No complete answer in time.
    #[error("did not answer within {seconds} s")]
    Silent {
        /// How long it was waited for.
        seconds: u64,
    },
    /// An answer above the limit.
    #[error("answered more than {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// Not the JSON that this API has; a foreign server, or a proxy before the node.
    #[error("gave an answer that is not of this API (HTTP status {status})")]
    NotJson {
        /// The HTTP status.
        status: u16,
    },
    /// It said no.
    #[error("refused: {}: {}{}", .0.error_code, .0.message, details(.0))]
    Refused(Box<ErrorBody>),
    /// A field of its answer cannot be read.
    #[error("gave an answer with an unreadable {field}")]
    Malformed {
        /// The field.
        field: &'static str,
    },
    /// An answer to something that was not asked.
    #[error("answered for another {field}")]
    Other {
        /// In what it differs.
        field: &'static str,
    },
    /// A share without anything that proves it, where proof was needed.
    #[error("gave a share without a readable certificate")]
    NoCertificate,
    /// The share is not the one that its own certificate shows.
    #[error("gave a wrong share: it is not the one in its certificate")]
    OtherShare,
    /// It certified, with all others of its signing set, a presignature that cannot sign.
    #[error("certified a presignature that cannot sign, and so did all others of its set")]
    FalseCertificate,
    /// The certificate does not hold, or the share does not fit it.
    #[error("cheated: {0}")]
    Cheated(AnswerFault),
}

fn details(body: &ErrorBody) -> String {
    if body.details.is_empty() { String::new() } else { format!(" ({})", body.details.join("; ")) }
}

impl NodeFault {
    /// Whether no honest node does this: it lied, or something between it and the client did.
    pub fn is_cheating(&self) -> bool {
        matches!(
            self,
            Self::Other { .. }
                | Self::NoCertificate
                | Self::OtherShare
                | Self::FalseCertificate
                | Self::Cheated(_)
        )
    }

    /// Whether the same node may help when it is asked again.
    fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Silent { .. } => true,
            Self::Refused(body) => body.retryable,
            _ => false,
        }
    }

    fn is_absence(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Silent { .. })
    }
}

/// A call that fewer nodes than needed helped with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Shortfall {
    /// The request's id, the same at every node.
    pub request_id: RequestId,
    /// How many nodes are needed.
    pub threshold: u16,
    /// How many nodes the network has.
    pub members: u16,
    /// Who did not help, and why, in order of the nodes. A node that answered as it should is not
    /// among them, nor one whose answer was no longer waited for.
    pub failures: Vec<NodeFailure>,
}

impl Shortfall {
    /// The nodes that cheated.
    pub fn culprits(&self) -> impl Iterator<Item = &NodeFailure> {
        self.failures.iter().filter(|failure| failure.fault.is_cheating())
    }

    /// The error code that most of the refusing nodes gave.
    pub fn code(&self) -> Option<&str> {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for body in self.refusals() {
            *votes.entry(&body.error_code).or_default() += 1;
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(code, _)| code)
    }

    /// The same as one that this version knows.
    pub fn known_code(&self) -> Option<ErrorCode> {
        self.code().and_then(ErrorCode::from_text)
    }

    /// What the action wrote to its console before it failed, as one node tells it.
    pub fn logs(&self) -> Option<&str> {
        self.refusals().find_map(|body| body.action.as_ref()).map(|action| action.logs.as_str())
    }

    /// Whether the same call may succeed when it is made again: enough nodes are left that neither
    /// cheated nor said a final no.
    pub fn retry_helps(&self) -> bool {
        self.left(|fault| !fault.may_pass()) >= self.threshold
    }

    /// Whether it may succeed at once: absent nodes stay absent for a while.
    pub(crate) fn retry_helps_now(&self) -> bool {
        self.left(|fault| !fault.may_pass() || fault.is_absence()) >= self.threshold
    }

    fn left(&self, lost: impl Fn(&NodeFault) -> bool) -> u16 {
        let lost = self.failures.iter().filter(|failure| lost(&failure.fault)).count();
        self.members.saturating_sub(lost as u16)
    }

    fn refusals(&self) -> impl Iterator<Item = &ErrorBody> {
        self.failures.iter().filter_map(|failure| match &failure.fault {
            NodeFault::Refused(body) => Some(&**body),
            _ => None,
        })
    }

    /// The words of one node that gave the most common code.
    fn verdict(&self) -> Option<(usize, &ErrorBody)> {
        let code = self.code()?;
        let count = self.refusals().filter(|body| body.error_code == code).count();
        self.refusals().find(|body| body.error_code == code).map(|body| (count, body))
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut culprits = self.culprits().peekable();
        if culprits.peek().is_some() {
            let named: Vec<String> = culprits.map(NodeFailure::to_string).collect();
            return write!(f, "{}", named.join("; "));
        }
        let most = usize::from(self.members.saturating_sub(self.threshold)) + 1;
        if let Some((count, body)) = self.verdict().filter(|(count, _)| *count >= most) {
            return write!(
                f,
                "{count} of {} nodes refuse: {}: {}{}",
                self.members,
                body.error_code,
                body.message,
                details(body)
            );
        }
        let Self { members, threshold, .. } = self;
        write!(f, "fewer than the {threshold} nodes needed, of {members}, gave a usable answer")?;
        self.failures.iter().try_for_each(|failure| write!(f, "; {failure}"))
    }
}

/// A node's words, shortened and made harmless for a terminal and a log line.
pub(crate) fn printable(mut body: ErrorBody) -> ErrorBody {
    body.error_code = clean(&body.error_code);
    body.message = clean(&body.message);
    body.details = body
        .details
        .iter()
        .take(conclave_wire::limits::MAX_ERROR_DETAILS)
        .map(|detail| clean(detail))
        .collect();
    body
}

fn clean(text: &str) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let mut clean: String = text.chars().take(MAX_FOREIGN_TEXT).map(shown).collect();
    if text.chars().nth(MAX_FOREIGN_TEXT).is_some() {
        clean.push('…');
    }
    clean
}

#[cfg(test)]
mod tests;
