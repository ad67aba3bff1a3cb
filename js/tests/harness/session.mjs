// Session signatures, made from their description alone: what the nodes accept is not only what one
// SDK happens to send.

import { generateKeyPairSync, sign } from "node:crypto";

const DAY_MS = 24 * 60 * 60 * 1000;

const PKP = { prefix: "lit-pkp", name: "pkp-signing", recap: "Signing" };
const ACTION = { prefix: "lit-litaction", name: "lit-action-execution", recap: "Execution" };
export const abilities = { PKP, ACTION };

/** Resources in a ReCap, and in the sentence that stands for it, are sorted. */
const sorted = (granted) => [...granted].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));

function recap(granted) {
  const rights = sorted(granted).map(({ prefix, recap }) => [
    `${prefix}://*`,
    { [`Threshold/${recap}`]: [{}] },
  ]);
  const json = JSON.stringify({ att: Object.fromEntries(rights), prf: [] });
  return `urn:recap:${Buffer.from(json).toString("base64url")}`;
}

function sentence(granted) {
  const rights = sorted(granted).map(
    ({ prefix, recap }, index) => ` (${index + 1}) 'Threshold': '${recap}' for '${prefix}://*'.`,
  );
  return `I further authorize the stated URI to perform the following actions on my behalf:${rights.join("")}`;
}

/** An EIP-4361 text, signed by the wallet. */
async function walletSignature(wallet, { statement, uri, issuedAt, expiration, resources = [] }) {
  const signedMessage = [
    "localhost wants you to sign in with your Ethereum account:",
    wallet.address,
    "",
    statement,
    "",
    `URI: ${uri}`,
    "Version: 1",
    "Chain ID: 1",
    `Nonce: ${"a1".repeat(16)}`,
    `Issued At: ${new Date(issuedAt).toISOString()}`,
    `Expiration Time: ${new Date(expiration).toISOString()}`,
    ...(resources.length > 0
      ? ["Resources:", ...resources.map((resource) => `- ${resource}`)]
      : []),
  ].join("\n");
  const sig = await wallet.signMessage(signedMessage);
  return { sig, derivedVia: "web3.eth.personal.sign", signedMessage, address: wallet.address };
}

/** A plain wallet signature, for the paths that take one. */
export async function plainSignature(
  wallet,
  { issuedAt = Date.now(), expiration = issuedAt + DAY_MS } = {},
) {
  return walletSignature(wallet, {
    statement: "Sign in.",
    uri: "https://localhost/login",
    issuedAt,
    expiration,
  });
}

/** Has the wallet consent to a fresh session key. What comes back makes the session signature for a node's URL. */
export async function openSession(
  wallet,
  { granted = [PKP, ACTION], issuedAt = Date.now(), expiration = issuedAt + DAY_MS } = {},
) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const sessionKey = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url").toString(
    "hex",
  );
  const uri = `lit:session:${sessionKey}`;
  const capability = await walletSignature(wallet, {
    statement: sentence(granted),
    uri,
    issuedAt,
    expiration,
    resources: [recap(granted)],
  });
  const requests = granted.map(({ prefix, name }) => ({
    resource: { resource: "*", resourcePrefix: prefix },
    ability: name,
  }));
  return (nodeAddress) => {
    const signedMessage = JSON.stringify({
      sessionKey,
      resourceAbilityRequests: requests,
      capabilities: [capability],
      issuedAt: new Date(issuedAt).toISOString(),
      expiration: new Date(expiration).toISOString(),
      nodeAddress,
    });
    const sig = sign(null, Buffer.from(signedMessage), privateKey).toString("hex");
    return {
      sig,
      derivedVia: "litSessionSignViaNacl",
      signedMessage,
      address: sessionKey,
      algo: "ed25519",
    };
  };
}
