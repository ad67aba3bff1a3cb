// Writes tokens.json and expected.json into crates/actions/tests/jsonwebtoken: tokens and answers
// of the stock package. `node jsonwebtoken.mjs verify` instead reads tokens, keys and algorithms
// from standard input and says what the stock package thinks of each.

import { readFileSync, writeFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import jwt from "jsonwebtoken";

const folder = new URL("../../../crates/actions/tests/jsonwebtoken/", import.meta.url);
const file = (name) => new URL(name, folder);
/** A line for each answer. */
const write = (name, value) => {
  const lines = Object.entries(value).map((entry) =>
    entry.map((part) => JSON.stringify(part)).join(": "),
  );
  writeFileSync(file(name), `{\n${lines.join(",\n")}\n}\n`);
};

if (process.argv[2] === "verify") {
  const verdicts = JSON.parse(readFileSync(0)).map(({ token, key, algorithm }) =>
    jwt.verify(token, key, { algorithms: [algorithm] }),
  );
  process.stdout.write(JSON.stringify(verdicts));
} else {
  const keys = JSON.parse(readFileSync(file("keys.json")));
  const { secret } = keys;
  const claims = {
    sub: "user",
    aud: ["a", "b"],
    iss: "me",
    jti: "id",
    nonce: "n",
    iat: 1700000000,
  };
  const tokens = {
    empty: jwt.sign({}, secret, { noTimestamp: true }),
    kid: jwt.sign(claims, "k" + secret.slice(1), { keyid: "k" }),
    other: jwt.sign({ ...claims, sub: "other" }, secret),
    plain: jwt.sign("plain text", secret),
    json: jwt.sign('{"a":1}', secret),
    textExp: jwt.sign('{"exp":"x"}', secret, { header: { typ: "JWT" } }),
    textNbf: jwt.sign('{"nbf":"x"}', secret, { header: { typ: "JWT" } }),
    timed: jwt.sign({ iat: 1700000000, nbf: 1700000010, exp: 1700000100 }, secret),
    unsigned: jwt.sign(claims, "", { algorithm: "none" }),
  };
  for (const algorithm of ["HS256", "HS384", "HS512"])
    tokens[algorithm] = jwt.sign(claims, secret, { algorithm });
  for (const algorithm of ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
    tokens[algorithm] = jwt.sign(claims, keys.rsaPkcs8, { algorithm });
  tokens.ES256 = jwt.sign(claims, keys.ec256Pkcs8, { algorithm: "ES256" });
  tokens.ES384 = jwt.sign(claims, keys.ec384Pkcs8, { algorithm: "ES384" });
  // Signed with a public key as if it were a secret: the confusion that no verifier may fall for.
  const [head, body] = tokens.HS256.split(".");
  const { createHmac } = await import("node:crypto");
  tokens.confused = [
    head,
    body,
    createHmac("sha256", keys.rsaSpki).update(`${head}.${body}`).digest("base64url"),
  ].join(".");
  write("tokens.json", tokens);

  const Lit = {
    Actions: { setResponse: ({ response }) => write("expected.json", JSON.parse(response)) },
  };
  Object.assign(globalThis, { jwt, keys, tokens, Lit });
  runInThisContext(readFileSync(file("cases.js")));
}
