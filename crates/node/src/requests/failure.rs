//! What goes wrong in a request, as the client reads it.

use conclave_actions::{RunError, RunErrorKind};
use conclave_agreement::signing::{Announce, Outcome, SignedAnnounce, Verdict};
use conclave_auth::AuthError;
use conclave_chain::ChainError;
use conclave_chain::permission::Denied;
use conclave_serve::{AdmitError, Overloaded, Refusal};
use conclave_wire::headers::RequestIdError;
use conclave_wire::{ErrorBody, ErrorCode, RequestError, RequestId};

/// An error before it meets its request's id.
#[derive(Debug)]
pub struct Failure {
    pub code: ErrorCode,
    pub message: String,
    pub details: Vec<String>,
    /// An action's logs until it failed.
    pub logs: Option<String>,
}

impl Failure {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Failure { code, message: message.into(), details: Vec::new(), logs: None }
    }

    pub fn with_details(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }

    /// The node cannot do its own work.
    pub fn system(what: impl Into<String>) -> Self {
        let what = what.into();
        tracing::error!(%what, "a request failed inside the node");
        Failure::new(ErrorCode::NodeSystemFault, "the node failed; its log says why")
    }

    pub fn overloaded() -> Self {
        Failure::new(
            ErrorCode::ConclaveOverloaded,
            "this node has as many requests as it takes; try again",
        )
    }
}

impl Refusal for Failure {
    fn body(&self, id: Option<&RequestId>) -> ErrorBody {
        let body = ErrorBody::new(self.code, &self.message, id).with_details(&self.details);
        match &self.logs {
            Some(logs) => body.with_action_failure(&self.message, logs),
            None => body,
        }
    }
}

impl From<AdmitError> for Failure {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Overloaded(overloaded) => overloaded.into(),
            error => Failure::new(error.code(), error.to_string()),
        }
    }
}

impl From<Overloaded> for Failure {
    fn from(_: Overloaded) -> Self {
        Failure::overloaded()
    }
}

impl From<RequestIdError> for Failure {
    fn from(error: RequestIdError) -> Self {
        Failure::new(ErrorCode::CoreApiMissingRequiredXRequestIdHeader, error.to_string())
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Failure::new(error.code(), error.to_string())
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        Failure::new(ErrorCode::from(&error), error.to_string())
    }
}

/// The code under which a node announces and answers that the chain could not be asked.
pub fn chain_code(error: &ChainError) -> ErrorCode {
    if error.retry_helps() { ErrorCode::NodeRpcError } else { ErrorCode::NodeBlockchainError }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        Failure::new(chain_code(&error), error.to_string())
    }
}

pub fn denied_code(denied: &Denied) -> ErrorCode {
    match denied {
        Denied::NotMinted => ErrorCode::NodePKPTokenIdNotFound,
        Denied::NotPermitted | Denied::ScopeMissing => ErrorCode::NodePKPNotAuthorized,
    }
}

fn describe(signed: &SignedAnnounce) -> String {
    let Announce { from, verdict, .. } = &signed.announce;
    match verdict {
        Verdict::Yes { digest } => format!("node {from}: sign 0x{digest}"),
        Verdict::No { reason } => format!("node {from}: no, {reason}"),
    }
}

/// The failure that an outcome other than a share or an empty share stands for. `own` is what this
/// node itself found.
pub fn of_outcome(outcome: Outcome, own: Option<Failure>) -> Failure {
    match outcome {
        Outcome::Refused { reason } => own.unwrap_or_else(|| {
            let code = ErrorCode::from_text(&reason).unwrap_or(ErrorCode::NodeSystemFault);
            Failure::new(code, "this node does not sign this")
        }),
        Outcome::Split(announces) => {
            Failure::new(ErrorCode::ConclaveSplit, "not enough nodes agree on what to sign")
                .with_details(announces.iter().map(describe).collect())
        }
        Outcome::NoPresignature => Failure::new(
            ErrorCode::ConclavePoolEmpty,
            "no presignature is left for the nodes that agree; more are being made: send the \
             request again",
        ),
        Outcome::TimedOut => Failure::new(
            ErrorCode::RequestTimeout,
            "not enough nodes asked for this signature in time; was every node called?",
        ),
        // The same on all nodes, word for word: old clients show the answer that most nodes gave.
        Outcome::Retry | Outcome::Share(_) | Outcome::Empty => Failure::new(
            ErrorCode::ConclaveRetry,
            "the set of signing nodes changed under way; nothing was signed: send the request again",
        ),
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let code = match &error.kind {
            RunErrorKind::Timeout { .. } => ErrorCode::NodeJsTimeoutError,
            RunErrorKind::Memory { .. } => ErrorCode::NodeJsMemoryLimitError,
            RunErrorKind::Thrown { .. } => ErrorCode::NodeJsExecutionError,
            RunErrorKind::Limit { .. } => ErrorCode::ConclaveActionLimit,
            RunErrorKind::Parameter { .. } => ErrorCode::NodeBadInput,
            RunErrorKind::Host(error) => {
                ErrorCode::from_text(&error.code).unwrap_or(ErrorCode::NodeJsExecutionError)
            }
            RunErrorKind::Busy => ErrorCode::ConclaveOverloaded,
            RunErrorKind::Worker { .. } => ErrorCode::NodeJsConnectionError,
        };
        Failure {
            code,
            message: error.kind.to_string(),
            details: Vec::new(),
            logs: Some(error.logs),
        }
    }
}
