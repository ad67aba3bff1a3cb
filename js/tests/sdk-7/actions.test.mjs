// What actions do with each other, with the other nodes and with the chain, through the unmodified
// SDK 7.4.0.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { LitNodeClient } from "@lit-protocol/lit-node-client";
import { ethers } from "ethers";
import { NODES, startDevnet } from "conclave-test-harness/devnet.mjs";
import { patiently } from "conclave-test-harness/patience.mjs";
import { run } from "conclave-test-harness/request.mjs";
import { contractContext, contractsOf, refusal, sessionOf, signer } from "./suite.mjs";
import { openSession } from "conclave-test-harness/session.mjs";
import { cidOf, store } from "conclave-test-harness/store.mjs";

const TIMEOUT_MS = 240_000;

const CHILD = `(async () => {
    for (const name of names) {
        const toSign = ethers.utils.arrayify(ethers.utils.id('child ' + name))
        await Lit.Actions.signEcdsa({ toSign, publicKey, sigName: name })
    }
    Lit.Actions.setResponse({ response: 'child of ' + Lit.Auth.actionIpfsIds[0] })
})()`;

const PARENT = `(async () => {
    const response = await Lit.Actions.call({ ipfsId: child, params: { publicKey, names: childNames } })
    for (const name of names) {
        const toSign = ethers.utils.arrayify(ethers.utils.id('parent ' + name))
        await Lit.Actions.signEcdsa({ toSign, publicKey, sigName: name })
    }
    Lit.Actions.setResponse({ response })
})()`;

const ONCE = `(async () => {
    const seen = await Lit.Actions.runOnce({ waitForResponse: true, name: 'fetch' }, async () => (await fetch(url)).text())
    const failed = await Lit.Actions.runOnce({ waitForResponse: true, name: 'fail' }, async () => { throw new Error('no') })
    const again = await Lit.Actions.runOnce({ waitForResponse: true, name: 'fetch' }, async () => (await fetch(url)).text())
    Lit.Actions.setResponse({ response: JSON.stringify({ seen, failed, again }) })
})()`;

/** More than may be logged: the run of whoever has the turn ends there. */
const ENDS_IN_ITS_TURN = `(async () => {
    const seen = await Lit.Actions.runOnce({ waitForResponse: true, name: 'ends' }, async () => {
        console.log('x'.repeat(200 * 1024))
        await new Promise((resolve) => setTimeout(resolve, 60_000))
    })
    Lit.Actions.setResponse({ response: JSON.stringify({ seen }) })
})()`;

const COLLECT = `(async () => {
    const value = String(Math.random()) + Date.now() + (await (await fetch(url)).text())
    const values = await Lit.Actions.broadcastAndCollect({ name: 'values', value })
    const ownIsLast = values.at(-1) === value
    Lit.Actions.setResponse({ response: JSON.stringify({ ownIsLast, values: [...values].sort() }) })
})()`;

const SEND = `(async () => {
    const from = ethers.utils.computeAddress('0x' + publicKey)
    // One node's word: by the time that the slowest would ask, the others may have sent the
    // transaction.
    const ask = () => Lit.Actions.getLatestNonce({ address: from, chain: 'anvil' })
    const nonce = Number(await Lit.Actions.runOnce({ waitForResponse: true, name: 'nonce' }, ask))
    const fees = { maxFeePerGas: 20000000000, maxPriorityFeePerGas: 1000000000, gasLimit: 21000 }
    const transaction = { type: 2, chainId, to, value, nonce, ...fees }
    const toSign = ethers.utils.arrayify(ethers.utils.keccak256(ethers.utils.serializeTransaction(transaction)))
    const { r, s, v } = JSON.parse(await Lit.Actions.signAndCombineEcdsa({ toSign, publicKey, sigName: 'transfer' }))
    const signed = ethers.utils.serializeTransaction(transaction, { r: '0x' + r.slice(2), s: '0x' + s, v })
    const response = await Lit.Actions.runOnce({ waitForResponse: true, name: 'send' }, async () => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [signed] })
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(await Lit.Actions.getRpcUrl({ chain: 'anvil' }), { method: 'POST', headers, body })
        return JSON.stringify(await answer.json())
    })
    Lit.Actions.setResponse({ response })
})()`;

