//! Ethereum addresses as text.

use k256::ecdsa::VerifyingKey;
use sha3::{Digest, Keccak256};

/// An Ethereum address.
pub type Address = [u8; 20];

/// The address in EIP-55 spelling.
pub fn checksummed(address: &Address) -> String {
    let digits = hex::encode(address);
    let hash = Keccak256::digest(digits.as_bytes());
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let spell =
        |(digit, nibble): (char, u8)| if nibble >= 8 { digit.to_ascii_uppercase() } else { digit };
    std::iter::once('0')
        .chain(std::iter::once('x'))
        .chain(digits.chars().zip(nibbles).map(spell))
        .collect()
}

/// Reads `0x` and 40 digits of any case.
pub fn parse(text: &str) -> Option<Address> {
    let mut address = [0; 20];
    hex::decode_to_slice(text.strip_prefix("0x")?, &mut address).ok().map(|()| address)
}

/// Reads an address in EIP-55 spelling only.
pub fn parse_checksummed(text: &str) -> Option<Address> {
    parse(text).filter(|address| checksummed(address) == text)
}

/// The address of a public key.
pub fn of_key(key: &VerifyingKey) -> Address {
    let point = key.to_sec1_point(false);
    let hash = Keccak256::digest(point.as_bytes().get(1..).unwrap_or_default());
    let mut address = [0; 20];
    address.copy_from_slice(hash.get(12..32).unwrap_or(&[0; 20]));
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_the_addresses_of_eip_55() {
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            assert_eq!(
                parse_checksummed(text).map(|address| checksummed(&address)).as_deref(),
                Some(text)
            );
            assert_eq!(parse_checksummed(&text.to_lowercase()), None);
            assert_eq!(parse(&text.to_lowercase()), parse(text));
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        let digits = "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        for text in
            ["", "0x", digits, &format!("0x{digits}00"), &format!("0X{digits}"), "0xzz", "ü"]
        {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
