// The unmodified Lit SDK 7.4.0 against a devnet, in the way its documentation shows.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  LitActionResource,
  LitPKPResource,
  createSiweMessage,
  generateAuthSig,
} from "@lit-protocol/auth-helpers";
import { LIT_ABILITY } from "@lit-protocol/constants";
import { LitContracts } from "@lit-protocol/contracts-sdk";
import { LitNodeClient } from "@lit-protocol/lit-node-client";
import { ethers } from "ethers";
import { startDevnet } from "conclave-test-harness/devnet.mjs";
import { patiently } from "conclave-test-harness/patience.mjs";
import { cidOf, store } from "conclave-test-harness/store.mjs";

const TIMEOUT_MS = 240_000;

/** contracts-sdk wants these names; it calls none of them unless an application asks for what they do. */
const NOT_OURS = [
  "Allowlist",
  "RateLimitNFT",
  "PKPNFTMetadata",
  "Multisender",
  "LITToken",
  "StakingBalances",
];
const NOBODY = "0x000000000000000000000000000000000000dEaD";

/** The environment for which a network's own contracts are registered with its resolver. */
const PRODUCTION = 2;

export function contractContext(devnet) {
  const ours = Object.entries(devnet.contracts).map(([name, address]) => [
    name,
    { address, abi: devnet.abis[name] },
  ]);
  return Object.fromEntries([...ours, ...NOT_OURS.map((name) => [name, { address: NOBODY }])]);
}

export async function contractsOf(devnet, signer) {
  const { ContractResolver, ...customContext } = contractContext(devnet);
  const contracts = new LitContracts({
    signer,
    network: "custom",
    rpc: devnet.rpcUrl,
    customContext,
    debug: false,
  });
  await contracts.connect();
  return contracts;
}

export async function sessionOf(client, wallet) {
  return client.getSessionSigs({
    chain: "ethereum",
    expiration: new Date(Date.now() + 60 * 60 * 1000).toISOString(),
    resourceAbilityRequests: [
      { resource: new LitPKPResource("*"), ability: LIT_ABILITY.PKPSigning },
      { resource: new LitActionResource("*"), ability: LIT_ABILITY.LitActionExecution },
    ],
    authNeededCallback: async ({ uri, expiration, resourceAbilityRequests, nonce }) => {
      const siwe = {
        uri,
        expiration,
        resources: resourceAbilityRequests,
        walletAddress: wallet.address,
        nonce,
        litNodeClient: client,
      };
      return generateAuthSig({ signer: wallet, toSign: await createSiweMessage(siwe) });
    },
  });
}

/** Whose signature it is; the SDK's `signature` and its parts must agree. */
export function signer(digest, { r, s, recid, signature, dataSigned }) {
  assert.equal(`0x${dataSigned.replace(/^0x/, "")}`.toLowerCase(), digest);
  const address = ethers.utils.recoverAddress(digest, { r: `0x${r}`, s: `0x${s}`, v: 27 + recid });
  assert.equal(ethers.utils.recoverAddress(digest, signature), address);
  return address;
}

const SIGN = `(async () => {
    const toSign = ethers.utils.arrayify(ethers.utils.id(text))
    await Lit.Actions.signEcdsa({ toSign, publicKey, sigName: 'sig' })
    Lit.Actions.setResponse({ response: JSON.stringify({ signed: text }) })
})()`;

const SIGN_TWICE = `(async () => {
    for (const text of texts) {
        const toSign = ethers.utils.arrayify(ethers.utils.id(text))
        await Lit.Actions.signEcdsa({ toSign, publicKey, sigName: text })
    }
})()`;

const SIGN_MESSAGE = `(async () => {
    await Lit.Actions.ethPersonalSignMessageEcdsa({ message, publicKey, sigName: 'greeting' })
})()`;

const ECHO = `(async () => {
    console.log('given', number)
    Lit.Actions.setResponse({ response: JSON.stringify({ number, nested, bytes: [...bytes], auth: Lit.Auth }) })
})()`;

