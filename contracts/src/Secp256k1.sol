// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title The curve of Ethereum's keys
library Secp256k1 {
    uint256 private constant FIELD_PRIME =
        0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;

    /// @notice Whether (x, y) are canonical coordinates of a point of the curve y^2 = x^3 + 7. The
    /// group has prime order, so such a point is a valid public key; the identity has no
    /// coordinates and cannot be expressed.
    function isOnCurve(bytes32 x, bytes32 y) internal pure returns (bool) {
        uint256 a = uint256(x);
        uint256 b = uint256(y);
        if (a >= FIELD_PRIME || b >= FIELD_PRIME) return false;
        uint256 cube = mulmod(a, mulmod(a, a, FIELD_PRIME), FIELD_PRIME);
        return mulmod(b, b, FIELD_PRIME) == addmod(cube, 7, FIELD_PRIME);
    }
}
