// Who may sign with which key, as the chain says at the moment of the request.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ethers } from "ethers";
import { grants, mint, mintAndBurn, transfer, unmintedKey } from "../chain.mjs";
import { assertAllRefused } from "../errors.mjs";
import { askForSignature, run, signedBy, signerOf } from "conclave-test-harness/request.mjs";
import { openSession } from "conclave-test-harness/session.mjs";
import { cidOf } from "conclave-test-harness/store.mjs";

const SIGN_ANYTHING = 1;
const PERSONAL_SIGN = 2;

const SIGN = `(async () => {
    const toSign = ethers.utils.arrayify(ethers.utils.id('by an action'))
    await Lit.Actions.signEcdsa({ toSign, publicKey, sigName: 'sig' })
})()`;

/** Another CID that does the same. */
const SIGN_AGAIN = `${SIGN} // again`;

const SIGN_MESSAGE = `Lit.Actions.ethPersonalSignMessageEcdsa({ message: 'hello', publicKey, sigName: 'sig' })`;

export function permissions(shared) {
  const stranger = () => openSession(ethers.Wallet.createRandom());
  const signs = async (key, session) =>
    assert.equal(signerOf(await askForSignature(shared.devnet, key, session)), key.address);
  const refuses = async (key, session, code = "NodePKPNotAuthorized") =>
    assertAllRefused((await askForSignature(shared.devnet, key, session)).answers, code);
  const runs = (code, { publicKey }, session) =>
    run(shared.devnet, { code, jsParams: { publicKey } }, session);
  const actionSigns = async (code, key, session) =>
    assert.equal(signedBy(await runs(code, key, session), "sig").address, key.address);
  const actionRefused = async (code, key, session, error = "NodePKPNotAuthorized") =>
    assertAllRefused(await runs(code, key, session), error);

  describe("permissions", () => {
    test("the owner signs, and a stranger does not", async () => {
      await signs(shared.key, shared.session);
      await refuses(shared.key, await stranger());
      await actionSigns(SIGN, shared.key, shared.session);
      await actionRefused(SIGN, shared.key, await stranger());
    });

    test("a key that the network never made is NodePKPTokenIdNotFound", async () => {
      const { publicKey } = ethers.Wallet.createRandom();
      await refuses({ publicKey }, shared.session, "NodePKPTokenIdNotFound");
      await refuses(
        { publicKey: `0x04${"ff".repeat(64)}` },
        shared.session,
        "NodePKPTokenIdNotFound",
      );
      await actionRefused(SIGN, { publicKey }, shared.session, "NodePKPTokenIdNotFound");
    });

    test("a key that nobody has minted signs nothing", async () => {
      const key = await unmintedKey(shared.devnet);
      await refuses(key, shared.session, "NodePKPTokenIdNotFound");
      await actionRefused(SIGN, key, shared.session, "NodePKPTokenIdNotFound");
    });

    test("an address that is registered without scopes cannot sign; with scope 1 it can, until it is revoked", async () => {
      const key = await mint(shared.devnet, shared.owner);
      const friend = ethers.Wallet.createRandom();
      const session = await openSession(friend);
      const { permitAddress, revokeAddress } = grants(shared.devnet, key, shared.owner);
      await permitAddress(friend.address, []);
      await refuses(key, session);
      await actionRefused(SIGN_MESSAGE, key, session);
      await revokeAddress(friend.address);
      await permitAddress(friend.address, [SIGN_ANYTHING]);
      await signs(key, session);
      await revokeAddress(friend.address);
      await refuses(key, session);
    });

    test("scope 2 signs personal messages but no raw digests", async () => {
      const key = await mint(shared.devnet, shared.owner);
      const friend = ethers.Wallet.createRandom();
      const session = await openSession(friend);
      await grants(shared.devnet, key, shared.owner).permitAddress(friend.address, [PERSONAL_SIGN]);
      const { digest, address } = signedBy(await runs(SIGN_MESSAGE, key, session), "sig");
      assert.deepEqual(
        { digest, address },
        { digest: ethers.utils.hashMessage("hello"), address: key.address },
      );
      await refuses(key, session);
      await actionRefused(SIGN, key, session);
    });

    test("a permitted action signs for a stranger, no other action does, and a revoked one no more", async () => {
      const key = await mint(shared.devnet, shared.owner);
      const session = await stranger();
      const { permitAction, revokeAction } = grants(shared.devnet, key, shared.owner);
      await permitAction(cidOf(SIGN), [SIGN_ANYTHING]);
      await actionSigns(SIGN, key, session);
      await actionRefused(SIGN_AGAIN, key, session);
      await refuses(key, session);
      await revokeAction(cidOf(SIGN));
      await actionRefused(SIGN, key, session);
    });

    test("a burned key signs through its action for ever, and for its minter no more", async () => {
      const key = await mintAndBurn(shared.devnet, shared.owner, cidOf(SIGN));
      await assert.rejects(shared.devnet.contract("PKPNFT").ownerOf(key.tokenId));
      await actionSigns(SIGN, key, await stranger());
      await refuses(key, shared.session);
      await actionRefused(SIGN_AGAIN, key, shared.session);
    });

    test("a transfer moves the right to sign", async () => {
      const [, seller, buyer] = shared.devnet.wallets;
      const key = await mint(shared.devnet, seller);
      const sessions = { seller: await openSession(seller), buyer: await openSession(buyer) };
      await signs(key, sessions.seller);
      await refuses(key, sessions.buyer);
      await transfer(shared.devnet, key, seller, buyer);
      await refuses(key, sessions.seller);
      await signs(key, sessions.buyer);
    });
  });
}
