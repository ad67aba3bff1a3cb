// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IMintErrors} from "../src/IMintErrors.sol";
import {PKPHelper} from "../src/PKPHelper.sol";
import {PKPPermissions} from "../src/PKPPermissions.sol";
import {MintLogs} from "./support/MintLogs.sol";
import {NetworkFixture} from "./support/NetworkFixture.sol";
import {Vm, vm} from "./support/Vm.sol";

contract PKPHelperTest is NetworkFixture {
    address constant ALICE = address(0xa11ce);
    uint256 constant GOOGLE = 6;
    bytes constant LOGIN = hex"00112233";

    function setUp() public {
        _deployNetwork();
        vm.deal(ALICE, 10 ether);
    }

    function test_mints_grants_and_hands_over_to_the_caller() public {
        fillPool(1);
        uint256 tokenId = mint(GOOGLE, LOGIN, 1, false, false);
        vm.assertEq(nft.ownerOf(tokenId), ALICE);
        vm.assertTrue(permissions.isPermittedAuthMethodScopePresent(tokenId, GOOGLE, LOGIN, 1));
        vm.assertEq(permissions.getPermittedAuthMethods(tokenId).length, 1);
    }

    function test_hands_the_token_to_its_own_key() public {
        fillPool(1);
        uint256 tokenId = mint(GOOGLE, LOGIN, 1, true, true);
        address own = nft.getEthAddress(tokenId);
        vm.assertEq(nft.ownerOf(tokenId), own);
        (,,, uint256[] memory bitmaps, bool[] memory permitted) =
            permissions.authorisation(tokenId, list(1), list(abi.encodePacked(own)));
        vm.assertTrue(permitted[0]);
        vm.assertEq(bitmaps[0], 0, "its own address has no scopes");
    }

    function test_a_key_that_owns_itself_changes_its_grants() public {
        fillPool(1);
        uint256 tokenId = mint(GOOGLE, LOGIN, 1, true, true);
        vm.prank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(PKPPermissions.NotTokenOwner.selector, tokenId, ALICE)
        );
        permissions.addPermittedAction(tokenId, ACTION, list(1));
        vm.prank(nft.getEthAddress(tokenId));
        permissions.addPermittedAction(tokenId, ACTION, list(1));
        vm.assertTrue(permissions.isPermittedAction(tokenId, ACTION));
    }

    function test_each_flag_does_its_own_part_only() public {
        fillPool(2);
        uint256 tokenId = mint(GOOGLE, LOGIN, 1, true, false);
        vm.assertEq(nft.ownerOf(tokenId), ALICE);
        vm.assertTrue(permissions.isPermittedAddress(tokenId, nft.getEthAddress(tokenId)));
        tokenId = mint(GOOGLE, LOGIN, 1, false, true);
        vm.assertEq(nft.ownerOf(tokenId), nft.getEthAddress(tokenId));
        vm.assertEq(permissions.getPermittedAuthMethods(tokenId).length, 1);
    }

    function test_routing_data_is_the_first_log_of_both_mints() public {
        fillPool(2);
        vm.recordLogs();
        uint256 tokenId = mint(GOOGLE, LOGIN, 1, true, true);
        Vm.Log[] memory logs = MintLogs.expectMint(router, nft, tokenId);
        vm.assertEq(logs.length, 7);
        MintLogs.expectLog(logs[6], address(nft), IERC721.Transfer.selector);
        tokenId = mintWithTypes(1);
        logs = MintLogs.expectMint(router, nft, tokenId);
        vm.assertEq(logs.length, 10);
        MintLogs.expectLog(logs[9], address(nft), IERC721.Transfer.selector);
    }

    function test_permits_actions_accounts_and_logins_in_one_mint() public {
        fillPool(1);
        uint256 tokenId = mintWithTypes(1);
        vm.assertEq(nft.ownerOf(tokenId), nft.getEthAddress(tokenId));
        vm.assertTrue(permissions.isPermittedAuthMethodScopePresent(tokenId, 2, ACTION, 1));
        vm.assertTrue(
            permissions.isPermittedAuthMethodScopePresent(tokenId, 1, abi.encodePacked(ALICE), 2)
        );
        vm.assertTrue(permissions.isPermittedAuthMethodScopePresent(tokenId, GOOGLE, LOGIN, 1));
        vm.assertEq(permissions.getPermittedAuthMethods(tokenId).length, 3);
    }

    function test_rejects_lists_of_different_lengths() public {
        fillPool(1);
        uint256[][] memory noScopes = new uint256[][](0);
        expectMismatch(list(GOOGLE), new bytes[](0), list(bytes("")), list(list(1)));
        expectMismatch(list(GOOGLE), list(LOGIN), new bytes[](0), list(list(1)));
        expectMismatch(list(GOOGLE), list(LOGIN), list(bytes("")), noScopes);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(PKPHelper.LengthMismatch.selector));
        mintTypes(list(ACTION), noScopes, new address[](0), noScopes);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(PKPHelper.LengthMismatch.selector));
        mintTypes(new bytes[](0), noScopes, list(ALICE), noScopes);
        vm.assertEq(router.unmintedCount(ECDSA_KEYS), 1);
    }

    function test_a_refused_grant_leaves_no_token() public {
        fillPool(1);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(PKPPermissions.ScopeOutOfRange.selector, 256));
        mintMethods(list(GOOGLE), list(LOGIN), list(bytes("")), list(list(256)), true, true);
        vm.assertEq(router.unmintedCount(ECDSA_KEYS), 1);
        vm.assertEq(nft.totalSupply(), 0);
        vm.assertEq(ALICE.balance, 10 ether);
    }

    function test_passes_on_why_a_mint_failed() public {
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IMintErrors.NoUnmintedKey.selector, ECDSA_KEYS));
        mintMethods(list(GOOGLE), list(LOGIN), list(bytes("")), list(list(1)), true, true);
        fillPool(1);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IMintErrors.WrongMintCost.selector, 2, 1));
        helper.mintNextAndAddAuthMethods{value: 2}(
            ECDSA_KEYS, list(GOOGLE), list(LOGIN), list(bytes("")), list(list(1)), true, true
        );
    }

    function test_hands_nothing_to_a_contract_that_takes_no_tokens() public {
        fillPool(1);
        vm.expectRevert(
            abi.encodeWithSelector(IERC721Errors.ERC721InvalidReceiver.selector, address(this))
        );
        mintMethods(list(GOOGLE), list(LOGIN), list(bytes("")), list(list(1)), true, false);
        vm.assertEq(router.unmintedCount(ECDSA_KEYS), 1);
    }

    function test_receives_nothing_but_its_own_mints() public {
        vm.expectRevert(
            abi.encodeWithSelector(PKPHelper.UnexpectedToken.selector, address(this), address(0))
        );
        helper.onERC721Received(address(helper), address(0), 1, "");
        fillPool(1);
        uint256 tokenId = mintTo(ALICE);
        vm.prank(ALICE);
        vm.expectRevert(
            abi.encodeWithSelector(PKPHelper.UnexpectedToken.selector, address(nft), ALICE)
        );
        nft.safeTransferFrom(ALICE, address(helper), tokenId);
    }

    function mint(uint256 methodType, bytes memory id, uint256 scope, bool addOwn, bool toItself)
        internal
        returns (uint256)
    {
        vm.prank(ALICE);
        return mintMethods(
            list(methodType), list(id), list(bytes("")), list(list(scope)), addOwn, toItself
        );
    }

    function mintMethods(
        uint256[] memory types,
        bytes[] memory ids,
        bytes[] memory userPubkeys,
        uint256[][] memory scopes,
        bool addOwn,
        bool toItself
    ) internal returns (uint256) {
        return helper.mintNextAndAddAuthMethods{value: 1}(
            ECDSA_KEYS, types, ids, userPubkeys, scopes, addOwn, toItself
        );
    }

    function mintWithTypes(uint256 scope) internal returns (uint256) {
        vm.prank(ALICE);
        return mintTypes(list(ACTION), list(list(scope)), list(ALICE), list(list(2)));
    }

    function mintTypes(
        bytes[] memory actions,
        uint256[][] memory actionScopes,
        address[] memory accounts,
        uint256[][] memory accountScopes
    ) internal returns (uint256) {
        return helper.mintNextAndAddAuthMethodsWithTypes{value: 1}(
            ECDSA_KEYS,
            actions,
            actionScopes,
            accounts,
            accountScopes,
            list(GOOGLE),
            list(LOGIN),
            list(bytes("")),
            list(list(1)),
            false,
            true
        );
    }

    function expectMismatch(
        uint256[] memory types,
        bytes[] memory ids,
        bytes[] memory userPubkeys,
        uint256[][] memory scopes
    ) internal {
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(PKPHelper.LengthMismatch.selector));
        mintMethods(types, ids, userPubkeys, scopes, false, false);
    }
}
