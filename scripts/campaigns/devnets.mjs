// Fresh local networks, one after the other: each must mint and sign at the moment it says that it
// is ready.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ethers } from "../../js/tools/ethers.mjs";
import { conclave, freePorts, startDevnet } from "../processes.mjs";

const IN_A_ROW = 20;
const SIZES = { 3: 60, 5: 90, 10: 150 };

export const title = "Local networks";
export const parts = () => [
  inARow,
  ...Object.entries(SIZES).map(
    ([nodes, limit]) =>
      () =>
        ofSize(Number(nodes), limit),
  ),
];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

// From an empty folder to `ready`, then at once a mint and a signature.
async function freshDevnet(nodes) {
  const folder = mkdtempSync(join(tmpdir(), "conclave-long-"));
  const dir = join(folder, "devnet");
  const ports = await freePorts(nodes);
  const begun = Date.now();
  const devnet = startDevnet(
    ["--nodes", nodes, "--port-base", ports.base, "--rpc-port", ports.rpc, "--dir", dir].map(
      String,
    ),
  );
  try {
    await devnet.ready;
    const ready = (Date.now() - begun) / 1000;
    const key = await conclave("mint", "--devnet", dir);
    const message = `devnet ${begun}`;
    const { signature } = await conclave(
      "sign",
      key.publicKey,
      "--message",
      message,
      "--devnet",
      dir,
    );
    if (ethers.utils.verifyMessage(message, signature) !== key.address)
      throw new Error("the signature is not the key's");
    return { ready, failure: null };
  } catch (error) {
    return { ready: (Date.now() - begun) / 1000, failure: error.message };
  } finally {
    await devnet.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inARow() {
  const runs = [];
  for (let round = 1; round <= IN_A_ROW; round += 1) {
    const { ready, failure } = await freshDevnet(3);
    runs.push({ ready, failure });
    console.log(
      `fresh devnet ${round} of ${IN_A_ROW}: ${failure ?? `ready after ${ready.toFixed(1)} s, minted and signed at once`}`,
    );
  }
  const times = runs.map(({ ready }) => ready);
  const failures = runs.filter(({ failure }) => failure).length;
  const result = `ready after ${median(times).toFixed(1)} s (median), ${Math.max(...times).toFixed(1)} s (slowest), ${failures} failed`;
  return {
    what: "fresh devnets of 3 in a row, each with a mint and a signature at the moment of `ready`",
    count: IN_A_ROW,
    result,
    passed: failures === 0,
  };
}

async function ofSize(nodes, limit) {
  const { ready, failure } = await freshDevnet(nodes);
  const what = `devnet of ${nodes} ready within ${limit} s, then mint and sign`;
  return {
    what,
    count: 1,
    result: failure ?? `ready after ${ready.toFixed(1)} s`,
    passed: !failure && ready <= limit,
  };
}
