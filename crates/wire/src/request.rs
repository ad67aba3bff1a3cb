//! What clients ask. Each request has `parse` for the node, which names the field at fault, and
//! serialises for clients.

mod execute;
mod handshake;
mod pkp_sign;
mod store_action;

pub use execute::{ActionSource, ExecuteRequest};
pub use handshake::HandshakeRequest;
pub use pkp_sign::PkpSignRequest;
pub use store_action::{NetworkId, StoreActionRequest, store_action_message};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::fields::{FieldFault, Fields, RequestError};
use crate::limits::MAX_CODE_BYTES;

/// Standard alphabet, padding written but not required.
pub(crate) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Takes the field `code`: UTF-8 text of at most [`MAX_CODE_BYTES`], in base64.
fn take_code(fields: &mut Fields) -> Result<Option<String>, RequestError> {
    let Some(encoded) = fields.text("code", MAX_CODE_BYTES.div_ceil(3) * 4)? else {
        return Ok(None);
    };
    let bytes = BASE64
        .decode(encoded)
        .map_err(|_| fields.fault("code", FieldFault::Malformed("the code in base64")))?;
    if bytes.len() > MAX_CODE_BYTES {
        return Err(fields.fault("code", FieldFault::TooLong { limit: MAX_CODE_BYTES }));
    }
    let code = String::from_utf8(bytes)
        .map_err(|_| fields.fault("code", FieldFault::Malformed("UTF-8 text")))?;
    Ok(Some(code))
}
