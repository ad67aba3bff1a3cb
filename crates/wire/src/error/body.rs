use serde::{Deserialize, Serialize};

use super::ErrorCode;
use crate::headers::RequestId;
use crate::limits::{MAX_ERROR_DETAILS, MAX_ERROR_MESSAGE_BYTES};

/// The JSON of every answer that is not 2xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// The family, as text: a client may meet nodes newer than itself.
    pub error_kind: String,
    /// The code, as text; see [`ErrorCode::from_text`].
    pub error_code: String,
    /// The HTTP status once more.
    pub status: u16,
    /// One sentence for people.
    pub message: String,
    /// The request's id, when it had a usable one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The causes, outermost first.
    #[serde(default)]
    pub details: Vec<String>,
    /// Whether the same request, sent again a little later, may succeed.
    #[serde(default)]
    pub retryable: bool,
    /// Present when an action failed.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionFailure>,
}

/// What SDKs read of a failed action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionFailure {
    /// Always false.
    pub success: bool,
    /// What the action threw.
    pub error: String,
    /// What it wrote to the console before.
    pub logs: String,
}

impl ErrorBody {
    /// The body for `code`. An over-long message is cut; no more than [`MAX_ERROR_DETAILS`] details
    /// are kept.
    pub fn new(code: ErrorCode, message: &str, request_id: Option<&RequestId>) -> Self {
        Self {
            error_kind: code.kind().as_str().to_owned(),
            error_code: code.as_str().to_owned(),
            status: code.status(),
            message: cut(message),
            correlation_id: request_id.map(|id| id.as_str().to_owned()),
            details: Vec::new(),
            retryable: code.retryable(),
            action: None,
        }
    }

    /// Adds causes, outermost first.
    pub fn with_details<Text: AsRef<str>>(
        mut self,
        details: impl IntoIterator<Item = Text>,
    ) -> Self {
        let room = MAX_ERROR_DETAILS.saturating_sub(self.details.len());
        self.details.extend(details.into_iter().take(room).map(|detail| cut(detail.as_ref())));
        self
    }

    /// Adds what SDKs read of a failed action: its error, and its logs up to the failure.
    pub fn with_action_failure(mut self, error: &str, logs: &str) -> Self {
        self.action =
            Some(ActionFailure { success: false, error: cut(error), logs: logs.to_owned() });
        self
    }

    /// The code, if this version knows it.
    pub fn code(&self) -> Option<ErrorCode> {
        ErrorCode::from_text(&self.error_code)
    }
}

fn cut(text: &str) -> String {
    let mut end = text.len().min(MAX_ERROR_MESSAGE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}
