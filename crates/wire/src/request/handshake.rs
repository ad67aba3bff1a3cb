use serde::Serialize;

use crate::fields::{Fields, RequestError};
use crate::limits::{MAX_CHALLENGE_BYTES, MAX_CLIENT_PUBLIC_KEY_BYTES, MAX_HANDSHAKE_BODY_BYTES};

/// Opens a conversation: the node answers with the network's keys and a fresh nonce.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandshakeRequest {
    /// Sent by every SDK, used by none.
    pub client_public_key: String,
    /// What an attestation would have to contain. Not every SDK version sends one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// The epoch the client believes in; 0 when it does not know.
    pub epoch: u64,
}

impl HandshakeRequest {
    /// Reads a body of at most [`MAX_HANDSHAKE_BODY_BYTES`].
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let mut fields = Fields::parse(body, MAX_HANDSHAKE_BODY_BYTES)?;
        Ok(Self {
            client_public_key: fields
                .text("clientPublicKey", MAX_CLIENT_PUBLIC_KEY_BYTES)?
                .unwrap_or_default(),
            challenge: fields.text("challenge", MAX_CHALLENGE_BYTES)?,
            epoch: fields.integer("epoch")?.unwrap_or(0),
        })
    }
}
