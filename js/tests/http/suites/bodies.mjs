// Requests that cannot be read: paths, methods, headers, JSON, fields, sizes.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { assertAllRefused, assertRefused } from "../errors.mjs";
import { ask, askAll, paths, signBody } from "conclave-test-harness/request.mjs";
import { store, storeBody } from "conclave-test-harness/store.mjs";

const MAX_CODE_BYTES = 16 * 1024 * 1024;
const BASE64_OF_MAX_CODE = Math.ceil(MAX_CODE_BYTES / 3) * 4;
const MAX_BODY_BYTES = {
  [paths.handshake]: 4 * 1024,
  [paths.sign]: 64 * 1024,
  [paths.signWithWallet]: 64 * 1024,
  [paths.execute]: BASE64_OF_MAX_CODE + 1024 * 1024,
  [paths.executeWithWallet]: BASE64_OF_MAX_CODE + 1024 * 1024,
  [paths.store]: BASE64_OF_MAX_CODE + 4 * 1024,
};
const POSTED = Object.keys(MAX_BODY_BYTES);
const MAX_ID_CHARACTERS = 128;
const MAX_REQUESTS = 1_000;

/** JSON of exactly so many bytes that says the same. */
const padded = (body, length) => JSON.stringify(body).padEnd(length, " ");

/** Requests whose bodies do not come to an end. */
async function startRequests(url, count) {
  const { hostname, port } = new URL(url);
  const start = async () => {
    const socket = connect(port, hostname);
    socket.on("error", () => {});
    await once(socket, "connect");
    socket.write(
      `POST ${paths.handshake} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 10\r\n\r\n{`,
    );
    return socket;
  };
  const sockets = [];
  // In groups that fit the queue of a listening socket.
  while (sockets.length < count)
    sockets.push(
      ...(await Promise.all(
        Array(Math.min(100, count - sockets.length))
          .fill()
          .map(start),
      )),
    );
  return sockets;
}