/** All of it, against a network of so many nodes. */
export function suite(nodes) {
  describe(`SDK 7.4.0 with ${nodes} nodes`, { timeout: 600_000 }, () => {
    let devnet, wallet, client, contracts, pkp, sessionSigs;

    before(async () => {
      devnet = await startDevnet({ nodes });
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
    });

    after(async () => {
      await client?.disconnect();
      await devnet?.stop();
    });

    const execute = (params) => patiently(() => client.executeJs({ sessionSigs, ...params }));
    const sign = (params) => patiently(() => client.pkpSign({ sessionSigs, ...params }));

    test("connect finds every node and the network key", { timeout: TIMEOUT_MS }, () => {
      assert.equal(client.ready, true);
      assert.deepEqual([...client.connectedNodes].sort(), [...devnet.nodes].sort());
      assert.equal(client.config.minNodeCount, devnet.threshold);
      assert.match(client.networkPubKey, /^[0-9a-f]{96}$/);
      assert.equal(client.subnetPubKey, client.networkPubKey);
    });

    test(
      "getSessionSigs makes one session signature for each node",
      { timeout: TIMEOUT_MS },
      () => {
        assert.deepEqual(Object.keys(sessionSigs).sort(), [...devnet.nodes].sort());
      },
    );

    test(
      "mint gives the caller a key whose id and address follow from its public key",
      { timeout: TIMEOUT_MS },
      async () => {
        const publicKey = `0x${pkp.publicKey}`;
        assert.equal(pkp.tokenId, ethers.utils.keccak256(publicKey));
        assert.equal(pkp.ethAddress, ethers.utils.computeAddress(publicKey));
        assert.equal(await devnet.contract("PKPNFT").ownerOf(pkp.tokenId), wallet.address);
      },
    );

    test("pkpSign gives a signature of the key", { timeout: TIMEOUT_MS }, async () => {
      const digest = ethers.utils.id("a digest");
      const signature = await sign({
        pubKey: pkp.publicKey,
        toSign: ethers.utils.arrayify(digest),
      });
      assert.equal(signer(digest, signature), pkp.ethAddress);
    });

    test(
      "the resolver contract alone leads to every contract, with the interfaces that the SDK brings",
      { timeout: TIMEOUT_MS },
      async () => {
        const resolver = () => ({
          resolverAddress: devnet.contracts.ContractResolver,
          abi: devnet.abis.ContractResolver,
          environment: PRODUCTION,
          contractContext: {},
        });
        const minter = devnet.wallets[2];
        const resolved = new LitContracts({
          signer: minter,
          network: "custom",
          rpc: devnet.rpcUrl,
          customContext: resolver(),
          debug: false,
        });
        await resolved.connect();
        const { pkp } = await resolved.pkpNftContractUtils.write.mint();
        assert.equal(await devnet.contract("PKPNFT").ownerOf(pkp.tokenId), minter.address);
        await resolved.addPermittedAction({
          ipfsId: cidOf(SIGN),
          pkpTokenId: pkp.tokenId,
          authMethodScopes: [1],
        });
        const jsParams = { text: "permitted", publicKey: pkp.publicKey };
        const { signatures } = await execute({ code: SIGN, jsParams });
        assert.equal(signer(ethers.utils.id("permitted"), signatures.sig), pkp.ethAddress);
      },
    );

    test(
      "mintWithAuth lets the wallet it names sign with a key that owns itself",
      { timeout: TIMEOUT_MS },
      async () => {
        const friend = devnet.wallets[1];
        const toSign = await createSiweMessage({
          walletAddress: friend.address,
          nonce: await client.getLatestBlockhash(),
        });
        const authSig = await generateAuthSig({ signer: friend, toSign });
        const authMethod = { authMethodType: 1, accessToken: JSON.stringify(authSig) };
        const { pkp } = await contracts.mintWithAuth({ authMethod, scopes: [1] });
        assert.equal(await devnet.contract("PKPNFT").ownerOf(pkp.tokenId), pkp.ethAddress);

        const digest = ethers.utils.id("by auth method");
        const request = { pubKey: pkp.publicKey, toSign: ethers.utils.arrayify(digest) };
        const signature = await sign({ ...request, sessionSigs: await sessionOf(client, friend) });
        assert.equal(signer(digest, signature), pkp.ethAddress);
        await assert.rejects(sign(request), refusal("NodePKPNotAuthorized"));
      },
    );

    test("executeJs signs with inline code", { timeout: TIMEOUT_MS }, async () => {
      const jsParams = { text: "inline", publicKey: pkp.publicKey };
      const { signatures, response } = await execute({ code: SIGN, jsParams });
      assert.equal(signer(ethers.utils.id("inline"), signatures.sig), pkp.ethAddress);
      assert.deepEqual(response, { signed: "inline" });
    });

    test("executeJs signs with stored code by its CID", { timeout: TIMEOUT_MS }, async () => {
      for (const { status, body } of await store(devnet, wallet, SIGN)) {
        assert.deepEqual({ status, body }, { status: 200, body: { cid: cidOf(SIGN) } });
      }
      const jsParams = { text: "stored", publicKey: `0x${pkp.publicKey}` };
      const { signatures } = await execute({ ipfsId: cidOf(SIGN), jsParams });
      assert.equal(signer(ethers.utils.id("stored"), signatures.sig), pkp.ethAddress);
    });

    test("executeJs makes two signatures in one action", { timeout: TIMEOUT_MS }, async () => {
      const texts = ["first", "second"];
      const { signatures } = await execute({
        code: SIGN_TWICE,
        jsParams: { texts, publicKey: pkp.publicKey },
      });
      assert.deepEqual(Object.keys(signatures).sort(), texts);
      for (const text of texts)
        assert.equal(signer(ethers.utils.id(text), signatures[text]), pkp.ethAddress);
    });

    test("executeJs signs a personal message", { timeout: TIMEOUT_MS }, async () => {
      const message = "Grüße an Bob";
      const { signatures } = await execute({
        code: SIGN_MESSAGE,
        jsParams: { message, publicKey: pkp.publicKey },
      });
      assert.equal(signer(ethers.utils.hashMessage(message), signatures.greeting), pkp.ethAddress);
      assert.equal(
        ethers.utils.verifyMessage(message, signatures.greeting.signature),
        pkp.ethAddress,
      );
    });

    test(
      "executeJs without a signature gives response and logs, and passes jsParams and Lit.Auth",
      { timeout: TIMEOUT_MS },
      async () => {
        const jsParams = {
          number: 7,
          nested: { list: ["a", null] },
          bytes: new Uint8Array([1, 255]),
        };
        const result = await execute({ code: ECHO, jsParams });
        assert.equal(result.success, true);
        assert.equal(result.logs, "given 7\n");
        const { auth, ...echoed } = JSON.parse(result.response);
        assert.deepEqual(echoed, { ...jsParams, bytes: [1, 255] });
        assert.deepEqual(auth.actionIpfsIds, [cidOf(ECHO)]);
        assert.equal(auth.authSigAddress, wallet.address);
        assert.deepEqual(auth.authMethodContexts, []);
        assert.equal(auth.resources.length, 1);
        assert.match(auth.resources[0], /^urn:recap:/);
      },
    );

    test(
      "an action that throws rejects with its code, text and place",
      { timeout: TIMEOUT_MS },
      async () => {
        const code = `const limit = 5\nif (limit > 4) {\n    throw new Error('the price is too low')\n}`;
        await assert.rejects(execute({ code }), (error) => {
          refusal("NodeJsExecutionError")(error);
          assert.match(error.message, /the price is too low.*line 3, column \d+/);
          return true;
        });
      },
    );

    test(
      "an action cannot sign with the key of somebody else",
      { timeout: TIMEOUT_MS },
      async () => {
        const stranger = await sessionOf(client, ethers.Wallet.createRandom());
        const jsParams = { text: "stolen", publicKey: pkp.publicKey };
        await assert.rejects(
          execute({ code: SIGN, jsParams, sessionSigs: stranger }),
          refusal("NodePKPNotAuthorized"),
        );
      },
    );
  });
}

/** Whether the SDK read this code from the nodes' answers. */
export function refusal(code) {
  return (error) => {
    assert.equal(error.info?.errorCode ?? error.errorCode, code, `${error.name}: ${error.message}`);
    return true;
  };
}
