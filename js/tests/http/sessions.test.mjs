// One session in many alterations, sent to every node directly: each is refused with its own code,
// the unaltered one signs.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { mint } from "./chain.mjs";
import { assertRefused } from "./errors.mjs";
import { repository, startDevnet } from "conclave-test-harness/devnet.mjs";
import { ask, askAll, freshId, paths, signBody, signerOf } from "conclave-test-harness/request.mjs";

const LEAST_ROWS = 40;
const DIGEST = `0x${"3c".repeat(32)}`;
const UNALTERED = "unaltered";

/** The table is made beside the code that verifies sessions; a program that was built before may stand in for cargo. */
const program =
  process.env.CONCLAVE_ALTERED_SESSIONS ??
  join(repository, "target/debug/examples/altered_sessions");

/** Of the whole workspace, as for the Rust tests: a package by itself has dependencies of other features. */
function buildAlteredSessions() {
  const options = "build --quiet --workspace --all-features --example altered_sessions";
  execFileSync("cargo", options.split(" "), { cwd: repository, stdio: "inherit" });
}

/** For each case `{ walletKey, nodeUrl, tokenId }` its rows `{ nodeUrl, name, authSig, code, field }`. */
async function alteredSessions(cases) {
  return new Promise((resolve, reject) => {
    const options = { cwd: repository, maxBuffer: 64 << 20 };
    const child = execFile(program, [], options, (error, output) =>
      error
        ? reject(error)
        : resolve(
            output
              .trim()
              .split("\n")
              .map((line) => JSON.parse(line)),
          ),
    );
    child.stdin.end(cases.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  });
}

describe("sessions", { timeout: 900_000 }, () => {
  let devnet, key, rows;

  before(async () => {
    if (!process.env.CONCLAVE_ALTERED_SESSIONS) buildAlteredSessions();
    devnet = await startDevnet();
    key = await mint(devnet, devnet.wallets[0]);
    const walletKey = devnet.accounts[0].privateKey;
    rows = await alteredSessions(
      devnet.nodes.map((nodeUrl) => ({ walletKey, nodeUrl, tokenId: key.tokenId })),
    );
  });

  after(() => devnet?.stop());

  const rowsOf = (url) => rows.filter((row) => row.nodeUrl === url);

  test("the unaltered session signs", async () => {
    const authFor = (url) => rowsOf(url).find(({ name }) => name === UNALTERED).authSig;
    const answers = await askAll(devnet, paths.sign, (url) => signBody(key, DIGEST, authFor(url)));
    assert.equal(signerOf({ digest: DIGEST, answers }), key.address);
  });

  test("every node refuses every altered session with its code and names the field", async () => {
    for (const url of devnet.nodes) {
      const altered = rowsOf(url).filter(({ name }) => name !== UNALTERED);
      assert.ok(altered.length >= LEAST_ROWS, `${altered.length} rows`);
      for (const { name, authSig, code, field } of altered) {
        const answer = await ask(url, paths.sign, {
          body: signBody(key, DIGEST, authSig),
          id: freshId(),
        });
        const told = `${name}: ${JSON.stringify(answer.body)}`;
        assert.equal(answer.body.errorCode, code, told);
        assert.ok(answer.body.message.includes(field), `names ${field}: ${told}`);
        assertRefused(answer, code);
      }
    }
  });

  test("an altered session is refused for actions too", async () => {
    const altered = rowsOf(devnet.nodes[0]).filter(({ name }) => name !== UNALTERED);
    for (const { name, authSig, code } of altered) {
      const answer = await ask(devnet.nodes[0], paths.execute, { body: { code: "", authSig } });
      assert.equal(answer.body.errorCode, code, `${name}: ${JSON.stringify(answer.body)}`);
    }
  });
});
