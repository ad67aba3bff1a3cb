use serde::{Deserialize, Serialize};

use super::{CertificateField, SIG_TYPE_K256};
use crate::limits::DIGEST_BYTES;
use crate::quirks::quoted::quote;

/// A node's part of a signature, or an empty part when the node is not in the signing set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PkpSignResponse {
    /// Always true: a failure is an error body.
    pub success: bool,
    /// The digest that was signed, as numbers.
    pub signed_data: Vec<u8>,
    /// The share.
    pub signature_share: SignatureShare,
    /// What proves the share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclave: Option<CertificateField>,
}

/// The share's values, in quotes as SDKs expect them (see [`crate::quirks::quoted`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureShare {
    /// The digest: 64 hexadecimal digits.
    pub digest: String,
    /// Always `success`.
    pub result: String,
    /// Unused by clients of ECDSA shares.
    pub share_index: u32,
    /// The scalar: 64 digits in quotes, or empty.
    pub signature_share: String,
    /// The nonce point R, compressed: 66 digits in quotes, or empty.
    pub big_r: String,
    /// The signing key, compressed: 66 digits in quotes, or empty.
    pub public_key: String,
    /// [`SIG_TYPE_K256`].
    pub sig_type: String,
}

impl PkpSignResponse {
    /// A share: `scalar` big-endian, both points compressed.
    pub fn share(
        digest: &[u8; DIGEST_BYTES],
        scalar: &[u8; 32],
        big_r: &[u8; 33],
        public_key: &[u8; 33],
        certificate: CertificateField,
    ) -> Self {
        let [scalar, big_r, public_key] =
            [hex::encode(scalar), hex::encode(big_r), hex::encode(public_key)]
                .map(|digits| quote(&digits));
        Self::with(digest, scalar, big_r, public_key, Some(certificate))
    }

    /// The answer of a node outside the signing set. SDKs drop a share whose scalar is the empty
    /// string; null would crash them.
    pub fn empty(digest: &[u8; DIGEST_BYTES], certificate: Option<CertificateField>) -> Self {
        Self::with(digest, String::new(), String::new(), String::new(), certificate)
    }

    fn with(
        digest: &[u8; DIGEST_BYTES],
        signature_share: String,
        big_r: String,
        public_key: String,
        conclave: Option<CertificateField>,
    ) -> Self {
        Self {
            success: true,
            signed_data: digest.to_vec(),
            signature_share: SignatureShare {
                digest: hex::encode(digest),
                result: "success".into(),
                share_index: 0,
                signature_share,
                big_r,
                public_key,
                sig_type: SIG_TYPE_K256.into(),
            },
            conclave,
        }
    }
}
