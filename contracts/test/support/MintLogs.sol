// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {PKPNFT} from "../../src/PKPNFT.sol";
import {PubkeyRouter} from "../../src/PubkeyRouter.sol";
import {Vm, vm} from "./Vm.sol";

/// @title What clients read from a minting receipt
library MintLogs {
    /// The first three logs of every mint, in the order on which the SDK relies. Returns all of
    /// them.
    function expectMint(PubkeyRouter router, PKPNFT nft, uint256 tokenId)
        internal
        returns (Vm.Log[] memory logs)
    {
        logs = vm.getRecordedLogs();
        expectLog(logs[0], address(router), PubkeyRouter.PubkeyRoutingDataSet.selector);
        vm.assertEq(uint256(logs[0].topics[1]), tokenId);
        expectLog(logs[1], address(nft), IERC721.Transfer.selector);
        vm.assertEq(uint256(logs[1].topics[1]), 0);
        vm.assertEq(uint256(logs[1].topics[3]), tokenId);
        expectLog(logs[2], address(nft), PKPNFT.PKPMinted.selector);
        vm.assertEq(uint256(logs[2].topics[1]), tokenId);
        for (uint256 i = 1; i < logs.length; i++) {
            vm.assertTrue(logs[i].topics[0] != PubkeyRouter.PubkeyRoutingDataSet.selector);
        }
    }

    function expectLog(Vm.Log memory log, address emitter, bytes32 selector) internal pure {
        vm.assertEq(log.emitter, emitter);
        vm.assertEq(log.topics[0], selector);
    }
}
