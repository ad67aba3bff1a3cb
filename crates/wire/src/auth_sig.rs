//! The signature object with which a request says who asks.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fields::{FieldFault, Fields, RequestError};
use crate::limits::{
    MAX_ADDRESS_BYTES, MAX_ALGO_BYTES, MAX_DERIVED_VIA_BYTES, MAX_SIGNATURE_BYTES,
    MAX_SIGNED_MESSAGE_BYTES,
};

/// A signed statement of who asks. Which kind it is (wallet, session key, ...) follows from
/// `derived_via` and `algo`.
///
/// `Debug` shows neither signature nor message: whoever holds them can use them until they expire.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthSig {
    /// The signature; its encoding depends on the kind.
    pub sig: String,
    /// How the signature came about.
    pub derived_via: String,
    /// The text that was signed.
    pub signed_message: String,
    /// Who signed: an Ethereum address, or a session key in hex.
    pub address: String,
    /// The signature algorithm, when it is not the wallet's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algo: Option<String>,
}

impl AuthSig {
    /// Reads the object that stands at `path`.
    pub fn from_value(path: &str, value: Value) -> Result<Self, RequestError> {
        const CHAINS: [&str; 4] = ["ethereum", "solana", "cosmos", "kyve"];
        let mut fields = Fields::nested(path, value)?;
        if !fields.has("sig") && CHAINS.iter().any(|chain| fields.has(chain)) {
            return Err(RequestError::Field {
                field: path.to_owned(),
                fault: FieldFault::SignaturePerChain,
            });
        }
        Ok(Self {
            sig: fields.required_text("sig", MAX_SIGNATURE_BYTES)?,
            derived_via: fields.required_text("derivedVia", MAX_DERIVED_VIA_BYTES)?,
            signed_message: fields.required_text("signedMessage", MAX_SIGNED_MESSAGE_BYTES)?,
            address: fields.required_text("address", MAX_ADDRESS_BYTES)?,
            algo: fields.text("algo", MAX_ALGO_BYTES)?,
        })
    }
}

impl fmt::Debug for AuthSig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthSig")
            .field("derived_via", &self.derived_via)
            .field("address", &self.address)
            .field("algo", &self.algo)
            .finish_non_exhaustive()
    }
}

/// Takes the field `authSig`.
pub(crate) fn take_auth_sig(fields: &mut Fields) -> Result<Option<AuthSig>, RequestError> {
    fields
        .value("authSig")
        .map(|value| AuthSig::from_value(&fields.path_of("authSig"), value))
        .transpose()
}
