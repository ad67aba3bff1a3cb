//! Who a node is: an Ed25519 key, on the wire as the SubjectPublicKeyInfo of RFC 8410.

use std::sync::Arc;

use rustls::{
    crypto::ring::sign::any_eddsa_type,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    sign::CertifiedKey,
};
use zeroize::Zeroizing;

/// An Ed25519 public key, 32 bytes as in RFC 8032.
pub type Identity = [u8; 32];

/// DER of everything before the 32 key bytes of an Ed25519 SubjectPublicKeyInfo.
const PUBLIC_KEY_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// DER of everything before the 32 seed bytes of an Ed25519 PKCS #8 version 1 key.
const PRIVATE_KEY_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// The TLS library does not take the seed for an identity.
#[derive(Debug, thiserror::Error)]
#[error("the identity seed is unusable: {0}")]
pub struct IdentityError(#[from] rustls::Error);

/// The identity that belongs to an Ed25519 seed.
pub fn identity_of(seed: &[u8; 32]) -> Result<Identity, IdentityError> {
    Ok(KeyPair::from_seed(seed)?.identity)
}

/// The own identity, ready for TLS.
#[derive(Clone)]
pub(crate) struct KeyPair {
    pub identity: Identity,
    pub certified: Arc<CertifiedKey>,
}

impl KeyPair {
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, IdentityError> {
        let mut pkcs8 = Zeroizing::new([0u8; 48]);
        let (prefix, key) = pkcs8.split_at_mut(PRIVATE_KEY_PREFIX.len());
        prefix.copy_from_slice(&PRIVATE_KEY_PREFIX);
        key.copy_from_slice(seed);
        let signing_key = any_eddsa_type(&PrivatePkcs8KeyDer::from(pkcs8.as_slice()))?;
        let public_key = signing_key
            .public_key()
            .ok_or_else(|| rustls::Error::General("the key has no public half".into()))?;
        let identity = decode_public_key(&public_key)
            .ok_or_else(|| rustls::Error::General("the public key is not Ed25519".into()))?;
        let raw = CertificateDer::from(public_key.as_ref().to_vec());
        Ok(Self { identity, certified: Arc::new(CertifiedKey::new(vec![raw], signing_key)) })
    }
}

/// The identity in a SubjectPublicKeyInfo, or `None` if it is not exactly the DER of an Ed25519
/// key.
pub(crate) fn decode_public_key(info: &[u8]) -> Option<Identity> {
    info.strip_prefix(&PUBLIC_KEY_PREFIX)?.try_into().ok()
}

/// An identity as it stands in logs: its first eight bytes.
pub(crate) fn short(identity: &Identity) -> String {
    hex::encode(identity.first_chunk::<8>().unwrap_or(&[0; 8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derives_the_public_key_of_rfc_8032_test_1() {
        let seed: [u8; 32] = hex::FromHex::from_hex(
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        )
        .unwrap();
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(hex::encode(identity_of(&seed).unwrap()), public);
    }

    #[test]
    fn takes_only_the_exact_encoding_of_an_ed25519_key() {
        let encoded = [&PUBLIC_KEY_PREFIX[..], &[7; 32]].concat();
        assert_eq!(decode_public_key(&encoded), Some([7; 32]));
        assert_eq!(decode_public_key(&encoded[..43]), None);
        assert_eq!(decode_public_key(&[&encoded[..], &[0]].concat()), None);
        for byte in 0..PUBLIC_KEY_PREFIX.len() {
            let mut altered = encoded.clone();
            altered[byte] ^= 1;
            assert_eq!(decode_public_key(&altered), None, "byte {byte}");
        }
    }
}
