// Actions that misbehave: each ends with a documented code, and takes nobody else with it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ethers } from "ethers";
import { assertActionFailed, assertAllRefused } from "../errors.mjs";
import { run, signedBy } from "conclave-test-harness/request.mjs";

const TIMEOUT_MS = 240_000;
const MAX_SIGNATURES = 10;
const MAX_RESPONSE_BYTES = 100 * 1024;
const MAX_LOG_BYTES = 100 * 1024;

const SIGN_OFTEN = `(async () => {
    for (let index = 0; index < count; index += 1) {
        const toSign = ethers.utils.arrayify(ethers.utils.id('signature ' + index))
        await Lit.Actions.signEcdsa({ toSign, publicKey, sigName: 'signature ' + index })
    }
})()`;

const SIGN_RANDOM = `Lit.Actions.signEcdsa({ toSign: ethers.utils.randomBytes(32), publicKey, sigName: 'sig' })`;

const RESPOND = `Lit.Actions.setResponse({ response: 'x'.repeat(length) })`;
const LOG = `console.log('x'.repeat(length - 1))`;

export function actions(shared) {
  const execute = (code, jsParams) => run(shared.devnet, { code, jsParams }, shared.session);
  const succeeds = async (code, jsParams, check) => {
    for (const { status, body } of await execute(code, jsParams)) {
      assert.equal(status, 200, JSON.stringify(body).slice(0, 500));
      check(body);
    }
  };

  describe("actions", () => {
    test("empty code succeeds at once", async () => {
      for (const code of ["", " \n"]) {
        await succeeds(code, {}, (body) => {
          const { success, signedData, claimData, decryptedData, response, logs } = body;
          assert.deepEqual({ success, response, logs }, { success: true, response: "", logs: "" });
          assert.deepEqual(
            { signedData, claimData, decryptedData },
            { signedData: {}, claimData: {}, decryptedData: {} },
          );
        });
      }
    });

    test("whatever an action throws is NodeJsExecutionError, with the logs until then", async () => {
      const cases = {
        "throw new Error('no luck')": /no luck/,
        "throw 'a bare text'": /a bare text/,
        "throw undefined": /undefined/,
        "throw { toString() { throw 1 } }": /./,
        'Promise.reject(new TypeError("later"))': /later/,
        "(async () => { await null; missing() })()": /missing/,
      };
      for (const [thrown, error] of Object.entries(cases)) {
        const answers = await execute(`console.log('before'); ${thrown}`);
        assertActionFailed(answers, "NodeJsExecutionError", { error, logs: /^before\n/ });
      }
    });

    test("code that is no JavaScript is NodeJsExecutionError", async () => {
      for (const code of ["{", "let a; let a", 'import fs from "fs"', "\u0001", "await 1 +"]) {
        assertActionFailed(await execute(code), "NodeJsExecutionError");
      }
    });

    // The engine throws null when it is out of memory, and takes no code with a NUL in it.
    test("null thrown, and NUL in code, are not taken for a lack of memory", async () => {
      for (const code of ["throw null", "\u0000"])
        assertActionFailed(await execute(code), "NodeJsExecutionError");
    });

    test("an action has no way to the machine", async () => {
      const names = [
        "require",
        "process",
        "Deno",
        "Bun",
        "XMLHttpRequest",
        "std",
        "os",
        "scriptArgs",
      ];
      await succeeds(
        `Lit.Actions.setResponse({ response: JSON.stringify(names.filter((name) => name in globalThis)) })`,
        { names },
        (body) => {
          assert.equal(body.response, "[]");
        },
      );
      for (const used of [
        'new WebSocket("wss://example.com")',
        'new Worker("x")',
        "new WebAssembly.Module()",
        "new Intl.NumberFormat()",
      ]) {
        assertActionFailed(await execute(used), "NodeJsExecutionError", {
          error: /is not offered to actions/,
        });
      }
      for (const module of [
        "fs",
        "node:fs",
        "os",
        "/etc/passwd",
        "./secret",
        "https://example.com/x.js",
      ]) {
        assertActionFailed(await execute("import(module)", { module }), "NodeJsExecutionError");
      }
    });

    test(
      "loops without end, in code and in microtasks, are NodeJsTimeoutError",
      { timeout: TIMEOUT_MS },
      async () => {
        const endless = [
          "while (true);",
          "const spin = () => { Promise.resolve().then(spin) }; spin()",
        ].map((code) => `console.log('spinning'); ${code}`);
        for (const answers of await Promise.all(endless.map((code) => execute(code)))) {
          assertActionFailed(answers, "NodeJsTimeoutError", {
            error: /maximum runtime/,
            logs: /^spinning\n$/,
          });
        }
      },
    );

    test(
      "a promise that nobody settles ends an action, or its time does",
      { timeout: TIMEOUT_MS },
      async () => {
        const answers = await execute(
          '(async () => { await new Promise(() => {}); Lit.Actions.setResponse({ response: "never" }) })()',
        );
        for (const { status, body } of answers)
          assert.ok(
            status === 200 ? body.response === "" : body.errorCode === "NodeJsTimeoutError",
          );
      },
    );

    test("memory without end is NodeJsMemoryLimitError", { timeout: TIMEOUT_MS }, async () => {
      const greedy = [
        "const kept = []; while (true) kept.push(new Uint8Array(1 << 20).fill(1))",
        'const kept = []; while (true) kept.push("x".repeat(1 << 20) + kept.length)',
        "const kept = []; while (true) kept.push({ kept: [kept.length] })",
        "new ArrayBuffer(1 << 30)",
      ];
      for (const code of greedy) {
        assertActionFailed(await execute(code), "NodeJsMemoryLimitError", {
          error: /maximum memory/,
        });
      }
    });

    test("recursion without end is NodeJsExecutionError", async () => {
      assertActionFailed(
        await execute("const down = () => down() + 1; down()"),
        "NodeJsExecutionError",
      );
    });

    test("a flood of logs is ConclaveActionLimit", { timeout: TIMEOUT_MS }, async () => {
      const floods = [
        'while (true) console.log("flood".repeat(100))',
        'while (true) console.log("")',
      ];
      for (const code of floods)
        assertActionFailed(await execute(code), "ConclaveActionLimit", {
          error: /Console\.log is printing something that is too long/,
        });
      await succeeds(LOG, { length: MAX_LOG_BYTES }, (body) =>
        assert.equal(body.logs.length, MAX_LOG_BYTES),
      );
      assertActionFailed(await execute(LOG, { length: MAX_LOG_BYTES + 1 }), "ConclaveActionLimit");
    });

    test("a response at its limit is given, and one byte more is ConclaveActionLimit", async () => {
      await succeeds(RESPOND, { length: MAX_RESPONSE_BYTES }, (body) =>
        assert.equal(body.response.length, MAX_RESPONSE_BYTES),
      );
      assertActionFailed(
        await execute(RESPOND, { length: MAX_RESPONSE_BYTES + 1 }),
        "ConclaveActionLimit",
        { error: /Response is too long/ },
      );
    });

    test(
      "an action makes ten signatures, and the eleventh is ConclaveActionLimit",
      { timeout: TIMEOUT_MS },
      async () => {
        const { publicKey, address } = shared.key;
        const answers = await execute(SIGN_OFTEN, { publicKey, count: MAX_SIGNATURES });
        for (let index = 0; index < MAX_SIGNATURES; index += 1) {
          const made = signedBy(answers, `signature ${index}`);
          assert.deepEqual(made, { digest: ethers.utils.id(`signature ${index}`), address });
        }
        const tooMany = await execute(SIGN_OFTEN, { publicKey, count: MAX_SIGNATURES + 1 });
        assertActionFailed(tooMany, "ConclaveActionLimit", {
          error:
            /sign more than 10 times per session and you have attempted to exceed that limit\./,
        });
      },
    );

    test("an action that signs something else on every node is ConclaveSplit and says who would sign what", async () => {
      const answers = await execute(SIGN_RANDOM, { publicKey: shared.key.publicKey });
      assertActionFailed(answers, "ConclaveSplit");
      for (const { body } of answers)
        assert.match([body.message, ...body.details].join(), /node 1: sign 0x[0-9a-f]{64}/);
    });

    test("what signEcdsa cannot sign is refused inside the action", async () => {
      const { publicKey } = shared.key;
      const signing = (fields) =>
        `Lit.Actions.signEcdsa({ toSign: new Uint8Array(32), publicKey, sigName: 'sig', ...${fields} })`;
      const mistakes = [
        "{ toSign: new Uint8Array(31) }",
        '{ toSign: "text" }',
        "{ publicKey: 7 }",
        '{ sigName: "x".repeat(257) }',
      ];
      for (const fields of [...mistakes, "{ sigName: null }"]) {
        assertActionFailed(await execute(signing(fields), { publicKey }), "NodeJsExecutionError");
      }
      for (const fields of [
        '{ publicKey: "0x04" }',
        '{ publicKey: "no hex" }',
        '{ sigName: "" }',
      ]) {
        assertActionFailed(await execute(signing(fields), { publicKey }), "NodeBadInput");
      }
    });

    test("parameters cannot replace what an action relies on", async () => {
      for (const name of ["fetch", "Lit", "ethers", "JSON", "constructor", "toString"]) {
        assertAllRefused(await execute("1", { [name]: "mine" }), "NodeBadInput");
      }
      const inherited = JSON.parse('{ "__proto__": { "polluted": true } }');
      assertAllRefused(await execute("1", inherited), "NodeBadInput");
    });

    test("one caller's action leaves nothing behind for the next", async () => {
      await succeeds("globalThis.left = 1; Object.prototype.left = 1; 1", {}, () => {});
      const look = `Lit.Actions.setResponse({ response: String(globalThis.left) + String(({}).left) })`;
      await succeeds(look, {}, (body) => assert.equal(body.response, "undefinedundefined"));
    });
  });
}
