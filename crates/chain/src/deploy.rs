use std::net::SocketAddrV4;

use alloy::primitives::{Address, Bytes, U256, keccak256};
use alloy::sol_types::SolValue;

use crate::addresses::RESOLVER_ENVIRONMENT;
use crate::artifacts::artifact;
use crate::bindings::ContractResolver::setContractCall;
use crate::bindings::Staking::{Member as ContractMember, registerMemberCall, startCall};
use crate::bindings::{PKPNFT, PubkeyRouter};
use crate::{Account, Addresses, Chain, ChainError, MAX_MEMBERS, Receipt};

/// A node as the deployer registers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember {
    /// The account with which it will sign attestations and send transactions.
    pub address: Address,
    /// Where clients reach it.
    pub http: SocketAddrV4,
    /// Where the other nodes reach it.
    pub mesh: SocketAddrV4,
    /// Its Ed25519 public key.
    pub identity: [u8; 32],
}

/// Deploys the contracts of a new network, connects them with each other and registers the members;
/// their ids follow the given order. The network starts with [`Chain::start`]. Whoever deploys
/// stays the owner of the registry.
pub async fn deploy(account: &Account, members: &[NewMember]) -> Result<Addresses, ChainError> {
    if members.len() > MAX_MEMBERS {
        let (found, maximum) = (members.len(), MAX_MEMBERS);
        return Err(ChainError::TooMany { operation: "register the members", found, maximum });
    }
    let staking = create(account, "deploy Staking", "Staking", Vec::new()).await?;
    let pubkey_router =
        create(account, "deploy PubkeyRouter", "PubkeyRouter", staking.abi_encode()).await?;
    let pkp_nft = create(account, "deploy PKPNFT", "PKPNFT", pubkey_router.abi_encode()).await?;
    let pkp_permissions =
        create(account, "deploy PKPPermissions", "PKPPermissions", pkp_nft.abi_encode()).await?;
    let pkp_helper = create(
        account,
        "deploy PKPHelper",
        "PKPHelper",
        (pkp_nft, pkp_permissions).abi_encode_params(),
    )
    .await?;
    let contract_resolver =
        create(account, "deploy ContractResolver", "ContractResolver", Vec::new()).await?;
    let addresses = Addresses {
        staking,
        pkp_nft,
        pkp_permissions,
        pubkey_router,
        pkp_helper,
        contract_resolver,
    };

    let connect = PubkeyRouter::initialiseCall { pkpNFT: pkp_nft };
    account.call("connect PubkeyRouter", pubkey_router, U256::ZERO, connect).await?;
    let connect = PKPNFT::initialiseCall { permissions: pkp_permissions };
    account.call("connect PKPNFT", pkp_nft, U256::ZERO, connect).await?;
    // A deployment is one environment; SDKs name whichever they were configured with.
    for env in 0..=RESOLVER_ENVIRONMENT {
        for (name, contract) in addresses.resolvable() {
            let call = setContractCall { typ: keccak256(name), env, contractAddress: contract };
            account.call("fill ContractResolver", contract_resolver, U256::ZERO, call).await?;
        }
    }
    for member in members {
        let call = registerMemberCall { member: contract_member(member) };
        account.call("register a member", staking, U256::ZERO, call).await?;
    }
    Ok(addresses)
}

impl Chain {
    /// Fixes the members, at least three, and opens the first epoch. Only the deployer can, once.
    pub async fn start(&self, account: &Account) -> Result<Receipt, ChainError> {
        account.call("start the network", self.addresses().staking, U256::ZERO, startCall {}).await
    }
}

async fn create(
    account: &Account,
    operation: &'static str,
    contract: &str,
    arguments: Vec<u8>,
) -> Result<Address, ChainError> {
    let code: Bytes = [artifact(contract).bytecode.to_vec(), arguments].concat().into();
    account.create(operation, code).await
}

fn contract_member(member: &NewMember) -> ContractMember {
    ContractMember {
        ip: member.http.ip().to_bits(),
        ipv6: 0,
        port: member.http.port().into(),
        nodeAddress: member.address,
        meshIp: member.mesh.ip().to_bits(),
        meshPort: member.mesh.port().into(),
        identityKey: member.identity.into(),
    }
}
