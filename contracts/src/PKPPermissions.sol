// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {PKPNFT} from "./PKPNFT.sol";
import {PubkeyRouter} from "./PubkeyRouter.sol";

/// @title Who may use which key, and for what
/// @notice A grant names an auth method (a type and an id: an address, an action, a login) and the
/// scopes in which it may use the key. Only the owner of a token changes its grants: an account, or
/// the key itself where the token belongs to its own address. Grants outlive a transfer; nothing
/// changes those of a burned token.
/// @dev Wiring: constructed with PKPNFT. No account has any privilege here. PKPNFT grants within
/// `mintGrantAndBurnNext`, and PKPHelper within its mints, by owning the token at that moment, like
/// anybody else.
contract PKPPermissions {
    using EnumerableSet for EnumerableSet.UintSet;

    /// @notice One way of proving who asks.
    /// @param authMethodType what kind of proof; see `AuthMethodType` for the common ones, any
    /// other number is an application's own
    /// @param id whom or what it proves, 1 to MAX_ID_LENGTH bytes
    /// @param userPubkey the COSE public key of a WebAuthn credential, empty for all others
    struct AuthMethod {
        uint256 authMethodType;
        bytes id;
        bytes userPubkey;
    }

    /// @notice The auth method types that every node knows.
    enum AuthMethodType {
        NULLMETHOD,
        ADDRESS,
        ACTION,
        WEBAUTHN,
        DISCORD,
        GOOGLE,
        GOOGLE_JWT
    }

    /// @notice Scope ids are below this number; a token's scopes of one auth method form a bitmap
    /// of so many bits.
    uint256 public constant SCOPE_COUNT = 256;
    /// @notice Most auth methods that one token permits at a time.
    uint256 public constant MAX_AUTH_METHODS = 256;
    /// @notice Most entries in each list of `batchAddRemoveAuthMethods` and `authorisation`.
    uint256 public constant MAX_LIST_LENGTH = 64;
    /// @notice Longest id of an auth method, in bytes.
    uint256 public constant MAX_ID_LENGTH = 256;
    /// @notice Longest user public key, in bytes.
    uint256 public constant MAX_USER_PUBKEY_LENGTH = 1024;

    uint256 private constant ADDRESS_TYPE = uint256(AuthMethodType.ADDRESS);
    uint256 private constant ACTION_TYPE = uint256(AuthMethodType.ACTION);

    PKPNFT private immutable _pkpNFT;
    PubkeyRouter private immutable _router;

    /// Every auth method that was ever permitted for any token, by `getAuthMethodId`.
    mapping(uint256 methodId => AuthMethod) private _authMethods;
    mapping(uint256 tokenId => EnumerableSet.UintSet methodIds) private _permitted;
    mapping(uint256 methodId => EnumerableSet.UintSet tokenIds) private _tokensOf;
    /// Zero for every auth method that is not permitted.
    mapping(uint256 tokenId => mapping(uint256 methodId => uint256 bitmap)) private _scopes;
    mapping(uint256 tokenId => mapping(uint256 group => bytes32 root)) private _rootHashes;

    /// @notice An auth method was permitted. Its scopes follow as events of their own.
    event PermittedAuthMethodAdded(
        uint256 indexed tokenId, uint256 authMethodType, bytes id, bytes userPubkey
    );
    /// @notice An auth method is no longer permitted; its scopes went with it.
    event PermittedAuthMethodRemoved(uint256 indexed tokenId, uint256 authMethodType, bytes id);
    /// @notice A permitted auth method got a scope.
    event PermittedAuthMethodScopeAdded(
        uint256 indexed tokenId, uint256 authMethodType, bytes id, uint256 scopeId
    );
    /// @notice A permitted auth method lost a scope.
    event PermittedAuthMethodScopeRemoved(
        uint256 indexed tokenId, uint256 authMethodType, bytes id, uint256 scopeId
    );
    /// @notice The Merkle root of a group was set.
    event RootHashUpdated(uint256 indexed tokenId, uint256 indexed group, bytes32 root);

    /// @notice Only the owner of a token may change its grants; a burned or unminted token has
    /// none.
    error NotTokenOwner(uint256 tokenId, address sender);
    /// @notice Auth method type 0 and empty ids name nobody.
    error InvalidAuthMethod(uint256 authMethodType, bytes id);
    /// @notice This auth method is known with another user public key.
    error UserPubkeyMismatch(uint256 authMethodType, bytes id);
    /// @notice This auth method is not permitted for this token.
    error AuthMethodNotPermitted(uint256 tokenId, uint256 authMethodType, bytes id);
    /// @notice Scope ids are below SCOPE_COUNT.
    error ScopeOutOfRange(uint256 scopeId);
    /// @notice A list or a byte string is longer than `maximum`.
    error TooLong(uint256 length, uint256 maximum);
    /// @notice The token permits MAX_AUTH_METHODS auth methods already.
    error TooManyAuthMethods(uint256 tokenId, uint256 maximum);
    /// @notice Lists that describe the same things differ in length.
    error LengthMismatch();

    modifier onlyTokenOwner(uint256 tokenId) {
        address owner = _ownerOf(tokenId);
        if (owner == address(0) || owner != msg.sender) revert NotTokenOwner(tokenId, msg.sender);
        _;
    }

    /// @param pkpNFT_ the token contract whose owners decide
    constructor(PKPNFT pkpNFT_) {
        _pkpNFT = pkpNFT_;
        _router = PubkeyRouter(pkpNFT_.getRouterAddress());
    }

    // Grants

    /// @notice Permits an auth method; if it is permitted already, it gets these scopes too.
    /// Without a scope it is registered but cannot sign. Only by the owner.
    /// @param authMethod its user public key must be the one it was first permitted with for any
    /// token
    /// @param scopes scope ids
    function addPermittedAuthMethod(
        uint256 tokenId,
        AuthMethod memory authMethod,
        uint256[] memory scopes
    ) public onlyTokenOwner(tokenId) {
        _add(tokenId, authMethod, scopes);
    }

    /// @notice Takes an auth method's permission, and all its scopes, away. Only by the owner.
    function removePermittedAuthMethod(uint256 tokenId, uint256 authMethodType, bytes memory id)
        public
        onlyTokenOwner(tokenId)
    {
        _remove(tokenId, authMethodType, id);
    }

    /// @notice Gives a permitted auth method one more scope. Only by the owner.
    function addPermittedAuthMethodScope(
        uint256 tokenId,
        uint256 authMethodType,
        bytes calldata id,
        uint256 scopeId
    ) external onlyTokenOwner(tokenId) {
        _addScope(
            tokenId, _requirePermitted(tokenId, authMethodType, id), authMethodType, id, scopeId
        );
    }

    /// @notice Takes one scope from a permitted auth method. Only by the owner.
    function removePermittedAuthMethodScope(
        uint256 tokenId,
        uint256 authMethodType,
        bytes calldata id,
        uint256 scopeId
    ) external onlyTokenOwner(tokenId) {
        uint256 methodId = _requirePermitted(tokenId, authMethodType, id);
        _scopes[tokenId][methodId] &= ~_scopeBit(scopeId);
        emit PermittedAuthMethodScopeRemoved(tokenId, authMethodType, id, scopeId);
    }

    /// @notice Permits an action. Only by the owner.
    /// @param ipfsCID multihash bytes of its CIDv0 (34 bytes)
    function addPermittedAction(uint256 tokenId, bytes calldata ipfsCID, uint256[] calldata scopes)
        external
    {
        addPermittedAuthMethod(tokenId, AuthMethod(ACTION_TYPE, ipfsCID, ""), scopes);
    }

    /// @notice Takes an action's permission away. Only by the owner.
    function removePermittedAction(uint256 tokenId, bytes calldata ipfsCID) external {
        removePermittedAuthMethod(tokenId, ACTION_TYPE, ipfsCID);
    }

    /// @notice Permits an account. Only by the owner.
    function addPermittedAddress(uint256 tokenId, address user, uint256[] calldata scopes)
        external
    {
        addPermittedAuthMethod(
            tokenId, AuthMethod(ADDRESS_TYPE, abi.encodePacked(user), ""), scopes
        );
    }

    /// @notice Takes an account's permission away. Only by the owner, whose own right this does not
    /// touch.
    function removePermittedAddress(uint256 tokenId, address user) external {
        removePermittedAuthMethod(tokenId, ADDRESS_TYPE, abi.encodePacked(user));
    }

    /// @notice Permits some auth methods and then takes the permission of others away, all or
    /// nothing. Only by the owner.
    function batchAddRemoveAuthMethods(
        uint256 tokenId,
        uint256[] memory permittedAuthMethodTypesToAdd,
        bytes[] memory permittedAuthMethodIdsToAdd,
        bytes[] memory permittedAuthMethodPubkeysToAdd,
        uint256[][] memory permittedAuthMethodScopesToAdd,
        uint256[] memory permittedAuthMethodTypesToRemove,
        bytes[] memory permittedAuthMethodIdsToRemove
    ) external onlyTokenOwner(tokenId) {
        uint256 count = permittedAuthMethodTypesToAdd.length;
        _checkLength(count, MAX_LIST_LENGTH);
        if (
            permittedAuthMethodIdsToAdd.length != count
                || permittedAuthMethodPubkeysToAdd.length != count
                || permittedAuthMethodScopesToAdd.length != count
        ) revert LengthMismatch();
        for (uint256 i = 0; i < count; i++) {
            _add(
                tokenId,
                AuthMethod(
                    permittedAuthMethodTypesToAdd[i],
                    permittedAuthMethodIdsToAdd[i],
                    permittedAuthMethodPubkeysToAdd[i]
                ),
                permittedAuthMethodScopesToAdd[i]
            );
        }
        count = permittedAuthMethodTypesToRemove.length;
        _checkLength(count, MAX_LIST_LENGTH);
        if (permittedAuthMethodIdsToRemove.length != count) revert LengthMismatch();
        for (uint256 i = 0; i < count; i++) {
            _remove(tokenId, permittedAuthMethodTypesToRemove[i], permittedAuthMethodIdsToRemove[i]);
        }
    }

    /// @notice Sets the Merkle root of one of the token's groups; zero clears it. Only by the
    /// owner.
    function setRootHash(uint256 tokenId, uint256 group, bytes32 root)
        external
        onlyTokenOwner(tokenId)
    {
        _rootHashes[tokenId][group] = root;
        emit RootHashUpdated(tokenId, group, root);
    }

    // Decisions

    /// @notice All that a node needs to decide on a request, of one and the same block.
    /// @param types auth method types of the askers, at most MAX_LIST_LENGTH
    /// @param ids their ids
    /// @return owner the token's owner, zero when it is burned or not minted
    /// @return minted whether the key is in use; burned tokens' keys are
    /// @return pubkey the key, empty when it is not minted
    /// @return scopeBitmaps for each asker its scopes, bit i standing for scope i; zero when it is
    /// not permitted
    /// @return permitted for each asker whether it is permitted, with or without scopes. Ownership
    /// is not looked at
    function authorisation(uint256 tokenId, uint256[] calldata types, bytes[] calldata ids)
        external
        view
        returns (
            address owner,
            bool minted,
            bytes memory pubkey,
            uint256[] memory scopeBitmaps,
            bool[] memory permitted
        )
    {
        if (types.length != ids.length) revert LengthMismatch();
        _checkLength(types.length, MAX_LIST_LENGTH);
        scopeBitmaps = new uint256[](types.length);
        permitted = new bool[](types.length);
        for (uint256 i = 0; i < types.length; i++) {
            uint256 methodId = getAuthMethodId(types[i], ids[i]);
            scopeBitmaps[i] = _scopes[tokenId][methodId];
            permitted[i] = _permitted[tokenId].contains(methodId);
        }
        return (
            _ownerOf(tokenId),
            _router.isRouted(tokenId),
            _router.getPubkey(tokenId),
            scopeBitmaps,
            permitted
        );
    }

    /// @notice Whether the auth method is permitted, with or without scopes.
    function isPermittedAuthMethod(uint256 tokenId, uint256 authMethodType, bytes memory id)
        public
        view
        returns (bool)
    {
        return _permitted[tokenId].contains(getAuthMethodId(authMethodType, id));
    }

    /// @notice Whether the auth method is permitted and has this scope.
    function isPermittedAuthMethodScopePresent(
        uint256 tokenId,
        uint256 authMethodType,
        bytes calldata id,
        uint256 scopeId
    ) external view returns (bool) {
        return _scopes[tokenId][getAuthMethodId(authMethodType, id)] & _scopeBit(scopeId) != 0;
    }

    /// @notice Whether the action is permitted, with or without scopes.
    function isPermittedAction(uint256 tokenId, bytes calldata ipfsCID)
        external
        view
        returns (bool)
    {
        return isPermittedAuthMethod(tokenId, ACTION_TYPE, ipfsCID);
    }

    /// @notice Whether the account is permitted, with or without scopes, or owns the token.
    function isPermittedAddress(uint256 tokenId, address user) external view returns (bool) {
        return isPermittedAuthMethod(tokenId, ADDRESS_TYPE, abi.encodePacked(user))
            || (user != address(0) && _ownerOf(tokenId) == user);
    }

    /// @notice Whether the leaf belongs to the group's tree. A group without a root has no leaves.
    function verifyState(uint256 tokenId, uint256 group, bytes32[] calldata proof, bytes32 leaf)
        external
        view
        returns (bool)
    {
        bytes32 root = _rootHashes[tokenId][group];
        return root != 0 && MerkleProof.verifyCalldata(proof, root, leaf);
    }

    /// @notice Whether all leaves, of which there must be some, belong to the group's tree.
    function verifyStates(
        uint256 tokenId,
        uint256 group,
        bytes32[] calldata proof,
        bool[] calldata proofFlags,
        bytes32[] calldata leaves
    ) external view returns (bool) {
        bytes32 root = _rootHashes[tokenId][group];
        return root != 0 && leaves.length != 0
            && MerkleProof.multiProofVerifyCalldata(proof, proofFlags, root, leaves);
    }

    // Lists

    /// @notice The name under which grants of this auth method are kept.
    function getAuthMethodId(uint256 authMethodType, bytes memory id)
        public
        pure
        returns (uint256)
    {
        return uint256(keccak256(abi.encode(authMethodType, id)));
    }

    /// @notice All auth methods that the token permits: accounts and actions too, the owner not.
    function getPermittedAuthMethods(uint256 tokenId)
        external
        view
        returns (AuthMethod[] memory methods)
    {
        EnumerableSet.UintSet storage set = _permitted[tokenId];
        methods = new AuthMethod[](set.length());
        for (uint256 i = 0; i < methods.length; i++) {
            methods[i] = _authMethods[set.at(i)];
        }
    }

    /// @notice For each scope id below `maxScopeId`, at most SCOPE_COUNT, whether the auth method
    /// has that scope.
    function getPermittedAuthMethodScopes(
        uint256 tokenId,
        uint256 authMethodType,
        bytes calldata id,
        uint256 maxScopeId
    ) external view returns (bool[] memory present) {
        if (maxScopeId > SCOPE_COUNT) revert ScopeOutOfRange(maxScopeId);
        uint256 bitmap = _scopes[tokenId][getAuthMethodId(authMethodType, id)];
        present = new bool[](maxScopeId);
        for (uint256 i = 0; i < maxScopeId; i++) {
            present[i] = bitmap & (1 << i) != 0;
        }
    }

    /// @notice Ids of the permitted actions.
    function getPermittedActions(uint256 tokenId) external view returns (bytes[] memory actions) {
        EnumerableSet.UintSet storage set = _permitted[tokenId];
        actions = new bytes[](set.length());
        uint256 count = 0;
        for (uint256 i = 0; i < actions.length; i++) {
            AuthMethod storage method = _authMethods[set.at(i)];
            if (method.authMethodType == ACTION_TYPE) actions[count++] = method.id;
        }
        assembly ("memory-safe") {
            mstore(actions, count)
        }
    }

    /// @notice The owner, unless the token is burned, and then the permitted accounts; an owner who
    /// is also permitted comes twice. Wallet logins, which have the same type but longer ids, are
    /// left out.
    function getPermittedAddresses(uint256 tokenId)
        external
        view
        returns (address[] memory addresses)
    {
        EnumerableSet.UintSet storage set = _permitted[tokenId];
        addresses = new address[](set.length() + 1);
        uint256 count = 0;
        address owner = _ownerOf(tokenId);
        if (owner != address(0)) addresses[count++] = owner;
        for (uint256 i = 0; i < set.length(); i++) {
            AuthMethod storage method = _authMethods[set.at(i)];
            if (method.authMethodType == ADDRESS_TYPE && method.id.length == 20) {
                addresses[count++] = address(bytes20(method.id));
            }
        }
        assembly ("memory-safe") {
            mstore(addresses, count)
        }
    }

    /// @notice All tokens that permit this auth method. Anyone may permit anyone, so this list has
    /// no limit.
    function getTokenIdsForAuthMethod(uint256 authMethodType, bytes calldata id)
        external
        view
        returns (uint256[] memory)
    {
        return _tokensOf[getAuthMethodId(authMethodType, id)].values();
    }

    /// @notice Public keys of all tokens that permit this auth method, in the order of
    /// `getTokenIdsForAuthMethod`.
    function getPKPPubKeysByAuthMethod(uint256 authMethodType, bytes calldata id)
        external
        view
        returns (bytes[] memory keys)
    {
        EnumerableSet.UintSet storage set = _tokensOf[getAuthMethodId(authMethodType, id)];
        keys = new bytes[](set.length());
        for (uint256 i = 0; i < keys.length; i++) {
            keys[i] = _router.getPubkey(set.at(i));
        }
    }

    /// @notice The user public key with which this auth method was first permitted; it stays known
    /// for ever.
    function getUserPubkeyForAuthMethod(uint256 authMethodType, bytes calldata id)
        external
        view
        returns (bytes memory)
    {
        return _authMethods[getAuthMethodId(authMethodType, id)].userPubkey;
    }

    /// @notice Uncompressed public key of a token, empty until it is minted.
    function getPubkey(uint256 tokenId) external view returns (bytes memory) {
        return _router.getPubkey(tokenId);
    }

    /// @notice Ethereum address of a token's key, zero until it is minted.
    function getEthAddress(uint256 tokenId) external view returns (address) {
        return _router.getEthAddress(tokenId);
    }

    /// @notice The token contract whose owners decide.
    function getPkpNftAddress() external view returns (address) {
        return address(_pkpNFT);
    }

    /// @notice Where the keys come from.
    function getRouterAddress() external view returns (address) {
        return address(_router);
    }

    function _add(uint256 tokenId, AuthMethod memory method, uint256[] memory scopes) private {
        _checkMethod(method);
        _checkLength(scopes.length, SCOPE_COUNT);
        uint256 methodId = getAuthMethodId(method.authMethodType, method.id);
        if (_authMethods[methodId].authMethodType == 0) {
            _authMethods[methodId] = method;
        } else if (keccak256(_authMethods[methodId].userPubkey) != keccak256(method.userPubkey)) {
            revert UserPubkeyMismatch(method.authMethodType, method.id);
        }

        _permitted[tokenId].add(methodId);
        if (_permitted[tokenId].length() > MAX_AUTH_METHODS) {
            revert TooManyAuthMethods(tokenId, MAX_AUTH_METHODS);
        }
        _tokensOf[methodId].add(tokenId);
        emit PermittedAuthMethodAdded(tokenId, method.authMethodType, method.id, method.userPubkey);
        for (uint256 i = 0; i < scopes.length; i++) {
            _addScope(tokenId, methodId, method.authMethodType, method.id, scopes[i]);
        }
    }

    function _remove(uint256 tokenId, uint256 authMethodType, bytes memory id) private {
        uint256 methodId = _requirePermitted(tokenId, authMethodType, id);
        _permitted[tokenId].remove(methodId);
        _tokensOf[methodId].remove(tokenId);
        delete _scopes[tokenId][methodId];
        emit PermittedAuthMethodRemoved(tokenId, authMethodType, id);
    }

    function _addScope(
        uint256 tokenId,
        uint256 methodId,
        uint256 authMethodType,
        bytes memory id,
        uint256 scopeId
    ) private {
        _scopes[tokenId][methodId] |= _scopeBit(scopeId);
        emit PermittedAuthMethodScopeAdded(tokenId, authMethodType, id, scopeId);
    }

    function _requirePermitted(uint256 tokenId, uint256 authMethodType, bytes memory id)
        private
        view
        returns (uint256 methodId)
    {
        methodId = getAuthMethodId(authMethodType, id);
        if (!_permitted[tokenId].contains(methodId)) {
            revert AuthMethodNotPermitted(tokenId, authMethodType, id);
        }
    }

    /// Zero for a burned or unminted token, where ERC-721's own view reverts.
    function _ownerOf(uint256 tokenId) private view returns (address) {
        return _pkpNFT.exists(tokenId) ? _pkpNFT.ownerOf(tokenId) : address(0);
    }

    function _checkMethod(AuthMethod memory method) private pure {
        if (method.authMethodType == 0 || method.id.length == 0) {
            revert InvalidAuthMethod(method.authMethodType, method.id);
        }
        _checkLength(method.id.length, MAX_ID_LENGTH);
        _checkLength(method.userPubkey.length, MAX_USER_PUBKEY_LENGTH);
    }

    function _scopeBit(uint256 scopeId) private pure returns (uint256) {
        if (scopeId >= SCOPE_COUNT) revert ScopeOutOfRange(scopeId);
        return 1 << scopeId;
    }

    function _checkLength(uint256 length, uint256 maximum) private pure {
        if (length > maximum) revert TooLong(length, maximum);
    }
}
