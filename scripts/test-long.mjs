// The campaigns that are too long for every change. Writes what came of them to docs/assurance.md.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { ethers } from "ethers";
import { conclave, freePorts, startDevnet } from "./processes.mjs";

const FRESH_DEVNETS = 20;
const SIZES = { 3: 60, 5: 90, 10: 150 };

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

// From an empty folder to `ready`, then at once a mint and a signature.
async function freshDevnet(nodes) {
  const folder = mkdtempSync(join(tmpdir(), "conclave-long-"));
  const dir = join(folder, "devnet");
  const ports = await freePorts(nodes);
  const begun = Date.now();
  const devnet = startDevnet(["--nodes", nodes, "--port-base", ports.base, "--rpc-port", ports.rpc, "--dir", dir].map(String));
  try {
    await devnet.ready;
    const seconds = (Date.now() - begun) / 1000;
    const key = await conclave("mint", "--devnet", dir);
    const message = `devnet ${begun}`;
    const { signature } = await conclave("sign", key.publicKey, "--message", message, "--devnet", dir);
    if (ethers.utils.verifyMessage(message, signature) !== key.address) throw new Error("the signature is not the key's");
    return { seconds, failure: null };
  } catch (error) {
    return { seconds: (Date.now() - begun) / 1000, failure: error.message };
  } finally {
    await devnet.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const rows = [];
const add = (what, count, result, passed) => {
  rows.push(`| ${what} | ${count} | ${result} | ${passed ? "passed" : "**failed**"} |`);
  console.log(rows.at(-1));
  return passed;
};

let good = true;
const begun = [];
for (let round = 1; round <= FRESH_DEVNETS; round += 1) {
  const { seconds, failure } = await freshDevnet(3);
  begun.push(seconds);
  console.log(`fresh devnet ${round} of ${FRESH_DEVNETS}: ${failure ?? `ready after ${seconds.toFixed(1)} s, minted and signed at once`}`);
  if (failure) good = add("fresh devnet of 3, mint and signature at the moment of `ready`", round, failure, false) && good;
}
const slowest = Math.max(...begun).toFixed(1);
good = add("fresh devnets of 3 in a row, each with a mint and a signature at the moment of `ready`", FRESH_DEVNETS, `ready after ${median(begun).toFixed(1)} s (median), ${slowest} s (slowest)`, good) && good;
for (const [nodes, limit] of Object.entries(SIZES)) {
  const { seconds, failure } = await freshDevnet(Number(nodes));
  good = add(`devnet of ${nodes} ready within ${limit} s, then mint and sign`, 1, failure ?? `ready after ${seconds.toFixed(1)} s`, !failure && seconds <= limit) && good;
}
const forge = spawnSync("make", ["--no-print-directory", "test-contracts"], { env: { ...process.env, FOUNDRY_PROFILE: "long" }, encoding: "utf8" });
const summary = /(\d+) tests? passed, (\d+) failed/.exec(forge.stdout ?? "");
good = add("contract tests and invariants, long profile", summary ? Number(summary[1]) + Number(summary[2]) : 0, summary?.[0] ?? "did not run", forge.status === 0) && good;

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const page = `# Assurance

Written by \`make test-long\`; not edited by hand. Run of ${new Date().toISOString().slice(0, 10)} at commit ${commit}, on ${cpus().length} cores. What runs with every change (\`make test\`) is not repeated here.

| what | count | result | |
|---|---|---|---|
${rows.join("\n")}
`;
writeFileSync("docs/assurance.md", page);
console.log(readFileSync("docs/assurance.md", "utf8"));
process.exit(good ? 0 : 1);