const ASK = `(async () => {
    const coder = new ethers.utils.Interface(['function ownerOf(uint256) view returns (address)'])
    const txn = ethers.utils.serializeTransaction({ to: nft, data: coder.encodeFunctionData('ownerOf', [tokenId]) })
    const owner = coder.decodeFunctionResult('ownerOf', await Lit.Actions.callContract({ chain: 'localhost', txn }))[0]
    const userId = ethers.utils.arrayify(address)
    Lit.Actions.setResponse({
        response: JSON.stringify({
            owner,
            nonce: await Lit.Actions.getLatestNonce({ address, chain: 'anvil' }),
            actions: await Lit.Actions.getPermittedActions({ tokenId }),
            addresses: await Lit.Actions.getPermittedAddresses({ tokenId }),
            methods: await Lit.Actions.getPermittedAuthMethods({ tokenId }),
            scopes: await Lit.Actions.getPermittedAuthMethodScopes({ tokenId, authMethodType: '1', userId, maxScopeId: 3 }),
            action: await Lit.Actions.isPermittedAction({ tokenId, ipfsId: child }),
            account: await Lit.Actions.isPermittedAddress({ tokenId, address }),
            method: await Lit.Actions.isPermittedAuthMethod({ tokenId, authMethodType: '1', userId }),
            unknown: await Lit.Actions.getLatestNonce({ address, chain: 'nowhere' }).catch(({ code, message }) => ({ code, message })),
            header: Lit.Headers.get('x-request-id') !== null && Lit.Headers.get('authorization') === null,
        }),
    })
})()`;

