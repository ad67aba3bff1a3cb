// Plain HTTP requests to nodes, and what their answers add up to.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { ethers } from "ethers";
import { patiently } from "./patience.mjs";

export const paths = {
  handshake: "/web/handshake",
  sign: "/web/pkp/sign/v1",
  signWithWallet: "/web/pkp/sign",
  execute: "/web/execute/v1",
  executeWithWallet: "/web/execute",
  store: "/conclave/v1/actions",
  status: "/conclave/v1/status",
};

const ORDER = BigInt("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

export const freshId = () => `test_${randomUUID()}`;

/** One request. Whatever a node answers must be JSON that pages of any origin may read. */
export async function ask(url, path, { method = "POST", body, headers = {}, id = freshId() } = {}) {
  const named = id === undefined || id === null ? {} : { "X-Request-Id": id };
  const response = await fetch(url + path, {
    method,
    body:
      typeof body === "object" && !ArrayBuffer.isView(body) && !(body instanceof ReadableStream)
        ? JSON.stringify(body)
        : body,
    headers: { "Content-Type": "application/json", ...named, ...headers },
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  });
  assert.match(
    response.headers.get("content-type") ?? "",
    /^application\/json/,
    `${method} ${path}: the answer is JSON`,
  );
  assert.equal(
    response.headers.get("access-control-allow-origin"),
    "*",
    `${method} ${path}: the answer is for every origin`,
  );
  return { status: response.status, body: await response.json(), id };
}

/** The same request to every node at once, under one id. `bodyFor` gets the node's URL: a session is made for one node. */
export async function askAll(devnet, path, bodyFor) {
  const once = (id) =>
    Promise.all(devnet.nodes.map((url) => ask(url, path, { body: bodyFor(url), id })));
  return patiently(
    () => once(freshId()),
    (answers) => answers.map(({ body }) => body.errorCode),
  );
}

const digestOf = (text) => ethers.utils.id(text);
const base64 = (code) => Buffer.from(code).toString("base64");

export function signBody(key, digest, authSig) {
  return { toSign: [...ethers.utils.arrayify(digest)], pubkey: key.publicKey, authSig, epoch: 1 };
}

/** Has every node sign the digest of a text. */
export async function askForSignature(devnet, key, authFor, text = freshId()) {
  const digest = digestOf(text);
  return {
    digest,
    answers: await askAll(devnet, paths.sign, (url) => signBody(key, digest, authFor(url))),
  };
}

/** Has every node run an action: `code`, or `ipfsId`. */
export async function run(devnet, { code, ipfsId, jsParams }, authFor) {
  const source = code === undefined ? { ipfsId } : { code: base64(code) };
  return askAll(devnet, paths.execute, (url) => ({
    ...source,
    jsParams,
    authSig: authFor(url),
    epoch: 1,
  }));
}

/** The signature that shares of several nodes add up to, in the terms of an old SDK: the plain sum of what is not empty. */
function combine(shares) {
  const unquoted = (text) => text.replaceAll('"', "");
  const given = shares.filter(({ scalar }) => scalar !== "");
  assert.ok(given.length > 0, "some node gave a share");
  const nonce = unquoted(given[0].nonce);
  const sum = given.reduce(
    (sum, { scalar }) => (sum + BigInt(`0x${unquoted(scalar)}`)) % ORDER,
    0n,
  );
  const high = sum > ORDER / 2n;
  const hex = (number) => ethers.utils.hexZeroPad(ethers.utils.hexlify(number), 32);
  const oddY = nonce.startsWith("03");
  return {
    r: hex(BigInt(`0x${nonce.slice(2)}`) % ORDER),
    s: hex(high ? ORDER - sum : sum),
    recoveryParam: Number(oddY !== high),
  };
}

/** Who signed, by the answers of all nodes to a sign request. */
export function signerOf({ digest, answers }) {
  for (const { status, body } of answers) assert.equal(status, 200, JSON.stringify(body));
  const shares = answers.map(({ body }) => body.signatureShare);
  return ethers.utils.recoverAddress(
    digest,
    combine(shares.map((share) => ({ scalar: share.signature_share, nonce: share.big_r }))),
  );
}

/** Who made the signature `name` of an action, over which digest. */
export function signedBy(answers, name) {
  for (const { status, body } of answers) assert.equal(status, 200, JSON.stringify(body));
  const shares = answers.map(({ body }) => body.signedData[name]);
  const digest = `0x${shares[0].dataSigned}`;
  const signature = combine(
    shares.map((share) => ({ scalar: share.signatureShare, nonce: share.bigR })),
  );
  return { digest, address: ethers.utils.recoverAddress(digest, signature) };
}
