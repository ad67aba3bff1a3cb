use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use alloy::dyn_abi::{DynSolValue, ErrorExt};
use alloy::json_abi;
use alloy::primitives::{Selector, hex};
use alloy::sol_types::{Panic, Revert as RevertWithText, SolError};

use crate::artifacts::{ABI_NAMES, artifact};
use crate::error::shorten;

/// What a contract said when it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert {
    /// Name of the custom error, `Error` or `Panic` for Solidity's own two, empty when it is not
    /// known.
    pub name: String,
    /// The whole in words: the name with its arguments.
    pub text: String,
    /// First four bytes of the data; zero when there are fewer.
    pub selector: [u8; 4],
}

/// The custom errors of all contracts.
static KNOWN: LazyLock<HashMap<Selector, json_abi::Error>> = LazyLock::new(|| {
    let abis = ABI_NAMES.map(|name| artifact(name).abi);
    abis.iter()
        .flat_map(|abi| abi.errors())
        .map(|error| (error.selector(), error.clone()))
        .collect()
});

impl Revert {
    pub(crate) fn decode(data: &[u8]) -> Self {
        let Some(selector) = data.first_chunk::<4>().copied() else {
            return Self::new("", "no reason".into(), [0; 4]);
        };
        if let Ok(RevertWithText { reason }) = RevertWithText::abi_decode(data) {
            return Self::new("Error", shorten(&reason), selector);
        }
        if let Ok(Panic { code }) = Panic::abi_decode(data) {
            return Self::new("Panic", format!("Panic({code})"), selector);
        }
        let known = KNOWN.get(&Selector::from(selector));
        match known.and_then(|error| Some((error, error.decode_error(data).ok()?))) {
            Some((error, decoded)) => {
                let arguments: Vec<String> = decoded.body.iter().map(describe).collect();
                Self::new(
                    &error.name,
                    format!("{}({})", error.name, arguments.join(", ")),
                    selector,
                )
            }
            None => Self::new("", format!("unknown error 0x{}", hex::encode(selector)), selector),
        }
    }

    pub(crate) fn is<E: SolError>(&self) -> bool {
        self.selector == E::SELECTOR
    }

    fn new(name: &str, text: String, selector: [u8; 4]) -> Self {
        Self { name: name.to_owned(), text, selector }
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn describe(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Bool(value) => value.to_string(),
        DynSolValue::Uint(value, _) => value.to_string(),
        DynSolValue::Int(value, _) => value.to_string(),
        DynSolValue::Address(value) => value.to_string(),
        DynSolValue::FixedBytes(value, size) => {
            format!("0x{}", hex::encode(value.as_slice().get(..*size).unwrap_or_default()))
        }
        DynSolValue::Bytes(value) => shorten(&format!("0x{}", hex::encode(value))),
        DynSolValue::String(value) => shorten(&format!("{value:?}")),
        other => shorten(&format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{B256, U256};

    use super::*;
    use crate::bindings::PKPNFT::NoUnmintedKey;
    use crate::bindings::PubkeyRouter::TranscriptAlreadyRegistered;

    #[test]
    fn custom_errors_become_words() {
        let revert = Revert::decode(&NoUnmintedKey { keyType: U256::from(2) }.abi_encode());
        assert_eq!((&*revert.name, &*revert.text), ("NoUnmintedKey", "NoUnmintedKey(2)"));
        assert!(revert.is::<NoUnmintedKey>());
        let revert = Revert::decode(
            &TranscriptAlreadyRegistered { transcript: B256::repeat_byte(0xab) }.abi_encode(),
        );
        assert_eq!(revert.text, format!("TranscriptAlreadyRegistered(0x{})", "ab".repeat(32)));
    }

    #[test]
    fn solidity_s_own_errors_become_words() {
        let revert = Revert::decode(&RevertWithText { reason: "too late".into() }.abi_encode());
        assert_eq!((&*revert.name, &*revert.text), ("Error", "too late"));
        let revert = Revert::decode(&Panic { code: U256::from(0x11) }.abi_encode());
        assert_eq!((&*revert.name, &*revert.text), ("Panic", "Panic(17)"));
    }

    #[test]
    fn whatever_the_data_there_is_an_answer() {
        assert_eq!(Revert::decode(&[]).text, "no reason");
        assert_eq!(Revert::decode(&[1, 2, 3]).text, "no reason");
        assert_eq!(Revert::decode(&[0xde, 0xad, 0xbe, 0xef, 0]).text, "unknown error 0xdeadbeef");
        let cut = NoUnmintedKey { keyType: U256::from(2) }.abi_encode();
        for length in 4..cut.len() {
            assert!(
                Revert::decode(&cut[..length]).text.starts_with("unknown error"),
                "{length} bytes"
            );
        }
    }
}
