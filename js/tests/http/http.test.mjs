// Bad input over plain HTTP, and permissions: each refusal as documented, and every node still
// answers afterwards.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before, describe, test } from "node:test";
import { startDevnet } from "conclave-test-harness/devnet.mjs";
import { mint } from "./chain.mjs";
import { ask, askForSignature, paths, signerOf } from "conclave-test-harness/request.mjs";
import { openSession } from "conclave-test-harness/session.mjs";
import { actions } from "./suites/actions.mjs";
import { authentication } from "./suites/authentication.mjs";
import { bodies } from "./suites/bodies.mjs";
import { egress } from "./suites/egress.mjs";
import { permissions } from "./suites/permissions.mjs";
import { storing } from "./suites/storing.mjs";

/** A web server that counts its requests; `/moved?to=URL` leads elsewhere. */
async function startServer() {
  const server = createServer((request, response) => {
    server.requests += 1;
    const target = new URL(request.url, "http://localhost").searchParams.get("to");
    response.writeHead(target ? 302 : 200, target ? { location: target } : {}).end('{"price":42}');
  });
  server.requests = 0;
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

describe("plain HTTP", { timeout: 900_000 }, () => {
  /** What all tests share: the devnet, an owner with a key and a session, and two web servers. */
  const shared = {};

  before(async () => {
    shared.allowed = await startServer();
    shared.forbidden = await startServer();
    shared.devnet = await startDevnet({
      allowFetch: [`127.0.0.1:${shared.allowed.address().port}`],
    });
    shared.owner = shared.devnet.wallets[0];
    shared.key = await mint(shared.devnet, shared.owner);
    shared.session = await openSession(shared.owner);
  });

  afterEach(async () => {
    for (const url of shared.devnet.nodes) {
      const { status } = await ask(url, paths.handshake, { body: { clientPublicKey: "test" } });
      assert.equal(status, 200, `${url} still answers`);
    }
  });

  after(async () => {
    shared.allowed?.close();
    shared.forbidden?.close();
    await shared.devnet?.stop();
  });

  bodies(shared);
  authentication(shared);
  storing(shared);
  actions(shared);
  egress(shared);
  permissions(shared);

  test("after all of this the nodes still sign", async () => {
    assert.equal(
      signerOf(await askForSignature(shared.devnet, shared.key, shared.session)),
      shared.key.address,
    );
  });
});
