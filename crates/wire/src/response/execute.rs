use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CertificateField, SIG_TYPE_K256};
use crate::limits::DIGEST_BYTES;
use crate::quirks::quoted::quote;

/// What an action answered and signed.
///
/// SDKs take `Object.keys` of the three maps and compare answers field by field: the maps are there
/// even when they are empty, and nothing here is ever null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecuteResponse {
    /// Always true: a failure is an error body.
    pub success: bool,
    /// By signing name.
    pub signed_data: BTreeMap<String, SignedData>,
    /// Always empty: required by SDKs, filled by none of our operations.
    #[serde(default)]
    pub decrypted_data: Map<String, Value>,
    /// By claim name.
    #[serde(default)]
    pub claim_data: BTreeMap<String, ClaimData>,
    /// What the action passed to `setResponse`.
    pub response: String,
    /// What the action wrote to the console.
    pub logs: String,
    /// What proves the shares, by signing name. It stands beside `signedData`, whose entries SDKs
    /// rewrite.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conclave: BTreeMap<String, CertificateField>,
}

/// A share of one of the action's signatures; values in quotes as SDKs expect them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedData {
    /// [`SIG_TYPE_K256`].
    pub sig_type: String,
    /// The digest: 64 hexadecimal digits.
    pub data_signed: String,
    /// The scalar: 64 digits in quotes, or empty.
    pub signature_share: String,
    /// Unused by clients of ECDSA shares.
    pub share_index: u32,
    /// The nonce point R, compressed: 66 digits in quotes, or empty.
    pub big_r: String,
    /// The signing key, compressed: 66 digits in quotes, or empty.
    pub public_key: String,
    /// The name the action gave this signature.
    pub sig_name: String,
}

/// A node's signature on a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimData {
    /// 130 hexadecimal digits.
    pub signature: String,
    /// 64 hexadecimal digits.
    pub derived_key_id: String,
}

impl ExecuteResponse {
    /// The answer of an action that signed nothing yet.
    pub fn new(response: String, logs: String) -> Self {
        Self {
            success: true,
            signed_data: BTreeMap::new(),
            decrypted_data: Map::new(),
            claim_data: BTreeMap::new(),
            response,
            logs,
            conclave: BTreeMap::new(),
        }
    }
}

impl SignedData {
    /// A share: `scalar` big-endian, both points compressed.
    pub fn share(
        name: &str,
        digest: &[u8; DIGEST_BYTES],
        scalar: &[u8; 32],
        big_r: &[u8; 33],
        public_key: &[u8; 33],
    ) -> Self {
        Self {
            signature_share: quote(&hex::encode(scalar)),
            big_r: quote(&hex::encode(big_r)),
            public_key: quote(&hex::encode(public_key)),
            ..Self::empty(name, digest)
        }
    }

    /// The entry of a node outside the signing set.
    pub fn empty(name: &str, digest: &[u8; DIGEST_BYTES]) -> Self {
        Self {
            sig_type: SIG_TYPE_K256.into(),
            data_signed: hex::encode(digest),
            signature_share: String::new(),
            share_index: 0,
            big_r: String::new(),
            public_key: String::new(),
            sig_name: name.to_owned(),
        }
    }
}