/** Asks again and again until the answer has this status. */
async function untilStatus(url, wanted) {
  for (;;) {
    const answer = await ask(url, paths.handshake, { body: {} });
    if (answer.status === wanted) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const EMPTY_ACTION = { code: "" };

export function bodies(shared) {
  const session = (url) => shared.session(url);
  const everyNode = async (check) => Promise.all(shared.devnet.nodes.map(check));
  const goodSign = (url) => signBody(shared.key, `0x${"5a".repeat(32)}`, session(url));
  const goodExecute = (url) => ({ ...EMPTY_ACTION, authSig: session(url) });

  describe("handshake", () => {
    test("has the shape that SDKs read, and the same key on every node", async () => {
      const body = { clientPublicKey: "test", challenge: "ab".repeat(32), epoch: 1 };
      const headers = { "X-Lit-SDK-Version": "7.4.0" };
      const answers = await everyNode((url) => ask(url, paths.handshake, { body, headers }));
      for (const { status, body } of answers) {
        assert.equal(status, 200);
        assert.match(body.networkPublicKey, /^[0-9a-f]{96}$/);
        assert.equal(body.networkPublicKey, answers[0].body.networkPublicKey);
        assert.equal(body.subnetPublicKey, body.networkPublicKey);
        assert.equal(body.networkPublicKeySet, body.networkPublicKey);
        assert.match(body.latestBlockhash, /^0x[0-9a-f]{64}$/);
        assert.deepEqual(body.hdRootPubkeys, []);
        assert.equal(body.serverPublicKey, "");
        assert.equal(body.clientSdkVersion, "7.4.0");
        assert.equal(body.attestation, null);
      }
    });

    test("answers with and without a slash, and without a request id", async () => {
      for (const path of ["/web/handshake", "/web/handshake/"]) {
        const { status } = await ask(shared.devnet.nodes[0], path, { body: {}, id: null });
        assert.equal(status, 200, path);
      }
    });
  });

  describe("paths, methods and headers", () => {
    test("a preflight allows the methods and headers of SDKs from every origin", async () => {
      const wanted = [
        "content-type",
        "accept",
        "x-lit-sdk-version",
        "x-lit-sdk-type",
        "x-request-id",
      ];
      for (const path of POSTED) {
        const response = await fetch(shared.devnet.nodes[0] + path, {
          method: "OPTIONS",
          headers: { Origin: "https://app.example", "Access-Control-Request-Method": "POST" },
        });
        assert.equal(response.status, 204, path);
        const list = (name) => response.headers.get(name).toLowerCase().split(/, */);
        assert.equal(response.headers.get("access-control-allow-origin"), "*");
        assert.ok(list("access-control-allow-methods").includes("post"));
        for (const name of wanted)
          assert.ok(list("access-control-allow-headers").includes(name), `${path}: ${name}`);
      }
    });

    test("an unknown path is CoreApiRouteNotFound", async () => {
      for (const path of [
        "/",
        "/web",
        "/web/pkp/sign/v2",
        "/web/execute/v1/",
        "/web/pkp/claim",
        "/ipfs",
        "/%00",
        "/..%2f",
      ]) {
        await everyNode(async (url) =>
          assertRefused(await ask(url, path, { body: {} }), "CoreApiRouteNotFound"),
        );
      }
    });

    test("a wrong method is ConclaveMethodNotAllowed", async () => {
      for (const path of POSTED) {
        for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
          assertRefused(
            await ask(shared.devnet.nodes[0], path, { method }),
            "ConclaveMethodNotAllowed",
          );
        }
      }
      assertRefused(
        await ask(shared.devnet.nodes[0], paths.status, { body: {} }),
        "ConclaveMethodNotAllowed",
      );
    });

    test("signing and running want a request id that is safe to log", async () => {
      const bad = [null, "", "a b", "a/b", "ü", "{}", "a".repeat(MAX_ID_CHARACTERS + 1)];
      const cases = [paths.sign, paths.signWithWallet, paths.execute, paths.executeWithWallet];
      for (const path of cases) {
        for (const id of bad) {
          const answer = await ask(shared.devnet.nodes[0], path, { body: {}, id });
          assertRefused(answer, "CoreApiMissingRequiredXRequestIdHeader");
        }
      }
    });

    test("the longest request id is taken, and X-Correlation-Id in its place", async () => {
      const body = goodExecute(shared.devnet.nodes[0]);
      const longest = await ask(shared.devnet.nodes[0], paths.execute, {
        body,
        id: "a".repeat(MAX_ID_CHARACTERS),
      });
      assert.equal(longest.status, 200, JSON.stringify(longest.body));
      const headers = { "X-Correlation-Id": "lit_1" };
      const correlated = await ask(shared.devnet.nodes[0], paths.execute, {
        body,
        id: null,
        headers,
      });
      assert.equal(correlated.status, 200, JSON.stringify(correlated.body));
    });
  });

  describe("JSON and fields", () => {
    test("a body that is no JSON object is NodeParserError", async () => {
      const bad = [
        "",
        " ",
        "{",
        '{"a":1,}',
        "[]",
        '"text"',
        "17",
        "null",
        "{}{}",
        "\u0000",
        Buffer.from([0x7b, 0xff, 0x7d]),
      ];
      // Nesting beyond what a parser's stack would bear.
      bad.push("[".repeat(3_000));
      bad.push(`{"authSig":${'{"a":'.repeat(500)}1${"}".repeat(500)}}`);
      for (const path of POSTED) {
        for (const body of bad) {
          await everyNode(async (url) =>
            assertRefused(await ask(url, path, { body }), "NodeParserError"),
          );
        }
      }
    });

    /** Alters one field of a good request and sends it to every node. */
    const altered = async (path, good, field, value, code, blamed = field) => {
      const answers = await everyNode((url) =>
        ask(url, path, { body: { ...good(url), [field]: value } }),
      );
      assertAllRefused(answers, code, blamed);
    };

    test("a field that is missing or of another type is NodeBadInput and names the field", async () => {
      const wrong = {
        toSign: [
          undefined,
          null,
          "ab",
          7,
          true,
          ["a"],
          [256],
          [-1],
          [1.5],
          {},
          Array(31).fill(1),
          Array(33).fill(1),
        ],
      };
      wrong.pubkey = [
        undefined,
        null,
        7,
        [],
        "",
        "0x",
        "zz",
        `0x02${"ab".repeat(32)}`,
        `0x05${"ab".repeat(64)}`,
        "04".repeat(66),
      ];
      wrong.authSig = ["text", 7, true, []];
      wrong.epoch = ["1", -1, 1.5, {}];
      wrong.authMethods = ["text", {}, [7], Array(9).fill({ authMethodType: 1, accessToken: "x" })];
      for (const [field, values] of Object.entries(wrong)) {
        for (const value of values)
          await altered(paths.sign, goodSign, field, value, "NodeBadInput");
      }
    });

    test("the same holds for actions", async () => {
      const wrong = {
        code: [undefined, null, 7, {}, "no base64!", Buffer.from([0xff]).toString("base64")],
      };
      wrong.jsParams = ["text", 7, []];
      wrong.authSig = ["text", 7, []];
      wrong.epoch = ["1", -1];
      for (const [field, values] of Object.entries(wrong)) {
        for (const value of values)
          await altered(paths.execute, goodExecute, field, value, "NodeBadInput");
      }
      await altered(
        paths.execute,
        goodExecute,
        "ipfsId",
        "QmSMaw2wTp3Bm5mpumNAw34jQ6AVvVXzhYAqVEypWLFpM7",
        "NodeBadInput",
        "code",
      );
    });

    test("the fields of a signature object are checked one by one", async () => {
      for (const field of ["sig", "derivedVia", "signedMessage", "address"]) {
        for (const value of [undefined, null, 7, {}]) {
          const good = (url) => ({ ...goodSign(url) });
          const authSig = { ...session(shared.devnet.nodes[0]), [field]: value };
          await altered(paths.sign, good, "authSig", authSig, "NodeBadInput", `authSig.${field}`);
        }
      }
      const tooLong = {
        sig: 4 * 1024,
        derivedVia: 64,
        address: 128,
        algo: 32,
        signedMessage: 48 * 1024,
      };
      for (const [field, limit] of Object.entries(tooLong)) {
        const authSig = { ...session(shared.devnet.nodes[0]), [field]: "a".repeat(limit + 1) };
        await altered(
          paths.execute,
          goodExecute,
          "authSig",
          authSig,
          "NodeBadInput",
          `authSig.${field}`,
        );
      }
    });

    test("a handshake with a wrong type is NodeBadInput", async () => {
      for (const [field, value] of Object.entries({
        clientPublicKey: 7,
        challenge: [],
        epoch: "x",
      })) {
        await altered(paths.handshake, () => ({}), field, value, "NodeBadInput");
      }
      await altered(paths.handshake, () => ({}), "challenge", "a".repeat(129), "NodeBadInput");
      await altered(
        paths.handshake,
        () => ({}),
        "clientPublicKey",
        "a".repeat(257),
        "NodeBadInput",
      );
    });

    test("a typed array that was not converted is read like a list", async () => {
      const toSign = Object.fromEntries(
        Array(32)
          .fill(9)
          .map((byte, index) => [index, byte]),
      );
      for (const answer of await askAll(shared.devnet, paths.sign, (url) => ({
        ...goodSign(url),
        toSign,
      }))) {
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
      }
    });
  });

  describe("sizes", () => {
    test("each endpoint reads a body at its limit", async () => {
      const exactly = (path, body) => padded(body, MAX_BODY_BYTES[path]);
      const good = {
        [paths.handshake]: () => ({ clientPublicKey: "test" }),
        [paths.sign]: goodSign,
        [paths.execute]: goodExecute,
      };
      for (const [path, body] of Object.entries(good)) {
        for (const answer of await askAll(shared.devnet, path, (url) => exactly(path, body(url)))) {
          assert.equal(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`);
        }
      }
      const request = await storeBody(shared.devnet, shared.owner, "// a body at its limit");
      const answer = await ask(shared.devnet.nodes[0], paths.store, {
        body: exactly(paths.store, request),
      });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    });

    test("each endpoint refuses one byte more", async () => {
      for (const path of POSTED) {
        const body = padded({}, MAX_BODY_BYTES[path] + 1);
        for (const url of shared.devnet.nodes)
          assertRefused(await ask(url, path, { body }), "ConclaveBodyTooLarge");
      }
    });

    test("a body without a stated length is counted while it arrives", async () => {
      for (const path of [paths.handshake, paths.sign]) {
        const body = new Blob([padded({}, MAX_BODY_BYTES[path] + 1)]).stream();
        assertRefused(await ask(shared.devnet.nodes[0], path, { body }), "ConclaveBodyTooLarge");
      }
    });

    test(
      "a node takes a thousand requests at a time, and the next is ConclaveOverloaded",
      { timeout: 60_000 },
      async () => {
        const [url] = shared.devnet.nodes;
        const underWay = await startRequests(url, MAX_REQUESTS - 1);
        try {
          assert.equal((await ask(url, paths.handshake, { body: {} })).status, 200);
          underWay.push(...(await startRequests(url, 1)));
          assertRefused(await untilStatus(url, 503), "ConclaveOverloaded");
        } finally {
          for (const socket of underWay) socket.destroy();
        }
        await untilStatus(url, 200);
      },
    );

    test("code to be stored is read at its limit, and one byte more is refused", async () => {
      const cid = "QmSMaw2wTp3Bm5mpumNAw34jQ6AVvVXzhYAqVEypWLFpM7";
      const long = await storeBody(shared.devnet, shared.owner, " ".repeat(MAX_CODE_BYTES), {
        cid,
      });
      // It is read as a whole: what is refused is the signature, made for another CID.
      assertRefused(
        await ask(shared.devnet.nodes[0], paths.store, { body: long }),
        "NodeInvalidAuthSig",
        "signature",
      );
      const tooLong = { ...long, code: Buffer.alloc(MAX_CODE_BYTES + 1, " ").toString("base64") };
      assertRefused(
        await ask(shared.devnet.nodes[0], paths.store, { body: tooLong }),
        "NodeBadInput",
        "code",
      );
      for (const { status } of await store(shared.devnet, shared.owner, "// another"))
        assert.equal(status, 200);
    });
  });
}
