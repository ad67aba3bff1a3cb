//! The functions and events of the contracts that this crate uses, and no others.

use alloy::sol;

sol! {
    interface Staking {
        struct Member {
            uint32 ip;
            uint128 ipv6;
            uint32 port;
            address nodeAddress;
            uint32 meshIp;
            uint32 meshPort;
            bytes32 identityKey;
        }
        struct MemberView {
            uint256 id;
            address nodeAddress;
            uint32 ip;
            uint32 port;
            uint32 meshIp;
            uint32 meshPort;
            bytes32 identityKey;
        }

        function registerMember(Member member) returns (uint256 id);
        function start();
        function members() view returns (uint256 epochNumber, uint256 threshold, MemberView[] list);
    }

    interface PubkeyRouter {
        event PubkeyRoutingDataSet(uint256 indexed tokenId, bytes pubkey, address stakingContract, uint256 keyType);

        error TranscriptAlreadyRegistered(bytes32 transcript);
        error BatchExpired(uint64 expiryBlock, uint256 blockNumber);

        function initialise(address pkpNFT);
        function registerBatch(
            uint256 keyType,
            bytes32 transcript,
            uint64 epoch,
            uint64 expiryBlock,
            bytes[] keys,
            address[] attesters,
            bytes[] signatures
        );
        function networkKey() view returns (bytes key);
        function unmintedCount(uint256 keyType) view returns (uint256 count);
        function batchCount() view returns (uint256 count);
        function isRegistered(bytes pubkey) view returns (bool registered);
        function keyInfo(uint256 tokenId)
            view returns (bool registered, bool minted, bytes pubkey, bytes32 transcript, uint64 epoch);
    }

    interface PKPNFT {
        error NoUnmintedKey(uint256 keyType);

        function initialise(address permissions);
        function mintCost() view returns (uint256 cost);
        function totalSupply() view returns (uint256 count);
        function tokenByIndex(uint256 index) view returns (uint256 tokenId);
        function getEthAddress(uint256 tokenId) view returns (address ethAddress);
        function mintNext(uint256 keyType) payable returns (uint256 tokenId);
        function mintGrantAndBurnNext(uint256 keyType, bytes ipfsCID) payable returns (uint256 tokenId);
        function safeTransferFrom(address from, address to, uint256 tokenId);
    }

    interface PKPPermissions {
        struct AuthMethod {
            uint256 authMethodType;
            bytes id;
            bytes userPubkey;
        }

        function addPermittedAuthMethod(uint256 tokenId, AuthMethod authMethod, uint256[] scopes);
        function removePermittedAuthMethod(uint256 tokenId, uint256 authMethodType, bytes id);
        function batchAddRemoveAuthMethods(
            uint256 tokenId,
            uint256[] typesToAdd,
            bytes[] idsToAdd,
            bytes[] pubkeysToAdd,
            uint256[][] scopesToAdd,
            uint256[] typesToRemove,
            bytes[] idsToRemove
        );
        function isPermittedAuthMethod(uint256 tokenId, uint256 authMethodType, bytes id) view returns (bool permitted);
        function isPermittedAddress(uint256 tokenId, address user) view returns (bool permitted);
        function getPermittedActions(uint256 tokenId) view returns (bytes[] actions);
        function getPermittedAddresses(uint256 tokenId) view returns (address[] addresses);
        function getPermittedAuthMethods(uint256 tokenId) view returns (AuthMethod[] methods);
        function getPermittedAuthMethodScopes(uint256 tokenId, uint256 authMethodType, bytes id, uint256 maxScopeId)
            view returns (bool[] present);
        function authorisation(uint256 tokenId, uint256[] types, bytes[] ids)
            view returns (address owner, bool minted, bytes pubkey, uint256[] scopeBitmaps, bool[] permitted);
    }

    interface ContractResolver {
        function setContract(bytes32 typ, uint8 env, address contractAddress);
        function getContract(bytes32 typ, uint8 env) view returns (address contractAddress);
    }
}

#[cfg(test)]
mod tests {
    use alloy::json_abi::{Function, JsonAbi};
    use alloy::sol_types::{SolError, SolEvent, SolInterface};

    use super::*;
    use crate::artifacts::artifact;

    fn abi(contract: &str) -> JsonAbi {
        artifact(contract).abi
    }

    fn compare<Calls: SolInterface>(contract: &str) {
        let abi = abi(contract);
        let compiled: Vec<_> = abi.functions().map(Function::selector).collect();
        for selector in Calls::selectors() {
            let selector = alloy::primitives::Selector::from(selector);
            assert!(compiled.contains(&selector), "{contract} has no function {selector}");
        }
    }

    #[test]
    fn every_function_is_one_of_the_compiled_contract() {
        compare::<Staking::StakingCalls>("Staking");
        compare::<PubkeyRouter::PubkeyRouterCalls>("PubkeyRouter");
        compare::<PKPNFT::PKPNFTCalls>("PKPNFT");
        compare::<PKPPermissions::PKPPermissionsCalls>("PKPPermissions");
        compare::<ContractResolver::ContractResolverCalls>("ContractResolver");
    }

    #[test]
    fn every_event_and_error_is_one_of_the_compiled_contract() {
        let router = abi("PubkeyRouter");
        assert!(router.events().any(|event| event.selector() == PubkeyRouter::PubkeyRoutingDataSet::SIGNATURE_HASH));
        for (contract, selector) in [
            ("PubkeyRouter", PubkeyRouter::TranscriptAlreadyRegistered::SELECTOR),
            ("PubkeyRouter", PubkeyRouter::BatchExpired::SELECTOR),
            ("PKPNFT", PKPNFT::NoUnmintedKey::SELECTOR),
        ] {
            assert!(abi(contract).errors().any(|error| error.selector() == selector), "{contract}");
        }
    }
}
