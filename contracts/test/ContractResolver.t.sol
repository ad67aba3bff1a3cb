// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ContractResolver} from "../src/ContractResolver.sol";
import {vm} from "./support/Vm.sol";

contract ContractResolverTest {
    ContractResolver resolver = new ContractResolver();

    function test_names_are_hashes_as_clients_compute_them() public view {
        vm.assertEq(resolver.STAKING_CONTRACT(), keccak256("STAKING"));
        vm.assertEq(resolver.PKP_NFT_CONTRACT(), keccak256("PKP_NFT"));
        vm.assertEq(resolver.PKP_PERMISSIONS_CONTRACT(), keccak256("PKP_PERMISSIONS"));
        vm.assertEq(resolver.PKP_HELPER_CONTRACT(), keccak256("PKP_HELPER"));
        vm.assertEq(resolver.PUB_KEY_ROUTER_CONTRACT(), keccak256("PUB_KEY_ROUTER"));
        vm.assertEq(resolver.PKP_NFT_METADATA_CONTRACT(), keccak256("PKP_NFT_METADATA"));
        vm.assertEq(resolver.RATE_LIMIT_NFT_CONTRACT(), keccak256("RATE_LIMIT_NFT"));
        vm.assertEq(resolver.ALLOWLIST_CONTRACT(), keccak256("ALLOWLIST"));
        vm.assertEq(resolver.LIT_TOKEN_CONTRACT(), keccak256("LIT_TOKEN"));
        vm.assertEq(resolver.MULTI_SENDER_CONTRACT(), keccak256("MULTI_SENDER"));
        vm.assertEq(resolver.STAKING_BALANCES_CONTRACT(), keccak256("STAKING_BALANCES"));
    }

    function test_keeps_deployments_apart() public {
        bytes32 name = resolver.STAKING_CONTRACT();
        vm.expectEmit(address(resolver));
        emit ContractResolver.ContractSet(name, ContractResolver.Env.Dev, address(1));
        resolver.setContract(name, ContractResolver.Env.Dev, address(1));
        resolver.setContract(name, ContractResolver.Env.Prod, address(2));
        vm.assertEq(resolver.getContract(name, ContractResolver.Env.Dev), address(1));
        vm.assertEq(resolver.getContract(name, ContractResolver.Env.Staging), address(0));
        vm.assertEq(resolver.getContract(name, ContractResolver.Env.Prod), address(2));
        vm.assertEq(resolver.getContract("other", ContractResolver.Env.Dev), address(0));
    }

    function test_rejects_the_zero_address() public {
        vm.expectRevert(abi.encodeWithSelector(ContractResolver.ZeroAddress.selector));
        resolver.setContract("name", ContractResolver.Env.Dev, address(0));
    }

    function test_only_the_owner_names_contracts() public {
        vm.prank(address(1));
        vm.expectRevert(
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(1))
        );
        resolver.setContract("name", ContractResolver.Env.Dev, address(1));
    }
}
