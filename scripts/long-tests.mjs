// Tests of a crate that `cargo test` leaves out, each as one part of a campaign, with the numbers
// that it prints itself.
import { spawnSync } from "node:child_process";

const cargo = (crate, ...args) =>
  spawnSync(
    "cargo",
    ["test", "--release", "-p", crate, "--all-features", "--lib", "--tests", ...args],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );

// LONG_TESTS="lying failing": only those whose name has one of these words in it. The others' rows
// stay as they are.
const WANTED = (process.env.LONG_TESTS ?? "").split(/\s+/).filter(Boolean);
export const keep = () => WANTED.length > 0;

// All ignored tests of a crate whose name begins with `prefix`. Each is run alone: one that fails
// or is interrupted leaves the others' results.
export function longTests(crate, prefix) {
  const { status, stderr, stdout } = cargo(crate, "--", "--ignored", "--list");
  if (status !== 0) {
    console.log(stderr);
    return [() => ({ what: "build", count: 0, result: "does not build", passed: false })];
  }
  const names = [...stdout.matchAll(/^(\S+): test$/gm)].map(([, name]) => name);
  const ours = (name) =>
    name.split("::").at(-1).startsWith(prefix) &&
    (WANTED.length === 0 || WANTED.some((word) => name.includes(word)));
  return [...new Set(names)]
    .filter(ours)
    .sort()
    .map((name) => () => run(crate, name, prefix));
}

// What a test says about itself is a line that begins with "long: ".
function run(crate, name, prefix) {
  const { status, stdout, stderr } = cargo(
    crate,
    "--",
    "--ignored",
    "--exact",
    name,
    "--nocapture",
  );
  const ran = /test result: ok\. 1 passed/.test(stdout);
  // Why it failed is said on standard error.
  if (!ran) console.log(stdout.slice(-4000), stderr.slice(-4000));
  const said = [...stdout.matchAll(/(?:^|\.\.\. )long: (.*)$/gm)].map(([, text]) => text);
  const what = name.split("::").at(-1).slice(prefix.length).replaceAll("_", " ");
  return {
    what,
    test: name,
    count: 1,
    result: said.join("; ") || (ran ? "holds" : "does not hold"),
    passed: status === 0 && ran,
  };
}
