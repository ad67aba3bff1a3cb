// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title Where the contracts of a network are
/// @notice A client that knows this address finds all others. Names without a contract resolve to
/// zero.
/// @dev Wiring: no constructor arguments; the owner calls `setContract` for each contract.
contract ContractResolver is Ownable2Step {
    /// @notice The deployments that one resolver can tell apart.
    enum Env {
        Dev,
        Staging,
        Prod
    }

    /// @notice Name of the registry of nodes.
    bytes32 public constant STAKING_CONTRACT = keccak256("STAKING");
    /// @notice Name of the token contract.
    bytes32 public constant PKP_NFT_CONTRACT = keccak256("PKP_NFT");
    /// @notice Name of the permissions contract.
    bytes32 public constant PKP_PERMISSIONS_CONTRACT = keccak256("PKP_PERMISSIONS");
    /// @notice Name of the contract that mints and grants in one step.
    bytes32 public constant PKP_HELPER_CONTRACT = keccak256("PKP_HELPER");
    /// @notice Name of the registry of keys.
    bytes32 public constant PUB_KEY_ROUTER_CONTRACT = keccak256("PUB_KEY_ROUTER");
    /// @notice Name of a contract that the SDK asks for and that does not exist here.
    bytes32 public constant PKP_NFT_METADATA_CONTRACT = keccak256("PKP_NFT_METADATA");
    /// @notice Name of a contract that the SDK asks for and that does not exist here.
    bytes32 public constant RATE_LIMIT_NFT_CONTRACT = keccak256("RATE_LIMIT_NFT");
    /// @notice Name of a contract that the SDK asks for and that does not exist here.
    bytes32 public constant ALLOWLIST_CONTRACT = keccak256("ALLOWLIST");
    /// @notice Name of a contract that the SDK asks for and that does not exist here.
    bytes32 public constant LIT_TOKEN_CONTRACT = keccak256("LIT_TOKEN");
    /// @notice Name of a contract that the SDK asks for and that does not exist here.
    bytes32 public constant MULTI_SENDER_CONTRACT = keccak256("MULTI_SENDER");
    /// @notice Name of a contract that the SDK asks for and that does not exist here.
    bytes32 public constant STAKING_BALANCES_CONTRACT = keccak256("STAKING_BALANCES");

    mapping(bytes32 typ => mapping(Env env => address)) private _contracts;

    /// @notice A contract was named.
    event ContractSet(bytes32 indexed typ, Env indexed env, address contractAddress);

    /// @notice Zero is no contract; a name cannot be taken back, only moved.
    error ZeroAddress();

    constructor() Ownable(msg.sender) {}

    /// @notice Says where a contract is. Only by the owner.
    /// @param typ keccak-256 of its name
    /// @param env its deployment
    /// @param contractAddress its address
    function setContract(bytes32 typ, Env env, address contractAddress) external onlyOwner {
        if (contractAddress == address(0)) revert ZeroAddress();
        _contracts[typ][env] = contractAddress;
        emit ContractSet(typ, env, contractAddress);
    }

    /// @notice Where a contract is; zero when nobody said so.
    function getContract(bytes32 typ, Env env) external view returns (address) {
        return _contracts[typ][env];
    }
}