describe("actions with each other, with the nodes and with chains", { timeout: 600_000 }, () => {
  let devnet, wallet, client, contracts, pkp, sessionSigs, server, asked, url;

  before(async () => {
    server = createServer((_, response) => response.end(String((asked += 1))));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address();
    url = `http://127.0.0.1:${port}/`;
    devnet = await startDevnet({ allowFetch: [`127.0.0.1:${port}`], allowChain: true });
    wallet = devnet.wallets[0];
    client = new LitNodeClient({
      litNetwork: "custom",
      rpcUrl: devnet.rpcUrl,
      contractContext: contractContext(devnet),
      debug: false,
    });
    await client.connect();
    contracts = await contractsOf(devnet, wallet);
    pkp = (await contracts.pkpNftContractUtils.write.mint()).pkp;
    sessionSigs = await sessionOf(client, wallet);
    for (const { status } of await store(devnet, wallet, CHILD)) assert.equal(status, 200);
  });

  after(async () => {
    await client?.disconnect();
    await devnet?.stop();
    server?.close();
  });

  const execute = (params) => {
    asked = 0;
    return patiently(() => client.executeJs({ sessionSigs, ...params }));
  };
  const read = ({ response }) => (typeof response === "string" ? JSON.parse(response) : response);

  test(
    "a child signs beside its parent, also under the same name",
    { timeout: TIMEOUT_MS },
    async () => {
      const jsParams = {
        publicKey: pkp.publicKey,
        child: cidOf(CHILD),
        childNames: ["own", "both"],
        names: ["mine", "both"],
      };
      const { signatures, response } = await execute({ code: PARENT, jsParams });
      assert.equal(response, `child of ${cidOf(CHILD)}`);
      const texts = { own: "child own", mine: "parent mine", both: "parent both" };
      assert.deepEqual(Object.keys(signatures).sort(), Object.keys(texts).sort());
      for (const [name, text] of Object.entries(texts)) {
        assert.equal(signer(ethers.utils.id(text), signatures[name]), pkp.ethAddress, name);
      }
    },
  );

  test(
    "a child signs with what is permitted to it, and its parent does not",
    { timeout: TIMEOUT_MS },
    async () => {
      const { pkp } = await contracts.pkpNftContractUtils.write.mint();
      await contracts.addPermittedAction({
        ipfsId: cidOf(CHILD),
        pkpTokenId: pkp.tokenId,
        authMethodScopes: [1],
      });
      const stranger = await sessionOf(client, ethers.Wallet.createRandom());
      const jsParams = {
        publicKey: pkp.publicKey,
        child: cidOf(CHILD),
        childNames: ["own"],
        names: [],
      };
      const { signatures } = await execute({ code: PARENT, jsParams, sessionSigs: stranger });
      assert.equal(signer(ethers.utils.id("child own"), signatures.own), pkp.ethAddress);
      const greedy = { ...jsParams, names: ["mine"] };
      const refused = execute({ code: PARENT, jsParams: greedy, sessionSigs: stranger });
      await assert.rejects(refused, refusal("NodePKPNotAuthorized"));
    },
  );

  test(
    "a child that no node has stored is refused with its code",
    { timeout: TIMEOUT_MS },
    async () => {
      const jsParams = {
        publicKey: pkp.publicKey,
        child: cidOf("nowhere"),
        childNames: [],
        names: [],
      };
      await assert.rejects(execute({ code: PARENT, jsParams }), refusal("ConclaveActionNotFound"));
    },
  );

  test(
    "runOnce runs on one node, and all have what it brought",
    { timeout: TIMEOUT_MS },
    async () => {
      const { seen, failed, again } = read(await execute({ code: ONCE, jsParams: { url } }));
      assert.deepEqual({ seen, failed, again }, { seen: "1", failed: "[ERROR]", again: "2" });
      assert.equal(asked, 2);
    },
  );

  // This SDK wants an answer of every node, so the nodes are asked one by one.
  test(
    "a node whose action ends in its turn does not hold up the others",
    { timeout: TIMEOUT_MS },
    async () => {
      const begun = Date.now();
      const answers = await run(
        devnet,
        { code: ENDS_IN_ITS_TURN, jsParams: {} },
        await openSession(wallet),
      );
      assert.ok(Date.now() - begun < 20_000);
      const refused = answers
        .filter(({ status }) => status !== 200)
        .map(({ body }) => body.errorCode);
      assert.deepEqual(refused, ["ConclaveActionLimit"]);
      const seen = answers
        .filter(({ status }) => status === 200)
        .map(({ body }) => JSON.parse(body.response).seen);
      assert.deepEqual(seen, Array(NODES - 1).fill("[ERROR]"));
    },
  );

  test(
    "broadcastAndCollect gives every node the values of all, its own last",
    { timeout: TIMEOUT_MS },
    async () => {
      const { ownIsLast, values } = read(await execute({ code: COLLECT, jsParams: { url } }));
      assert.equal(ownIsLast, true);
      assert.equal(new Set(values).size, NODES);
      assert.equal(asked, NODES);
    },
  );

  test(
    "signAndCombineEcdsa makes a transaction that one node sends",
    { timeout: TIMEOUT_MS },
    async () => {
      const funded = await wallet.sendTransaction({
        to: pkp.ethAddress,
        value: ethers.utils.parseEther("1"),
      });
      await funded.wait();
      const to = ethers.Wallet.createRandom().address;
      const jsParams = { publicKey: pkp.publicKey, to, value: 12345, chainId: devnet.chainId };
      const result = await execute({ code: SEND, jsParams });
      assert.deepEqual(Object.keys(result.signatures ?? {}), []);
      const { result: hash, error } = read(result);
      assert.equal(error, undefined);
      const receipt = await devnet.provider.waitForTransaction(hash);
      assert.equal(receipt.from, pkp.ethAddress);
      assert.equal((await devnet.provider.getBalance(to)).toNumber(), 12345);
    },
  );

  test(
    "an action asks the chain and learns what a key permits",
    { timeout: TIMEOUT_MS },
    async () => {
      const { pkp } = await contracts.pkpNftContractUtils.write.mint();
      const friend = devnet.wallets[3].address;
      await contracts.addPermittedAction({
        ipfsId: cidOf(CHILD),
        pkpTokenId: pkp.tokenId,
        authMethodScopes: [1],
      });
      await (
        await devnet
          .contract("PKPPermissions", wallet)
          .addPermittedAddress(pkp.tokenId, friend, [2])
      ).wait();
      const nft = devnet.contracts.PKPNFT;
      const jsParams = { nft, tokenId: pkp.tokenId, address: friend, child: cidOf(CHILD) };
      const { unknown, methods, ...facts } = read(await execute({ code: ASK, jsParams }));
      assert.deepEqual(facts, {
        owner: wallet.address,
        nonce: ethers.utils.hexValue(await devnet.provider.getTransactionCount(friend, "latest")),
        actions: [cidOf(CHILD)],
        addresses: [wallet.address.toLowerCase(), friend.toLowerCase()],
        scopes: [false, false, true],
        action: true,
        account: true,
        method: true,
        header: true,
      });
      assert.deepEqual(
        methods.map(({ auth_method_type }) => auth_method_type),
        ["0x2", "0x1"],
      );
      assert.equal(methods[1].id, friend.toLowerCase());
      assert.equal(unknown.code, "NodeBadInput");
      assert.match(unknown.message, /it knows anvil, localhost/);
    },
  );
});
