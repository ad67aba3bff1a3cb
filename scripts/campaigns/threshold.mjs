// The cryptography's own long tests: those that `cargo test` leaves out, with the numbers that they print themselves.
import { spawnSync } from "node:child_process";

export const title = "Threshold protocols at number";
export const parts = () => [build, ...names().map((name) => () => run(name))];

const COMMAND = ["test", "--release", "-p", "conclave-threshold", "--all-features", "--lib", "--tests"];
const cargo = (...args) => spawnSync("cargo", [...COMMAND, ...args], { encoding: "utf8", maxBuffer: 1 << 28 });

// Each long test is a part of its own, so that one that fails or is interrupted leaves the others' results.
function names() {
  const list = cargo("--", "--ignored", "--list").stdout ?? "";
  const names = [...list.matchAll(/^(\S*\blong_\w+): test$/gm)].map(([, name]) => name);
  return [...new Set(names)].sort();
}

function build() {
  const { status, stderr } = cargo("--no-run");
  if (status !== 0) console.log(stderr);
  return status === 0 ? [] : [{ what: "build", count: 0, result: "does not build", passed: false }];
}

// What a test says about itself is a line that begins with "long: ".
function run(name) {
  const { status, stdout } = cargo("--", "--ignored", "--exact", name, "--nocapture");
  if (status !== 0) console.log(stdout.slice(-4000));
  const ran = /test result: ok\. 1 passed/.test(stdout);
  const said = [...stdout.matchAll(/^long: (.*)$/gm)].map(([, text]) => text);
  const what = name.split("::").at(-1).replace(/^long_/, "").replaceAll("_", " ");
  return { what, test: name, count: 1, result: said.join("; ") || (ran ? "holds" : "does not hold"), passed: status === 0 && ran };
}
