// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {PKPNFT} from "../src/PKPNFT.sol";
import {PKPPermissions} from "../src/PKPPermissions.sol";
import {PubkeyRouter} from "../src/PubkeyRouter.sol";
import {PermissionsHandler} from "./support/PermissionsHandler.sol";
import {vm} from "./support/Vm.sol";

/// @title What holds after any sequence of calls
contract InvariantTest {
    PermissionsHandler handler;
    PubkeyRouter router;
    PKPNFT nft;
    PKPPermissions permissions;

    function setUp() public {
        handler = new PermissionsHandler();
        (router, nft, permissions) = handler.contracts();
    }

    /// Asked by forge: it calls these and no others.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// The fingerprint is renewed by the owner's own changes only, so any other change shows here.
    function invariant_only_the_owner_changes_grants() public view {
        vm.assertEq(handler.usurpations(), 0, "changes by others");
        (, uint256 tokens) = handler.counts();
        for (uint256 i = 0; i < tokens; i++) {
            uint256 tokenId = handler.minted(i);
            vm.assertEq(handler.grantsOf(tokenId), handler.expectedGrants(tokenId));
        }
    }

    function invariant_a_burned_token_keeps_exactly_its_action_and_never_returns() public view {
        (, uint256 tokens) = handler.counts();
        for (uint256 i = 0; i < tokens; i++) {
            uint256 tokenId = handler.minted(i);
            if (!handler.burned(tokenId)) continue;
            vm.assertFalse(nft.exists(tokenId));
            vm.assertEq(permissions.getPermittedAuthMethods(tokenId).length, 1);
            vm.assertEq(permissions.getPermittedActions(tokenId).length, 1);
            vm.assertEq(permissions.getPermittedAddresses(tokenId).length, 0);
        }
    }

    function invariant_a_key_is_minted_at_most_once_and_in_order() public view {
        (uint256 keys, uint256 tokens) = handler.counts();
        for (uint256 i = 0; i < tokens; i++) {
            uint256 tokenId = uint256(keccak256(handler.registered(i)));
            vm.assertEq(handler.minted(i), tokenId);
            vm.assertEq(handler.mints(tokenId), 1);
        }
        vm.assertEq(router.unmintedCount(2), keys - tokens);
    }

    function invariant_exactly_the_minted_keys_are_routed() public view {
        (uint256 keys, uint256 tokens) = handler.counts();
        for (uint256 i = 0; i < keys; i++) {
            bytes memory key = handler.registered(i);
            uint256 tokenId = uint256(keccak256(key));
            bool minted = i < tokens;
            vm.assertTrue(router.isRegistered(key));
            vm.assertEq(router.isRouted(tokenId) ? 1 : 0, minted ? 1 : 0, "routed");
            vm.assertEq(router.getPubkey(tokenId), minted ? key : bytes(""));
            vm.assertEq(
                router.ethAddressToPkpId(router.deriveEthAddressFromPubkey(key)),
                minted ? tokenId : 0
            );
            if (minted) continue;
            vm.assertFalse(nft.exists(tokenId));
            vm.assertEq(permissions.getPermittedAuthMethods(tokenId).length, 0);
        }
    }

    function invariant_tokens_belong_to_whom_they_were_given() public view {
        (, uint256 tokens) = handler.counts();
        uint256 living = 0;
        for (uint256 i = 0; i < tokens; i++) {
            uint256 tokenId = handler.minted(i);
            if (handler.burned(tokenId)) continue;
            living++;
            vm.assertEq(nft.ownerOf(tokenId), handler.ownerOf(tokenId));
        }
        vm.assertEq(nft.totalSupply(), living);
        vm.assertEq(address(nft).balance, tokens, "each mint paid one wei");
    }
}
