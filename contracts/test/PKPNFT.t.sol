// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IMintErrors} from "../src/IMintErrors.sol";
import {PKPNFT} from "../src/PKPNFT.sol";
import {PKPPermissions} from "../src/PKPPermissions.sol";
import {MintLogs} from "./support/MintLogs.sol";
import {NetworkFixture} from "./support/NetworkFixture.sol";
import {NoReceiver, ReentrantReceiver} from "./support/Receivers.sol";
import {Vm, vm} from "./support/Vm.sol";

contract PKPNFTTest is NetworkFixture {
    address constant ALICE = address(0xa11ce);

    function setUp() public {
        _deployNetwork();
        vm.deal(ALICE, 10 ether);
    }

    receive() external payable {}

    function test_mints_the_next_key_to_the_caller() public {
        bytes memory key = fillPool(1)[0];
        vm.assertEq(nft.getUnmintedRoutedTokenIdCount(ECDSA_KEYS), 1);
        vm.prank(ALICE);
        uint256 tokenId = nft.mintNext{value: 1}(ECDSA_KEYS);
        vm.assertEq(tokenId, tokenOf(key));
        vm.assertEq(nft.ownerOf(tokenId), ALICE);
        vm.assertTrue(nft.exists(tokenId));
        vm.assertEq(nft.getPubkey(tokenId), key);
        vm.assertEq(nft.getEthAddress(tokenId), router.deriveEthAddressFromPubkey(key));
        vm.assertEq(nft.tokenOfOwnerByIndex(ALICE, 0), tokenId);
        vm.assertEq(nft.totalSupply(), 1);
        vm.assertEq(nft.getUnmintedRoutedTokenIdCount(ECDSA_KEYS), 0);
    }

    function test_routing_data_is_the_first_log_of_a_mint() public {
        bytes memory key = fillPool(1)[0];
        vm.recordLogs();
        uint256 tokenId = mintTo(ALICE);
        Vm.Log[] memory logs = MintLogs.expectMint(router, nft, tokenId);
        vm.assertEq(logs.length, 3);
        vm.assertEq(logs[0].data, abi.encode(key, address(staking), ECDSA_KEYS));
        vm.assertEq(logs[2].data, abi.encode(key));
    }

    function test_says_when_the_pool_is_empty() public {
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IMintErrors.NoUnmintedKey.selector, ECDSA_KEYS));
        nft.mintNext{value: 1}(ECDSA_KEYS);
        fillPool(1);
        mintTo(ALICE);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IMintErrors.NoUnmintedKey.selector, ECDSA_KEYS));
        nft.mintGrantAndBurnNext{value: 1}(ECDSA_KEYS, ACTION);
    }

    function test_rejects_any_other_price() public {
        fillPool(2);
        nft.setMintCost(100);
        vm.startPrank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IMintErrors.WrongMintCost.selector, 99, 100));
        nft.mintNext{value: 99}(ECDSA_KEYS);
        vm.expectRevert(abi.encodeWithSelector(IMintErrors.WrongMintCost.selector, 101, 100));
        nft.mintGrantAndBurnNext{value: 101}(ECDSA_KEYS, ACTION);
        nft.mintNext{value: 100}(ECDSA_KEYS);
        vm.assertEq(address(nft).balance, 100);
    }

    function test_mints_wallet_keys_only() public {
        fillPool(1);
        submit(attested(BLS_KEYS, list(blsKey())));
        vm.startPrank(ALICE);
        for (uint256 keyType = 0; keyType < 4; keyType++) {
            if (keyType == ECDSA_KEYS) continue;
            vm.expectRevert(
                abi.encodeWithSelector(IMintErrors.UnsupportedKeyType.selector, keyType)
            );
            nft.mintNext{value: 1}(keyType);
            vm.expectRevert(
                abi.encodeWithSelector(IMintErrors.UnsupportedKeyType.selector, keyType)
            );
            nft.mintGrantAndBurnNext{value: 1}(keyType, ACTION);
        }
    }

    function test_a_contract_that_takes_no_tokens_mints_nothing() public {
        fillPool(1);
        NoReceiver contractWithoutHook = new NoReceiver();
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC721Errors.ERC721InvalidReceiver.selector, address(contractWithoutHook)
            )
        );
        contractWithoutHook.mint{value: 1}(nft);
        vm.assertEq(router.unmintedCount(ECDSA_KEYS), 1);
    }

    function test_a_mint_within_a_mint_gets_another_key() public {
        bytes[] memory keys = fillPool(2);
        ReentrantReceiver receiver = new ReentrantReceiver(nft, permissions);
        vm.deal(address(receiver), 2);
        receiver.mint();
        vm.assertEq(receiver.received(0), tokenOf(keys[0]));
        vm.assertEq(receiver.received(1), tokenOf(keys[1]));
        for (uint256 i = 0; i < 2; i++) {
            vm.assertEq(nft.ownerOf(tokenOf(keys[i])), address(0xcafe));
            vm.assertEq(permissions.getPermittedAuthMethods(tokenOf(keys[i])).length, 1);
        }
        vm.assertEq(address(nft).balance, 2);
    }

    // Mint, grant and burn

    function test_a_burned_token_has_its_action_and_no_owner() public {
        bytes memory key = fillPool(1)[0];
        vm.prank(ALICE);
        uint256 tokenId = nft.mintGrantAndBurnNext{value: 1}(ECDSA_KEYS, ACTION);
        vm.assertEq(tokenId, tokenOf(key));
        vm.assertFalse(nft.exists(tokenId));
        vm.assertEq(nft.totalSupply(), 0);
        vm.assertEq(nft.getPubkey(tokenId), key);
        vm.assertTrue(router.isRouted(tokenId));
        vm.assertTrue(permissions.isPermittedAction(tokenId, ACTION));
        vm.assertTrue(permissions.isPermittedAuthMethodScopePresent(tokenId, 2, ACTION, 1));
        vm.assertFalse(permissions.isPermittedAuthMethodScopePresent(tokenId, 2, ACTION, 2));
        vm.assertEq(permissions.getPermittedAuthMethods(tokenId).length, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, tokenId)
        );
        nft.ownerOf(tokenId);
    }

    function test_routing_data_is_the_first_log_of_mint_grant_and_burn() public {
        fillPool(1);
        vm.recordLogs();
        vm.prank(ALICE);
        uint256 tokenId = nft.mintGrantAndBurnNext{value: 1}(ECDSA_KEYS, ACTION);
        Vm.Log[] memory logs = MintLogs.expectMint(router, nft, tokenId);
        vm.assertEq(logs.length, 6);
        MintLogs.expectLog(
            logs[3], address(permissions), PKPPermissions.PermittedAuthMethodAdded.selector
        );
        vm.assertEq(logs[3].data, abi.encode(2, ACTION, ""));
        MintLogs.expectLog(
            logs[4], address(permissions), PKPPermissions.PermittedAuthMethodScopeAdded.selector
        );
        vm.assertEq(logs[4].data, abi.encode(2, ACTION, 1));
        MintLogs.expectLog(logs[5], address(nft), IERC721.Transfer.selector);
        vm.assertEq(uint256(logs[5].topics[2]), 0);
    }

    function test_mint_grant_and_burn_is_all_or_nothing() public {
        fillPool(1);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(PKPPermissions.InvalidAuthMethod.selector, 2, ""));
        nft.mintGrantAndBurnNext{value: 1}(ECDSA_KEYS, "");
        vm.assertEq(router.unmintedCount(ECDSA_KEYS), 1);
        vm.assertEq(nft.totalSupply(), 0);
    }

    // Metadata

    function test_describes_a_token_as_a_json_data_uri() public {
        bytes memory key = fillPool(1)[0];
        uint256 tokenId = mintTo(ALICE);
        string memory account = Strings.toChecksumHexString(nft.getEthAddress(tokenId));
        string memory json = string.concat(
            '{"name":"PKP ',
            account,
            '","description":"A programmable key pair. No one holds its private key: a network of nodes signs with it for ',
            'whomever the owner of this token permits.","attributes":[{"trait_type":"Public Key","value":"',
            Strings.toHexString(key),
            '"},{"trait_type":"ETH Wallet Address","value":"',
            account,
            '"},{"trait_type":"Token ID","value":"',
            Strings.toString(tokenId),
            '"}]}'
        );
        vm.assertEq(
            nft.tokenURI(tokenId),
            string.concat("data:application/json;base64,", Base64.encode(bytes(json)))
        );
    }

    function test_describes_no_token_that_is_not_there() public {
        uint256 tokenId = tokenOf(fillPool(1)[0]);
        vm.expectRevert(
            abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, tokenId)
        );
        nft.tokenURI(tokenId);
    }

    function test_names_itself_and_its_interfaces() public view {
        vm.assertEq(nft.name(), "Programmable Keypair");
        vm.assertEq(nft.symbol(), "PKP");
        vm.assertTrue(nft.supportsInterface(0x80ac58cd), "ERC-721");
        vm.assertTrue(nft.supportsInterface(0x780e9d63), "enumerable");
        vm.assertTrue(nft.supportsInterface(0x5b5e139f), "metadata");
    }

    // Administration

    function test_only_the_owner_sets_the_price() public {
        vm.assertEq(nft.mintCost(), 1);
        vm.expectEmit(address(nft));
        emit PKPNFT.MintCostSet(5);
        nft.setMintCost(5);
        vm.assertEq(nft.mintCost(), 5);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, ALICE));
        nft.setMintCost(6);
    }

    function test_only_the_owner_withdraws_the_proceeds() public {
        fillPool(2);
        mintTo(ALICE);
        mintTo(ALICE);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, ALICE));
        nft.withdraw();
        uint256 before = address(this).balance;
        vm.expectEmit(address(nft));
        emit PKPNFT.Withdrew(2);
        nft.withdraw();
        vm.assertEq(address(this).balance, before + 2);
    }

    function test_is_initialised_once_by_its_owner_with_its_own_permissions() public {
        PKPNFT other = new PKPNFT(router);
        vm.expectRevert(
            abi.encodeWithSelector(PKPNFT.WrongPermissionsContract.selector, address(permissions))
        );
        other.initialise(permissions);
        PKPPermissions own = new PKPPermissions(other);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, ALICE));
        other.initialise(own);
        other.initialise(own);
        vm.expectRevert(abi.encodeWithSelector(PKPNFT.AlreadyInitialised.selector));
        other.initialise(own);
    }

    function test_names_the_contracts_it_works_with() public view {
        vm.assertEq(nft.getRouterAddress(), address(router));
        vm.assertEq(nft.getPkpPermissionsAddress(), address(permissions));
        vm.assertEq(nft.getStakingAddress(), address(staking));
        vm.assertEq(permissions.getPkpNftAddress(), address(nft));
        vm.assertEq(permissions.getRouterAddress(), address(router));
        vm.assertEq(helper.getPkpNftAddress(), address(nft));
        vm.assertEq(helper.getPkpPermissionsAddress(), address(permissions));
        vm.assertEq(address(router.pkpNFT()), address(nft));
        vm.assertEq(address(router.staking()), address(staking));
    }
}
