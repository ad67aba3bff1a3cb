// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {PKPNFT} from "../../src/PKPNFT.sol";
import {PKPPermissions} from "../../src/PKPPermissions.sol";

/// @title A contract that takes no tokens
contract NoReceiver {
    function mint(PKPNFT nft) external payable returns (uint256) {
        return nft.mintNext{value: msg.value}(2);
    }
}

/// @title A contract that mints again while it is being handed its first token, and passes both on
contract ReentrantReceiver is IERC721Receiver {
    PKPNFT private immutable _nft;
    PKPPermissions private immutable _permissions;
    uint256[] public received;

    constructor(PKPNFT nft, PKPPermissions permissions) {
        _nft = nft;
        _permissions = permissions;
    }

    receive() external payable {}

    function mint() external {
        _nft.mintNext{value: 1}(2);
    }

    function onERC721Received(address, address, uint256 tokenId, bytes calldata)
        external
        returns (bytes4)
    {
        received.push(tokenId);
        if (received.length == 1) _nft.mintNext{value: 1}(2);
        _permissions.addPermittedAddress(tokenId, address(this), new uint256[](0));
        _nft.transferFrom(address(this), address(0xcafe), tokenId);
        return IERC721Receiver.onERC721Received.selector;
    }
}
