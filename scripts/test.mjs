// Runs every test runner, shows what they print, and counts passed and failed tests over all of
// them.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";

// `count` reads [passed, failed] from one line, or returns null.
const cargo = (line) => /^test result: \w+\. (\d+) passed; (\d+) failed/.exec(line);
const forge = (line) => /tests? suites? .*: (\d+) tests? passed, (\d+) failed/.exec(line);
const node = {
  passed: (line) => /^(?:#|ℹ) pass (\d+)/.exec(line),
  failed: (line) => /^(?:#|ℹ) fail (\d+)/.exec(line),
};

const runners = [
  {
    name: "Rust",
    command: ["cargo", "test", "--workspace", "--no-fail-fast", "--all-features"],
    pair: cargo,
  },
  // The SDK and the quickstart run the programs as they ship. Those that the Rust tests left in
  // their place know the features for tests.
  { name: "programs", command: ["make", "--no-print-directory", "build"], whole: true },
  { name: "contracts", command: ["make", "--no-print-directory", "test-contracts"], pair: forge },
  {
    name: "SDK",
    command: ["npm", "--prefix", "js", "test", "--workspaces", "--if-present"],
    single: node,
  },
  { name: "lint", command: ["make", "--no-print-directory", "lint"], whole: true },
  { name: "lockfiles", command: ["make", "--no-print-directory", "lockfiles"], whole: true },
  { name: "quickstart", command: ["node", "scripts/quickstart.mjs"], whole: true },
];

const only = process.argv.slice(2);
const strip = (line) => line.replace(/\u001b\[[0-9;]*m/g, "");

function run({ name, command, pair, single, whole }) {
  return new Promise((resolve) => {
    console.log(`\n== ${name}: ${command.join(" ")}`);
    let passed = 0;
    let failed = 0;
    let rest = "";
    const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
    const read = (chunk) => {
      process.stdout.write(chunk);
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines.map(strip)) {
        const both = pair?.(line);
        if (both) [passed, failed] = [passed + Number(both[1]), failed + Number(both[2])];
        passed += Number(single?.passed(line)?.[1] ?? 0);
        failed += Number(single?.failed(line)?.[1] ?? 0);
      }
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", read);
    }
    child.on("error", (error) =>
      resolve({ name, passed, failed: failed + 1, note: error.message }),
    );
    child.on("close", (code) => {
      if (whole) [passed, failed] = code === 0 ? [1, 0] : [0, 1];
      // A runner that breaks without naming a failed test has failed all the same.
      else if (code !== 0 && failed === 0) failed = 1;
      else if (passed + failed === 0) failed = 1;
      resolve({ name, passed, failed });
    });
  });
}

let [passed, failed] = [0, 0];
const results = [];
for (const runner of runners.filter(({ name }) => only.length === 0 || only.includes(name))) {
  const begun = Date.now();
  const result = await run(runner);
  results.push({ ...result, minutes: ((Date.now() - begun) / 60_000).toFixed(1) });
  passed += result.passed;
  failed += result.failed;
}
console.log();
for (const { name, passed, failed, minutes } of results)
  console.log(`${name}: ${passed} passed, ${failed} failed, ${minutes} min`);
const summary = `${passed} passed, ${failed} failed`;
mkdirSync("target", { recursive: true });
writeFileSync("target/test-summary.txt", `${summary}\n`);
console.log(summary);
process.exit(failed === 0 ? 0 : 1);
