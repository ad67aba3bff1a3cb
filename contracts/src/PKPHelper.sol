// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {IMintErrors} from "./IMintErrors.sol";
import {PKPNFT} from "./PKPNFT.sol";
import {PKPPermissions} from "./PKPPermissions.sol";

/// @title Mint and grant in one step
/// @notice Mints a key, grants its use and hands the token over, all or nothing.
/// @dev Wiring: constructed with PKPNFT and PKPPermissions. It owns a token only within one call
/// and keeps no state, so it has no power over any token outside its own mints.
contract PKPHelper is IERC721Receiver, IMintErrors {
    PKPNFT private immutable _pkpNFT;
    PKPPermissions private immutable _permissions;

    /// @notice Lists that describe the same things differ in length.
    error LengthMismatch();
    /// @notice Only tokens that PKPNFT mints for this contract are received.
    error UnexpectedToken(address tokenContract, address from);

    /// @param pkpNFT_ the token contract
    /// @param permissions_ where the grants are kept
    constructor(PKPNFT pkpNFT_, PKPPermissions permissions_) {
        _pkpNFT = pkpNFT_;
        _permissions = permissions_;
    }

    /// @notice Mints a key and permits auth methods. The caller pays exactly PKPNFT's `mintCost`.
    /// @param keyType 2 (ECDSA on secp256k1)
    /// @param permittedAuthMethodTypes type of each auth method
    /// @param permittedAuthMethodIds id of each auth method
    /// @param permittedAuthMethodPubkeys user public key of each auth method
    /// @param permittedAuthMethodScopes scope ids of each auth method
    /// @param addPkpEthAddressAsPermittedAddress whether the key's own address is permitted,
    /// without scopes
    /// @param sendPkpToItself whether the key's own address gets the token, else the caller. Then
    /// only an auth method that may sign can change the grants, through the key
    /// @return tokenId the new token
    function mintNextAndAddAuthMethods(
        uint256 keyType,
        uint256[] memory permittedAuthMethodTypes,
        bytes[] memory permittedAuthMethodIds,
        bytes[] memory permittedAuthMethodPubkeys,
        uint256[][] memory permittedAuthMethodScopes,
        bool addPkpEthAddressAsPermittedAddress,
        bool sendPkpToItself
    ) external payable returns (uint256 tokenId) {
        tokenId = _pkpNFT.mintNext{value: msg.value}(keyType);
        _addAuthMethods(
            tokenId,
            permittedAuthMethodTypes,
            permittedAuthMethodIds,
            permittedAuthMethodPubkeys,
            permittedAuthMethodScopes
        );
        _handOver(tokenId, addPkpEthAddressAsPermittedAddress, sendPkpToItself);
    }

    /// @notice Like `mintNextAndAddAuthMethods`, and permits actions and accounts too.
    /// @param permittedIpfsCIDs multihash bytes of the CIDv0 of each action
    /// @param permittedIpfsCIDScopes scope ids of each action
    /// @param permittedAddresses the accounts
    /// @param permittedAddressScopes scope ids of each account
    /// @return tokenId the new token
    function mintNextAndAddAuthMethodsWithTypes(
        uint256 keyType,
        bytes[] memory permittedIpfsCIDs,
        uint256[][] memory permittedIpfsCIDScopes,
        address[] memory permittedAddresses,
        uint256[][] memory permittedAddressScopes,
        uint256[] memory permittedAuthMethodTypes,
        bytes[] memory permittedAuthMethodIds,
        bytes[] memory permittedAuthMethodPubkeys,
        uint256[][] memory permittedAuthMethodScopes,
        bool addPkpEthAddressAsPermittedAddress,
        bool sendPkpToItself
    ) external payable returns (uint256 tokenId) {
        tokenId = _pkpNFT.mintNext{value: msg.value}(keyType);
        _addActions(tokenId, permittedIpfsCIDs, permittedIpfsCIDScopes);
        _addAddresses(tokenId, permittedAddresses, permittedAddressScopes);
        _addAuthMethods(
            tokenId,
            permittedAuthMethodTypes,
            permittedAuthMethodIds,
            permittedAuthMethodPubkeys,
            permittedAuthMethodScopes
        );
        _handOver(tokenId, addPkpEthAddressAsPermittedAddress, sendPkpToItself);
    }

    /// @notice Accepts what PKPNFT mints, and nothing else: a token sent here could never leave
    /// again.
    function onERC721Received(address, address from, uint256, bytes calldata)
        external
        view
        returns (bytes4)
    {
        if (msg.sender != address(_pkpNFT) || from != address(0)) {
            revert UnexpectedToken(msg.sender, from);
        }
        return IERC721Receiver.onERC721Received.selector;
    }

    /// @notice The token contract.
    function getPkpNftAddress() external view returns (address) {
        return address(_pkpNFT);
    }

    /// @notice Where the grants are kept.
    function getPkpPermissionsAddress() external view returns (address) {
        return address(_permissions);
    }

    function _addActions(uint256 tokenId, bytes[] memory actions, uint256[][] memory scopes)
        private
    {
        if (scopes.length != actions.length) revert LengthMismatch();
        for (uint256 i = 0; i < actions.length; i++) {
            _permissions.addPermittedAction(tokenId, actions[i], scopes[i]);
        }
    }

    function _addAddresses(uint256 tokenId, address[] memory accounts, uint256[][] memory scopes)
        private
    {
        if (scopes.length != accounts.length) revert LengthMismatch();
        for (uint256 i = 0; i < accounts.length; i++) {
            _permissions.addPermittedAddress(tokenId, accounts[i], scopes[i]);
        }
    }

    function _addAuthMethods(
        uint256 tokenId,
        uint256[] memory types,
        bytes[] memory ids,
        bytes[] memory userPubkeys,
        uint256[][] memory scopes
    ) private {
        uint256 count = types.length;
        if (ids.length != count || userPubkeys.length != count || scopes.length != count) {
            revert LengthMismatch();
        }
        for (uint256 i = 0; i < count; i++) {
            PKPPermissions.AuthMethod memory method =
                PKPPermissions.AuthMethod(types[i], ids[i], userPubkeys[i]);
            _permissions.addPermittedAuthMethod(tokenId, method, scopes[i]);
        }
    }

    function _handOver(uint256 tokenId, bool addOwnAddress, bool sendToItself) private {
        address ownAddress = _pkpNFT.getEthAddress(tokenId);
        if (addOwnAddress) _permissions.addPermittedAddress(tokenId, ownAddress, new uint256[](0));
        _pkpNFT.safeTransferFrom(address(this), sendToItself ? ownAddress : msg.sender, tokenId);
    }
}
