// Storing actions, and asking for actions that are not stored.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ethers } from "ethers";
import { assertAllRefused, assertRefused } from "../errors.mjs";
import { ask, askAll, paths, run } from "conclave-test-harness/request.mjs";
import { cidOf, store, storeBody } from "conclave-test-harness/store.mjs";

const MINUTE_MS = 60_000;
const CODE = `Lit.Actions.setResponse({ response: 'stored' })`;

export function storing(shared) {
  describe("stored actions", () => {
    const refused = async (body, code, field) =>
      assertAllRefused(await askAll(shared.devnet, paths.store, () => body), code, field);

    test("stored code runs by its CID and is served under it", async () => {
      for (const answer of await store(shared.devnet, shared.owner, CODE)) {
        assert.deepEqual([answer.status, answer.body], [200, { cid: cidOf(CODE) }]);
      }
      for (const { status, body } of await run(
        shared.devnet,
        { ipfsId: cidOf(CODE) },
        shared.session,
      )) {
        assert.deepEqual([status, body.response], [200, "stored"]);
      }
      for (const base of [...shared.devnet.nodes, shared.devnet.ipfsGateway]) {
        assert.equal(await (await fetch(`${base}/ipfs/${cidOf(CODE)}`)).text(), CODE);
      }
    });

    test("a CID that no store has is ConclaveActionNotFound", async () => {
      const cid = cidOf("// nobody has stored this");
      assertAllRefused(
        await run(shared.devnet, { ipfsId: cid }, shared.session),
        "ConclaveActionNotFound",
      );
      for (const url of shared.devnet.nodes) {
        assertRefused(
          await ask(url, `/ipfs/${cid}`, { method: "GET", id: null }),
          "ConclaveActionNotFound",
        );
      }
    });

    test("what is no CID of version 0 is NodeInvalidIPFSID", async () => {
      const good = cidOf(CODE);
      const version1 = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
      const bad = [
        "",
        "Qm",
        "no-cid",
        "../../etc/passwd",
        good.slice(0, -1),
        `${good}1`,
        good.replace(/^Qm/, "QM"),
        version1,
      ];
      for (const ipfsId of [...bad, 7, {}, "Q".repeat(129)]) {
        assertAllRefused(await run(shared.devnet, { ipfsId }, shared.session), "NodeInvalidIPFSID");
      }
      const answer = await ask(shared.devnet.nodes[0], "/ipfs/no-cid", { method: "GET", id: null });
      assertRefused(answer, "NodeInvalidIPFSID");
    });

    test("an account that the operator did not name is ConclaveAccountNotAllowed", async () => {
      const stranger = ethers.Wallet.createRandom();
      await refused(await storeBody(shared.devnet, stranger, CODE), "ConclaveAccountNotAllowed");
    });

    test("a signature for other code, network, account or time is NodeInvalidAuthSig", async () => {
      const good = await storeBody(shared.devnet, shared.owner, CODE);
      const otherCode = Buffer.from("// other").toString("base64");
      await refused({ ...good, code: otherCode }, "NodeInvalidAuthSig", "signature");
      await refused(
        { ...good, address: shared.devnet.wallets[1].address },
        "NodeInvalidAuthSig",
        "signature",
      );
      await refused(
        { ...good, issuedAt: new Date().toISOString() },
        "NodeInvalidAuthSig",
        "signature",
      );
      const otherNetwork = { ...shared.devnet, chainId: 1 };
      await refused(
        await storeBody(otherNetwork, shared.owner, CODE),
        "NodeInvalidAuthSig",
        "signature",
      );
      for (const shift of [-11 * MINUTE_MS, 2 * MINUTE_MS]) {
        const issuedAt = new Date(Date.now() + shift).toISOString();
        await refused(
          await storeBody(shared.devnet, shared.owner, CODE, { issuedAt }),
          "NodeInvalidAuthSig",
          "issuedAt",
        );
      }
    });

    test("a field that is missing or malformed names itself", async () => {
      const good = await storeBody(shared.devnet, shared.owner, CODE);
      for (const field of Object.keys(good)) {
        for (const value of [undefined, 7])
          await refused({ ...good, [field]: value }, "NodeBadInput", field);
      }
      await refused({ ...good, code: "!" }, "NodeBadInput", "code");
      await refused({ ...good, address: "0x1" }, "NodeAuthSigAddressConversionError", "address");
      await refused({ ...good, signature: "0x1" }, "NodeSIWESigConversionError", "signature");
      await refused(
        { ...good, issuedAt: "today" },
        "NodeAuthSigSignedMessageConversionError",
        "issuedAt",
      );
    });

    test("empty code is not stored", async () => {
      // The CID of nothing at all: a file of no bytes.
      const empty = await storeBody(shared.devnet, shared.owner, "", {
        cid: "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
      });
      await refused(empty, "NodeBadInput", "code");
    });
  });
}
