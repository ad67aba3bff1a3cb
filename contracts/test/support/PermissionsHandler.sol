// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {PKPHelper} from "../../src/PKPHelper.sol";
import {PKPNFT} from "../../src/PKPNFT.sol";
import {PKPPermissions} from "../../src/PKPPermissions.sol";
import {PubkeyRouter} from "../../src/PubkeyRouter.sol";
import {NetworkFixture} from "./NetworkFixture.sol";
import {vm} from "./Vm.sol";

/// @title Everything that anybody may try, in any order
/// @notice The fuzzer calls the functions below. Each remembers what must be true afterwards: which
/// keys came and went, who owns what, and a fingerprint of every token's grants, which it renews
/// only after a change that the owner made.
contract PermissionsHandler is NetworkFixture {
    enum Change {
        AddAction,
        AddAddress,
        AddAuthMethod,
        RemoveAction,
        RemoveAddress,
        RemoveAuthMethod,
        AddScope,
        RemoveScope,
        Batch,
        SetRoot
    }

    uint256 private constant ACCOUNTS = 4;
    uint256 private constant GROUPS = 2;
    uint256 private constant ROOTS = 3;

    bytes[] public registered;
    uint256[] public minted;
    mapping(uint256 tokenId => uint256) public mints;
    mapping(uint256 tokenId => bool) public burned;
    mapping(uint256 tokenId => address) public ownerOf;
    mapping(uint256 tokenId => bytes32) public expectedGrants;
    /// Changes that went through although the sender did not own the token.
    uint256 public usurpations;
    /// Changes that the owner made, so that a run in which nothing happens shows.
    uint256 public ownersChanges;

    constructor() {
        _deployNetwork();
    }

    function contracts() external view returns (PubkeyRouter, PKPNFT, PKPPermissions) {
        return (router, nft, permissions);
    }

    function counts() external view returns (uint256 keys, uint256 tokens) {
        return (registered.length, minted.length);
    }

    // What may happen

    function registerBatch(uint8 seed) external {
        _register(1 + seed % 3);
    }

    function mint(uint8 account) external {
        _ensureKey();
        address sender = _account(account);
        _noteMint(mintTo(sender), sender);
    }

    function mintGrantAndBurn(uint8 account) external {
        _ensureKey();
        vm.deal(_account(account), 1);
        vm.prank(_account(account));
        uint256 tokenId = nft.mintGrantAndBurnNext{value: 1}(ECDSA_KEYS, ACTION);
        _noteMint(tokenId, address(0));
        burned[tokenId] = true;
    }

    function mintWithHelper(
        uint8 account,
        uint8 method,
        uint8 scope,
        bool addOwnAddress,
        bool sendToItself
    ) external {
        _ensureKey();
        address sender = _account(account);
        vm.deal(sender, 1);
        vm.prank(sender);
        uint256 tokenId = helper.mintNextAndAddAuthMethods{value: 1}(
            ECDSA_KEYS,
            list(_type(method)),
            list(_id(method)),
            list(bytes("")),
            list(list(scope)),
            addOwnAddress,
            sendToItself
        );
        _noteMint(tokenId, sendToItself ? nft.getEthAddress(tokenId) : sender);
    }

    /// To another account, to the key itself, or a contract of the network.
    function transfer(uint256 token, uint8 recipient) external {
        if (minted.length == 0) return;
        uint256 tokenId = _token(token);
        address from = ownerOf[tokenId];
        if (from == address(0)) return;
        address to = _sender(tokenId, recipient);
        vm.prank(from);
        nft.transferFrom(from, to, tokenId);
        ownerOf[tokenId] = to;
    }

    function transferByStranger(uint256 token, uint8 thief) external {
        if (minted.length == 0) return;
        uint256 tokenId = _token(token);
        address sender = _sender(tokenId, thief);
        if (sender == ownerOf[tokenId]) return;
        vm.prank(sender);
        (bool ok,) =
            address(nft).call(abi.encodeCall(nft.transferFrom, (ownerOf[tokenId], sender, tokenId)));
        if (ok) usurpations++;
    }

    /// One change of a token's grants, tried by its owner.
    function changeByOwner(uint256 token, uint8 change, uint8 method, uint8 scope) external {
        if (minted.length == 0) return;
        uint256 tokenId = _token(token);
        if (ownerOf[tokenId] == address(0)) return;
        if (!_try(ownerOf[tokenId], tokenId, Change(change % 10), method, scope)) return;
        ownersChanges++;
        expectedGrants[tokenId] = grantsOf(tokenId);
    }

    /// The same, tried by anybody else: accounts, keys, members, contracts of the network.
    function changeByStranger(
        uint256 token,
        uint8 stranger,
        uint8 change,
        uint8 method,
        uint8 scope
    ) external {
        if (minted.length == 0) return;
        uint256 tokenId = _token(token);
        address sender = _sender(tokenId, stranger);
        if (sender == ownerOf[tokenId]) return;
        if (_try(sender, tokenId, Change(change % 10), method, scope)) usurpations++;
    }

    /// Grants on a key that is not minted yet, tried by anybody.
    function changeUnminted(uint8 stranger, uint8 change, uint8 method, uint8 scope) external {
        _ensureKey();
        uint256 tokenId = tokenOf(registered[minted.length]);
        if (_try(_sender(tokenId, stranger), tokenId, Change(change % 10), method, scope)) {
            usurpations++;
        }
    }

    // What is remembered

    /// Hash of all that the permissions contract says about a token.
    function grantsOf(uint256 tokenId) public view returns (bytes32 hash) {
        PKPPermissions.AuthMethod[] memory methods = permissions.getPermittedAuthMethods(tokenId);
        for (uint256 i = 0; i < methods.length; i++) {
            (,,, uint256[] memory bitmaps, bool[] memory permitted) = permissions.authorisation(
                tokenId, list(methods[i].authMethodType), list(methods[i].id)
            );
            hash = keccak256(abi.encode(hash, methods[i], bitmaps, permitted));
        }
        for (uint256 group = 0; group < GROUPS; group++) {
            for (uint256 root = 1; root < ROOTS; root++) {
                bool set = permissions.verifyState(tokenId, group, new bytes32[](0), bytes32(root));
                hash = keccak256(abi.encode(hash, set));
            }
        }
    }

    function _register(uint256 count) private {
        bytes[] memory keys = fillPool(count);
        for (uint256 i = 0; i < keys.length; i++) {
            registered.push(keys[i]);
        }
    }

    function _ensureKey() private {
        if (router.unmintedCount(ECDSA_KEYS) == 0) _register(1);
    }

    function _noteMint(uint256 tokenId, address owner) private {
        minted.push(tokenId);
        mints[tokenId]++;
        ownerOf[tokenId] = owner;
        expectedGrants[tokenId] = grantsOf(tokenId);
    }

    function _try(address sender, uint256 tokenId, Change change, uint8 method, uint8 scope)
        private
        returns (bool ok)
    {
        bytes memory call = _call(tokenId, change, method, scope);
        vm.prank(sender);
        (ok,) = address(permissions).call(call);
    }

    function _call(uint256 tokenId, Change change, uint8 method, uint8 scope)
        private
        view
        returns (bytes memory)
    {
        (uint256 methodType, bytes memory id) = (_type(method), _id(method));
        address account = _account(method);
        if (change == Change.AddAction) {
            return abi.encodeCall(permissions.addPermittedAction, (tokenId, ACTION, list(scope)));
        } else if (change == Change.AddAddress) {
            return abi.encodeCall(permissions.addPermittedAddress, (tokenId, account, list(scope)));
        } else if (change == Change.AddAuthMethod) {
            PKPPermissions.AuthMethod memory added = PKPPermissions.AuthMethod(methodType, id, "");
            return abi.encodeCall(permissions.addPermittedAuthMethod, (tokenId, added, list(scope)));
        } else if (change == Change.RemoveAction) {
            return abi.encodeCall(permissions.removePermittedAction, (tokenId, ACTION));
        } else if (change == Change.RemoveAddress) {
            return abi.encodeCall(permissions.removePermittedAddress, (tokenId, account));
        } else if (change == Change.RemoveAuthMethod) {
            return abi.encodeCall(permissions.removePermittedAuthMethod, (tokenId, methodType, id));
        } else if (change == Change.AddScope) {
            return abi.encodeCall(
                permissions.addPermittedAuthMethodScope, (tokenId, methodType, id, scope)
            );
        } else if (change == Change.RemoveScope) {
            return abi.encodeCall(
                permissions.removePermittedAuthMethodScope, (tokenId, methodType, id, scope)
            );
        } else if (change == Change.SetRoot) {
            return abi.encodeCall(
                permissions.setRootHash, (tokenId, method % GROUPS, bytes32(uint256(scope % ROOTS)))
            );
        }
        return abi.encodeCall(
            permissions.batchAddRemoveAuthMethods,
            (
                tokenId,
                list(methodType),
                list(id),
                list(bytes("")),
                list(list(scope)),
                new uint256[](0),
                new bytes[](0)
            )
        );
    }

    /// A few methods, so that they are removed and permitted again: accounts, the action, logins.
    function _type(uint8 method) private pure returns (uint256) {
        return 1 + method % 3;
    }

    function _id(uint8 method) private view returns (bytes memory) {
        if (_type(method) == 1) return abi.encodePacked(_account(method));
        return _type(method) == 2 ? ACTION : abi.encode(method % 9);
    }

    function _token(uint256 seed) private view returns (uint256) {
        return minted[seed % minted.length];
    }

    function _account(uint8 seed) private pure returns (address) {
        return address(uint160(0xa0000 + seed % ACCOUNTS));
    }

    function _sender(uint256 tokenId, uint8 seed) private view returns (address) {
        uint256 choice = seed % 10;
        if (choice < 4) return _account(seed);
        if (choice == 4) return router.deriveEthAddressFromPubkey(_pubkeyOf(tokenId));
        if (choice == 5) return memberAt(seed % MEMBERS);
        if (choice == 6) return address(nft);
        if (choice == 7) return address(helper);
        if (choice == 8) return address(router);
        return address(this);
    }

    function _pubkeyOf(uint256 tokenId) private view returns (bytes memory pubkey) {
        (,, pubkey,,) = router.keyInfo(tokenId);
    }
}
