//! The compiled contracts, embedded when this crate was built.

use alloy::json_abi::JsonAbi;
use alloy::primitives::Bytes;
use serde::Deserialize;

/// The contracts that can be deployed, in the order of deployment.
pub const ABI_NAMES: [&str; 6] =
    ["Staking", "PubkeyRouter", "PKPNFT", "PKPPermissions", "PKPHelper", "ContractResolver"];

/// One compiled contract.
#[derive(Deserialize)]
pub(crate) struct Artifact {
    pub(crate) abi: JsonAbi,
    pub(crate) bytecode: Bytes,
}

/// The file of a contract as the compiler step wrote it: `{"contractName", "abi", "bytecode"}`.
/// `None` for a name outside [`ABI_NAMES`].
pub fn abi_json(contract: &str) -> Option<&'static str> {
    macro_rules! embedded {
        ($name:literal) => {
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../generated/abi/",
                $name,
                ".json"
            ))
        };
    }
    Some(match contract {
        "Staking" => embedded!("Staking"),
        "PubkeyRouter" => embedded!("PubkeyRouter"),
        "PKPNFT" => embedded!("PKPNFT"),
        "PKPPermissions" => embedded!("PKPPermissions"),
        "PKPHelper" => embedded!("PKPHelper"),
        "ContractResolver" => embedded!("ContractResolver"),
        _ => return None,
    })
}

/// The parsed file of a contract in [`ABI_NAMES`].
#[allow(clippy::expect_used, reason = "embedded when this was built; a test parses each")]
pub(crate) fn artifact(contract: &str) -> Artifact {
    let json = abi_json(contract).expect("only names in ABI_NAMES are asked for");
    serde_json::from_str(json).expect("the compiler step writes well-formed files")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contract_has_an_interface_and_code() {
        for name in ABI_NAMES {
            let artifact = artifact(name);
            assert!(artifact.abi.functions().count() > 0, "{name}");
            assert!(!artifact.bytecode.is_empty(), "{name}");
        }
        assert!(abi_json("Elsewhere").is_none());
    }
}
