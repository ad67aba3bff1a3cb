// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IMintErrors} from "./IMintErrors.sol";
import {PKPNFT} from "./PKPNFT.sol";
import {Secp256k1} from "./Secp256k1.sol";
import {Staking} from "./Staking.sol";

/// @title Which keys the network holds
/// @notice Keys arrive in batches, each attested by the members that made it; wallet keys wait in a
/// pool until they are minted, first in, first out. A key is *registered* from its batch on and
/// *routed* from its mint on: only routed keys show in the views that clients know, and nodes use
/// no other.
/// @dev Wiring: constructed with Staking; the deployer calls `initialise` once with PKPNFT, the
/// only one that may take keys from the pool. There is no other privilege.
contract PubkeyRouter is IMintErrors {
    /// @notice What clients read of a routed key; all zero for any other.
    struct PubkeyRoutingData {
        bytes pubkey;
        address stakingContract;
        uint256 keyType;
    }

    /// @notice One ceremony that reached the chain. `attesterCount` is the number of members that
    /// hold a share of its keys.
    struct Batch {
        bytes32 transcript;
        uint64 epoch;
        uint64 keyType;
        uint64 keyCount;
        uint64 attesterCount;
    }

    struct Key {
        bytes32 x;
        bytes32 y;
        /// Position in `_batches` plus one; 0 for a key that is not registered.
        uint248 batchNumber;
        bool minted;
    }

    /// @notice Key type of the network's own BLS12-381 key (compressed G1, 48 bytes).
    uint256 public constant KEY_TYPE_BLS = 1;
    /// @notice Key type of wallets: ECDSA on secp256k1 (uncompressed, 65 bytes).
    uint256 public constant KEY_TYPE_ECDSA = 2;
    /// @notice Most keys in one batch.
    uint256 public constant MAX_BATCH_KEYS = 64;
    /// @notice First field of what attesters sign.
    bytes32 public constant BATCH_DOMAIN = keccak256("conclave/key-batch/v1");

    uint256 private constant ECDSA_KEY_LENGTH = 65;
    bytes1 private constant UNCOMPRESSED_POINT = 0x04;
    uint256 private constant BLS_KEY_LENGTH = 48;
    /// The two top bits of a compressed G1 point: "compressed" set, "infinity" not.
    bytes1 private constant BLS_FLAGS_MASK = 0xc0;
    bytes1 private constant BLS_FLAGS = 0x80;

    /// @notice The registry whose members attest.
    Staking public immutable staking;
    /// @notice The token contract, zero until `initialise`.
    PKPNFT public pkpNFT;

    /// @notice The network's BLS12-381 key, empty until its batch is registered.
    bytes public networkKey;

    /// @notice The token of the routed key with this Ethereum address, 0 when there is none.
    mapping(address ethAddress => uint256 tokenId) public ethAddressToPkpId;

    address private immutable _deployer;
    mapping(uint256 tokenId => Key) private _keys;
    Batch[] private _batches;
    mapping(bytes32 transcript => uint256 batchNumber) private _batchNumberOf;
    uint256[] private _pool;
    uint256 private _poolHead;

    /// @notice A batch of keys was attested and registered.
    event KeyBatchRegistered(
        bytes32 indexed transcript,
        uint64 epoch,
        uint256 keyType,
        uint256 count,
        address[] attesters
    );
    /// @notice A key was minted and is in use from now on. The first log of every mint.
    event PubkeyRoutingDataSet(
        uint256 indexed tokenId, bytes pubkey, address stakingContract, uint256 keyType
    );

    /// @notice Only the deployer may call this.
    error NotDeployer(address sender);
    /// @notice `initialise` was called before.
    error AlreadyInitialised();
    /// @notice That token contract does not name this router as its own.
    error WrongTokenContract(address pkpNFT);
    /// @notice Only PKPNFT may call this.
    error NotTokenContract(address sender);
    /// @notice This account is not a member of the current epoch.
    error NotAMember(address account);
    /// @notice The batch is of another epoch than the current one.
    error WrongEpoch(uint64 given, uint256 current);
    /// @notice The batch was attested for blocks up to `expiryBlock` only.
    error BatchExpired(uint64 expiryBlock, uint256 blockNumber);
    /// @notice A batch of this type holds between 1 and `maximum` keys.
    error WrongBatchSize(uint256 count, uint256 maximum);
    /// @notice This ceremony's batch is registered already.
    error TranscriptAlreadyRegistered(bytes32 transcript);
    /// @notice As many signatures as attesters are needed.
    error LengthMismatch();
    /// @notice At least `threshold` members must attest.
    error TooFewAttesters(uint256 count, uint256 threshold);
    /// @notice Attesters must ascend strictly by address; the one at this position does not.
    error AttestersNotAscending(uint256 position);
    /// @notice The signature given for this attester is not one of its own over this batch.
    error InvalidAttestation(address attester);
    /// @notice The key at this position of the batch is not a well-formed public key of its type.
    error MalformedKey(uint256 position);
    /// @notice This is not an uncompressed secp256k1 public key.
    error MalformedPubkey();
    /// @notice The key at this position of the batch is registered already.
    error KeyAlreadyRegistered(uint256 position);
    /// @notice The network has its BLS key already.
    error NetworkKeyAlreadySet();

    /// @param staking_ the registry whose members attest
    constructor(Staking staking_) {
        staking = staking_;
        _deployer = msg.sender;
    }

    /// @notice Names the token contract. Once, by the deployer.
    /// @param pkpNFT_ the token contract; it must have been constructed with this router
    function initialise(PKPNFT pkpNFT_) external {
        if (msg.sender != _deployer) revert NotDeployer(msg.sender);
        if (address(pkpNFT) != address(0)) revert AlreadyInitialised();
        if (pkpNFT_.getRouterAddress() != address(this)) {
            revert WrongTokenContract(address(pkpNFT_));
        }
        pkpNFT = pkpNFT_;
    }

    /// @notice Registers the keys of one ceremony. By any member of the current epoch.
    /// @param keyType KEY_TYPE_ECDSA, or KEY_TYPE_BLS for the network's own key: one key, once
    /// @param transcript hash of the ceremony's public messages
    /// @param epoch the epoch of the ceremony, which must be the current one
    /// @param expiryBlock last block in which the batch may be registered
    /// @param keys the public keys
    /// @param attesters the participants of the ceremony: members, strictly ascending by address,
    /// at least the threshold
    /// @param signatures for each attester its signature (r, s, v; 65 bytes) over
    /// `attestationDigest`
    function registerBatch(
        uint256 keyType,
        bytes32 transcript,
        uint64 epoch,
        uint64 expiryBlock,
        bytes[] calldata keys,
        address[] calldata attesters,
        bytes[] calldata signatures
    ) external {
        if (!staking.isActiveValidatorByNodeAddress(msg.sender)) {
            revert NotAMember(msg.sender);
        }
        _checkTimeliness(transcript, epoch, expiryBlock);
        _checkAttestations(
            attestationDigest(epoch, keyType, transcript, keys, expiryBlock), attesters, signatures
        );

        _batches.push(
            Batch(transcript, epoch, uint64(keyType), uint64(keys.length), uint64(attesters.length))
        );
        _batchNumberOf[transcript] = _batches.length;
        if (keyType == KEY_TYPE_ECDSA) _addToPool(keys);
        else if (keyType == KEY_TYPE_BLS) _setNetworkKey(keys);
        else revert UnsupportedKeyType(keyType);
        emit KeyBatchRegistered(transcript, epoch, keyType, keys.length, attesters);
    }

    /// @notice Takes the oldest key from the pool and routes it. Only by PKPNFT, which mints its
    /// token in the same call.
    /// @param keyType KEY_TYPE_ECDSA
    /// @return tokenId the key's token
    /// @return pubkey the key
    function routeNext(uint256 keyType) external returns (uint256 tokenId, bytes memory pubkey) {
        if (msg.sender != address(pkpNFT)) revert NotTokenContract(msg.sender);
        if (keyType != KEY_TYPE_ECDSA) revert UnsupportedKeyType(keyType);
        if (_poolHead == _pool.length) revert NoUnmintedKey(keyType);
        tokenId = _pool[_poolHead];
        delete _pool[_poolHead++];

        _keys[tokenId].minted = true;
        pubkey = _pubkeyOf(tokenId);
        ethAddressToPkpId[deriveEthAddressFromPubkey(pubkey)] = tokenId;
        emit PubkeyRoutingDataSet(tokenId, pubkey, address(staking), keyType);
    }

    /// @notice What the attesters of a batch sign, as it is and without a prefix.
    function attestationDigest(
        uint64 epoch,
        uint256 keyType,
        bytes32 transcript,
        bytes[] calldata keys,
        uint64 expiryBlock
    ) public view returns (bytes32) {
        bytes32 keysHash = keccak256(abi.encode(keys));
        return keccak256(
            abi.encode(
                BATCH_DOMAIN,
                block.chainid,
                address(this),
                epoch,
                keyType,
                transcript,
                keysHash,
                expiryBlock
            )
        );
    }

    /// @notice Everything about a key, minted or not; all zero when it is not registered.
    /// @return registered whether a batch contains it
    /// @return minted whether it is routed; it stays so when its token is burned
    /// @return pubkey the key
    /// @return transcript its batch
    /// @return epoch the epoch in which it was made
    function keyInfo(uint256 tokenId)
        external
        view
        returns (
            bool registered,
            bool minted,
            bytes memory pubkey,
            bytes32 transcript,
            uint64 epoch
        )
    {
        uint256 number = _keys[tokenId].batchNumber;
        if (number == 0) return (false, false, "", 0, 0);
        Batch storage batch = _batches[number - 1];
        return (true, _keys[tokenId].minted, _pubkeyOf(tokenId), batch.transcript, batch.epoch);
    }

    /// @notice Whether a batch contains this key.
    function isRegistered(bytes calldata pubkey) external view returns (bool) {
        return _keys[uint256(keccak256(pubkey))].batchNumber != 0;
    }

    /// @notice Transcript of the batch that contains this key, 0 when it is not registered.
    function batchOf(uint256 tokenId) external view returns (bytes32 transcript) {
        uint256 number = _keys[tokenId].batchNumber;
        return number == 0 ? bytes32(0) : _batches[number - 1].transcript;
    }

    /// @notice The batch with this transcript; all zero when there is none.
    function getBatch(bytes32 transcript) external view returns (Batch memory batch) {
        uint256 number = _batchNumberOf[transcript];
        if (number != 0) batch = _batches[number - 1];
    }

    /// @notice Number of registered batches, the network key's included.
    function batchCount() external view returns (uint256) {
        return _batches.length;
    }

    /// @notice Number of attested keys of this type that wait to be minted.
    function unmintedCount(uint256 keyType) external view returns (uint256) {
        return keyType == KEY_TYPE_ECDSA ? _pool.length - _poolHead : 0;
    }

    /// @notice Whether the key of this token was minted.
    function isRouted(uint256 tokenId) public view returns (bool) {
        return _keys[tokenId].minted;
    }

    /// @notice Routing data of a token's key; all zero until it is minted.
    function getRoutingData(uint256 tokenId) public view returns (PubkeyRoutingData memory data) {
        if (isRouted(tokenId)) {
            data = PubkeyRoutingData(_pubkeyOf(tokenId), address(staking), KEY_TYPE_ECDSA);
        }
    }

    /// @notice The same as `getRoutingData`.
    function pubkeys(uint256 tokenId) external view returns (PubkeyRoutingData memory) {
        return getRoutingData(tokenId);
    }

    /// @notice Uncompressed public key of a token, empty until it is minted.
    function getPubkey(uint256 tokenId) external view returns (bytes memory) {
        return isRouted(tokenId) ? _pubkeyOf(tokenId) : bytes("");
    }

    /// @notice Ethereum address of a token's key, zero until it is minted.
    function getEthAddress(uint256 tokenId) external view returns (address) {
        return isRouted(tokenId) ? deriveEthAddressFromPubkey(_pubkeyOf(tokenId)) : address(0);
    }

    /// @notice Ethereum address of an uncompressed secp256k1 public key (65 bytes).
    function deriveEthAddressFromPubkey(bytes memory pubkey) public pure returns (address) {
        if (pubkey.length != ECDSA_KEY_LENGTH || pubkey[0] != UNCOMPRESSED_POINT) {
            revert MalformedPubkey();
        }
        bytes32 hash;
        assembly ("memory-safe") {
            // The 64 bytes after the length word and the 0x04.
            hash := keccak256(add(pubkey, 33), 64)
        }
        return address(uint160(uint256(hash)));
    }

    function _checkTimeliness(bytes32 transcript, uint64 epoch, uint64 expiryBlock) private view {
        uint256 current = staking.epoch().number;
        if (epoch != current) revert WrongEpoch(epoch, current);
        if (block.number > expiryBlock) revert BatchExpired(expiryBlock, block.number);
        if (_batchNumberOf[transcript] != 0) revert TranscriptAlreadyRegistered(transcript);
    }

    /// Ascending addresses that are all members also bound the number of attesters.
    function _checkAttestations(
        bytes32 digest,
        address[] calldata attesters,
        bytes[] calldata signatures
    ) private view {
        if (attesters.length != signatures.length) {
            revert LengthMismatch();
        }
        uint256 threshold = staking.currentValidatorCountForConsensus();
        if (attesters.length < threshold) revert TooFewAttesters(attesters.length, threshold);
        address previous;
        for (uint256 i = 0; i < attesters.length; i++) {
            address attester = attesters[i];
            if (attester <= previous) revert AttestersNotAscending(i);
            previous = attester;
            if (!staking.isActiveValidatorByNodeAddress(attester)) revert NotAMember(attester);
            (address signer,,) = ECDSA.tryRecoverCalldata(digest, signatures[i]);
            if (signer != attester) revert InvalidAttestation(attester);
        }
    }

    function _addToPool(bytes[] calldata keys) private {
        if (keys.length == 0 || keys.length > MAX_BATCH_KEYS) {
            revert WrongBatchSize(keys.length, MAX_BATCH_KEYS);
        }
        for (uint256 i = 0; i < keys.length; i++) {
            bytes calldata key = keys[i];
            if (key.length != ECDSA_KEY_LENGTH || key[0] != UNCOMPRESSED_POINT) {
                revert MalformedKey(i);
            }
            (bytes32 x, bytes32 y) = (bytes32(key[1:33]), bytes32(key[33:65]));
            if (!Secp256k1.isOnCurve(x, y)) revert MalformedKey(i);
            _pool.push(_register(key, i, x, y));
        }
    }

    function _setNetworkKey(bytes[] calldata keys) private {
        if (keys.length != 1) revert WrongBatchSize(keys.length, 1);
        if (networkKey.length != 0) revert NetworkKeyAlreadySet();
        bytes calldata key = keys[0];
        if (key.length != BLS_KEY_LENGTH || key[0] & BLS_FLAGS_MASK != BLS_FLAGS) {
            revert MalformedKey(0);
        }
        _register(key, 0, 0, 0);
        networkKey = key;
    }

    function _register(bytes calldata key, uint256 position, bytes32 x, bytes32 y)
        private
        returns (uint256 tokenId)
    {
        tokenId = uint256(keccak256(key));
        if (_keys[tokenId].batchNumber != 0) revert KeyAlreadyRegistered(position);
        _keys[tokenId] = Key(x, y, uint248(_batches.length), false);
    }

    function _pubkeyOf(uint256 tokenId) private view returns (bytes memory) {
        Key storage key = _keys[tokenId];
        if (_batches[key.batchNumber - 1].keyType == KEY_TYPE_BLS) return networkKey;
        return bytes.concat(UNCOMPRESSED_POINT, key.x, key.y);
    }
}
