//! How a key is named on the command line.

use crate::failure::Failure;
use conclave_chain::{Address, Chain, MAX_TOKENS_SEARCHED, U256, WalletKey};
use std::str::FromStr;

/// A key by its public key, its token id or its Ethereum address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PkpName {
    PublicKey(Box<WalletKey>),
    Token(U256),
    Address(Address),
}

impl FromStr for PkpName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("0x");
        let token = match digits.map_or((text, text.len()), |digits| (digits, digits.len())) {
            (digits, 130) => {
                let key = digits.parse().map(|key| Self::PublicKey(Box::new(key)));
                return key.map_err(|_| "a public key is 0x04 and 128 hexadecimal digits".into());
            }
            (_, 40) if digits.is_some() => return parse_address(text).map(Self::Address),
            (digits, 64)
                if text.starts_with("0x") || !digits.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                U256::from_str_radix(digits, 16)
            }
            (number, 1..=78) if digits.is_none() => U256::from_str_radix(number, 10),
            _ => return Err("neither a public key (0x04..), nor a token id, nor an address".into()),
        };
        token
            .map(Self::Token)
            .map_err(|_| "a token id is a decimal number, or 0x and 64 hexadecimal digits".into())
    }
}

/// An address of one case, or in its right checksummed spelling.
pub fn parse_address(text: &str) -> Result<Address, String> {
    let address =
        conclave_auth::address::parse(text).ok_or("an address is 0x and 40 hexadecimal digits")?;
    let letters = || text.chars().skip(2).filter(char::is_ascii_alphabetic);
    let mixed = letters().any(|letter| letter.is_ascii_lowercase())
        && letters().any(|letter| letter.is_ascii_uppercase());
    if mixed && conclave_auth::address::checksummed(&address) != text {
        return Err(
            "the address is mistyped: its upper-case and lower-case letters do not fit".into()
        );
    }
    Ok(address.into())
}

impl PkpName {
    /// The minted key of this name.
    pub async fn resolve(&self, chain: &Chain) -> Result<WalletKey, Failure> {
        let token = match self {
            Self::PublicKey(key) => key.token_id(),
            Self::Token(token) => *token,
            Self::Address(address) => chain.token_with_address(*address).await?.ok_or_else(|| {
                Failure::new(format!(
                    "none of the newest {MAX_TOKENS_SEARCHED} keys has the address {address}; name the key by its public key or token id"
                ))
            })?,
        };
        match chain.key(token).await? {
            Some(key) if key.minted => Ok(key.public_key),
            Some(_) => Err(Failure::new("the key is registered, but nobody has minted it")),
            None => Err(Failure::new(format!(
                "the chain knows no key with the token id {}",
                token_text(token)
            ))),
        }
    }
}

/// `0x` and 64 digits.
pub fn token_text(token: U256) -> String {
    format!("{token:#066x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_way_to_name_a_key() {
        let key = format!("0x04{}", "ab".repeat(64));
        assert!(matches!(key.parse(), Ok(PkpName::PublicKey(read)) if read.to_string() == key));
        assert!(matches!(key[2..].parse(), Ok(PkpName::PublicKey(_))));
        let token = U256::from(0xabu64);
        assert_eq!(token_text(token).parse(), Ok(PkpName::Token(token)));
        assert_eq!("171".parse(), Ok(PkpName::Token(token)));
        assert_eq!("ab".repeat(32).parse(), Ok(PkpName::Token(U256::from_be_bytes([0xab; 32]))));
        let address = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
        assert!(
            matches!(address.parse(), Ok(PkpName::Address(read)) if read.to_checksum(None) == address)
        );
    }

    #[test]
    fn refuses_what_is_no_name_of_a_key() {
        let long = "9".repeat(79);
        let wrong_prefix = format!("0x05{}", "ab".repeat(64));
        let too_large = "9".repeat(78);
        for text in ["", "0x", "0x12", "key", "-1", "ü", &long, &wrong_prefix, &too_large] {
            assert!(text.parse::<PkpName>().is_err(), "{text}");
        }
    }

    #[test]
    fn refuses_an_address_with_one_letter_mistyped() {
        assert!(parse_address("0x70997970C51812dc3A010C7d01b50e0d17dc79C8").is_ok());
        assert!(parse_address("0x70997970c51812dc3a010c7d01b50e0d17dc79c8").is_ok());
        assert!(parse_address("0x70997970C51812dc3A010C7d01b50e0d17dc79c8").is_err());
    }
}
