// What a key's owner does on chain, without any SDK.

import { ethers } from "ethers";

/** The type of key that wallets use, as the contracts number it. */
const SECP256K1 = 2;

const multihash = (cid) => ethers.utils.base58.decode(cid);
const settled = async (sent) => (await sent).wait();

/** A key as the tests handle it: token id, uncompressed public key with 0x, address. */
function keyOf(publicKey) {
  return {
    tokenId: ethers.utils.keccak256(publicKey),
    publicKey,
    address: ethers.utils.computeAddress(publicKey),
  };
}

/** The key of a minting receipt, whose first log names the token: clients rely on that place. */
async function minted(devnet, receipt) {
  return keyOf(await devnet.contract("PubkeyRouter").getPubkey(receipt.events[0].topics[1]));
}

async function price(devnet) {
  return { value: await devnet.contract("PKPNFT").mintCost() };
}

export async function mint(devnet, owner) {
  return minted(
    devnet,
    await settled(devnet.contract("PKPNFT", owner).mintNext(SECP256K1, await price(devnet))),
  );
}

/** A key that one action may use and that nobody owns. */
export async function mintAndBurn(devnet, minter, cid) {
  const sent = devnet
    .contract("PKPNFT", minter)
    .mintGrantAndBurnNext(SECP256K1, multihash(cid), await price(devnet));
  return minted(devnet, await settled(sent));
}

export async function transfer(devnet, key, from, to) {
  await settled(
    devnet.contract("PKPNFT", from).transferFrom(from.address, to.address, key.tokenId),
  );
}

/** What `owner` may grant with a key, and take back. Scope 1 signs anything, 2 personal messages only. */
export function grants(devnet, key, owner) {
  const contract = devnet.contract("PKPPermissions", owner);
  return {
    permitAddress: (address, scopes) =>
      settled(contract.addPermittedAddress(key.tokenId, address, scopes)),
    revokeAddress: (address) => settled(contract.removePermittedAddress(key.tokenId, address)),
    permitAction: (cid, scopes) =>
      settled(contract.addPermittedAction(key.tokenId, multihash(cid), scopes)),
    revokeAction: (cid) => settled(contract.removePermittedAction(key.tokenId, multihash(cid))),
  };
}

/** A key that the nodes have made and that nobody has minted yet: the last of the last batch. */
export async function unmintedKey(devnet) {
  const router = devnet.contract("PubkeyRouter");
  const batches = await router.queryFilter(router.filters.KeyBatchRegistered());
  for (const batch of batches.reverse()) {
    // By place: a decoded list of arguments has a function `keys` of its own.
    const [keyType, , , , keys] = router.interface.decodeFunctionData(
      "registerBatch",
      (await batch.getTransaction()).data,
    );
    const last = keyOf(keys.at(-1));
    if (keyType.eq(SECP256K1) && !(await router.isRouted(last.tokenId))) return last;
  }
  throw new Error("the pool of unminted keys is empty");
}
