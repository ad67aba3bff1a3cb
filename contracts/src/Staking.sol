// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title Who the nodes are
/// @notice The registry of a network's members: where each is reached, which keys it holds, which
/// epoch it is and how many members must agree. The owner registers the members and then starts the
/// network; in this version the set is fixed from that moment, because a change of members needs a
/// reshare of every key.
contract Staking is Ownable2Step {
    /// @notice What one node says of itself when it joins.
    /// @param ip IPv4 address of its HTTP interface, as a big-endian number
    /// @param ipv6 IPv6 address of its HTTP interface, 0 when it has none
    /// @param port TCP port of its HTTP interface
    /// @param nodeAddress account with which it signs attestations and sends transactions
    /// @param meshIp IPv4 address where the other nodes reach it
    /// @param meshPort TCP port where the other nodes reach it
    /// @param identityKey Ed25519 public key that the links between nodes are pinned to
    struct Member {
        uint32 ip;
        uint128 ipv6;
        uint32 port;
        address nodeAddress;
        uint32 meshIp;
        uint32 meshPort;
        bytes32 identityKey;
    }

    /// @notice A member as the other nodes read it. `id` counts from 1 in the order of
    /// registration.
    struct MemberView {
        uint256 id;
        address nodeAddress;
        uint32 ip;
        uint32 port;
        uint32 meshIp;
        uint32 meshPort;
        bytes32 identityKey;
    }

    /// @notice A member as the JavaScript SDK reads it. The last three fields are always 0 here.
    struct Validator {
        uint32 ip;
        uint128 ipv6;
        uint32 port;
        address nodeAddress;
        uint256 reward;
        uint256 senderPubKey;
        uint256 receiverPubKey;
    }

    /// @notice An epoch as the JavaScript SDK reads it; times in seconds.
    struct Epoch {
        uint256 epochLength;
        uint256 number;
        uint256 endTime;
        uint256 retries;
        uint256 timeout;
    }

    /// @notice The states that the SDK knows. A network that has not started yet is Paused.
    enum States {
        Active,
        NextValidatorSetLocked,
        ReadyForNextEpoch,
        Unlocked,
        Paused,
        Restore
    }

    /// @notice Fewest members with which a network may start: below three, "two thirds" tolerates
    /// nobody.
    uint256 public constant MIN_MEMBERS = 3;
    /// @notice Most members that can be registered.
    uint256 public constant MAX_MEMBERS = 64;
    /// @notice Nominal length of an epoch in seconds. An epoch does not end by itself.
    uint256 public constant EPOCH_LENGTH = 1 days;
    /// @notice By how much, in seconds, `endTime - epochLength` lies before the true start of the
    /// epoch. The SDK names the previous epoch while that difference is less than 45 seconds ago;
    /// no node accepts a previous epoch, so it must always look older, whatever the client's clock
    /// says.
    uint256 public constant EPOCH_START_MARGIN = 1 hours;

    uint256 private constant MAX_PORT = type(uint16).max;

    Member[] private _members;
    /// Position in `_members` plus one; 0 for an account that is no member.
    mapping(address nodeAddress => uint256) private _idOf;
    uint256 private _epochNumber;
    uint256 private _epochStart;

    /// @notice A member was registered.
    event MemberRegistered(uint256 indexed id, address indexed nodeAddress, bytes32 identityKey);
    /// @notice The network changed its state; the SDK reads the members anew when it becomes
    /// Active.
    event StateChanged(States newState);

    /// @notice The member set is fixed once the network has started.
    error MembershipIsFixed();
    /// @notice No more than `maximum` members can be registered.
    error TooManyMembers(uint256 maximum);
    /// @notice A network needs at least `minimum` members to start.
    error TooFewMembers(uint256 count, uint256 minimum);
    /// @notice The named field of a member is zero or out of range.
    error InvalidMember(string field);
    /// @notice The named field of a member is already that of member `id`.
    error DuplicateMember(string field, uint256 id);
    /// @notice This account is not a member.
    error UnknownMember(address nodeAddress);

    constructor() Ownable(msg.sender) {}

    /// @notice Adds a member. Only by the owner, only before the start.
    /// @param member its addresses and keys; account, identity key, HTTP and mesh endpoint must
    /// each be its own
    /// @return id its id: its place in the order of registration, from 1
    function registerMember(Member calldata member) external onlyOwner returns (uint256 id) {
        if (_epochNumber != 0) revert MembershipIsFixed();
        if (_members.length == MAX_MEMBERS) revert TooManyMembers(MAX_MEMBERS);
        _checkFields(member);
        _checkUnique(member);
        _members.push(member);
        id = _members.length;
        _idOf[member.nodeAddress] = id;
        emit MemberRegistered(id, member.nodeAddress, member.identityKey);
    }

    /// @notice Starts the network: fixes the members and opens epoch 1. Only by the owner, once.
    function start() external onlyOwner {
        if (_epochNumber != 0) revert MembershipIsFixed();
        if (_members.length < MIN_MEMBERS) revert TooFewMembers(_members.length, MIN_MEMBERS);
        _epochNumber = 1;
        _epochStart = block.timestamp;
        emit StateChanged(States.Active);
    }

    /// @notice Everything that a node needs to know of the others.
    /// @return epochNumber the current epoch, 0 before the start
    /// @return threshold how many members must agree, 0 before the start
    /// @return list all registered members, ordered by id
    function members()
        external
        view
        returns (uint256 epochNumber, uint256 threshold, MemberView[] memory list)
    {
        list = new MemberView[](_members.length);
        for (uint256 i = 0; i < list.length; i++) {
            Member storage m = _members[i];
            list[i] =
                MemberView(i + 1, m.nodeAddress, m.ip, m.port, m.meshIp, m.meshPort, m.identityKey);
        }
        return (_epochNumber, currentValidatorCountForConsensus(), list);
    }

    /// @notice The view that the SDK connects with. Before the start it is empty and the SDK
    /// refuses to connect.
    /// @return current the current epoch
    /// @return minNodeCount the threshold
    /// @return validators the members of the current epoch, ordered by id
    function getActiveUnkickedValidatorStructsAndCounts()
        external
        view
        returns (Epoch memory current, uint256 minNodeCount, Validator[] memory validators)
    {
        validators = new Validator[](getValidatorsInCurrentEpochLength());
        for (uint256 i = 0; i < validators.length; i++) {
            validators[i] = _validator(i);
        }
        return (epoch(), currentValidatorCountForConsensus(), validators);
    }

    /// @notice The current epoch; its number is 0 before the start.
    function epoch() public view returns (Epoch memory current) {
        if (_epochNumber == 0) return current;
        return
            Epoch(EPOCH_LENGTH, _epochNumber, _epochStart + EPOCH_LENGTH - EPOCH_START_MARGIN, 0, 0);
    }

    /// @notice Paused before the start, Active from then on.
    function state() external view returns (States) {
        return _epochNumber == 0 ? States.Paused : States.Active;
    }

    /// @notice The threshold: two thirds of the members of the current epoch, rounded up; 0 before
    /// the start.
    function currentValidatorCountForConsensus() public view returns (uint256) {
        return (2 * getValidatorsInCurrentEpochLength() + 2) / 3;
    }

    /// @notice Number of members in the current epoch; 0 before the start.
    function getValidatorsInCurrentEpochLength() public view returns (uint256) {
        return _epochNumber == 0 ? 0 : _members.length;
    }

    /// @notice Accounts of the members of the current epoch, ordered by id. Staker and node account
    /// are one here.
    function getValidatorsInCurrentEpoch() external view returns (address[] memory addresses) {
        addresses = new address[](getValidatorsInCurrentEpochLength());
        for (uint256 i = 0; i < addresses.length; i++) {
            addresses[i] = _members[i].nodeAddress;
        }
    }

    /// @notice The given members as the SDK reads them, in the given order.
    /// @param addresses accounts of registered members
    function getValidatorsStructs(address[] calldata addresses)
        external
        view
        returns (Validator[] memory validators)
    {
        validators = new Validator[](addresses.length);
        for (uint256 i = 0; i < validators.length; i++) {
            uint256 id = _idOf[addresses[i]];
            if (id == 0) revert UnknownMember(addresses[i]);
            validators[i] = _validator(id - 1);
        }
    }

    /// @notice Always empty: nobody can be voted out in this version.
    function getKickedValidators() external pure returns (address[] memory) {
        return new address[](0);
    }

    /// @notice Whether this account is a member of the current epoch.
    function isActiveValidatorByNodeAddress(address account) external view returns (bool) {
        return _epochNumber != 0 && _idOf[account] != 0;
    }

    function _validator(uint256 index) private view returns (Validator memory) {
        Member storage m = _members[index];
        return Validator(m.ip, m.ipv6, m.port, m.nodeAddress, 0, 0, 0);
    }

    function _checkFields(Member calldata member) private pure {
        if (member.ip == 0) revert InvalidMember("ip");
        if (member.port == 0 || member.port > MAX_PORT) revert InvalidMember("port");
        if (member.nodeAddress == address(0)) revert InvalidMember("nodeAddress");
        if (member.meshIp == 0) revert InvalidMember("meshIp");
        if (member.meshPort == 0 || member.meshPort > MAX_PORT) revert InvalidMember("meshPort");
        if (member.identityKey == 0) revert InvalidMember("identityKey");
    }

    function _checkUnique(Member calldata member) private view {
        for (uint256 i = 0; i < _members.length; i++) {
            Member storage other = _members[i];
            if (other.nodeAddress == member.nodeAddress) {
                revert DuplicateMember("nodeAddress", i + 1);
            }
            if (other.identityKey == member.identityKey) {
                revert DuplicateMember("identityKey", i + 1);
            }
            if (other.ip == member.ip && other.port == member.port) {
                revert DuplicateMember("port", i + 1);
            }
            if (other.meshIp == member.meshIp && other.meshPort == member.meshPort) {
                revert DuplicateMember("meshPort", i + 1);
            }
        }
    }
}
