use conclave_chain::WalletKey;
use conclave_threshold::ids::Digest;
use conclave_threshold::online;
use std::fmt;

/// A verified ECDSA signature over secp256k1, in its low-s form. Displayed as the 65 bytes of
/// [`Signature::to_bytes`] in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Big-endian.
    pub r: [u8; 32],
    /// Big-endian.
    pub s: [u8; 32],
    /// The parity of the nonce point's y-coordinate; 2 more when its x-coordinate is not below the
    /// group's order.
    pub recovery_id: u8,
    /// The key that it verifies under.
    pub public_key: WalletKey,
    /// What was signed.
    pub digest: Digest,
}

impl Signature {
    pub(crate) fn new(signature: online::Signature, public_key: WalletKey, digest: Digest) -> Self {
        let online::Signature { r, s, recovery_id } = signature;
        Self { r, s, recovery_id, public_key, digest }
    }

    /// r, s and v, where v is 27 plus the recovery id: the form that Ethereum's tools read.
    pub fn to_bytes(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes[..32].copy_from_slice(&self.r);
        bytes[32..64].copy_from_slice(&self.s);
        bytes[64] = 27 + self.recovery_id;
        bytes
    }

    /// [`Signature::to_bytes`] as `0x` and 130 hexadecimal digits.
    pub fn to_hex(&self) -> String {
        format!("0x{}", hex::encode(self.to_bytes()))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}
