//! What a node answered to an action.

use conclave_wire::{ErrorBody, ErrorCode, ExecuteResponse};

#[derive(Clone, Debug)]
pub enum RunReply {
    /// The action ended well.
    Done(Box<ExecuteResponse>),
    /// An error, as JSON.
    Refused(Box<ErrorBody>),
    /// Something that this API does not have.
    Nonsense { status: u16 },
    /// No answer: why.
    Silent(String),
}

impl RunReply {
    /// Reads an answer's status and body.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let nonsense = RunReply::Nonsense { status };
        if status == 200 {
            return serde_json::from_slice(body)
                .map_or(nonsense, |response| RunReply::Done(Box::new(response)));
        }
        let refusal = serde_json::from_slice::<ErrorBody>(body)
            .ok()
            .filter(|refusal| refusal.status == status);
        refusal.map_or(nonsense, |refusal| RunReply::Refused(Box::new(refusal)))
    }

    /// What the action said, if it ended well.
    pub fn response(&self) -> Option<&str> {
        if let RunReply::Done(response) = self { Some(&response.response) } else { None }
    }

    /// Whether it is the error after which the same request may be sent again.
    pub fn is_retryable(&self) -> bool {
        matches!(self, RunReply::Refused(body) if body.code() == Some(ErrorCode::ConclaveRetry) && body.retryable)
    }
}
