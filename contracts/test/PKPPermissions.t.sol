// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {PKPPermissions} from "../src/PKPPermissions.sol";
import {NetworkFixture} from "./support/NetworkFixture.sol";
import {vm} from "./support/Vm.sol";

contract PKPPermissionsTest is NetworkFixture {
    address constant ALICE = address(0xa11ce);
    address constant BOB = address(0xb0b);
    uint256 constant ADDRESS = 1;
    uint256 constant ACTION_TYPE = 2;
    uint256 constant WEBAUTHN = 3;
    bytes constant CREDENTIAL = hex"c0ffee";
    bytes constant COSE_KEY = hex"a5010203";

    uint256 token;

    function setUp() public {
        _deployNetwork();
        fillPool(3);
        token = mintTo(ALICE);
    }

    // Granting

    function test_permits_an_auth_method_with_scopes() public {
        vm.startPrank(ALICE);
        vm.expectEmit(address(permissions));
        emit PKPPermissions.PermittedAuthMethodAdded(token, WEBAUTHN, CREDENTIAL, COSE_KEY);
        vm.expectEmit(address(permissions));
        emit PKPPermissions.PermittedAuthMethodScopeAdded(token, WEBAUTHN, CREDENTIAL, 1);
        vm.expectEmit(address(permissions));
        emit PKPPermissions.PermittedAuthMethodScopeAdded(token, WEBAUTHN, CREDENTIAL, 255);
        permissions.addPermittedAuthMethod(token, credential(COSE_KEY), scopes(1, 255));

        vm.assertTrue(permissions.isPermittedAuthMethod(token, WEBAUTHN, CREDENTIAL));
        vm.assertTrue(permissions.isPermittedAuthMethodScopePresent(token, WEBAUTHN, CREDENTIAL, 1));
        vm.assertTrue(
            permissions.isPermittedAuthMethodScopePresent(token, WEBAUTHN, CREDENTIAL, 255)
        );
        vm.assertFalse(
            permissions.isPermittedAuthMethodScopePresent(token, WEBAUTHN, CREDENTIAL, 2)
        );
        vm.assertEq(permissions.getUserPubkeyForAuthMethod(WEBAUTHN, CREDENTIAL), COSE_KEY);
        vm.assertEq(permissions.getTokenIdsForAuthMethod(WEBAUTHN, CREDENTIAL), list(token));
        vm.assertEq(
            permissions.getPKPPubKeysByAuthMethod(WEBAUTHN, CREDENTIAL)[0], nft.getPubkey(token)
        );
        PKPPermissions.AuthMethod[] memory methods = permissions.getPermittedAuthMethods(token);
        vm.assertEq(methods.length, 1);
        vm.assertEq(methods[0].authMethodType, WEBAUTHN);
        vm.assertEq(methods[0].id, CREDENTIAL);
        vm.assertEq(methods[0].userPubkey, COSE_KEY);
    }

    function test_a_grant_without_scopes_has_none() public {
        vm.prank(ALICE);
        permissions.addPermittedAddress(token, BOB, none());
        vm.assertTrue(permissions.isPermittedAddress(token, BOB));
        vm.assertEq(bitmapOf(ADDRESS, abi.encodePacked(BOB)), 0);
    }

    function test_removing_a_grant_removes_its_scopes() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAction(token, ACTION, scopes(1, 2));
        vm.expectEmit(address(permissions));
        emit PKPPermissions.PermittedAuthMethodRemoved(token, ACTION_TYPE, ACTION);
        permissions.removePermittedAction(token, ACTION);
        vm.assertFalse(permissions.isPermittedAction(token, ACTION));
        vm.assertEq(permissions.getTokenIdsForAuthMethod(ACTION_TYPE, ACTION).length, 0);
        permissions.addPermittedAction(token, ACTION, none());
        vm.assertEq(bitmapOf(ACTION_TYPE, ACTION), 0);
    }

    function test_permitting_again_adds_scopes() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAction(token, ACTION, list(1));
        permissions.addPermittedAction(token, ACTION, list(2));
        vm.assertEq(bitmapOf(ACTION_TYPE, ACTION), 6);
        vm.assertEq(permissions.getPermittedActions(token).length, 1);
        vm.assertEq(permissions.getTokenIdsForAuthMethod(ACTION_TYPE, ACTION).length, 1);
    }

    function test_gives_and_takes_single_scopes() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAction(token, ACTION, none());
        vm.expectEmit(address(permissions));
        emit PKPPermissions.PermittedAuthMethodScopeAdded(token, ACTION_TYPE, ACTION, 2);
        permissions.addPermittedAuthMethodScope(token, ACTION_TYPE, ACTION, 2);
        permissions.addPermittedAuthMethodScope(token, ACTION_TYPE, ACTION, 7);
        vm.assertEq(bitmapOf(ACTION_TYPE, ACTION), 0x84);
        vm.expectEmit(address(permissions));
        emit PKPPermissions.PermittedAuthMethodScopeRemoved(token, ACTION_TYPE, ACTION, 2);
        permissions.removePermittedAuthMethodScope(token, ACTION_TYPE, ACTION, 2);
        vm.assertEq(bitmapOf(ACTION_TYPE, ACTION), 0x80);
    }

    function test_grants_of_one_token_are_not_those_of_another() public {
        uint256 other = mintTo(ALICE);
        vm.prank(ALICE);
        permissions.addPermittedAction(token, ACTION, list(1));
        vm.assertFalse(permissions.isPermittedAction(other, ACTION));
        vm.assertFalse(permissions.isPermittedAuthMethodScopePresent(other, ACTION_TYPE, ACTION, 1));
    }

    function test_a_batch_adds_and_removes_together() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAction(token, ACTION, list(1));
        permissions.batchAddRemoveAuthMethods(
            token,
            list(WEBAUTHN),
            list(CREDENTIAL),
            list(COSE_KEY),
            list(list(1)),
            list(ACTION_TYPE),
            list(ACTION)
        );
        vm.assertFalse(permissions.isPermittedAction(token, ACTION));
        vm.assertTrue(permissions.isPermittedAuthMethodScopePresent(token, WEBAUTHN, CREDENTIAL, 1));
    }

    function test_a_batch_is_all_or_nothing() public {
        vm.startPrank(ALICE);
        expectNotPermitted(ACTION_TYPE, ACTION);
        permissions.batchAddRemoveAuthMethods(
            token,
            list(WEBAUTHN),
            list(CREDENTIAL),
            list(COSE_KEY),
            list(list(1)),
            list(ACTION_TYPE),
            list(ACTION)
        );
        vm.assertFalse(permissions.isPermittedAuthMethod(token, WEBAUTHN, CREDENTIAL));
    }

    function test_rejects_batches_of_uneven_lists() public {
        uint256[][] memory noScopes = new uint256[][](0);
        vm.startPrank(ALICE);
        expectMismatch();
        batch(list(WEBAUTHN), new bytes[](0), list(COSE_KEY), list(none()), none(), new bytes[](0));
        expectMismatch();
        batch(
            list(WEBAUTHN), list(CREDENTIAL), new bytes[](0), list(none()), none(), new bytes[](0)
        );
        expectMismatch();
        batch(list(WEBAUTHN), list(CREDENTIAL), list(COSE_KEY), noScopes, none(), new bytes[](0));
        expectMismatch();
        batch(none(), new bytes[](0), new bytes[](0), noScopes, list(WEBAUTHN), new bytes[](0));
    }

    function test_a_transfer_keeps_grants_and_moves_the_right_to_change_them() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAction(token, ACTION, list(1));
        nft.transferFrom(ALICE, BOB, token);
        expectNotOwner(token, ALICE);
        permissions.removePermittedAction(token, ACTION);
        vm.stopPrank();
        vm.assertTrue(permissions.isPermittedAuthMethodScopePresent(token, ACTION_TYPE, ACTION, 1));
        vm.assertFalse(permissions.isPermittedAddress(token, ALICE));
        vm.prank(BOB);
        permissions.removePermittedAction(token, ACTION);
    }

    // Who may grant

    function test_nobody_but_the_owner_changes_anything() public {
        vm.prank(ALICE);
        permissions.addPermittedAddress(token, BOB, list(1));
        address[5] memory others =
            [BOB, address(nft), address(helper), address(this), nft.getEthAddress(token)];
        for (uint256 i = 0; i < others.length; i++) {
            expectPowerless(token, others[i]);
        }
    }

    function test_nobody_changes_a_burned_or_unminted_token() public {
        uint256 unminted = tokenOf(fillPool(1)[0]);
        vm.deal(ALICE, 1);
        vm.prank(ALICE);
        uint256 burned = nft.mintGrantAndBurnNext{value: 1}(ECDSA_KEYS, ACTION);
        address[4] memory others = [ALICE, address(nft), address(0), nft.getEthAddress(burned)];
        for (uint256 i = 0; i < others.length; i++) {
            expectPowerless(burned, others[i]);
            expectPowerless(unminted, others[i]);
        }
    }

    // What is refused

    function test_rejects_a_known_auth_method_with_another_user_public_key() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAuthMethod(token, credential(COSE_KEY), none());
        expectPubkeyMismatch();
        permissions.addPermittedAuthMethod(token, credential("other"), none());
        permissions.removePermittedAuthMethod(token, WEBAUTHN, CREDENTIAL);
        expectPubkeyMismatch();
        permissions.addPermittedAuthMethod(token, credential(""), none());
        vm.stopPrank();
        uint256 other = mintTo(BOB);
        vm.startPrank(BOB);
        expectPubkeyMismatch();
        permissions.addPermittedAuthMethod(other, credential("other"), none());
        permissions.addPermittedAuthMethod(other, credential(COSE_KEY), none());
    }

    function test_rejects_auth_methods_that_name_nobody() public {
        vm.startPrank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(PKPPermissions.InvalidAuthMethod.selector, 0, CREDENTIAL)
        );
        permissions.addPermittedAuthMethod(
            token, PKPPermissions.AuthMethod(0, CREDENTIAL, ""), none()
        );
        vm.expectRevert(
            abi.encodeWithSelector(PKPPermissions.InvalidAuthMethod.selector, WEBAUTHN, "")
        );
        permissions.addPermittedAuthMethod(
            token, PKPPermissions.AuthMethod(WEBAUTHN, "", ""), none()
        );
    }

    function test_rejects_changes_to_what_is_not_permitted() public {
        vm.startPrank(ALICE);
        expectNotPermitted(ACTION_TYPE, ACTION);
        permissions.removePermittedAction(token, ACTION);
        expectNotPermitted(ADDRESS, abi.encodePacked(BOB));
        permissions.removePermittedAddress(token, BOB);
        expectNotPermitted(ACTION_TYPE, ACTION);
        permissions.addPermittedAuthMethodScope(token, ACTION_TYPE, ACTION, 1);
        expectNotPermitted(ACTION_TYPE, ACTION);
        permissions.removePermittedAuthMethodScope(token, ACTION_TYPE, ACTION, 1);
    }

    function test_takes_the_last_scope_and_rejects_the_next() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAction(token, ACTION, list(255));
        expectScopeOutOfRange(256);
        permissions.addPermittedAction(token, ACTION, list(256));
        expectScopeOutOfRange(256);
        permissions.addPermittedAuthMethodScope(token, ACTION_TYPE, ACTION, 256);
        expectScopeOutOfRange(256);
        permissions.removePermittedAuthMethodScope(token, ACTION_TYPE, ACTION, 256);
        expectScopeOutOfRange(256);
        permissions.isPermittedAuthMethodScopePresent(token, ACTION_TYPE, ACTION, 256);
        vm.assertEq(
            permissions.getPermittedAuthMethodScopes(token, ACTION_TYPE, ACTION, 256).length, 256
        );
        expectScopeOutOfRange(257);
        permissions.getPermittedAuthMethodScopes(token, ACTION_TYPE, ACTION, 257);
    }

    function test_takes_the_longest_lists_and_strings_and_rejects_longer_ones() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAction(token, ACTION, new uint256[](256));
        expectTooLong(257, 256);
        permissions.addPermittedAction(token, ACTION, new uint256[](257));
        permissions.addPermittedAuthMethod(
            token, PKPPermissions.AuthMethod(9, new bytes(256), new bytes(1024)), none()
        );
        expectTooLong(257, 256);
        permissions.addPermittedAuthMethod(
            token, PKPPermissions.AuthMethod(9, new bytes(257), ""), none()
        );
        expectTooLong(1025, 1024);
        permissions.addPermittedAuthMethod(
            token, PKPPermissions.AuthMethod(9, hex"01", new bytes(1025)), none()
        );
    }

    function test_takes_the_longest_batches_and_rejects_longer_ones() public {
        vm.startPrank(ALICE);
        (uint256[] memory types, bytes[] memory ids) = logins(64, 0);
        batch(types, ids, new bytes[](64), new uint256[][](64), none(), new bytes[](0));
        batch(none(), new bytes[](0), new bytes[](0), new uint256[][](0), types, ids);
        permissions.authorisation(token, types, ids);
        (types, ids) = logins(65, 0);
        expectTooLong(65, 64);
        batch(types, ids, new bytes[](65), new uint256[][](65), none(), new bytes[](0));
        expectTooLong(65, 64);
        batch(none(), new bytes[](0), new bytes[](0), new uint256[][](0), types, ids);
        expectTooLong(65, 64);
        permissions.authorisation(token, types, ids);
    }

    function test_permits_as_many_auth_methods_as_it_says_and_no_more() public {
        vm.startPrank(ALICE);
        for (uint256 i = 0; i < 4; i++) {
            (uint256[] memory types, bytes[] memory ids) = logins(64, i * 64);
            batch(types, ids, new bytes[](64), new uint256[][](64), none(), new bytes[](0));
        }
        vm.assertEq(
            permissions.getPermittedAuthMethods(token).length, permissions.MAX_AUTH_METHODS()
        );
        vm.expectRevert(
            abi.encodeWithSelector(PKPPermissions.TooManyAuthMethods.selector, token, 256)
        );
        permissions.addPermittedAction(token, ACTION, none());
        permissions.addPermittedAuthMethod(
            token, PKPPermissions.AuthMethod(9, abi.encode(0), ""), list(1)
        );
        permissions.removePermittedAuthMethod(token, 9, abi.encode(0));
        permissions.addPermittedAction(token, ACTION, none());
    }

    // Views

    function test_lists_scopes_by_their_ids() public {
        vm.prank(ALICE);
        permissions.addPermittedAction(token, ACTION, scopes(1, 3));
        bool[] memory present =
            permissions.getPermittedAuthMethodScopes(token, ACTION_TYPE, ACTION, 4);
        vm.assertEq(
            abi.encode(present[0], present[1], present[2], present[3]),
            abi.encode(false, true, false, true)
        );
        vm.assertEq(present.length, 4);
        vm.assertEq(
            permissions.getPermittedAuthMethodScopes(token, ACTION_TYPE, ACTION, 0).length, 0
        );
    }

    function test_lists_the_owner_and_then_permitted_accounts() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAction(token, ACTION, none());
        permissions.addPermittedAddress(token, BOB, none());
        permissions.addPermittedAuthMethod(
            token, PKPPermissions.AuthMethod(ADDRESS, abi.encode("login"), ""), none()
        );
        permissions.addPermittedAddress(token, ALICE, none());
        address[] memory expected = new address[](3);
        (expected[0], expected[1], expected[2]) = (ALICE, BOB, ALICE);
        vm.assertEq(permissions.getPermittedAddresses(token), expected);
        vm.assertEq(permissions.getPermittedActions(token).length, 1);
        vm.assertEq(permissions.getPermittedActions(token)[0], ACTION);
    }

    function test_views_of_a_burned_token_answer() public {
        vm.deal(ALICE, 1);
        vm.prank(ALICE);
        uint256 burned = nft.mintGrantAndBurnNext{value: 1}(ECDSA_KEYS, ACTION);
        vm.assertFalse(permissions.isPermittedAddress(burned, ALICE));
        vm.assertFalse(permissions.isPermittedAddress(burned, address(0)));
        vm.assertEq(permissions.getPermittedAddresses(burned).length, 0);
        vm.assertEq(permissions.getPermittedActions(burned)[0], ACTION);
        vm.assertEq(permissions.getPubkey(burned), router.getPubkey(burned));
        vm.assertEq(permissions.getEthAddress(burned), router.getEthAddress(burned));
    }

    function test_authorisation_answers_everything_in_one_call() public {
        vm.startPrank(ALICE);
        permissions.addPermittedAction(token, ACTION, scopes(1, 2));
        permissions.addPermittedAddress(token, BOB, none());
        uint256[] memory types = new uint256[](3);
        bytes[] memory ids = new bytes[](3);
        (types[0], ids[0]) = (ACTION_TYPE, ACTION);
        (types[1], ids[1]) = (ADDRESS, abi.encodePacked(BOB));
        (types[2], ids[2]) = (ADDRESS, abi.encodePacked(ALICE));
        (
            address owner,
            bool minted,
            bytes memory pubkey,
            uint256[] memory bitmaps,
            bool[] memory permitted
        ) = permissions.authorisation(token, types, ids);
        vm.assertEq(owner, ALICE);
        vm.assertTrue(minted);
        vm.assertEq(pubkey, nft.getPubkey(token));
        vm.assertEq(abi.encode(bitmaps[0], bitmaps[1], bitmaps[2]), abi.encode(6, 0, 0));
        vm.assertEq(
            abi.encode(permitted[0], permitted[1], permitted[2]), abi.encode(true, true, false)
        );
    }

    function test_authorisation_tells_burned_from_unminted() public {
        uint256 unminted = tokenOf(fillPool(1)[0]);
        vm.deal(ALICE, 1);
        vm.prank(ALICE);
        uint256 burned = nft.mintGrantAndBurnNext{value: 1}(ECDSA_KEYS, ACTION);
        (address owner, bool minted, bytes memory pubkey, uint256[] memory bitmaps,) =
            permissions.authorisation(burned, list(ACTION_TYPE), list(ACTION));
        vm.assertTrue(owner == address(0) && minted && pubkey.length == 65 && bitmaps[0] == 2);
        (owner, minted, pubkey, bitmaps,) =
            permissions.authorisation(unminted, list(ACTION_TYPE), list(ACTION));
        vm.assertTrue(owner == address(0) && !minted && pubkey.length == 0 && bitmaps[0] == 0);
    }

    function test_authorisation_rejects_uneven_lists() public {
        expectMismatch();
        permissions.authorisation(token, list(ACTION_TYPE), new bytes[](0));
    }

    function testFuzz_different_auth_methods_have_different_names(
        uint256 a,
        bytes memory x,
        uint256 b,
        bytes memory y
    ) public view {
        vm.assume(a != b || keccak256(x) != keccak256(y));
        vm.assertTrue(permissions.getAuthMethodId(a, x) != permissions.getAuthMethodId(b, y));
        vm.assertEq(permissions.getAuthMethodId(a, x), uint256(keccak256(abi.encode(a, x))));
    }

    // Groups

    function test_proves_leaves_of_a_group() public {
        bytes32 left = keccak256("left");
        bytes32 right = keccak256("right");
        bytes32 root =
            left < right ? keccak256(abi.encode(left, right)) : keccak256(abi.encode(right, left));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = right;
        vm.assertFalse(permissions.verifyState(token, 5, proof, left));
        vm.expectEmit(address(permissions));
        emit PKPPermissions.RootHashUpdated(token, 5, root);
        vm.prank(ALICE);
        permissions.setRootHash(token, 5, root);
        vm.assertTrue(permissions.verifyState(token, 5, proof, left));
        vm.assertFalse(permissions.verifyState(token, 5, proof, right));
        vm.assertFalse(permissions.verifyState(token, 6, proof, left));

        bool[] memory flags = new bool[](1);
        bytes32[] memory leaves = new bytes32[](1);
        leaves[0] = left;
        vm.assertTrue(permissions.verifyStates(token, 5, proof, flags, leaves));
        vm.assertFalse(permissions.verifyStates(token, 6, proof, flags, leaves));
    }

    function test_a_group_without_root_or_a_proof_without_leaves_proves_nothing() public {
        vm.assertFalse(permissions.verifyState(token, 5, new bytes32[](0), 0));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = keccak256("root");
        vm.prank(ALICE);
        permissions.setRootHash(token, 5, proof[0]);
        vm.assertFalse(permissions.verifyStates(token, 5, proof, new bool[](0), new bytes32[](0)));
    }

    function expectPowerless(uint256 tokenId, address sender) internal {
        vm.startPrank(sender);
        expectNotOwner(tokenId, sender);
        permissions.addPermittedAuthMethod(tokenId, credential(""), none());
        expectNotOwner(tokenId, sender);
        permissions.removePermittedAuthMethod(tokenId, ADDRESS, abi.encodePacked(BOB));
        expectNotOwner(tokenId, sender);
        permissions.addPermittedAuthMethodScope(tokenId, ADDRESS, abi.encodePacked(BOB), 2);
        expectNotOwner(tokenId, sender);
        permissions.removePermittedAuthMethodScope(tokenId, ADDRESS, abi.encodePacked(BOB), 1);
        expectNotOwner(tokenId, sender);
        permissions.addPermittedAction(tokenId, ACTION, none());
        expectNotOwner(tokenId, sender);
        permissions.removePermittedAction(tokenId, ACTION);
        expectNotOwner(tokenId, sender);
        permissions.addPermittedAddress(tokenId, sender, none());
        expectNotOwner(tokenId, sender);
        permissions.removePermittedAddress(tokenId, BOB);
        expectNotOwner(tokenId, sender);
        permissions.setRootHash(tokenId, 1, bytes32(uint256(1)));
        expectNotOwner(tokenId, sender);
        permissions.batchAddRemoveAuthMethods(
            tokenId,
            none(),
            new bytes[](0),
            new bytes[](0),
            new uint256[][](0),
            none(),
            new bytes[](0)
        );
        vm.stopPrank();
    }

    function batch(
        uint256[] memory types,
        bytes[] memory ids,
        bytes[] memory userPubkeys,
        uint256[][] memory scopeLists,
        uint256[] memory removedTypes,
        bytes[] memory removedIds
    ) internal {
        permissions.batchAddRemoveAuthMethods(
            token, types, ids, userPubkeys, scopeLists, removedTypes, removedIds
        );
    }

    function logins(uint256 count, uint256 first)
        internal
        pure
        returns (uint256[] memory types, bytes[] memory ids)
    {
        types = new uint256[](count);
        ids = new bytes[](count);
        for (uint256 i = 0; i < count; i++) {
            (types[i], ids[i]) = (9, abi.encode(first + i));
        }
    }

    function bitmapOf(uint256 methodType, bytes memory id) internal view returns (uint256) {
        (,,, uint256[] memory bitmaps,) =
            permissions.authorisation(token, list(methodType), list(id));
        return bitmaps[0];
    }

    function credential(bytes memory userPubkey)
        internal
        pure
        returns (PKPPermissions.AuthMethod memory)
    {
        return PKPPermissions.AuthMethod(WEBAUTHN, CREDENTIAL, userPubkey);
    }

    function none() internal pure returns (uint256[] memory) {
        return new uint256[](0);
    }

    function scopes(uint256 a, uint256 b) internal pure returns (uint256[] memory values) {
        values = new uint256[](2);
        (values[0], values[1]) = (a, b);
    }

    function expectNotOwner(uint256 tokenId, address sender) internal {
        vm.expectRevert(
            abi.encodeWithSelector(PKPPermissions.NotTokenOwner.selector, tokenId, sender)
        );
    }

    function expectNotPermitted(uint256 methodType, bytes memory id) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                PKPPermissions.AuthMethodNotPermitted.selector, token, methodType, id
            )
        );
    }

    function expectPubkeyMismatch() internal {
        vm.expectRevert(
            abi.encodeWithSelector(PKPPermissions.UserPubkeyMismatch.selector, WEBAUTHN, CREDENTIAL)
        );
    }

    function expectScopeOutOfRange(uint256 scopeId) internal {
        vm.expectRevert(abi.encodeWithSelector(PKPPermissions.ScopeOutOfRange.selector, scopeId));
    }

    function expectTooLong(uint256 length, uint256 maximum) internal {
        vm.expectRevert(abi.encodeWithSelector(PKPPermissions.TooLong.selector, length, maximum));
    }

    function expectMismatch() internal {
        vm.expectRevert(abi.encodeWithSelector(PKPPermissions.LengthMismatch.selector));
    }
}
