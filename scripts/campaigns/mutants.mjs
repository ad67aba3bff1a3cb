// cargo-mutants over crates/threshold: every operator, condition and returned value changed, one at a time, and the tests must notice.
// MUTANTS_FILES names files or folders of the crate ("src/codec.rs src/dkg/"); without it, all.
//
// Two passes for each file: the tests of the file's own module first, which take a fraction of a second, then the whole suite for whatever
// survived those. It works on a copy of the crate that keeps its compiled state from mutant to mutant and from run to run.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const CRATE = "crates/threshold";
const WHOLE_SUITE = ["--lib", ...["fuzz", "inbox", "network", "vectors"].map((name) => `--test=${name}`)];
const MODULE_SECONDS = 60;
const SUITE_SECONDS = 300;
// Shared with the contracts, whose tests read it too.
const VECTORS = "contracts/test/vectors/signatures.txt";
// Why a mutant that runs into the time limit, or that nothing can tell from the original, is as it should be: by its name.
const EXPLAINED = `${CRATE}/mutants.json`;

const FOLDER = resolve(process.env.CARGO_TARGET_DIR ?? "target", "mutants");
const TREE = join(FOLDER, "tree");
const RUSTC = join(FOLDER, "rustc");
const env = { ...process.env, CARGO_TARGET_DIR: join(FOLDER, "target"), RUSTC_WORKSPACE_WRAPPER: RUSTC };

export const title = "Mutants of the threshold protocols";
export const keep = ({ file }) => file !== undefined && existsSync(join(CRATE, file));

export function parts() {
  copyCrate();
  const named = (process.env.MUTANTS_FILES ?? "").split(/\s+/).filter(Boolean);
  const wanted = (file) => named.length === 0 || named.some((name) => file === name || (name.endsWith("/") && file.startsWith(name)));
  const list = JSON.parse(execFileSync("cargo", ["mutants", "--list", "--json", "-p", "conclave-threshold"], { cwd: TREE, env, maxBuffer: 1 << 28 }));
  const files = [...new Set(list.map(({ file }) => file.slice(CRATE.length + 1)))].filter(wanted).sort();
  return [unchanged, ...files.map((file) => () => mutate(file))];
}

// The crate alone in a workspace of its own, and without its dependency on itself: then one compilation makes its tests.
function copyCrate() {
  mkdirSync(join(TREE, ".cargo"), { recursive: true });
  // Optimising over the crate's units again, for every mutant, takes far longer than all the rest. Dependencies are not compiled again.
  writeFileSync(RUSTC, '#!/bin/sh\nexec "$@" -C lto=off\n', { mode: 0o755 });
  rmSync(join(TREE, CRATE), { recursive: true, force: true });
  // With the times of the originals: nothing is compiled again that has not changed.
  cpSync(CRATE, join(TREE, CRATE), { recursive: true, preserveTimestamps: true });
  for (const file of ["Cargo.lock", ".cargo/mutants.toml", VECTORS]) cpSync(file, join(TREE, file), { preserveTimestamps: true });
  for (const file of readdirSync(join(TREE, CRATE), { recursive: true })) {
    if (!file.endsWith(".rs")) continue;
    const path = join(TREE, CRATE, file);
    const { atime, mtime } = statSync(path);
    writeFileSync(path, showConstructors(readFileSync(path, "utf8")));
    utimesSync(path, atime, mtime);
  }
  const workspace = readFileSync("Cargo.toml", "utf8").replace(/^members = .*$/m, `members = ["${CRATE}"]`);
  writeFileSync(join(TREE, "Cargo.toml"), workspace);
  const manifest = readFileSync(join(CRATE, "Cargo.toml"), "utf8").replace(/^conclave-threshold = .*\n/m, "");
  writeFileSync(join(TREE, CRATE, "Cargo.toml"), manifest);
}

