use std::fmt;

use base64::Engine as _;
use serde::{Serialize, Serializer};

use super::{BASE64, take_code};
use crate::fields::{FieldFault, Fields, RequestError};
use crate::limits::{
    MAX_ADDRESS_BYTES, MAX_SIGNATURE_BYTES, MAX_STORE_BODY_BYTES, MAX_TIMESTAMP_BYTES,
};

/// Which network a text is meant for: no two networks share a chain and a staking contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NetworkId {
    /// The chain's EIP-155 id.
    pub chain_id: u64,
    /// The staking contract's address.
    pub staking: [u8; 20],
}

impl fmt::Display for NetworkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "eip155:{}:0x{}", self.chain_id, hex::encode(self.staking))
    }
}

/// The text that an account signs (EIP-191) to have an action stored. It names the network and the
/// content, so that it is of no use elsewhere or for other code.
pub fn store_action_message(network: &NetworkId, cid: &str, issued_at: &str) -> String {
    format!(
        "Conclave: store this action.\n\nNetwork: {network}\nCID: {cid}\nIssued At: {issued_at}"
    )
}

/// Store an action's code on this node.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreActionRequest {
    /// The code, decoded.
    #[serde(serialize_with = "base64_text")]
    pub code: String,
    /// The account that answers for it, `0x` and 40 hexadecimal digits.
    pub address: String,
    /// When it was signed, RFC 3339.
    pub issued_at: String,
    /// The account's signature over [`store_action_message`], `0x` and 130 hexadecimal digits.
    pub signature: String,
}

impl StoreActionRequest {
    /// Reads a body of at most [`MAX_STORE_BODY_BYTES`].
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let mut fields = Fields::parse(body, MAX_STORE_BODY_BYTES)?;
        Ok(Self {
            code: take_code(&mut fields)?
                .ok_or_else(|| fields.fault("code", FieldFault::Missing))?,
            address: fields.required_text("address", MAX_ADDRESS_BYTES)?,
            issued_at: fields.required_text("issuedAt", MAX_TIMESTAMP_BYTES)?,
            signature: fields.required_text("signature", MAX_SIGNATURE_BYTES)?,
        })
    }
}

impl fmt::Debug for StoreActionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreActionRequest")
            .field("code_bytes", &self.code.len())
            .field("address", &self.address)
            .field("issued_at", &self.issued_at)
            .finish_non_exhaustive()
    }
}

fn base64_text<S: Serializer>(code: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(code))
}
