// What an action can fetch on a machine where everything that is not public listens on 127.0.0.1.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertActionFailed } from "../errors.mjs";
import { run } from "conclave-test-harness/request.mjs";

const FETCH_ALL = `(async () => {
    const found = {}
    for (const url of urls) {
        try {
            found[url] = 'reached ' + (await fetch(url)).status
        } catch (error) {
            found[url] = error.message
        }
    }
    Lit.Actions.setResponse({ response: JSON.stringify(found) })
})()`;

const FETCH_PRICE = `(async () => {
    const { price } = await (await fetch(url)).json()
    Lit.Actions.setResponse({ response: String(price) })
})()`;

export function egress(shared) {
  describe("fetch", () => {
    test("an allowed pair of host and port is reached", async () => {
      const url = `http://127.0.0.1:${shared.allowed.address().port}/`;
      for (const { status, body } of await run(
        shared.devnet,
        { code: FETCH_PRICE, jsParams: { url } },
        shared.session,
      )) {
        assert.deepEqual([status, body.response], [200, "42"], JSON.stringify(body));
      }
      assert.equal(shared.allowed.requests, shared.devnet.nodes.length);
    });

    test("what is not public is not reached, however it is written", async () => {
      const { port } = shared.forbidden.address();
      const hosts = [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::]",
      ];
      const allowed = `http://127.0.0.1:${shared.allowed.address().port}`;
      const urls = [
        ...hosts.map((host) => `http://${host}:${port}/`),
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        `${allowed}/moved?to=${encodeURIComponent(`http://127.0.0.1:${port}/`)}`,
        shared.devnet.rpcUrl,
        ...shared.devnet.nodes,
      ];
      for (const { status, body } of await run(
        shared.devnet,
        { code: FETCH_ALL, jsParams: { urls } },
        shared.session,
      )) {
        assert.equal(status, 200, JSON.stringify(body));
        for (const [url, found] of Object.entries(JSON.parse(body.response)))
          assert.match(found, /is not public/, url);
      }
      assert.equal(shared.forbidden.requests, 0);
    });

    test("other schemes, credentials and what is no URL are refused", async () => {
      const urls = [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "data:text/plain,x",
        "http://user@127.0.0.1/",
        "/relative",
        "",
        "http://",
      ];
      for (const { status, body } of await run(
        shared.devnet,
        { code: FETCH_ALL, jsParams: { urls } },
        shared.session,
      )) {
        assert.equal(status, 200, JSON.stringify(body));
        for (const [url, found] of Object.entries(JSON.parse(body.response)))
          assert.match(found, /absolute http or https URL|Invalid URL/, url);
      }
    });

    test("a refusal that the action does not catch ends it with NodeJsExecutionError", async () => {
      const url = `http://127.0.0.1:${shared.forbidden.address().port}/`;
      const answers = await run(
        shared.devnet,
        { code: FETCH_PRICE, jsParams: { url } },
        shared.session,
      );
      assertActionFailed(answers, "NodeJsExecutionError", { error: /is not public/ });
    });
  });
}
