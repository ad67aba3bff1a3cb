use serde::{Serialize, Serializer};

use crate::auth_sig::{AuthSig, take_auth_sig};
use crate::credential::{Credential, take_credentials};
use crate::fields::{FieldFault, Fields, RequestError};
use crate::limits::{DIGEST_BYTES, MAX_SIGN_BODY_BYTES};
use crate::quirks::typed_array;

const PUBLIC_KEY_TEXT_BYTES: usize = 2 + 2 * 65;
const PUBLIC_KEY_SHAPE: &str = "an uncompressed secp256k1 key: 0x04 and 128 hexadecimal digits";

/// Sign a digest with a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PkpSignRequest {
    /// The digest, signed as it is.
    pub to_sign: [u8; DIGEST_BYTES],
    /// The key: uncompressed, first byte 4. Whether it is a point, and of this network, is not
    /// known here.
    #[serde(serialize_with = "prefixed_hex")]
    pub pubkey: [u8; 65],
    /// Who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_sig: Option<AuthSig>,
    /// Who asks, by other means.
    #[serde(rename = "authMethods", skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Credential>,
    /// The epoch the client believes in; 0 when it does not know.
    pub epoch: u64,
}

impl PkpSignRequest {
    /// Reads a body of at most [`MAX_SIGN_BODY_BYTES`].
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let mut fields = Fields::parse(body, MAX_SIGN_BODY_BYTES)?;
        Ok(Self {
            to_sign: take_digest(&mut fields)?,
            pubkey: take_public_key(&mut fields)?,
            auth_sig: take_auth_sig(&mut fields)?,
            credentials: take_credentials(&mut fields)?,
            epoch: fields.integer("epoch")?.unwrap_or(0),
        })
    }
}

fn take_digest(fields: &mut Fields) -> Result<[u8; DIGEST_BYTES], RequestError> {
    let value =
        fields.value("toSign").ok_or_else(|| fields.fault("toSign", FieldFault::Missing))?;
    let bytes =
        typed_array::bytes(&value, DIGEST_BYTES).map_err(|fault| fields.fault("toSign", fault))?;
    bytes
        .try_into()
        .map_err(|_| fields.fault("toSign", FieldFault::Malformed("a digest of exactly 32 bytes")))
}

fn take_public_key(fields: &mut Fields) -> Result<[u8; 65], RequestError> {
    let text = fields.required_text("pubkey", PUBLIC_KEY_TEXT_BYTES)?;
    let mut key = [0; 65];
    match hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(&text), &mut key) {
        Ok(()) if key.first() == Some(&4) => Ok(key),
        _ => Err(fields.fault("pubkey", FieldFault::Malformed(PUBLIC_KEY_SHAPE))),
    }
}

fn prefixed_hex<S: Serializer>(key: &[u8; 65], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("0x{}", hex::encode(key)))
}
