use std::fmt;
use std::str::FromStr;

use alloy::primitives::{Address, U256, hex, keccak256};
use thiserror::Error;

/// The public key of a wallet on secp256k1, with the forms in which the rest of the world names it.
///
/// Whether it is a point of the curve is not known here. Its token id commits to its bytes, and the
/// chain says which tokens there are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WalletKey {
    uncompressed: [u8; 65],
    compressed: [u8; 33],
    token_id: U256,
}

/// Bytes or a text in place of a wallet key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotAWalletKey {
    /// It has another length, or digits that are not hexadecimal.
    #[error("a wallet key has 65 bytes")]
    Length,
    /// Its first byte says that it is in another form.
    #[error("a wallet key is uncompressed: it begins with 04")]
    Form,
}

impl WalletKey {
    /// 0x04 and both coordinates, as contracts and clients write it.
    pub const fn uncompressed(&self) -> &[u8; 65] {
        &self.uncompressed
    }

    /// The parity of y and the coordinate x, as the nodes write it among themselves.
    pub const fn compressed(&self) -> &[u8; 33] {
        &self.compressed
    }

    /// The key's token: the keccak-256 of the uncompressed form.
    pub const fn token_id(&self) -> U256 {
        self.token_id
    }

    /// The key's account.
    pub fn address(&self) -> Address {
        let [_, coordinates @ ..] = &self.uncompressed;
        Address::from_raw_public_key(coordinates)
    }
}

impl TryFrom<[u8; 65]> for WalletKey {
    type Error = NotAWalletKey;

    fn try_from(uncompressed: [u8; 65]) -> Result<Self, NotAWalletKey> {
        let [4, x @ .., last] = &uncompressed else { return Err(NotAWalletKey::Form) };
        let mut compressed = [2 + (last & 1); 33];
        let [_, into @ ..] = &mut compressed;
        into.iter_mut().zip(x).for_each(|(into, byte)| *into = *byte);
        let token_id = keccak256(uncompressed).into();
        Ok(Self { uncompressed, compressed, token_id })
    }
}

impl TryFrom<&[u8]> for WalletKey {
    type Error = NotAWalletKey;

    fn try_from(bytes: &[u8]) -> Result<Self, NotAWalletKey> {
        <[u8; 65]>::try_from(bytes).map_err(|_| NotAWalletKey::Length)?.try_into()
    }
}

/// Reads 130 hexadecimal digits, with `0x` before them or without.
impl FromStr for WalletKey {
    type Err = NotAWalletKey;

    fn from_str(text: &str) -> Result<Self, NotAWalletKey> {
        let mut bytes = [0; 65];
        let digits = text.strip_prefix("0x").unwrap_or(text);
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| NotAWalletKey::Length)?;
        bytes.try_into()
    }
}

/// `0x` and 130 hexadecimal digits.
impl fmt::Display for WalletKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode_prefixed(self.uncompressed))
    }
}

impl fmt::Debug for WalletKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "WalletKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The generator of the group, and its negative: the keys of the secrets 1 and n - 1.
    const X: &str = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    const EVEN: &str = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
    const ODD: &str = "b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777";

    #[test]
    fn a_key_knows_all_of_its_names() {
        for (y, prefix) in [(EVEN, "02"), (ODD, "03")] {
            let key: WalletKey = format!("0x04{X}{y}").parse().unwrap();
            assert_eq!(hex::encode(key.compressed()), format!("{prefix}{X}"));
            assert_eq!(key.to_string(), format!("0x04{X}{y}"));
            assert_eq!(WalletKey::try_from(*key.uncompressed()), Ok(key));
            assert_eq!(WalletKey::try_from(key.uncompressed().as_slice()), Ok(key));
        }
        // What ethers 5.7.2 says of the secret 1: computeAddress, and keccak256 of the key.
        let key: WalletKey = format!("04{X}{EVEN}").parse().unwrap();
        assert_eq!(key.address().to_string(), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
        assert_eq!(key.token_id(), U256::from_be_bytes(keccak256(key.uncompressed()).0));
    }

    #[test]
    fn other_lengths_and_forms_are_refused() {
        let full = format!("04{X}{EVEN}");
        for text in ["", "0x", &full[2..], &format!("{full}00"), &full.replace('7', "g"), "ü"] {
            assert_eq!(text.parse::<WalletKey>(), Err(NotAWalletKey::Length), "{text}");
        }
        for first in (0..=255).filter(|first| *first != 4) {
            let mut bytes = [1; 65];
            bytes[0] = first;
            assert_eq!(WalletKey::try_from(bytes), Err(NotAWalletKey::Form), "{first}");
        }
        assert_eq!(WalletKey::try_from([4; 64].as_slice()), Err(NotAWalletKey::Length));
    }
}
