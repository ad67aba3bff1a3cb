//! What nodes answer. The shapes are those of SDK 6 and 7; our only addition is the field
//! `conclave`, which they ignore.
//!
//! Clients read these types from nodes they do not trust: nothing here is checked beyond its JSON
//! type.

mod execute;
mod handshake;
mod pkp_sign;
mod status;

pub use execute::{ClaimData, ExecuteResponse, SignedData};
pub use handshake::HandshakeResponse;
pub use pkp_sign::{PkpSignResponse, SignatureShare};
pub use status::{MemberStatus, Status};

use serde::{Deserialize, Serialize};

/// What proves a share: opaque here, made and checked by whoever knows the protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateField {
    /// The encoded certificate in hexadecimal.
    pub certificate: String,
}

/// The action is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreActionResponse {
    /// Its CID, as the node computed it.
    pub cid: String,
}

/// The `sigType` of every ECDSA share over secp256k1.
pub const SIG_TYPE_K256: &str = "K256";
