// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Staking} from "../src/Staking.sol";
import {vm} from "./support/Vm.sol";

contract StakingTest {
    Staking staking;

    function setUp() public {
        staking = new Staking();
    }

    function member(uint32 number) internal pure returns (Staking.Member memory) {
        return Staking.Member({
            ip: 0x7f000001,
            ipv6: number,
            port: 7470 + number,
            nodeAddress: address(uint160(0xa000 + number)),
            meshIp: 0x7f000002,
            meshPort: 7570 + number,
            identityKey: bytes32(uint256(0xb000 + number))
        });
    }

    function register(uint32 count) internal {
        for (uint32 i = 0; i < count; i++) {
            staking.registerMember(member(i));
        }
    }

    function started(uint32 count) internal {
        register(count);
        staking.start();
    }

    function test_numbers_members_from_one_in_the_order_of_registration() public {
        vm.expectEmit(address(staking));
        emit Staking.MemberRegistered(1, address(0xa007), bytes32(uint256(0xb007)));
        vm.assertEq(staking.registerMember(member(7)), 1);
        vm.assertEq(staking.registerMember(member(3)), 2);
        (,, Staking.MemberView[] memory members) = staking.members();
        vm.assertEq(members[0].id, 1);
        vm.assertEq(members[0].nodeAddress, address(0xa007));
        vm.assertEq(members[1].id, 2);
        vm.assertEq(members[1].nodeAddress, address(0xa003));
    }

    function test_shows_nodes_every_field_of_a_member() public {
        started(3);
        (uint256 epoch, uint256 threshold, Staking.MemberView[] memory members) = staking.members();
        vm.assertEq(epoch, 1);
        vm.assertEq(threshold, 2);
        vm.assertEq(members.length, 3);
        vm.assertEq(
            abi.encode(members[2]),
            abi.encode(
                3, address(0xa002), 0x7f000001, 7472, 0x7f000002, 7572, bytes32(uint256(0xb002))
            )
        );
    }

    function test_rejects_a_registration_by_anyone_but_the_owner() public {
        vm.prank(address(1));
        vm.expectRevert(
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(1))
        );
        staking.registerMember(member(0));
    }

    function test_rejects_zero_and_impossible_fields() public {
        Staking.Member memory bad = member(0);
        bad.ip = 0;
        expectInvalid(bad, "ip");
        bad = member(0);
        bad.port = 0;
        expectInvalid(bad, "port");
        bad.port = 65536;
        expectInvalid(bad, "port");
        bad = member(0);
        bad.nodeAddress = address(0);
        expectInvalid(bad, "nodeAddress");
        bad = member(0);
        bad.meshIp = 0;
        expectInvalid(bad, "meshIp");
        bad = member(0);
        bad.meshPort = 0;
        expectInvalid(bad, "meshPort");
        bad.meshPort = 65536;
        expectInvalid(bad, "meshPort");
        bad = member(0);
        bad.identityKey = 0;
        expectInvalid(bad, "identityKey");
    }

    function test_accepts_the_highest_port() public {
        Staking.Member memory last = member(0);
        last.port = 65535;
        last.meshPort = 65535;
        staking.registerMember(last);
    }

    function test_rejects_what_another_member_has() public {
        register(2);
        Staking.Member memory twin = member(2);
        twin.nodeAddress = member(1).nodeAddress;
        expectDuplicate(twin, "nodeAddress", 2);
        twin = member(2);
        twin.identityKey = member(0).identityKey;
        expectDuplicate(twin, "identityKey", 1);
        twin = member(2);
        twin.port = member(1).port;
        expectDuplicate(twin, "port", 2);
        twin = member(2);
        twin.meshPort = member(0).meshPort;
        expectDuplicate(twin, "meshPort", 1);
    }

    function test_accepts_the_same_port_on_another_machine() public {
        register(1);
        Staking.Member memory other = member(1);
        (other.ip, other.port) = (0x0a000001, member(0).port);
        (other.meshIp, other.meshPort) = (0x0a000001, member(0).meshPort);
        staking.registerMember(other);
    }

    function test_accepts_the_last_member_and_rejects_the_next() public {
        register(64);
        vm.assertEq(staking.MAX_MEMBERS(), 64);
        vm.expectRevert(abi.encodeWithSelector(Staking.TooManyMembers.selector, 64));
        staking.registerMember(member(64));
    }

    function test_rejects_a_start_with_two_members() public {
        register(2);
        vm.expectRevert(abi.encodeWithSelector(Staking.TooFewMembers.selector, 2, 3));
        staking.start();
    }

    function test_rejects_a_start_by_anyone_but_the_owner() public {
        register(3);
        vm.prank(address(1));
        vm.expectRevert(
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(1))
        );
        staking.start();
    }

    function test_becomes_active_in_epoch_one_when_started() public {
        register(3);
        vm.assertEq(uint256(staking.state()), uint256(Staking.States.Paused));
        vm.expectEmit(address(staking));
        emit Staking.StateChanged(Staking.States.Active);
        staking.start();
        vm.assertEq(uint256(staking.state()), uint256(Staking.States.Active));
        vm.assertEq(staking.epoch().number, 1);
    }

    function test_fixes_the_members_when_started() public {
        started(3);
        vm.expectRevert(abi.encodeWithSelector(Staking.MembershipIsFixed.selector));
        staking.registerMember(member(3));
        vm.expectRevert(abi.encodeWithSelector(Staking.MembershipIsFixed.selector));
        staking.start();
    }

    function test_has_no_validators_before_the_start() public {
        register(3);
        (Staking.Epoch memory epoch, uint256 minNodeCount, Staking.Validator[] memory validators) =
            staking.getActiveUnkickedValidatorStructsAndCounts();
        vm.assertEq(epoch.number, 0);
        vm.assertEq(minNodeCount, 0);
        vm.assertEq(validators.length, 0);
        vm.assertEq(staking.getValidatorsInCurrentEpoch().length, 0);
        vm.assertFalse(staking.isActiveValidatorByNodeAddress(address(0xa000)));
        (uint256 number, uint256 threshold, Staking.MemberView[] memory members) = staking.members();
        vm.assertEq(number + threshold, 0);
        vm.assertEq(members.length, 3);
    }

    function testFuzz_threshold_is_two_thirds_rounded_up(uint8 seed) public {
        uint32 count = 3 + seed % 62;
        started(count);
        uint256 threshold = staking.currentValidatorCountForConsensus();
        vm.assertTrue(3 * threshold >= 2 * count && 3 * (threshold - 1) < 2 * count);
    }

    function test_thresholds_of_the_usual_sizes() public {
        uint32[4] memory counts = [uint32(3), 4, 5, 10];
        uint256[4] memory thresholds = [uint256(2), 3, 4, 7];
        for (uint256 i = 0; i < counts.length; i++) {
            staking = new Staking();
            started(counts[i]);
            vm.assertEq(staking.currentValidatorCountForConsensus(), thresholds[i]);
        }
    }

    /// The words are those that SDK 6 and 7 decode.
    function test_answers_the_sdk_in_its_own_layout() public {
        vm.warp(1_800_000_000);
        started(3);
        (bool ok, bytes memory answer) = address(staking).staticcall(hex"c51d020e");
        vm.assertTrue(ok);
        uint256[7] memory head = abi.decode(answer, (uint256[7]));
        vm.assertEq(head[0], 1 days, "epochLength");
        vm.assertEq(head[1], 1, "number");
        vm.assertEq(head[2], 1_800_000_000 + 1 days - 1 hours, "endTime");
        vm.assertEq(head[3] + head[4], 0, "retries, timeout");
        vm.assertEq(head[5], 2, "minNodeCount");
        vm.assertEq(head[6], 7 * 32, "offset of the validators");
        (,,,,,, Staking.Validator[] memory validators) = abi.decode(
            answer, (uint256, uint256, uint256, uint256, uint256, uint256, Staking.Validator[])
        );
        vm.assertEq(validators.length, 3);
        vm.assertEq(
            abi.encode(validators[1]), abi.encode(0x7f000001, 1, 7471, address(0xa001), 0, 0, 0)
        );
    }

    function test_a_new_epoch_never_looks_new_to_the_sdk() public {
        vm.warp(1_800_000_000);
        started(3);
        Staking.Epoch memory epoch = staking.epoch();
        vm.assertTrue(epoch.endTime - epoch.epochLength + 45 seconds < block.timestamp);
    }

    function test_lists_validators_for_older_sdks() public {
        started(3);
        address[] memory all = staking.getValidatorsInCurrentEpoch();
        vm.assertEq(all.length, 3);
        vm.assertEq(staking.getValidatorsInCurrentEpochLength(), 3);
        address[] memory some = new address[](2);
        (some[0], some[1]) = (all[2], all[0]);
        Staking.Validator[] memory validators = staking.getValidatorsStructs(some);
        vm.assertEq(validators[0].port, 7472);
        vm.assertEq(validators[1].port, 7470);
        vm.assertEq(staking.getKickedValidators().length, 0);
        vm.assertTrue(staking.isActiveValidatorByNodeAddress(all[1]));
        vm.assertFalse(staking.isActiveValidatorByNodeAddress(address(1)));
    }

    function test_rejects_a_question_about_an_unknown_validator() public {
        started(3);
        address[] memory unknown = new address[](1);
        unknown[0] = address(0xdead);
        vm.expectRevert(abi.encodeWithSelector(Staking.UnknownMember.selector, address(0xdead)));
        staking.getValidatorsStructs(unknown);
    }

    function expectInvalid(Staking.Member memory bad, string memory field) internal {
        vm.expectRevert(abi.encodeWithSelector(Staking.InvalidMember.selector, field));
        staking.registerMember(bad);
    }

    function expectDuplicate(Staking.Member memory twin, string memory field, uint256 id) internal {
        vm.expectRevert(abi.encodeWithSelector(Staking.DuplicateMember.selector, field, id));
        staking.registerMember(twin);
    }
}
