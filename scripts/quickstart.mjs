// The main job on a local network, told step by step: mint a key, let an action sign with it, hand
// it on, lose a node.
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ethers } from "../js/tools/ethers.mjs";
import { conclave, freePorts, isListening, priceServer, startDevnet } from "./processes.mjs";

const ACTION = join(import.meta.dirname, "quickstart/action.js");
const NODES = 3;
const LIMIT = 100;

let step = 0;
const say = (sentence) => console.log(`${(step += 1)}. ${sentence}`);
const ether = (wei) => `${ethers.utils.formatEther(wei)} ether`;

const folder = mkdtempSync(join(tmpdir(), "conclave-quickstart-"));
const ports = await freePorts(NODES);
const price = await priceServer(90);
const dir = join(folder, "devnet");
const devnet = startDevnet(
  [
    "--nodes",
    NODES,
    "--port-base",
    ports.base,
    "--rpc-port",
    ports.rpc,
    "--dir",
    dir,
    "--allow-fetch",
    price.host,
  ].map(String),
);
let failed;
try {
  console.log("Starting a chain and three nodes on this machine; they generate keys together.");
  await devnet.ready;
  await tour();
} catch (error) {
  failed = error;
} finally {
  price.close();
  await devnet.stop();
}

const left = [];
for (const port of [
  ports.rpc,
  ports.base + 200,
  ...[0, 1, 2].flatMap((node) => [ports.base + node, ports.base + 100 + node]),
]) {
  if (await isListening(port)) left.push(port);
}
if (!failed && left.length > 0) failed = new Error(`still listening on ${left.join(", ")}`);
if (failed) {
  console.error(`\nThe quickstart failed: ${failed.message}\nWhat the nodes said is in ${folder}.`);
  process.exit(1);
}
rmSync(folder, { recursive: true });
say("Everything is stopped: no process and no port is left, and the network's folder is gone.");

async function tour() {
  const network = JSON.parse(readFileSync(join(dir, "devnet.json"), "utf8"));
  const provider = new ethers.providers.JsonRpcProvider(network.rpcUrl);
  const [owner, heir, stranger, recipient] = network.accounts.map(({ address }) => address);
  const as = (account) => ["--devnet", dir, "--account", String(account)];
  say(
    `The network is up: ${network.nodes.length} nodes, of which ${network.threshold} must take part in every signature.`,
  );

  const key = await conclave("mint", ...as(0));
  say(
    `${owner} minted a key: its address is ${key.address}, and no machine holds its private key.`,
  );

  const funding = await new ethers.Wallet(network.accounts[0].privateKey, provider).sendTransaction(
    {
      to: key.address,
      value: ethers.utils.parseEther("1"),
    },
  );
  await funding.wait();
  say(`The key's address now holds ${ether(await provider.getBalance(key.address))}.`);

  const { cid, nodes } = await conclave("action", "add", ACTION, ...as(0));
  say(
    `An action that signs only while a price is above ${LIMIT} is stored on ${nodes.length ?? nodes} nodes as ${cid}.`,
  );
  await conclave("grant", key.publicKey, "--action", cid, ...as(0));
  say("The owner permitted that action, and nobody else, to sign with the key.");

  const { maxFeePerGas, maxPriorityFeePerGas } = await provider.getFeeData();
  const transfer = {
    type: 2,
    chainId: network.chainId,
    nonce: await provider.getTransactionCount(key.address),
    to: recipient,
    value: ethers.utils.parseEther("0.25").toHexString(),
    gasLimit: 21_000,
    maxFeePerGas: maxFeePerGas.toHexString(),
    maxPriorityFeePerGas: maxPriorityFeePerGas.toHexString(),
  };
  const params = JSON.stringify({
    priceUrl: price.url,
    limit: LIMIT,
    publicKey: key.publicKey,
    transfer,
  });
  const run = () => conclave("run", "--cid", cid, "--params", params, ...as(2));

  const below = await run();
  assert.deepEqual(
    [JSON.parse(below.response), below.signatures],
    [{ price: 90, signed: false }, {}],
  );
  say(
    `${stranger}, who has no right to the key, ran the action at a price of 90: it signed nothing.`,
  );

  price.set(120);
  const above = await run();
  assert.deepEqual(JSON.parse(above.response), { price: 120, signed: true });
  const { signature } = above.signatures.transfer;
  say(`At a price of 120 the same action signed the transfer: ${signature.slice(0, 22)}...`);

  const before = await provider.getBalance(recipient);
  const sent = await provider.sendTransaction(
    ethers.utils.serializeTransaction(transfer, signature),
  );
  await sent.wait();
  assert.equal(sent.from, key.address);
  const gained = (await provider.getBalance(recipient)).sub(before);
  assert.equal(ethers.utils.formatEther(gained), "0.25");
  say(
    `The chain accepted it from ${sent.from}: ${recipient} received ${ether(gained)} and now has ${ether(before.add(gained))}.`,
  );

  const handed = await conclave("transfer", key.publicKey, heir, "--clear", ...as(0));
  assert.equal(handed.staying.length, 0);
  say(
    `The owner handed the key to ${heir}, after revoking its ${handed.cleared.length} permission.`,
  );
  const message = "hello from the quickstart";
  const sign = (account) => conclave("sign", key.publicKey, "--message", message, ...as(account));
  await assert.rejects(sign(0), { exitCode: 1 });
  say(`${owner} can no longer sign with it.`);
  const byHeir = await sign(1);
  assert.equal(ethers.utils.verifyMessage(message, byHeir.signature), key.address);
  say(`${heir} can: ${byHeir.signature.slice(0, 22)}... verifies for the key's address.`);

  process.kill(network.pids[2], "SIGKILL");
  const withoutOne = await sign(1);
  assert.equal(ethers.utils.verifyMessage(message, withoutOne.signature), key.address);
  say(
    `Node 3 was killed, and the other two signed all the same: ${withoutOne.signature.slice(0, 22)}...`,
  );
}
