// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Why a mint fails
/// @notice Inherited by every contract that a mint passes through, so that the interface of the one
/// that was called decodes what another one raised.
interface IMintErrors {
    /// @notice The pool of attested keys of this type is empty; the nodes refill it by themselves.
    error NoUnmintedKey(uint256 keyType);
    /// @notice Keys of this type cannot be minted.
    error UnsupportedKeyType(uint256 keyType);
    /// @notice A mint must be paid with exactly `cost` wei.
    error WrongMintCost(uint256 sent, uint256 cost);
}
