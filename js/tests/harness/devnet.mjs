// A devnet for the tests of one file: started on free ports in a folder of its own, stopped and
// erased when they are done.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ethers } from "ethers";

/** How many nodes a test asks for, unless it needs a certain number. */
export const NODES = Number(process.env.CONCLAVE_NODES ?? 3);

export const repository = fileURLToPath(new URL("../../../", import.meta.url));
/** The program `conclave`: another build of it, where CONCLAVE_BIN says so. */
const program = process.env.CONCLAVE_BIN ?? join(repository, "target/debug/conclave");

const READY_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 30_000;

/** What a devnet's ports lie above its base: HTTP, mesh, gateway. */
const portsOf = (base, nodes) =>
  [...Array(nodes).keys()].flatMap((node) => [base + node, base + 100 + node]).concat(base + 200);

/** Below the range from which systems hand out ports by themselves. */
const PORT_BASES = Array.from({ length: 40 }, (_, index) => 20_000 + 250 * index);

async function isFree(port) {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function freeBase(nodes) {
  const start = Math.floor(Math.random() * PORT_BASES.length);
  for (const base of [...PORT_BASES.slice(start), ...PORT_BASES.slice(0, start)]) {
    const free = await Promise.all([...portsOf(base, nodes), base + 201].map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error("no free range of ports was found for a devnet");
}

const running = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
// A devnet that is told to stop takes its nodes and its chain with it.
process.on("exit", () => running.forEach((child) => child.kill("SIGTERM")));

/** The first line that begins with `ready`, or an error with the end of what the devnet wrote. */
async function untilReady(child) {
  const heard = [];
  const listen = (stream) =>
    createInterface({ input: stream }).on("line", (line) => heard.push(line));
  listen(child.stderr);
  const ready = new Promise((resolve) =>
    listen(child.stdout).on("line", (line) => line.startsWith("ready") && resolve()),
  );
  let timer;
  const late = new Promise(
    (resolve) =>
      (timer = setTimeout(resolve, READY_TIMEOUT_MS, `was not ready after ${READY_TIMEOUT_MS} ms`)),
  );
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => resolve(`ended with ${signal ?? code}`));
  });
  const failure = await Promise.race([ready, ended, late]);
  clearTimeout(timer);
  if (failure) throw new Error(`the devnet ${failure}; it wrote:\n${heard.slice(-40).join("\n")}`);
}

async function stop(child, folder, provider) {
  provider?.removeAllListeners();
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  }
  running.delete(child);
  await rm(folder, { recursive: true, force: true });
}

/**
 * Starts a devnet and waits until it signs. What `devnet.json` says comes back, and beside it: `provider`, `wallets` (one for
 * each account with funds), `abis`, `contract(name, signer)` and `stop()`. With `allowChain`, actions may fetch from the chain's own port.
 */
export async function startDevnet({ nodes = NODES, allowFetch = [], allowChain = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "conclave-sdk-"));
  const base = await freeBase(nodes);
  const options = {
    "--nodes": nodes,
    "--port-base": base,
    "--rpc-port": base + 201,
    "--dir": join(folder, "devnet"),
  };
  const chain = allowChain ? [`127.0.0.1:${base + 201}`] : [];
  const allowed = [...allowFetch, ...chain].flatMap((pair) => ["--allow-fetch", pair]);
  const child = spawn(
    program,
    ["devnet", ...Object.entries(options).flat().map(String), "--fresh", ...allowed],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  running.add(child);
  try {
    await untilReady(child);
  } catch (error) {
    await stop(child, folder);
    throw error;
  }
  const description = JSON.parse(await readFile(join(folder, "devnet/devnet.json")));
  const provider = new ethers.providers.StaticJsonRpcProvider({
    url: description.rpcUrl,
    skipFetchSetup: true,
  });
  provider.pollingInterval = 100;
  const read = async (name) => [
    name,
    JSON.parse(await readFile(join(description.abiDir, `${name}.json`))).abi,
  ];
  const abis = Object.fromEntries(await Promise.all(Object.keys(description.contracts).map(read)));
  return {
    ...description,
    provider,
    abis,
    wallets: description.accounts.map(({ privateKey }) => new ethers.Wallet(privateKey, provider)),
    contract: (name, signer = provider) =>
      new ethers.Contract(description.contracts[name], abis[name], signer),
    stop: () => stop(child, folder, provider),
  };
}
