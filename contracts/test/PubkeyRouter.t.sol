// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IMintErrors} from "../src/IMintErrors.sol";
import {PKPNFT} from "../src/PKPNFT.sol";
import {PubkeyRouter} from "../src/PubkeyRouter.sol";
import {Staking} from "../src/Staking.sol";
import {NetworkFixture} from "./support/NetworkFixture.sol";
import {vm} from "./support/Vm.sol";

contract PubkeyRouterTest is NetworkFixture {
    /// Order of the secp256k1 group: s and n - s sign the same.
    uint256 constant GROUP_ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function setUp() public {
        _deployNetwork();
    }

    // Registration

    function test_registers_an_attested_batch() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(3));
        vm.expectEmit(address(router));
        emit PubkeyRouter.KeyBatchRegistered(batch.transcript, 1, ECDSA_KEYS, 3, batch.attesters);
        submit(batch);
        vm.assertEq(router.batchCount(), 1);
        vm.assertEq(router.unmintedCount(ECDSA_KEYS), 3);
        for (uint256 i = 0; i < 3; i++) {
            vm.assertTrue(router.isRegistered(batch.keys[i]));
            vm.assertEq(router.batchOf(tokenOf(batch.keys[i])), batch.transcript);
        }
        PubkeyRouter.Batch memory stored = router.getBatch(batch.transcript);
        vm.assertEq(abi.encode(stored), abi.encode(batch.transcript, 1, ECDSA_KEYS, 3, THRESHOLD));
    }

    function test_counts_every_member_that_attested() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        attest(batch, MEMBERS);
        submit(batch);
        vm.assertEq(router.getBatch(batch.transcript).attesterCount, MEMBERS);
    }

    function test_takes_a_batch_from_a_member_that_did_not_attest() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        vm.prank(memberAt(THRESHOLD));
        register(batch);
        vm.assertEq(router.batchCount(), 1);
    }

    function test_rejects_a_batch_sent_by_a_stranger() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        vm.expectRevert(abi.encodeWithSelector(PubkeyRouter.NotAMember.selector, address(this)));
        register(batch);
    }

    function test_the_digest_is_the_specified_one() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(2));
        vm.assertEq(
            router.attestationDigest(
                batch.epoch, batch.keyType, batch.transcript, batch.keys, batch.expiryBlock
            ),
            digestOf(batch)
        );
    }

    function test_rejects_a_batch_of_another_epoch() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        batch.epoch = 2;
        attest(batch, THRESHOLD);
        expectRejection(batch, abi.encodeWithSelector(PubkeyRouter.WrongEpoch.selector, 2, 1));
    }

    function test_takes_a_batch_in_its_last_block_and_none_after_it() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        vm.roll(batch.expiryBlock + 1);
        bytes memory expired = abi.encodeWithSelector(
            PubkeyRouter.BatchExpired.selector, batch.expiryBlock, batch.expiryBlock + 1
        );
        expectRejection(batch, expired);
        vm.roll(batch.expiryBlock);
        submit(batch);
    }

    function test_rejects_an_empty_batch() public {
        expectRejection(
            attested(ECDSA_KEYS, new bytes[](0)),
            abi.encodeWithSelector(PubkeyRouter.WrongBatchSize.selector, 0, 64)
        );
    }

    function test_takes_the_largest_batch_and_rejects_a_larger_one() public {
        submit(attested(ECDSA_KEYS, freshKeys(64)));
        expectRejection(
            attested(ECDSA_KEYS, freshKeys(65)),
            abi.encodeWithSelector(PubkeyRouter.WrongBatchSize.selector, 65, 64)
        );
    }

    function test_rejects_a_transcript_twice() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        submit(batch);
        batch.keys = freshKeys(1);
        attest(batch, THRESHOLD);
        expectRejection(
            batch,
            abi.encodeWithSelector(
                PubkeyRouter.TranscriptAlreadyRegistered.selector, batch.transcript
            )
        );
    }

    function test_rejects_a_key_of_an_earlier_batch() public {
        bytes[] memory known = fillPool(1);
        bytes[] memory keys = freshKeys(2);
        keys[1] = known[0];
        expectRejection(
            attested(ECDSA_KEYS, keys),
            abi.encodeWithSelector(PubkeyRouter.KeyAlreadyRegistered.selector, 1)
        );
    }

    function test_rejects_a_key_that_is_minted() public {
        bytes[] memory known = fillPool(1);
        mintTo(address(0xcafe));
        AttestedBatch memory again = attested(ECDSA_KEYS, known);
        again.transcript = bytes32(uint256(1));
        attest(again, THRESHOLD);
        expectRejection(
            again, abi.encodeWithSelector(PubkeyRouter.KeyAlreadyRegistered.selector, 0)
        );
    }

    function test_rejects_a_key_twice_in_one_batch() public {
        bytes[] memory keys = freshKeys(2);
        keys[1] = keys[0];
        expectRejection(
            attested(ECDSA_KEYS, keys),
            abi.encodeWithSelector(PubkeyRouter.KeyAlreadyRegistered.selector, 1)
        );
    }

    function test_rejects_malformed_wallet_keys() public {
        bytes memory key = freshKey();
        expectMalformed(ECDSA_KEYS, "");
        expectMalformed(ECDSA_KEYS, new bytes(64));
        expectMalformed(ECDSA_KEYS, new bytes(65));
        expectMalformed(ECDSA_KEYS, bytes.concat(key, hex"00"));
        expectMalformed(ECDSA_KEYS, with(key, 0, 0x06));
        expectMalformed(ECDSA_KEYS, with(key, 64, bytes1(uint8(key[64]) ^ 1)));
        expectMalformed(ECDSA_KEYS, abi.encodePacked(bytes1(0x04), uint256(0), uint256(0)));
    }

    /// x = p + 1 and y^2 = 8 would satisfy the equation, but only x = 1 is canonical.
    function test_rejects_coordinates_beyond_the_field() public {
        uint256 prime = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;
        uint256 y = 0x4218f20ae6c646b363db68605822fb14264ca8d2587fdd6fbc750d587e76a7ee;
        expectMalformed(ECDSA_KEYS, abi.encodePacked(bytes1(0x04), prime + 1, y));
        bytes[] memory keys = list(abi.encodePacked(bytes1(0x04), uint256(1), y));
        submit(attested(ECDSA_KEYS, keys));
    }

    function testFuzz_takes_no_point_off_the_curve(uint256 privateKey, uint256 y) public {
        vm.assume(privateKey > 0 && privateKey < GROUP_ORDER);
        bytes memory key = publicKey(privateKey);
        (, uint256 x, uint256 trueY) = coordinates(key);
        vm.assume(
            y != trueY
                && y != 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f - trueY
        );
        expectMalformed(ECDSA_KEYS, abi.encodePacked(bytes1(0x04), x, y));
        submit(attested(ECDSA_KEYS, list(key)));
    }

    function test_rejects_other_key_types() public {
        expectRejection(
            attested(3, freshKeys(1)),
            abi.encodeWithSelector(IMintErrors.UnsupportedKeyType.selector, 3)
        );
        expectRejection(
            attested(0, freshKeys(1)),
            abi.encodeWithSelector(IMintErrors.UnsupportedKeyType.selector, 0)
        );
    }

    // Attestations

    function test_rejects_fewer_attesters_than_the_threshold() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        attest(batch, THRESHOLD - 1);
        expectRejection(
            batch,
            abi.encodeWithSelector(PubkeyRouter.TooFewAttesters.selector, THRESHOLD - 1, THRESHOLD)
        );
    }

    function test_rejects_an_attester_counted_twice() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        (batch.attesters[1], batch.signatures[1]) = (batch.attesters[0], batch.signatures[0]);
        expectRejection(
            batch, abi.encodeWithSelector(PubkeyRouter.AttestersNotAscending.selector, 1)
        );
    }

    function test_rejects_attesters_out_of_order() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        (batch.attesters[1], batch.attesters[2]) = (batch.attesters[2], batch.attesters[1]);
        (batch.signatures[1], batch.signatures[2]) = (batch.signatures[2], batch.signatures[1]);
        expectRejection(
            batch, abi.encodeWithSelector(PubkeyRouter.AttestersNotAscending.selector, 2)
        );
    }

    function test_rejects_the_zero_address_as_attester() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        batch.attesters[0] = address(0);
        batch.signatures[0] = new bytes(65);
        expectRejection(
            batch, abi.encodeWithSelector(PubkeyRouter.AttestersNotAscending.selector, 0)
        );
    }

    function test_rejects_an_attester_that_is_no_member() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        uint256 stranger = 1;
        while (vm.addr(stranger) < batch.attesters[1]) stranger++;
        batch.attesters[2] = vm.addr(stranger);
        batch.signatures[2] = signature(stranger, digestOf(batch));
        expectRejection(
            batch, abi.encodeWithSelector(PubkeyRouter.NotAMember.selector, vm.addr(stranger))
        );
    }

    function test_rejects_a_missing_or_additional_signature() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        bytes[] memory all = batch.signatures;
        batch.signatures = new bytes[](THRESHOLD - 1);
        expectRejection(batch, abi.encodeWithSelector(PubkeyRouter.LengthMismatch.selector));
        batch.signatures = new bytes[](THRESHOLD + 1);
        for (uint256 i = 0; i < THRESHOLD; i++) {
            batch.signatures[i] = all[i];
        }
        expectRejection(batch, abi.encodeWithSelector(PubkeyRouter.LengthMismatch.selector));
    }

    /// Each altered copy was attested as it was before.
    function test_rejects_a_batch_altered_in_any_field() public {
        bytes[] memory keys = freshKeys(2);
        AttestedBatch memory batch = attested(ECDSA_KEYS, keys);
        batch.transcript = bytes32(uint256(batch.transcript) ^ 1);
        expectInvalidAttestation(batch);

        batch = attested(ECDSA_KEYS, keys);
        batch.expiryBlock++;
        expectInvalidAttestation(batch);

        batch = attested(ECDSA_KEYS, keys);
        batch.keyType = BLS_KEYS;
        expectInvalidAttestation(batch);

        batch = attested(ECDSA_KEYS, keys);
        batch.keys = freshKeys(2);
        expectInvalidAttestation(batch);

        batch = attested(ECDSA_KEYS, keys);
        batch.keys = list(keys[0]);
        expectInvalidAttestation(batch);
    }

    function test_rejects_attestations_of_another_chain() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        vm.chainId(block.chainid + 1);
        expectInvalidAttestation(batch);
    }

    function test_rejects_attestations_for_another_router() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        router = new PubkeyRouter(staking);
        expectInvalidAttestation(batch);
    }

    function test_rejects_an_attestation_by_another_member() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        batch.signatures[0] = batch.signatures[1];
        expectInvalidAttestation(batch);
    }

    function test_rejects_malleable_and_malformed_signatures() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(memberKeys[0], digestOf(batch));
        batch.signatures[0] =
            abi.encodePacked(r, GROUP_ORDER - uint256(s), v == 27 ? uint8(28) : uint8(27));
        expectInvalidAttestation(batch);
        batch.signatures[0] = abi.encodePacked(r, s, v - 27);
        expectInvalidAttestation(batch);
        batch.signatures[0] = abi.encodePacked(r, bytes32(uint256(s) | uint256(v - 27) << 255));
        expectInvalidAttestation(batch);
        batch.signatures[0] = "";
        expectInvalidAttestation(batch);
        batch.signatures[0] = abi.encodePacked(r, s, v, uint8(0));
        expectInvalidAttestation(batch);
    }

    // The network's key

    function test_registers_the_network_key_once() public {
        vm.assertEq(router.networkKey().length, 0);
        submit(attested(BLS_KEYS, list(blsKey())));
        vm.assertEq(router.networkKey(), blsKey());
        vm.assertTrue(router.isRegistered(blsKey()));
        vm.assertEq(router.batchCount(), 1);

        AttestedBatch memory second = attested(BLS_KEYS, list(with(blsKey(), 47, 0x01)));
        expectRejection(second, abi.encodeWithSelector(PubkeyRouter.NetworkKeyAlreadySet.selector));
    }

    function test_the_network_key_cannot_be_minted() public {
        submit(attested(BLS_KEYS, list(blsKey())));
        vm.assertEq(router.unmintedCount(BLS_KEYS), 0);
        vm.assertEq(router.unmintedCount(ECDSA_KEYS), 0);
        (bool registered, bool minted, bytes memory key,,) = router.keyInfo(tokenOf(blsKey()));
        vm.assertTrue(registered && !minted);
        vm.assertEq(key, blsKey());
        vm.prank(address(nft));
        vm.expectRevert(abi.encodeWithSelector(IMintErrors.UnsupportedKeyType.selector, BLS_KEYS));
        router.routeNext(BLS_KEYS);
    }

    function test_rejects_none_or_two_network_keys_in_a_batch() public {
        expectRejection(
            attested(BLS_KEYS, new bytes[](0)),
            abi.encodeWithSelector(PubkeyRouter.WrongBatchSize.selector, 0, 1)
        );
        bytes[] memory two = new bytes[](2);
        (two[0], two[1]) = (blsKey(), with(blsKey(), 47, 0x01));
        expectRejection(
            attested(BLS_KEYS, two),
            abi.encodeWithSelector(PubkeyRouter.WrongBatchSize.selector, 2, 1)
        );
    }

    function test_rejects_malformed_network_keys() public {
        expectMalformed(BLS_KEYS, "");
        expectMalformed(BLS_KEYS, freshKey());
        expectMalformed(BLS_KEYS, bytes.concat(blsKey(), hex"00"));
        expectMalformed(BLS_KEYS, with(blsKey(), 0, 0x17));
        expectMalformed(BLS_KEYS, with(blsKey(), 0, 0xc0));
    }

    // The pool

    function test_an_unminted_key_is_known_to_nodes_only() public {
        bytes memory key = fillPool(1)[0];
        uint256 tokenId = tokenOf(key);
        (bool registered, bool minted, bytes memory pubkey, bytes32 transcript, uint64 epoch) =
            router.keyInfo(tokenId);
        vm.assertTrue(registered && !minted);
        vm.assertEq(pubkey, key);
        vm.assertEq(transcript, router.batchOf(tokenId));
        vm.assertEq(epoch, 1);
        expectNotRouted(tokenId, key);
    }

    function test_a_minted_key_is_known_to_everybody() public {
        bytes memory key = fillPool(1)[0];
        uint256 tokenId = mintTo(address(0xcafe));
        vm.assertEq(tokenId, tokenOf(key));
        address account = router.deriveEthAddressFromPubkey(key);
        (, bool minted, bytes memory pubkey,,) = router.keyInfo(tokenId);
        vm.assertTrue(minted && router.isRouted(tokenId));
        vm.assertEq(pubkey, key);
        vm.assertEq(router.getPubkey(tokenId), key);
        vm.assertEq(router.getEthAddress(tokenId), account);
        vm.assertEq(router.ethAddressToPkpId(account), tokenId);
        bytes memory data = abi.encode(key, address(staking), ECDSA_KEYS);
        PubkeyRouter.PubkeyRoutingData memory routing = router.getRoutingData(tokenId);
        vm.assertEq(abi.encode(routing.pubkey, routing.stakingContract, routing.keyType), data);
        routing = router.pubkeys(tokenId);
        vm.assertEq(abi.encode(routing.pubkey, routing.stakingContract, routing.keyType), data);
    }

    function test_an_unknown_token_has_nothing() public view {
        (bool registered, bool minted, bytes memory pubkey, bytes32 transcript, uint64 epoch) =
            router.keyInfo(7);
        vm.assertFalse(registered || minted);
        vm.assertEq(pubkey.length + epoch, 0);
        vm.assertEq(transcript, bytes32(0));
        vm.assertEq(router.batchOf(7), bytes32(0));
        vm.assertEq(router.getBatch(0).keyCount, 0);
        expectNotRouted(7, "");
    }

    function test_keys_leave_the_pool_in_the_order_they_came() public {
        bytes[] memory first = fillPool(2);
        bytes[] memory second = fillPool(2);
        vm.assertEq(mintTo(address(1)), tokenOf(first[0]));
        vm.assertEq(router.unmintedCount(ECDSA_KEYS), 3);
        vm.assertEq(mintTo(address(1)), tokenOf(first[1]));
        vm.assertEq(mintTo(address(1)), tokenOf(second[0]));
        vm.assertEq(mintTo(address(1)), tokenOf(second[1]));
        vm.assertEq(router.unmintedCount(ECDSA_KEYS), 0);
    }

    function test_only_the_token_contract_takes_from_the_pool() public {
        fillPool(1);
        vm.expectRevert(
            abi.encodeWithSelector(PubkeyRouter.NotTokenContract.selector, address(this))
        );
        router.routeNext(ECDSA_KEYS);
        vm.prank(memberAt(0));
        vm.expectRevert(abi.encodeWithSelector(PubkeyRouter.NotTokenContract.selector, memberAt(0)));
        router.routeNext(ECDSA_KEYS);
    }

    function testFuzz_derives_ethereum_addresses(uint256 privateKey) public {
        vm.assume(privateKey > 0 && privateKey < GROUP_ORDER);
        vm.assertEq(router.deriveEthAddressFromPubkey(publicKey(privateKey)), vm.addr(privateKey));
    }

    function test_derives_no_address_from_other_encodings() public {
        bytes memory key = freshKey();
        vm.expectRevert(abi.encodeWithSelector(PubkeyRouter.MalformedPubkey.selector));
        router.deriveEthAddressFromPubkey("");
        vm.expectRevert(abi.encodeWithSelector(PubkeyRouter.MalformedPubkey.selector));
        router.deriveEthAddressFromPubkey(with(key, 0, 0x02));
        vm.expectRevert(abi.encodeWithSelector(PubkeyRouter.MalformedPubkey.selector));
        router.deriveEthAddressFromPubkey(bytes.concat(key, hex"00"));
    }

    // Wiring

    function test_is_initialised_once_by_its_deployer_with_its_own_token_contract() public {
        PubkeyRouter other = new PubkeyRouter(staking);
        vm.expectRevert(
            abi.encodeWithSelector(PubkeyRouter.WrongTokenContract.selector, address(nft))
        );
        other.initialise(nft);
        PKPNFT own = new PKPNFT(other);
        vm.prank(address(1));
        vm.expectRevert(abi.encodeWithSelector(PubkeyRouter.NotDeployer.selector, address(1)));
        other.initialise(own);
        other.initialise(own);
        vm.expectRevert(abi.encodeWithSelector(PubkeyRouter.AlreadyInitialised.selector));
        other.initialise(own);
    }

    function test_before_the_start_nobody_registers_keys() public {
        AttestedBatch memory batch = attested(ECDSA_KEYS, freshKeys(1));
        batch.epoch = 0;
        staking = new Staking();
        router = new PubkeyRouter(staking);
        vm.prank(memberAt(0));
        vm.expectRevert(abi.encodeWithSelector(PubkeyRouter.NotAMember.selector, memberAt(0)));
        register(batch);
    }

    function register(AttestedBatch memory b) internal {
        router.registerBatch(
            b.keyType, b.transcript, b.epoch, b.expiryBlock, b.keys, b.attesters, b.signatures
        );
    }

    function expectRejection(AttestedBatch memory batch, bytes memory revertData) internal {
        vm.prank(memberAt(0));
        vm.expectRevert(revertData);
        register(batch);
    }

    function expectInvalidAttestation(AttestedBatch memory batch) internal {
        expectRejection(
            batch,
            abi.encodeWithSelector(PubkeyRouter.InvalidAttestation.selector, batch.attesters[0])
        );
    }

    function expectMalformed(uint256 keyType, bytes memory key) internal {
        expectRejection(
            attested(keyType, list(key)),
            abi.encodeWithSelector(PubkeyRouter.MalformedKey.selector, 0)
        );
    }

    function expectNotRouted(uint256 tokenId, bytes memory key) internal view {
        vm.assertFalse(router.isRouted(tokenId));
        vm.assertEq(router.getPubkey(tokenId).length, 0);
        vm.assertEq(router.getEthAddress(tokenId), address(0));
        vm.assertEq(router.getRoutingData(tokenId).pubkey.length, 0);
        vm.assertEq(router.getRoutingData(tokenId).stakingContract, address(0));
        if (key.length > 0) {
            vm.assertEq(router.ethAddressToPkpId(router.deriveEthAddressFromPubkey(key)), 0);
        }
    }

    function with(bytes memory key, uint256 position, bytes1 value)
        internal
        pure
        returns (bytes memory altered)
    {
        altered = bytes.concat(key);
        altered[position] = value;
    }

    function coordinates(bytes memory key)
        internal
        pure
        returns (bytes1 tag, uint256 x, uint256 y)
    {
        tag = key[0];
        assembly ("memory-safe") {
            x := mload(add(key, 33))
            y := mload(add(key, 65))
        }
    }
}
