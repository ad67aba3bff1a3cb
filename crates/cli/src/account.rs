//! In whose name a command acts.

use crate::failure::Failure;
use crate::files::{MAX_SMALL_FILE, read_text};
use crate::place::Place;
use clap::Args;
use conclave_chain::{Account, Chain, EthereumKey};
use conclave_client::Wallet;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Holds the private key when no file does.
const KEY_VARIABLE: &str = "CONCLAVE_PRIVATE_KEY";

#[derive(Args)]
#[command(next_help_heading = "Account")]
pub struct AccountOptions {
    /// File with the private key in hexadecimal [default: the variable CONCLAVE_PRIVATE_KEY, or a
    /// devnet's first account]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Number of one of the devnet's accounts, from 0
    #[arg(long, value_name = "N", conflicts_with_all = ["key_file", "rpc"])]
    account: Option<usize>,
}

/// A private key that is wiped when dropped.
pub struct AccountKey(Zeroizing<[u8; 32]>);

impl AccountOptions {
    pub fn key(&self, place: &Place) -> Result<AccountKey, Failure> {
        if let Some(path) = &self.key_file {
            return parse(&read_text(path, MAX_SMALL_FILE)?, &path.display().to_string());
        }
        if self.account.is_none()
            && let Ok(text) = std::env::var(KEY_VARIABLE)
        {
            return parse(&Zeroizing::new(text), KEY_VARIABLE);
        }
        let devnet = place.devnet.as_ref().ok_or_else(|| {
            Failure::usage(format!("name an account: a file with its private key (--key-file) or the variable {KEY_VARIABLE}"))
        })?;
        let number = self.account.unwrap_or(0);
        let account = devnet.accounts.get(number).ok_or_else(|| {
            Failure::usage(format!(
                "the devnet has no account {number}: its accounts are 0 to {}",
                devnet.accounts.len().saturating_sub(1)
            ))
        })?;
        parse(&account.private_key, "devnet.json")
    }
}

impl AccountKey {
    pub fn wallet(&self) -> Result<Wallet, Failure> {
        Wallet::from_secret(&self.0).map_err(|error| Failure::new(error.to_string()))
    }

    pub fn account(&self, chain: &Chain) -> Result<Account, Failure> {
        let key =
            EthereumKey::from_bytes(&self.0).map_err(|error| Failure::new(error.to_string()))?;
        Ok(Account::new(chain.rpc().clone(), key))
    }
}

fn parse(text: &str, source: &str) -> Result<AccountKey, Failure> {
    let text = text.trim();
    let mut key = AccountKey(Zeroizing::new([0; 32]));
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let read = hex::decode_to_slice(digits, key.0.as_mut_slice());
    // The text itself is never repeated: most of it may be a key.
    if read.is_err() || EthereumKey::from_bytes(&key.0).is_err() {
        return Err(Failure::new(format!(
            "{source} holds no private key of 64 hexadecimal digits"
        )));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_key_with_and_without_prefix_and_newline() {
        let digits = "42".repeat(32);
        for text in [digits.clone(), format!("0x{digits}\n"), format!("  {digits} ")] {
            assert_eq!(*parse(&text, "x").expect("a key").0, [0x42; 32]);
        }
    }

    #[test]
    fn refuses_what_is_no_key_without_repeating_it() {
        for text in [
            "",
            "0x",
            &"42".repeat(31),
            &"42".repeat(33),
            &"00".repeat(32),
            &"ff".repeat(32),
            &"zz".repeat(32),
        ] {
            let failure = parse(text, "the-file").err().expect("no key");
            assert!(
                failure.message.contains("the-file")
                    && (text.len() < 3 || !failure.message.contains(text)),
                "{}",
                failure.message
            );
        }
    }
}
