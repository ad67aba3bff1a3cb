// Who asks: requests without a signature, with one of another kind, or with one that is over or
// meant for somebody else.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAllRefused, assertRefused } from "../errors.mjs";
import { ask, askAll, paths, signBody, signerOf } from "conclave-test-harness/request.mjs";
import { abilities, openSession, plainSignature } from "conclave-test-harness/session.mjs";

const HOUR_MS = 60 * 60 * 1000;
const TIMEOUT_MS = 120_000;
const DIGEST = `0x${"77".repeat(32)}`;

export function authentication(shared) {
  const signAll = (path, authFor) =>
    askAll(shared.devnet, path, (url) => signBody(shared.key, DIGEST, authFor(url)));
  const executeAll = (path, authFor) =>
    askAll(shared.devnet, path, (url) => ({ code: "", authSig: authFor(url) }));

  describe("authentication", () => {
    test("a session for this node signs", async () => {
      assert.equal(
        signerOf({ digest: DIGEST, answers: await signAll(paths.sign, shared.session) }),
        shared.key.address,
      );
    });

    test(
      "a request that only one node gets is request_timeout",
      { timeout: TIMEOUT_MS },
      async () => {
        const [url] = shared.devnet.nodes;
        assertRefused(
          await ask(url, paths.sign, { body: signBody(shared.key, DIGEST, shared.session(url)) }),
          "request_timeout",
        );
      },
    );

    test("no signature at all is NodeInvalidAuthSig", async () => {
      for (const path of [paths.sign, paths.signWithWallet]) {
        assertAllRefused(await signAll(path, () => undefined), "NodeInvalidAuthSig", "authSig");
      }
      for (const path of [paths.execute, paths.executeWithWallet]) {
        assertAllRefused(await executeAll(path, () => null), "NodeInvalidAuthSig", "authSig");
      }
    });

    test("a plain wallet signature is refused on /v1 and signs without it", async () => {
      const plain = await plainSignature(shared.owner);
      assertAllRefused(
        await signAll(paths.sign, () => plain),
        "NodeCannotProvideAuthSigForEndpoint",
      );
      assertAllRefused(
        await executeAll(paths.execute, () => plain),
        "NodeCannotProvideAuthSigForEndpoint",
      );
      assert.equal(
        signerOf({ digest: DIGEST, answers: await signAll(paths.signWithWallet, () => plain) }),
        shared.key.address,
      );
      for (const { status, body } of await executeAll(paths.executeWithWallet, () => plain)) {
        assert.equal(status, 200, JSON.stringify(body));
      }
    });

    test("a plain wallet signature that is over, or of another text, is NodeInvalidAuthSig", async () => {
      const over = await plainSignature(shared.owner, {
        issuedAt: Date.now() - 2 * HOUR_MS,
        expiration: Date.now() - HOUR_MS,
      });
      assertAllRefused(await signAll(paths.signWithWallet, () => over), "NodeInvalidAuthSig");
      const plain = await plainSignature(shared.owner);
      const forged = {
        ...plain,
        signedMessage: plain.signedMessage.replace("Sign in.", "Sign up."),
      };
      assertAllRefused(await signAll(paths.signWithWallet, () => forged), "NodeInvalidAuthSig");
    });

    test("a wallet's consent to a session is no plain signature", async () => {
      const consent = JSON.parse(shared.session(shared.devnet.nodes[0]).signedMessage)
        .capabilities[0];
      assertAllRefused(
        await signAll(paths.signWithWallet, () => consent),
        "NodeCannotProvideAuthSigForEndpoint",
      );
    });

    test("a session that is over is NodeInvalidAuthSig and names its expiration", async () => {
      const over = await openSession(shared.owner, {
        issuedAt: Date.now() - 2 * HOUR_MS,
        expiration: Date.now() - HOUR_MS,
      });
      for (const answer of await signAll(paths.sign, over)) {
        assertRefused(answer, "NodeInvalidAuthSig");
        assert.match(answer.body.message + answer.body.details, /expiration/i);
      }
      assertAllRefused(await executeAll(paths.execute, over), "NodeInvalidAuthSig");
    });

    test("a session of 31 days is NodeInvalidAuthSig", async () => {
      const long = await openSession(shared.owner, { expiration: Date.now() + 31 * 24 * HOUR_MS });
      assertAllRefused(await signAll(paths.sign, long), "NodeInvalidAuthSig");
    });

    test("a session for another node is NodeInvalidAuthSig", async () => {
      const { nodes } = shared.devnet;
      const other = (url) => shared.session(nodes[(nodes.indexOf(url) + 1) % nodes.length]);
      assertAllRefused(
        await signAll(paths.sign, other),
        "NodeInvalidAuthSig",
        "authSig.signedMessage.nodeAddress",
      );
      assertAllRefused(
        await executeAll(paths.execute, other),
        "NodeInvalidAuthSig",
        "authSig.signedMessage.nodeAddress",
      );
    });

    test("a session for the other ability is NodeAuthSigScopeTooLimited", async () => {
      const onlyActions = await openSession(shared.owner, { granted: [abilities.ACTION] });
      assertAllRefused(await signAll(paths.sign, onlyActions), "NodeAuthSigScopeTooLimited");
      const onlyKeys = await openSession(shared.owner, { granted: [abilities.PKP] });
      assertAllRefused(await executeAll(paths.execute, onlyKeys), "NodeAuthSigScopeTooLimited");
    });

    test("a kind of signature that is not verified is NodeAuthSigNotSupported", async () => {
      for (const derivedVia of ["lit.bls", "EIP1271", "solana.signMessage", ""]) {
        const other = (url) => ({ ...shared.session(url), derivedVia });
        for (const path of [paths.sign, paths.signWithWallet])
          assertAllRefused(await signAll(path, other), "NodeAuthSigNotSupported");
      }
    });

    test("a signature per chain is NodeInvalidMultipleAuthSigs", async () => {
      const perChain = (url) => ({ ethereum: shared.session(url) });
      assertAllRefused(
        await signAll(paths.sign, perChain),
        "NodeInvalidMultipleAuthSigs",
        "authSig",
      );
      assertAllRefused(
        await executeAll(paths.execute, perChain),
        "NodeInvalidMultipleAuthSigs",
        "authSig",
      );
    });

    test("auth methods are refused where sessions are wanted", async () => {
      const authMethods = [{ authMethodType: 1, accessToken: "{}" }];
      for (const url of shared.devnet.nodes) {
        const sign = { ...signBody(shared.key, DIGEST, shared.session(url)), authMethods };
        assertRefused(
          await ask(url, paths.sign, { body: sign }),
          "NodeCannotProvideAuthMethodForEndpoint",
          "authMethods",
        );
        const execute = { code: "", authSig: shared.session(url), authMethods };
        assertRefused(
          await ask(url, paths.execute, { body: execute }),
          "NodeCannotProvideAuthMethodForEndpoint",
          "authMethods",
        );
      }
    });
  });
}
