//! Why a command did not do what it was asked to.

use conclave_chain::{ChainError, MintError};
use conclave_client::{
    ConnectError, HandshakeError, RandomnessError, RunError, SessionError, Shortfall, SignError,
    StoreError,
};
use serde_json::{Value, json};

/// One or two plain sentences, and what a script wants to know.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    /// The error code that most nodes gave.
    pub code: Option<String>,
    pub request_id: Option<String>,
    /// What an action wrote before it failed.
    pub logs: Option<String>,
    kind: Kind,
    /// Whether the command has printed its result already: failing is part of it.
    pub reported: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Final,
    Usage,
    Retryable,
}

impl Failure {
    /// The same again would fail again.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: None,
            request_id: None,
            logs: None,
            kind: Kind::Final,
            reported: false,
        }
    }

    /// The command line does not say what is needed.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, ..Self::new(message) }
    }

    pub fn retryable_if(self, retry_helps: bool) -> Self {
        Self { kind: if retry_helps { Kind::Retryable } else { Kind::Final }, ..self }
    }

    pub fn already_reported(self) -> Self {
        Self { reported: true, ..self }
    }

    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Final => 1,
            Kind::Usage => 2,
            Kind::Retryable => 3,
        }
    }

    /// What is told after the message, when there is anything to tell.
    pub fn advice(&self) -> Option<String> {
        let request = self.request_id.as_ref().map(|id| format!("request {id}"));
        let retry = match self.kind {
            Kind::Retryable => Some("trying again may help"),
            Kind::Final if request.is_some() => Some("trying again does not help"),
            _ => None,
        };
        match (request, retry) {
            (Some(request), Some(retry)) => Some(format!("{request}; {retry}")),
            (request, retry) => request.or(retry.map(str::to_owned)),
        }
    }

    pub fn json(&self) -> Value {
        json!({ "error": {
            "message": self.message,
            "code": self.code,
            "requestId": self.request_id,
            "retryable": self.kind == Kind::Retryable,
            "logs": self.logs,
        } })
    }

    fn of_call(message: String, retry_helps: bool, shortfall: &Shortfall) -> Self {
        Self {
            code: shortfall.code().map(str::to_owned),
            request_id: Some(shortfall.request_id.to_string()),
            logs: shortfall.logs().filter(|logs| !logs.is_empty()).map(str::to_owned),
            ..Self::new(message).retryable_if(retry_helps)
        }
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        let retry_helps = error.retry_helps();
        Self::new(error.to_string()).retryable_if(retry_helps)
    }
}

impl From<MintError> for Failure {
    fn from(error: MintError) -> Self {
        match error {
            MintError::PoolEmpty => Self::new(error.to_string()).retryable_if(true),
            MintError::Chain(error) => error.into(),
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let retry_helps = error.retry_helps();
        Self::new(error.to_string()).retryable_if(retry_helps)
    }
}

impl From<RandomnessError> for Failure {
    fn from(error: RandomnessError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<HandshakeError> for Failure {
    fn from(error: HandshakeError) -> Self {
        match &error {
            HandshakeError::Shortfall(shortfall) => {
                Self::of_call(error.to_string(), error.retry_helps(), shortfall)
            }
            HandshakeError::Randomness(error) => (*error).into(),
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Handshake(error) => error.into(),
            SessionError::Randomness(error) => error.into(),
        }
    }
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        match &error {
            SignError::Shortfall(shortfall) => {
                Self::of_call(error.to_string(), error.retry_helps(), shortfall)
            }
            SignError::Randomness(error) => (*error).into(),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match &error {
            RunError::Shortfall(shortfall) => {
                Self::of_call(error.to_string(), error.retry_helps(), shortfall)
            }
            RunError::Split(split) => {
                Self::of_call(error.to_string(), error.retry_helps(), &split.shortfall)
            }
            RunError::CodeTooLong { .. } | RunError::Cid(_) | RunError::Randomness(_) => {
                Self::new(error.to_string())
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Shortfall(shortfall) => {
                Self::of_call(error.to_string(), error.retry_helps(), shortfall)
            }
            StoreError::CodeTooLong { .. } | StoreError::Randomness(_) => {
                Self::new(error.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let failure = || Failure::new("x");
        assert_eq!((failure().exit_code(), Failure::usage("x").exit_code()), (1, 2));
        assert_eq!(
            (failure().retryable_if(true).exit_code(), failure().retryable_if(false).exit_code()),
            (3, 1)
        );
        assert_eq!(Failure::from(MintError::PoolEmpty).exit_code(), 3);
    }

    #[test]
    fn advice_names_the_request_and_whether_a_retry_helps() {
        let with_id = |retry| Failure {
            request_id: Some("a".into()),
            ..Failure::new("x").retryable_if(retry)
        };
        assert_eq!(with_id(true).advice().as_deref(), Some("request a; trying again may help"));
        assert_eq!(
            with_id(false).advice().as_deref(),
            Some("request a; trying again does not help")
        );
        assert_eq!(Failure::new("x").advice(), None);
    }
}
