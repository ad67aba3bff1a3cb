// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {vm} from "./support/Vm.sol";

/// @title What the threshold protocols sign, asked of the chain's own `ecrecover`
contract SignaturesTest {
    /// Each line is one signature: digest, v, r, s and signer, as words. Written and pinned by
    /// `crates/threshold/tests/vectors`.
    string private constant VECTORS = "contracts/test/vectors/signatures.txt";
    uint256 private constant COUNT = 32;
    /// Half of secp256k1's order: what is above is a second form of another signature.
    uint256 private constant HIGHEST_S =
        0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    function test_ecrecoverNamesTheSignerOfEveryThresholdSignature() public {
        for (uint256 i = 0; i < COUNT; i++) {
            bytes memory line = vm.parseBytes(vm.readLine(VECTORS));
            (bytes32 digest, uint8 v, bytes32 r, bytes32 s, address signer) =
                abi.decode(line, (bytes32, uint8, bytes32, bytes32, address));
            vm.assertTrue(signer != address(0));
            vm.assertEq(ecrecover(digest, v, r, s), signer);
            vm.assertTrue(ecrecover(digest ^ bytes32(uint256(1)), v, r, s) != signer);
            vm.assertTrue(uint256(s) <= HIGHEST_S);
        }
        vm.assertEq(bytes(vm.readLine(VECTORS)).length, 0);
    }
}
