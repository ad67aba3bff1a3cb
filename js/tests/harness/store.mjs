// The nodes' stores of action code.

import { createHash } from "node:crypto";
import { ethers } from "ethers";
import { askAll, paths } from "./request.mjs";

/** What fits one block of IPFS. */
const BLOCK_BYTES = 256 * 1024;

function varint(number) {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...varint(number >>> 7)];
}

/** The CIDv0 of a file of one block: the hash of a dag-pb node whose data is a UnixFS file. */
export function cidOf(code) {
  const bytes = Buffer.from(code);
  if (bytes.length === 0 || bytes.length > BLOCK_BYTES)
    throw new Error("only files of one block have their CID made here");
  const field = (tag, content) =>
    Buffer.concat([Buffer.from([tag, ...varint(content.length)]), content]);
  const size = Buffer.from([0x18, ...varint(bytes.length)]);
  const file = Buffer.concat([Buffer.from([0x08, 0x02]), field(0x12, bytes), size]);
  const hash = createHash("sha256").update(field(0x0a, file)).digest();
  return ethers.utils.base58.encode(Buffer.concat([Buffer.from([0x12, 0x20]), hash]));
}

/** A request to store code, signed by an account. */
export async function storeBody(
  devnet,
  account,
  code,
  { issuedAt = new Date().toISOString(), cid = cidOf(code) } = {},
) {
  const network = `eip155:${devnet.chainId}:${devnet.contracts.Staking.toLowerCase()}`;
  const text = `Conclave: store this action.\n\nNetwork: ${network}\nCID: ${cid}\nIssued At: ${issuedAt}`;
  const signature = await account.signMessage(text);
  return {
    code: Buffer.from(code).toString("base64"),
    address: account.address,
    issuedAt,
    signature,
  };
}

/** Stores code on every node. */
export async function store(devnet, account, code) {
  const body = await storeBody(devnet, account, code);
  return askAll(devnet, paths.store, () => body);
}
