// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {PKPHelper} from "../../src/PKPHelper.sol";
import {PKPNFT} from "../../src/PKPNFT.sol";
import {PKPPermissions} from "../../src/PKPPermissions.sol";
import {PubkeyRouter} from "../../src/PubkeyRouter.sol";
import {Staking} from "../../src/Staking.sol";
import {Vm, vm} from "./Vm.sol";

/// @title A started network of four members, of which three must agree
abstract contract NetworkFixture {
    /// A batch together with its attestations, as `registerBatch` takes it.
    struct AttestedBatch {
        uint256 keyType;
        bytes32 transcript;
        uint64 epoch;
        uint64 expiryBlock;
        bytes[] keys;
        address[] attesters;
        bytes[] signatures;
    }

    uint256 internal constant MEMBERS = 4;
    uint256 internal constant THRESHOLD = 3;
    uint256 internal constant ECDSA_KEYS = 2;
    uint256 internal constant BLS_KEYS = 1;
    /// 34 bytes, as every CIDv0's multihash.
    bytes internal constant ACTION =
        hex"12201111111111111111111111111111111111111111111111111111111111111111";

    Staking internal staking;
    PubkeyRouter internal router;
    PKPNFT internal nft;
    PKPPermissions internal permissions;
    PKPHelper internal helper;

    /// Private keys of the members, ascending by address.
    uint256[] internal memberKeys;
    uint256 private _nextKey = 1;

    function _deployNetwork() internal {
        staking = new Staking();
        router = new PubkeyRouter(staking);
        nft = new PKPNFT(router);
        permissions = new PKPPermissions(nft);
        helper = new PKPHelper(nft, permissions);
        router.initialise(nft);
        nft.initialise(permissions);
        for (uint256 i = 0; i < MEMBERS; i++) {
            _insertSorted(uint256(keccak256(abi.encode("member", i))));
        }
        for (uint256 i = 0; i < MEMBERS; i++) {
            staking.registerMember(_member(memberAt(i), uint32(i)));
        }
        staking.start();
    }

    function memberAt(uint256 position) internal view returns (address) {
        return vm.addr(memberKeys[position]);
    }

    /// A member whose every field follows from its number.
    function _member(address account, uint32 number) internal pure returns (Staking.Member memory) {
        return Staking.Member({
            ip: 0x7f000001,
            ipv6: 0,
            port: 7470 + number,
            nodeAddress: account,
            meshIp: 0x7f000001,
            meshPort: 7570 + number,
            identityKey: keccak256(abi.encode("identity", number))
        });
    }

    /// A public key that was not used before.
    function freshKey() internal returns (bytes memory) {
        return publicKey(_nextKey++);
    }

    function freshKeys(uint256 count) internal returns (bytes[] memory keys) {
        keys = new bytes[](count);
        for (uint256 i = 0; i < count; i++) {
            keys[i] = freshKey();
        }
    }

    function publicKey(uint256 privateKey) internal returns (bytes memory) {
        Vm.Wallet memory wallet = vm.createWallet(privateKey);
        return abi.encodePacked(bytes1(0x04), wallet.publicKeyX, wallet.publicKeyY);
    }

    function blsKey() internal pure returns (bytes memory) {
        return abi.encodePacked(bytes1(0x97), new bytes(47));
    }

    function tokenOf(bytes memory key) internal pure returns (uint256) {
        return uint256(keccak256(key));
    }

    /// A batch that is valid now, attested by just enough members.
    function attested(uint256 keyType, bytes[] memory keys)
        internal
        view
        returns (AttestedBatch memory batch)
    {
        batch.keyType = keyType;
        batch.transcript = keccak256(abi.encode("transcript", keys));
        batch.epoch = 1;
        batch.expiryBlock = uint64(block.number + 10);
        batch.keys = keys;
        attest(batch, THRESHOLD);
    }

    /// Has the first `count` members sign the batch as it stands.
    function attest(AttestedBatch memory batch, uint256 count) internal view {
        batch.attesters = new address[](count);
        batch.signatures = new bytes[](count);
        bytes32 digest = digestOf(batch);
        for (uint256 i = 0; i < count; i++) {
            batch.attesters[i] = memberAt(i);
            batch.signatures[i] = signature(memberKeys[i], digest);
        }
    }

    /// The digest as it is specified, computed without the router.
    function digestOf(AttestedBatch memory batch) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("conclave/key-batch/v1"),
                block.chainid,
                address(router),
                batch.epoch,
                batch.keyType,
                batch.transcript,
                keccak256(abi.encode(batch.keys)),
                batch.expiryBlock
            )
        );
    }

    function signature(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    function submit(AttestedBatch memory batch) internal {
        vm.prank(memberAt(0));
        router.registerBatch(
            batch.keyType,
            batch.transcript,
            batch.epoch,
            batch.expiryBlock,
            batch.keys,
            batch.attesters,
            batch.signatures
        );
    }

    /// Fills the pool with `count` new keys.
    function fillPool(uint256 count) internal returns (bytes[] memory keys) {
        keys = freshKeys(count);
        submit(attested(ECDSA_KEYS, keys));
    }

    /// Mints the next key of a pool that holds one to `owner`.
    function mintTo(address owner) internal returns (uint256 tokenId) {
        vm.deal(owner, owner.balance + 1);
        vm.prank(owner);
        return nft.mintNext{value: 1}(ECDSA_KEYS);
    }

    function list(uint256 value) internal pure returns (uint256[] memory values) {
        values = new uint256[](1);
        values[0] = value;
    }

    function list(bytes memory value) internal pure returns (bytes[] memory values) {
        values = new bytes[](1);
        values[0] = value;
    }

    function list(uint256[] memory value) internal pure returns (uint256[][] memory values) {
        values = new uint256[][](1);
        values[0] = value;
    }

    function list(address value) internal pure returns (address[] memory values) {
        values = new address[](1);
        values[0] = value;
    }

    function _insertSorted(uint256 privateKey) private {
        memberKeys.push(privateKey);
        for (uint256 i = memberKeys.length - 1; i > 0 && memberAt(i) < memberAt(i - 1); i--) {
            (memberKeys[i], memberKeys[i - 1]) = (memberKeys[i - 1], memberKeys[i]);
        }
    }
}
