//! Everything that goes over HTTP between clients and nodes: requests, responses, the error
//! catalogue, paths and header rules. Shared by the node and by every client.
//!
//! This is the only crate that knows the JSON of the outside world; shapes that only some SDK
//! versions send or expect stand in [`quirks`], one module each. It deliberately knows no I/O, no
//! cryptography and no clock: it says what was asked, never whether the asker may ask it.
//!
//! Requests are read by hand through [`Fields`], so that a refusal names the field at fault and the
//! reason, and so that every field has a named limit (see [`limits`]). Responses are plain serde
//! types.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

pub mod auth_sig;
mod credential;
pub mod error;
pub mod fields;
pub mod headers;
pub mod limits;
pub mod paths;
pub mod quirks;
pub mod request;
pub mod response;

pub use auth_sig::AuthSig;
pub use credential::Credential;
pub use error::{ErrorBody, ErrorCode, ErrorKind};
pub use fields::{FieldFault, Fields, RequestError};
pub use headers::RequestId;
pub use request::{
    ActionSource, ExecuteRequest, HandshakeRequest, NetworkId, PkpSignRequest, StoreActionRequest,
    store_action_message,
};
pub use response::{
    CertificateField, ExecuteResponse, HandshakeResponse, MemberStatus, PkpSignResponse,
    SignatureShare, SignedData, Status, StoreActionResponse,
};
