// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {
    ERC721Enumerable
} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Enumerable.sol";
import {ERC721Utils} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Utils.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IMintErrors} from "./IMintErrors.sol";
import {PKPPermissions} from "./PKPPermissions.sol";
import {PubkeyRouter} from "./PubkeyRouter.sol";
import {TokenMetadata} from "./TokenMetadata.sol";

/// @title Programmable key pairs as tokens
/// @notice One ERC-721 token per wallet key; its id is the keccak-256 of the uncompressed public
/// key. Who owns the token decides in PKPPermissions who may use the key. A transfer keeps all
/// grants in force. A burned token keeps its key and grants but has no owner, so nothing about it
/// can ever change again.
/// @dev Wiring: constructed with PubkeyRouter; the owner calls `initialise` once with
/// PKPPermissions. The owner sets the price and withdraws the proceeds and has no power over keys
/// or tokens.
contract PKPNFT is ERC721Enumerable, Ownable2Step, IMintErrors {
    uint256 private constant SCOPE_SIGN_ANYTHING = 1;

    PubkeyRouter private immutable _router;
    PKPPermissions private _permissions;

    /// @notice Price of a mint in wei.
    uint256 public mintCost = 1;

    /// @notice A key was minted; comes after the ERC-721 Transfer.
    event PKPMinted(uint256 indexed tokenId, bytes pubkey);
    /// @notice The price of a mint changed; in wei.
    event MintCostSet(uint256 newMintCost);
    /// @notice The owner withdrew the proceeds; in wei.
    event Withdrew(uint256 amount);

    /// @notice `initialise` was called before.
    error AlreadyInitialised();
    /// @notice That permissions contract does not name this token contract as its own.
    error WrongPermissionsContract(address permissions);

    /// @param router_ where the keys come from
    constructor(PubkeyRouter router_) ERC721("Programmable Keypair", "PKP") Ownable(msg.sender) {
        _router = router_;
    }

    /// @notice Names the permissions contract. Once, by the owner.
    /// @param permissions_ it must have been constructed with this token contract
    function initialise(PKPPermissions permissions_) external onlyOwner {
        if (address(_permissions) != address(0)) revert AlreadyInitialised();
        if (permissions_.getPkpNftAddress() != address(this)) {
            revert WrongPermissionsContract(address(permissions_));
        }
        _permissions = permissions_;
    }

    /// @notice Mints the oldest key of the pool to the caller, who pays exactly `mintCost`.
    /// @param keyType 2 (ECDSA on secp256k1)
    /// @return tokenId the new token
    function mintNext(uint256 keyType) external payable returns (uint256 tokenId) {
        tokenId = _mintNext(msg.sender, keyType);
        // The caller's code runs last, when every state and log of this mint is complete.
        ERC721Utils.checkOnERC721Received(msg.sender, address(0), msg.sender, tokenId, "");
    }

    /// @notice Mints a key, permits one action to sign anything with it, and burns the token: from
    /// then on that action and nobody else can use the key. All or nothing.
    /// @param keyType 2 (ECDSA on secp256k1)
    /// @param ipfsCID the action: multihash bytes of its CIDv0
    /// @return tokenId the burned token
    function mintGrantAndBurnNext(uint256 keyType, bytes calldata ipfsCID)
        external
        payable
        returns (uint256 tokenId)
    {
        tokenId = _mintNext(address(this), keyType);
        uint256[] memory scopes = new uint256[](1);
        scopes[0] = SCOPE_SIGN_ANYTHING;
        _permissions.addPermittedAction(tokenId, ipfsCID, scopes);
        _burn(tokenId);
    }

    /// @notice Sets the price of a mint in wei. Only by the owner.
    function setMintCost(uint256 newMintCost) external onlyOwner {
        mintCost = newMintCost;
        emit MintCostSet(newMintCost);
    }

    /// @notice Sends all proceeds to the owner. Only by the owner.
    function withdraw() external onlyOwner {
        uint256 amount = address(this).balance;
        emit Withdrew(amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @notice Whether the token is minted and not burned.
    function exists(uint256 tokenId) external view returns (bool) {
        return _ownerOf(tokenId) != address(0);
    }

    /// @notice Uncompressed public key of a token, burned ones included; empty until it is minted.
    function getPubkey(uint256 tokenId) external view returns (bytes memory) {
        return _router.getPubkey(tokenId);
    }

    /// @notice Ethereum address of a token's key, burned ones included; zero until it is minted.
    function getEthAddress(uint256 tokenId) external view returns (address) {
        return _router.getEthAddress(tokenId);
    }

    /// @notice Number of keys of this type that can be minted at once.
    function getUnmintedRoutedTokenIdCount(uint256 keyType) external view returns (uint256) {
        return _router.unmintedCount(keyType);
    }

    /// @notice Where the keys come from.
    function getRouterAddress() external view returns (address) {
        return address(_router);
    }

    /// @notice Who may use the keys; zero until `initialise`.
    function getPkpPermissionsAddress() external view returns (address) {
        return address(_permissions);
    }

    /// @notice The registry of the nodes that hold the keys.
    function getStakingAddress() external view returns (address) {
        return address(_router.staking());
    }

    /// @notice Metadata as a JSON data URI, with the public key, the Ethereum address and the id as
    /// attributes.
    function tokenURI(uint256 tokenId) public view override(ERC721) returns (string memory) {
        _requireOwned(tokenId);
        return
            TokenMetadata.uri(tokenId, _router.getPubkey(tokenId), _router.getEthAddress(tokenId));
    }

    function _mintNext(address to, uint256 keyType) private returns (uint256 tokenId) {
        if (msg.value != mintCost) revert WrongMintCost(msg.value, mintCost);
        bytes memory pubkey;
        (tokenId, pubkey) = _router.routeNext(keyType);
        _mint(to, tokenId);
        emit PKPMinted(tokenId, pubkey);
    }
}
