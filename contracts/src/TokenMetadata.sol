// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title How a wallet or a market place shows a token
library TokenMetadata {
    using Strings for uint256;
    using Strings for address;
    using Strings for bytes;

    /// @notice The metadata as a base64 JSON data URI. Every value is a number or hex, so nothing
    /// needs escaping.
    function uri(uint256 tokenId, bytes memory pubkey, address ethAddress)
        internal
        pure
        returns (string memory)
    {
        string memory json = string.concat(
            '{"name":"PKP ',
            ethAddress.toChecksumHexString(),
            '","description":"A programmable key pair. No one holds its private key: a network of nodes signs with it for ',
            'whomever the owner of this token permits.","attributes":[',
            _attribute("Public Key", pubkey.toHexString()),
            ",",
            _attribute("ETH Wallet Address", ethAddress.toChecksumHexString()),
            ",",
            _attribute("Token ID", tokenId.toString()),
            "]}"
        );
        return string.concat("data:application/json;base64,", Base64.encode(bytes(json)));
    }

    function _attribute(string memory name, string memory value)
        private
        pure
        returns (string memory)
    {
        return string.concat('{"trait_type":"', name, '","value":"', value, '"}');
    }
}