// cargo-mutants passes over every function called `new`, and ours hold checks: in the copy, those of the crate's own types have another name.
function showConstructors(source) {
  const own = ownConstructors();
  return source.replace(/\bfn new(?=[(<])/g, "fn new_").replace(/\b(\w+)(::<[^;(]*?>)?::new\b/g, (call, type, generics) => (own.has(type) ? `${type}${generics ?? ""}::new_` : call));
}

// The types with a `new`, and `Self`.
const ownConstructors = () => {
  constructors ??= new Set(["Self"]);
  if (constructors.size > 1) return constructors;
  for (const file of readdirSync(CRATE, { recursive: true }).filter((name) => name.endsWith(".rs"))) {
    let type = null;
    for (const line of readFileSync(join(CRATE, file), "utf8").split("\n")) {
      type = /^\s*impl(?:<[^{]*?>)? (\w+)/.exec(line)?.[1] ?? type;
      if (/\bfn new[(<]/.test(line) && type) constructors.add(type);
    }
  }
  return constructors;
};
let constructors = null;

// Files whose tests compute so much that compiling them better pays.
const HEAVY = /^src\/(presign|multiplication|ot|online|presignature|message)(\.rs|\/)/;
const profileOf = (file) => (HEAVY.test(file) ? "mutants-optimised" : "mutants");

// The suite passes when nothing is changed; else nothing goes on, for every mutant would count as caught.
function unchanged() {
  const { status } = spawnSync("cargo", ["test", "--profile", "mutants", "--features", "testing", ...WHOLE_SUITE], { cwd: TREE, env, stdio: "inherit" });
  if (status !== 0) throw new Error("the unchanged crate fails its own tests");
  return [];
}

// Tests that run first where those of the whole module would take long.
const FIRST = {
  "src/presign.rs": ["presign::tests::honest", "presign::tests::cheats"],
  "src/presign/opening.rs": ["presign::tests::opening", "presign::tests::cheats::a_two_faced_opening"],
  "src/presign/rounds.rs": ["presign::tests::cheats"],
  "src/presign/rounds/": ["presign::tests::honest", "presign::tests::cheats"],
};

// The filters that run the tests of the file's module or, if it has none, of the nearest module around it that has.
function moduleTests(file) {
  const first = Object.keys(FIRST).find((name) => file === name || (name.endsWith("/") && file.startsWith(name)));
  if (first) return FIRST[first];
  const path = file.replace(/^src\//, "").replace(/\.rs$/, "").split("/");
  const tested = () => readFileSync(join(CRATE, "src", `${path.join("/")}.rs`), "utf8").includes("#[cfg(test)]\nmod tests");
  while (path.length > 1 && !tested()) path.pop();
  return [path.join("::")];
}

const plain = (name) => name.replace(/:\d+:\d+: /, ": ").slice(CRATE.length + 1);

// Runs one pass over the test targets named, and returns how each mutant ended.
function pass(file, out, seconds, targets, filter, more = []) {
  const options = ["--in-place", "--profile", profileOf(file), "-p", "conclave-threshold", "-f", `${CRATE}/${file}`, "--baseline=skip", "-t", String(seconds), "--build-timeout", "300", "--no-shuffle", "-o", out, ...more];
  // As cargo's own arguments, so that no other target is even built.
  const only = targets.map((argument) => `--cargo-arg=${argument}`);
  spawnSync("cargo", ["mutants", ...options, ...only, "--", "--", ...filter], { cwd: TREE, env, stdio: "inherit" });
  const path = join(out, "mutants.out/outcomes.json");
  if (!existsSync(path)) return [];
  return JSON.parse(readFileSync(path, "utf8")).outcomes.filter(({ scenario }) => scenario.Mutant).map(({ scenario, summary }) => ({ name: scenario.Mutant.name, summary }));
}

function mutate(file) {
  const out = join(FOLDER, "out", file.replaceAll("/", "-"));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const begun = Date.now();
  const outcomes = new Map();
  const remember = (list) => list.forEach(({ name, summary }) => outcomes.set(name, summary));
  remember(pass(file, out, MODULE_SECONDS, ["--lib"], moduleTests(file)));
  const count = outcomes.size;
  if ([...outcomes.values()].includes("MissedMutant")) remember(pass(file, out, SUITE_SECONDS, WHOLE_SUITE, [], ["--iterate"]));
  const explained = existsSync(EXPLAINED) ? JSON.parse(readFileSync(EXPLAINED, "utf8")) : {};
  const of = (kind) => [...outcomes].filter(([, summary]) => summary === kind).map(([name]) => plain(name));
  const open = (names) => names.filter((name) => !(name in explained));
  const [caught, unviable, timeouts, survivors] = ["CaughtMutant", "Unviable", "Timeout", "MissedMutant"].map(of);
  const each = ((Date.now() - begun) / 1000 / Math.max(count, 1)).toFixed(1);
  const result = `${caught.length} caught, ${unviable.length} do not compile, ${timeouts.length} run into the time limit, ${survivors.length} survive; ${each} s each`;
  const passed = count > 0 && open([...timeouts, ...survivors]).length === 0;
  return { what: `\`${file}\``, file, count, result, timeouts, survivors, secondsEach: Number(each), passed };
}
