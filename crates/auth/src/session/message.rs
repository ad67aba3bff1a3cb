//! The JSON that a session key signs.

use conclave_wire::limits::{MAX_CID_BYTES, MAX_SIGNED_MESSAGE_BYTES, MAX_TIMESTAMP_BYTES};
use conclave_wire::{AuthSig, FieldFault, Fields, RequestError};
use serde_json::Value;

use super::read_key;
use crate::ability::Needed;
use crate::error::{AuthError, AuthFault, in_message};
use crate::timestamp::Timestamp;

/// Most entries in `resourceAbilityRequests`.
pub const MAX_SESSION_REQUESTS: usize = 64;
/// Most entries in `capabilities`.
pub const MAX_CAPABILITIES: usize = 16;
const MAX_NAME_BYTES: usize = 64;
const MAX_NODE_ADDRESS_BYTES: usize = 256;
const MAX_SESSION_KEY_BYTES: usize = 128;

/// Where the message stands, for naming fields.
pub(super) const PATH: &str = "authSig.signedMessage";

/// What a session key signed. `capabilities` are not believed yet.
pub(super) struct SessionMessage {
    pub(super) session_key: [u8; 32],
    pub(super) requests: Vec<Request>,
    pub(super) capabilities: Vec<AuthSig>,
    pub(super) issued_at: Timestamp,
    pub(super) expiration: Timestamp,
    pub(super) node_address: String,
}

/// One use that the session is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    prefix: String,
    id: String,
    ability: String,
}

impl Request {
    pub(crate) fn covers(&self, needed: &Needed) -> bool {
        let ability = needed.ability();
        self.ability == ability.name()
            && self.prefix == ability.prefix()
            && needed.covered_by_id(&self.id)
    }
}

impl SessionMessage {
    pub(super) fn parse(text: &str) -> Result<Self, AuthError> {
        let shape = |error| in_message(PATH, error);
        let whole = Fields::parse(text.as_bytes(), MAX_SIGNED_MESSAGE_BYTES).map_err(shape)?;
        let mut fields = whole.under(PATH);
        let session_key =
            fields.required_text("sessionKey", MAX_SESSION_KEY_BYTES).map_err(shape)?;
        let session_key = read_key(&session_key).ok_or_else(|| {
            AuthError::new(fields.path_of("sessionKey"), AuthFault::UnreadableSessionKey)
        })?;
        Ok(Self {
            session_key,
            requests: take_requests(&mut fields).map_err(shape)?,
            capabilities: take_capabilities(&mut fields).map_err(shape)?,
            issued_at: take_time(&mut fields, "issuedAt")?,
            expiration: take_time(&mut fields, "expiration")?,
            node_address: fields
                .required_text("nodeAddress", MAX_NODE_ADDRESS_BYTES)
                .map_err(shape)?,
        })
    }
}

fn take_requests(fields: &mut Fields) -> Result<Vec<Request>, RequestError> {
    let path = fields.path_of("resourceAbilityRequests");
    let read = |(index, value): (usize, Value)| {
        let mut request = Fields::nested(&format!("{path}[{index}]"), value)?;
        let ability = request.required_text("ability", MAX_NAME_BYTES)?;
        let resource = request.value("resource");
        let resource = resource.ok_or_else(|| request.fault("resource", FieldFault::Missing))?;
        let mut resource = Fields::nested(&request.path_of("resource"), resource)?;
        Ok(Request {
            prefix: resource.required_text("resourcePrefix", MAX_NAME_BYTES)?,
            // A resource id is `*`, a token id, a CID, or a pair of hashes with a slash.
            id: resource.required_text("resource", 2 * MAX_CID_BYTES)?,
            ability,
        })
    };
    fields
        .list("resourceAbilityRequests", MAX_SESSION_REQUESTS)?
        .into_iter()
        .enumerate()
        .map(read)
        .collect()
}

fn take_capabilities(fields: &mut Fields) -> Result<Vec<AuthSig>, RequestError> {
    let list = fields.list("capabilities", MAX_CAPABILITIES)?;
    list.into_iter()
        .enumerate()
        .map(|(index, value)| AuthSig::from_value(&capability_path(index), value))
        .collect()
}

fn take_time(fields: &mut Fields, field: &str) -> Result<Timestamp, AuthError> {
    let text = fields
        .required_text(field, MAX_TIMESTAMP_BYTES)
        .map_err(|error| in_message(PATH, error))?;
    Timestamp::parse(&text)
        .ok_or_else(|| AuthError::new(fields.path_of(field), AuthFault::UnreadableTime))
}

pub(super) fn capability_path(index: usize) -> String {
    format!("{PATH}.capabilities[{index}]")
}
