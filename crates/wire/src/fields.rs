//! Strict reading of a JSON object, field by field: each refusal names the field and the reason.

use serde_json::{Map, Value};

use crate::ErrorCode;

/// Why a request body was refused before anything looked at what it asks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The body is longer than its endpoint reads.
    #[error("the body is longer than {limit} bytes")]
    BodyTooLarge {
        /// The endpoint's limit in bytes.
        limit: usize,
    },
    /// The body is not JSON.
    #[error("the body is not JSON: fault at line {line}, column {column}")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// The body is JSON, but no object.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// One field is at fault.
    #[error("{field}: {fault}")]
    Field {
        /// The field's path in the body, as in `authMethods[1].accessToken`.
        field: String,
        /// What is wrong with it.
        fault: FieldFault,
    },
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldFault {
    /// It must be there.
    #[error("is missing")]
    Missing,
    /// It is of another JSON type.
    #[error("must be {0}")]
    WrongType(&'static str),
    /// It is of the right type, but does not have the right form.
    #[error("must be {0}")]
    Malformed(&'static str),
    /// It is longer than its limit, in bytes of text or entries of a list.
    #[error("is longer than {limit}")]
    TooLong {
        /// The longest that is accepted.
        limit: usize,
    },
    /// It cannot stand beside another field.
    #[error("cannot stand beside {0}")]
    Conflicts(&'static str),
    /// A map of one signature per chain, which these endpoints do not take.
    #[error("must be one signature, not one per chain")]
    SignaturePerChain,
}

impl RequestError {
    /// The error code that a client gets.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::BodyTooLarge { .. } => ErrorCode::ConclaveBodyTooLarge,
            Self::NotJson { .. } | Self::NotAnObject => ErrorCode::NodeParserError,
            Self::Field { fault: FieldFault::SignaturePerChain, .. } => {
                ErrorCode::NodeInvalidMultipleAuthSigs
            }
            Self::Field { field, .. } if field == "ipfsId" => ErrorCode::NodeInvalidIPFSID,
            Self::Field { .. } => ErrorCode::NodeBadInput,
        }
    }
}

/// A JSON object being read. `null` counts as absent; fields nobody reads are ignored.
#[derive(Debug)]
pub struct Fields {
    path: String,
    map: Map<String, Value>,
}

impl Fields {
    /// Reads a whole body of at most `limit` bytes.
    pub fn parse(body: &[u8], limit: usize) -> Result<Self, RequestError> {
        if body.len() > limit {
            return Err(RequestError::BodyTooLarge { limit });
        }
        let value: Value = serde_json::from_slice(body).map_err(|error| RequestError::NotJson {
            line: error.line(),
            column: error.column(),
        })?;
        match value {
            Value::Object(map) => Ok(Self { path: String::new(), map }),
            _ => Err(RequestError::NotAnObject),
        }
    }

    /// Reads an object that stands at `path` inside something larger.
    pub fn nested(path: &str, value: Value) -> Result<Self, RequestError> {
        match value {
            Value::Object(map) => Ok(Self { path: path.to_owned(), map }),
            _ => Err(RequestError::Field {
                field: path.to_owned(),
                fault: FieldFault::WrongType("an object"),
            }),
        }
    }

    /// The same object, for when it stood at `path`: a text field that holds JSON.
    pub fn under(self, path: &str) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// The path of one of this object's fields.
    pub fn path_of(&self, field: &str) -> String {
        if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) }
    }

    /// The error that blames `field`.
    pub fn fault(&self, field: &str, fault: FieldFault) -> RequestError {
        RequestError::Field { field: self.path_of(field), fault }
    }

    /// Whether the object has this field with a value other than null.
    pub fn has(&self, field: &str) -> bool {
        self.map.get(field).is_some_and(|value| !value.is_null())
    }

    /// Takes a field of any type.
    pub fn value(&mut self, field: &str) -> Option<Value> {
        self.map.remove(field).filter(|value| !value.is_null())
    }

    /// Takes a text field of at most `limit` bytes.
    pub fn text(&mut self, field: &str, limit: usize) -> Result<Option<String>, RequestError> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() > limit => {
                Err(self.fault(field, FieldFault::TooLong { limit }))
            }
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.fault(field, FieldFault::WrongType("a string"))),
        }
    }

    /// Takes a text field that must be there.
    pub fn required_text(&mut self, field: &str, limit: usize) -> Result<String, RequestError> {
        self.text(field, limit)?.ok_or_else(|| self.fault(field, FieldFault::Missing))
    }

    /// Takes a whole number from 0 to 2^64 - 1.
    pub fn integer(&mut self, field: &str) -> Result<Option<u64>, RequestError> {
        match self.value(field) {
            None => Ok(None),
            Some(value) => {
                let fault = FieldFault::WrongType("a whole number from 0");
                value.as_u64().map(Some).ok_or_else(|| self.fault(field, fault))
            }
        }
    }

    /// Takes a list of at most `limit` entries; an absent one is empty.
    pub fn list(&mut self, field: &str, limit: usize) -> Result<Vec<Value>, RequestError> {
        match self.value(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) if list.len() > limit => {
                Err(self.fault(field, FieldFault::TooLong { limit }))
            }
            Some(Value::Array(list)) => Ok(list),
            Some(_) => Err(self.fault(field, FieldFault::WrongType("a list"))),
        }
    }

    /// Takes an object as it is; an absent one is empty.
    pub fn object(&mut self, field: &str) -> Result<Map<String, Value>, RequestError> {
        match self.value(field) {
            None => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(self.fault(field, FieldFault::WrongType("an object or null"))),
        }
    }
}
