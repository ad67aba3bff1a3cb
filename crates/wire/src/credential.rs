//! The tokens with which a request says who asks, beside signatures.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::fields::{FieldFault, Fields, RequestError};
use crate::limits::{MAX_ACCESS_TOKEN_BYTES, MAX_AUTH_METHODS};

/// A token that a client shows to say who asks (of Google, of Discord, a one-time code, ...). It
/// stands in the field `authMethods`.
#[derive(Clone, PartialEq, Eq, Serialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// The method's number.
    pub auth_method_type: u64,
    /// The bearer token: whoever holds it is the user.
    pub access_token: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("auth_method_type", &self.auth_method_type)
            .finish_non_exhaustive()
    }
}

/// Takes the field `authMethods`.
pub(crate) fn take_credentials(fields: &mut Fields) -> Result<Vec<Credential>, RequestError> {
    let list = fields.list("authMethods", MAX_AUTH_METHODS)?;
    let read = |(index, value): (usize, Value)| {
        let mut shown = Fields::nested(&format!("authMethods[{index}]"), value)?;
        Ok(Credential {
            auth_method_type: shown
                .integer("authMethodType")?
                .ok_or_else(|| shown.fault("authMethodType", FieldFault::Missing))?,
            access_token: shown.required_text("accessToken", MAX_ACCESS_TOKEN_BYTES)?,
        })
    };
    list.into_iter().enumerate().map(read).collect()
}
