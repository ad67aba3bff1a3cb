use alloy::primitives::{Address, keccak256};
use serde::{Deserialize, Serialize};

use crate::bindings::ContractResolver::getContractCall;
use crate::{ChainError, Rpc};

/// Where the contracts of one network are. The serialised names are the ones that client libraries
/// use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Who the members are.
    #[serde(rename = "Staking")]
    pub staking: Address,
    /// The tokens.
    #[serde(rename = "PKPNFT")]
    pub pkp_nft: Address,
    /// Who may use which key.
    #[serde(rename = "PKPPermissions")]
    pub pkp_permissions: Address,
    /// Which keys the network holds.
    #[serde(rename = "PubkeyRouter")]
    pub pubkey_router: Address,
    /// Mint and grant in one step.
    #[serde(rename = "PKPHelper")]
    pub pkp_helper: Address,
    /// Where all the others are.
    #[serde(rename = "ContractResolver")]
    pub contract_resolver: Address,
}

/// How the contracts are named to [`crate::Chain::connect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contracts {
    /// All of them.
    Known(Addresses),
    /// Only the resolver, which knows the others.
    ResolvedBy(Address),
}

impl Contracts {
    pub(crate) async fn addresses(self, rpc: &Rpc) -> Result<Addresses, ChainError> {
        match self {
            Self::Known(addresses) => Ok(addresses),
            Self::ResolvedBy(resolver) => Addresses::resolve(rpc, resolver).await,
        }
    }
}

/// The resolver keeps several deployments apart; ours is the productive one.
pub(crate) const RESOLVER_ENVIRONMENT: u8 = 2;

impl Addresses {
    async fn resolve(rpc: &Rpc, resolver: Address) -> Result<Self, ChainError> {
        const OPERATION: &str = "resolve the contract addresses";
        let of = async |name: &'static str| {
            let call = getContractCall { typ: keccak256(name), env: RESOLVER_ENVIRONMENT };
            match rpc.call(OPERATION, resolver, call).await? {
                Address::ZERO => {
                    Err(ChainError::bad_answer(OPERATION, format!("the resolver knows no {name}")))
                }
                address => Ok(address),
            }
        };
        Ok(Self {
            staking: of("STAKING").await?,
            pkp_nft: of("PKP_NFT").await?,
            pkp_permissions: of("PKP_PERMISSIONS").await?,
            pubkey_router: of("PUB_KEY_ROUTER").await?,
            pkp_helper: of("PKP_HELPER").await?,
            contract_resolver: resolver,
        })
    }

    /// Every contract that the resolver names, by its name there.
    pub(crate) fn resolvable(&self) -> [(&'static str, Address); 5] {
        [
            ("STAKING", self.staking),
            ("PKP_NFT", self.pkp_nft),
            ("PKP_PERMISSIONS", self.pkp_permissions),
            ("PUB_KEY_ROUTER", self.pubkey_router),
            ("PKP_HELPER", self.pkp_helper),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialised_names_are_those_of_client_libraries() {
        let address = |byte| Address::repeat_byte(byte);
        let addresses = Addresses {
            staking: address(1),
            pkp_nft: address(2),
            pkp_permissions: address(3),
            pubkey_router: address(4),
            pkp_helper: address(5),
            contract_resolver: address(6),
        };
        let json = serde_json::to_value(addresses).unwrap();
        for (name, byte) in [
            ("Staking", 1),
            ("PKPNFT", 2),
            ("PKPPermissions", 3),
            ("PubkeyRouter", 4),
            ("PKPHelper", 5),
            ("ContractResolver", 6),
        ] {
            assert_eq!(json[name], serde_json::to_value(address(byte)).unwrap(), "{name}");
        }
        assert_eq!(serde_json::from_value::<Addresses>(json).unwrap(), addresses);
    }
}
