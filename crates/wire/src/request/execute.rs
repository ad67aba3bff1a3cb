use base64::Engine as _;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::{BASE64, take_code};
use crate::auth_sig::{AuthSig, take_auth_sig};
use crate::credential::{Credential, take_credentials};
use crate::fields::{FieldFault, Fields, RequestError};
use crate::limits::{MAX_CID_BYTES, MAX_EXECUTE_BODY_BYTES};

/// Where an action's code comes from: the request carries exactly one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionSource {
    /// The code itself, decoded.
    Inline(String),
    /// The CID of the code, letters and digits only; whether it is a CID is for the reader of CIDs
    /// to say.
    Cid(String),
}

/// Run an action.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecuteRequest {
    /// What to run.
    pub source: ActionSource,
    /// The globals that the action sees; empty when the client sent null or nothing.
    pub js_params: Map<String, Value>,
    /// Who asks.
    pub auth_sig: Option<AuthSig>,
    /// Who asks, by other means.
    pub credentials: Vec<Credential>,
    /// The epoch the client believes in; 0 when it does not know.
    pub epoch: u64,
}

impl ExecuteRequest {
    /// Reads a body of at most [`MAX_EXECUTE_BODY_BYTES`].
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let mut fields = Fields::parse(body, MAX_EXECUTE_BODY_BYTES)?;
        let code = take_code(&mut fields)?;
        let cid = fields.text("ipfsId", MAX_CID_BYTES)?;
        let source = match (code, cid) {
            (Some(code), None) => ActionSource::Inline(code),
            (None, Some(cid))
                if !cid.is_empty() && cid.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
            {
                ActionSource::Cid(cid)
            }
            (None, Some(_)) => return Err(fields.fault("ipfsId", FieldFault::Malformed("a CID"))),
            (Some(_), Some(_)) => return Err(fields.fault("code", FieldFault::Conflicts("ipfsId"))),
            (None, None) => return Err(fields.fault("code", FieldFault::Missing)),
        };
        Ok(Self {
            source,
            js_params: fields.object("jsParams")?,
            auth_sig: take_auth_sig(&mut fields)?,
            credentials: take_credentials(&mut fields)?,
            epoch: fields.integer("epoch")?.unwrap_or(0),
        })
    }
}

impl Serialize for ExecuteRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(None)?;
        match &self.source {
            ActionSource::Inline(code) => body.serialize_entry("code", &BASE64.encode(code))?,
            ActionSource::Cid(cid) => body.serialize_entry("ipfsId", cid)?,
        }
        body.serialize_entry("jsParams", &self.js_params)?;
        if let Some(auth_sig) = &self.auth_sig {
            body.serialize_entry("authSig", auth_sig)?;
        }
        // The /v1 paths refuse this field.
        if !self.credentials.is_empty() {
            body.serialize_entry("authMethods", &self.credentials)?;
        }
        body.serialize_entry("epoch", &self.epoch)?;
        body.end()
    }
}
