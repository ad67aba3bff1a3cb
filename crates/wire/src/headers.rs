//! HTTP headers: their names, what cross-origin callers may send, and the rule for request ids.

use std::fmt;

use crate::limits::MAX_REQUEST_ID_CHARACTERS;

/// The header that names a request; the client chooses its value.
pub const REQUEST_ID: &str = "x-request-id";
/// Accepted in place of [`REQUEST_ID`].
pub const CORRELATION_ID: &str = "x-correlation-id";
/// The version of the calling SDK.
pub const SDK_VERSION: &str = "x-lit-sdk-version";
/// The language of the calling SDK.
pub const SDK_TYPE: &str = "x-lit-sdk-type";
/// The request headers that a browser may send from another origin.
pub const CORS_ALLOWED_HEADERS: [&str; 6] =
    ["content-type", "accept", SDK_VERSION, SDK_TYPE, REQUEST_ID, CORRELATION_ID];
/// The methods that a browser may use from another origin.
pub const CORS_ALLOWED_METHODS: [&str; 3] = ["GET", "POST", "OPTIONS"];

/// A request id that is safe to log, to echo and to hash: 1 to [`MAX_REQUEST_ID_CHARACTERS`] of
/// `[A-Za-z0-9_.-]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(String);

/// Why a request has no usable id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestIdError {
    /// Neither header is there.
    #[error("the header X-Request-Id is missing")]
    Missing,
    /// The header is empty, too long, or holds a character outside the allowed set.
    #[error(
        "the header X-Request-Id must be 1 to {MAX_REQUEST_ID_CHARACTERS} characters of A-Z a-z 0-9 _ . -"
    )]
    Malformed,
}

impl RequestId {
    /// Reads one header value.
    pub fn parse(value: &str) -> Result<Self, RequestIdError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        if value.is_empty()
            || value.len() > MAX_REQUEST_ID_CHARACTERS
            || !value.bytes().all(allowed)
        {
            return Err(RequestIdError::Malformed);
        }
        Ok(Self(value.to_owned()))
    }

    /// The id of a request with these two header values; `X-Request-Id` wins.
    pub fn from_headers(
        request_id: Option<&str>,
        correlation_id: Option<&str>,
    ) -> Result<Self, RequestIdError> {
        request_id.or(correlation_id).ok_or(RequestIdError::Missing).and_then(Self::parse)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_longest_id_and_refuses_one_character_more() {
        assert!(RequestId::parse(&"a".repeat(MAX_REQUEST_ID_CHARACTERS)).is_ok());
        assert_eq!(
            RequestId::parse(&"a".repeat(MAX_REQUEST_ID_CHARACTERS + 1)),
            Err(RequestIdError::Malformed)
        );
    }

    #[test]
    fn refuses_what_could_forge_a_log_line_or_a_header() {
        for bad in ["", "a b", "a\n", "a\r\nSet-Cookie: x", "ü", "a/b", "a\0", "{}"] {
            assert_eq!(RequestId::parse(bad), Err(RequestIdError::Malformed), "{bad:?}");
        }
        assert!(RequestId::parse("lit_12c365b342dad").is_ok());
    }

    #[test]
    fn prefers_the_request_id_over_the_correlation_id() {
        assert_eq!(RequestId::from_headers(Some("a"), Some("b")).map(|id| id.0), Ok("a".into()));
        assert_eq!(RequestId::from_headers(None, Some("b")).map(|id| id.0), Ok("b".into()));
        assert_eq!(RequestId::from_headers(None, None), Err(RequestIdError::Missing));
    }
}
