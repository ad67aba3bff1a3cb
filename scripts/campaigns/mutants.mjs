// cargo-mutants over crates/threshold: every operator, condition and returned value changed, one at
// a time, and the tests must notice. MUTANTS_FILES names files or folders of the crate
// ("src/codec.rs src/dkg/"); without it, all.
//
// cargo-mutants builds the crate anew for every mutant. Here all that can be are put into one
// build, each behind a switch (tests/mutants); what remains, because it does not compile there,
// cargo-mutants itself runs in the old way. For each mutant the tests of the file's own module come
// first, which take a fraction of a second, then the whole suite if they did not notice.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";

const CRATE = "crates/threshold";
const WHOLE_SUITE = [
  "--lib",
  ...["fuzz", "inbox", "network", "vectors"].map((name) => `--test=${name}`),
];
const MODULE_SECONDS = 60;
const SUITE_SECONDS = 300;
// Shared with the contracts, whose tests read it too.
const VECTORS = "contracts/test/vectors/signatures.txt";
// Why a mutant that runs into the time limit, or that nothing can tell from the original, is as it
// should be: by its name.
const EXPLAINED = `${CRATE}/mutants.json`;
// Compiling shows a few mistakes at a time; every round leaves the mutants out that they come from.
const ROUNDS_MAX = 60;

const FOLDER = resolve(process.env.CARGO_TARGET_DIR ?? "target", "mutants");
const TREE = join(FOLDER, "tree");
const RUSTC = join(FOLDER, "rustc");
const env = {
  ...process.env,
  CARGO_TARGET_DIR: join(FOLDER, "target"),
  RUSTC_WORKSPACE_WRAPPER: RUSTC,
};
const SWITCH = `
/// Whether the tests ask for this mutant.
#[doc(hidden)]
#[inline]
pub fn mutant_is_live(number: u32) -> bool {
    static LIVE: std::sync::LazyLock<u32> =
        std::sync::LazyLock::new(|| std::env::var("CONCLAVE_MUTANT").ok().and_then(|number| number.parse().ok()).unwrap_or(0));
    *LIVE == number
}
`;

export const title = "Mutants of the threshold protocols";
export const keep = ({ file }) => file !== undefined && existsSync(join(CRATE, file));

export function summary(rows) {
  const sum = (number) => rows.reduce((sum, row) => sum + number(row), 0);
  const ends = `${sum(({ timeouts }) => timeouts.length)} run into the time limit, ${sum(({ survivors }) => survivors.length)} survive`;
  return `${sum(({ count }) => count)} mutants of ${rows.length} files: ${ends}; each of these is explained in \`${EXPLAINED}\`, or its file has failed.`;
}

export function parts() {
  copyCrate();
  const named = (process.env.MUTANTS_FILES ?? "").split(/\s+/).filter(Boolean);
  const wanted = (file) =>
    named.length === 0 ||
    named.some((name) => file === name || (name.endsWith("/") && file.startsWith(name)));
  const list = JSON.parse(
    execFileSync("cargo", ["mutants", "--list", "--json", "-p", "conclave-threshold"], {
      cwd: TREE,
      env,
      maxBuffer: 1 << 28,
    }),
  );
  const mutants = list
    .map((mutant) => ({ ...mutant, own: mutant.file.slice(CRATE.length + 1) }))
    .filter(({ own }) => wanted(own));
  const files = [...new Set(mutants.map(({ own }) => own))].sort();
  const outcomes = new Map();
  return [
    () => switched(mutants, outcomes),
    ...files.map(
      (file) => () =>
        row(
          file,
          mutants.filter(({ own }) => own === file),
          outcomes,
        ),
    ),
  ];
}

// The crate alone in a workspace of its own, and without its dependency on itself: then one
// compilation makes its tests.
function copyCrate() {
  mkdirSync(join(TREE, ".cargo"), { recursive: true });
  // Optimising over the crate's units again takes far longer than all the rest. Dependencies are as
  // ever.
  writeFileSync(RUSTC, '#!/bin/sh\nexec "$@" -C lto=off $MUTANTS_LINTS\n', { mode: 0o755 });
  rmSync(join(TREE, CRATE), { recursive: true, force: true });
  // With the times of the originals: nothing is compiled again that has not changed.
  cpSync(CRATE, join(TREE, CRATE), { recursive: true, preserveTimestamps: true });
  for (const file of ["Cargo.lock", ".cargo/mutants.toml", VECTORS])
    cpSync(file, join(TREE, file), { preserveTimestamps: true });
  for (const file of readdirSync(join(TREE, CRATE), { recursive: true })) {
    if (!file.endsWith(".rs")) continue;
    const path = join(TREE, CRATE, file);
    const { atime, mtime } = statSync(path);
    writeFileSync(path, showConstructors(readFileSync(path, "utf8")));
    utimesSync(path, atime, mtime);
  }
  const workspace = readFileSync("Cargo.toml", "utf8").replace(
    /^members = .*$/m,
    `members = ["${CRATE}"]`,
  );
  writeFileSync(join(TREE, "Cargo.toml"), workspace);
  const manifest = readFileSync(join(CRATE, "Cargo.toml"), "utf8").replace(
    /^conclave-threshold = .*\n/m,
    "",
  );
  writeFileSync(join(TREE, CRATE, "Cargo.toml"), manifest);
}

// cargo-mutants passes over every function called `new`, and ours hold checks: in the copy, those
// of the crate's own types have another name.
function showConstructors(source) {
  const own = ownConstructors();
  return source
    .replace(/\bfn new(?=[(<])/g, "fn new_")
    .replace(/\b(\w+)(::<[^;(]*?>)?::new\b/g, (call, type, generics) =>
      own.has(type) ? `${type}${generics ?? ""}::new_` : call,
    );
}

// The types with a `new`, and `Self`.
const ownConstructors = () => {
  constructors ??= new Set(["Self"]);
  if (constructors.size > 1) return constructors;
  for (const file of readdirSync(CRATE, { recursive: true }).filter((name) =>
    name.endsWith(".rs"),
  )) {
    let type = null;
    for (const line of readFileSync(join(CRATE, file), "utf8").split("\n")) {
      type = /^\s*impl(?:<[^{]*?>)? (\w+)/.exec(line)?.[1] ?? type;
      if (/\bfn new[(<]/.test(line) && type) constructors.add(type);
    }
  }
  return constructors;
};
let constructors = null;

const cargoArguments = (command, ...more) => [
  command,
  "--profile",
  "mutants",
  "--features",
  "testing",
  "--message-format=json",
  ...more,
];

// Every line of cargo's JSON.
function cargo(...args) {
  // What one mutant computes wrongly while all compile is no reason to compile none.
  const { stdout, error } = spawnSync("cargo", args, {
    cwd: TREE,
    env: { ...env, MUTANTS_LINTS: "--cap-lints=allow" },
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (error) throw error;
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

// Runs all mutants that one build can hold.
async function switched(mutants, outcomes) {
  const tool = resolve(FOLDER, "tool/debug/conclave-mutants");
  execFileSync(
    "cargo",
    [
      "build",
      "--quiet",
      "--locked",
      "--manifest-path",
      "tests/mutants/Cargo.toml",
      "--target-dir",
      join(FOLDER, "tool"),
    ],
    { stdio: "inherit" },
  );
  // A function that returns `impl Trait` has one type only.
  const opaque = ({ genre, function: around }) =>
    genre === "FnValue" && /\bimpl\b/.test(around?.return_type ?? "");
  const out = new Set(mutants.flatMap((mutant, at) => (opaque(mutant) ? [at + 1] : [])));
  const list = JSON.stringify(mutants);
  for (let round = 1; ; round += 1) {
    copyCrate();
    const placed = JSON.parse(
      execFileSync(tool, [TREE, ...[...out].map(String)], { input: list, maxBuffer: 1 << 28 }),
    );
    const library = join(TREE, CRATE, "src/lib.rs");
    writeFileSync(library, readFileSync(library, "utf8") + SWITCH);
    const messages = cargo(...cargoArguments("check", "--lib")).filter(
      ({ reason, message }) => reason === "compiler-message" && message.level === "error",
    );
    if (messages.length === 0) {
      console.log(
        `${placed.length} of ${mutants.length} mutants are in one build, after ${round} rounds`,
      );
      await runAll(mutants, placed, outcomes);
      return [];
    }
    const before = out.size;
    for (const { message } of messages) {
      for (const number of culprits(message, placed, mutants)) {
        out.add(number);
        if (isItsOwn(message, placed, number, mutants[number - 1]))
          outcomes.set(mutants[number - 1].name, "Unviable");
      }
    }
    if (out.size === before || round === ROUNDS_MAX)
      throw new Error(`the mutants do not compile together: ${messages[0].message.rendered}`);
    console.log(`round ${round}: ${messages.length} mistakes, ${out.size} mutants left out`);
  }
}

// Whether a mutant would not compile alone either: it uses an operator or a value of a type that
// there is not, in its own text.
function isItsOwn({ code, spans }, placed, number, { genre }) {
  const codes =
    genre === "FnValue"
      ? ["E0277", "E0308", "E0423", "E0425", "E0433", "E0599"]
      : ["E0277", "E0368", "E0369", "E0600"];
  const place = placed.find((other) => other.number === number);
  const inside = ({ file_name, byte_start }) =>
    file_name === place.file && place.from <= byte_start && byte_start < place.to;
  return codes.includes(code?.code) && spans.some((span) => span.is_primary && inside(span));
}

// The mutants that a mistake comes from: the one whose text it is in, else all of its line, else
// all of its function.
function culprits({ spans }, placed, mutants) {
  const all = spans.flatMap((span) => {
    while (span.expansion && !existsSync(join(TREE, span.file_name))) span = span.expansion.span;
    const here = placed.filter(({ file }) => file === span.file_name);
    const inside = here.filter(({ from, to }) => from <= span.byte_start && span.byte_start < to);
    const suspects =
      inside.length > 0
        ? inside
        : span.is_primary
          ? here.filter(({ line }) => line >= span.line_start && line <= span.line_end)
          : [];
    return suspects.map(({ number }) => number);
  });
  if (all.length > 0) return all;
  const around = ({ function: { span: { start, end } = {} } = {} }, line) =>
    start && start.line <= line && line <= end.line;
  const primary = spans.filter(({ is_primary }) => is_primary);
  const within = ({ number, file }) =>
    primary.some((span) => span.file_name === file && around(mutants[number - 1], span.line_start));
  return placed.filter(within).map(({ number }) => number);
}

async function runAll(mutants, placed, outcomes) {
  const messages = cargo(...cargoArguments("test", "--no-run", ...WHOLE_SUITE));
  const programs = messages
    .filter(({ executable, profile }) => executable && profile?.test)
    .map(({ executable, target }) => ({ executable, library: target.kind.includes("lib") }));
  if (programs.length !== WHOLE_SUITE.length)
    throw new Error("the tests with the mutants in them do not compile");
  programs.sort((a, b) => Number(b.library) - Number(a.library));
  const noticed = async (number, filters) => {
    const chosen = filters ? [programs[0]] : programs;
    for (const { executable } of chosen) {
      const ended = await runTests(
        executable,
        number,
        filters ?? [],
        filters ? MODULE_SECONDS : SUITE_SECONDS,
      );
      if (ended !== "passed") return ended;
    }
    return "passed";
  };
  if ((await noticed(0)) !== "passed")
    throw new Error("the crate fails its own tests while no mutant is live");
  const waiting = placed.map(({ number }) => number);
  const work = async () => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const { name, own } = mutants[number - 1];
      let ended = await noticed(number, moduleTests(own));
      if (ended === "passed") ended = await noticed(number);
      outcomes.set(
        name,
        { failed: "CaughtMutant", timeout: "Timeout", passed: "MissedMutant" }[ended],
      );
      if (ended !== "failed")
        console.log(`${ended === "passed" ? "SURVIVES" : "TIMEOUT"} ${plain(name)}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

// Runs one test program with one mutant live, until its first failure.
function runTests(executable, number, filters, seconds) {
  return new Promise((resolve) => {
    const cwd = join(TREE, CRATE);
    const child = spawn(executable, filters, {
      cwd,
      env: { ...env, CARGO_MANIFEST_DIR: cwd, CONCLAVE_MUTANT: String(number) },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let ended = null;
    const end = (how) => {
      ended ??= how;
      child.kill("SIGKILL");
    };
    const clock = setTimeout(() => end("timeout"), seconds * 1000);
    let line = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      line = (line + text).slice(-10_000);
      if (/ \.\.\. FAILED\n/.test(line)) end("failed");
      line = line.slice(line.lastIndexOf("\n") + 1);
    });
    child.on("close", (code) => {
      clearTimeout(clock);
      resolve(ended ?? (code === 0 ? "passed" : "failed"));
    });
  });
}

// Tests that run first where those of the whole module would take long.
const FIRST = {
  "src/presign.rs": ["presign::tests::honest", "presign::tests::cheats"],
  "src/presign/opening.rs": [
    "presign::tests::opening",
    "presign::tests::cheats::a_two_faced_opening",
  ],
  "src/presign/rounds.rs": ["presign::tests::cheats"],
  "src/presign/rounds/": ["presign::tests::honest", "presign::tests::cheats"],
};

// The filters that run the tests of the file's module or, if it has none, of the nearest module
// around it that has.
function moduleTests(file) {
  const first = Object.keys(FIRST).find(
    (name) => file === name || (name.endsWith("/") && file.startsWith(name)),
  );
  if (first) return FIRST[first];
  const path = file
    .replace(/^src\//, "")
    .replace(/\.rs$/, "")
    .split("/");
  const tested = () =>
    readFileSync(join(CRATE, "src", `${path.join("/")}.rs`), "utf8").includes(
      "#[cfg(test)]\nmod tests",
    );
  while (path.length > 1 && !tested()) path.pop();
  return [path.join("::")];
}

const plain = (name) => name.replace(/:\d+:\d+: /, ": ").slice(CRATE.length + 1);
const literally = (name) => `^${name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}$`;

// Has cargo-mutants run some mutants of one file, a build for each; returns how each ended.
function pass(file, names, out, seconds, targets, filter, more = []) {
  const options = [
    "--in-place",
    "--profile",
    "mutants",
    "-p",
    "conclave-threshold",
    "-f",
    `${CRATE}/${file}`,
    "--baseline=skip",
    "-t",
    String(seconds),
    "--build-timeout",
    "600",
    "--no-shuffle",
    "-o",
    out,
    ...more,
  ];
  const only = [
    ...names.map((name) => `--re=${literally(name)}`),
    ...targets.map((argument) => `--cargo-arg=${argument}`),
  ];
  spawnSync("cargo", ["mutants", ...options, ...only, "--", "--", ...filter], {
    cwd: TREE,
    env,
    stdio: "inherit",
  });
  const path = join(out, "mutants.out/outcomes.json");
  if (!existsSync(path)) return [];
  return JSON.parse(readFileSync(path, "utf8"))
    .outcomes.filter(({ scenario }) => scenario.Mutant)
    .map(({ scenario, summary }) => ({ name: scenario.Mutant.name, summary }));
}

function row(file, mutants, outcomes) {
  const left = mutants.map(({ name }) => name).filter((name) => !outcomes.has(name));
  if (left.length > 0) {
    copyCrate();
    // Not older than what was compiled from the files with switches in them.
    const now = new Date();
    for (const changed of readdirSync(join(TREE, CRATE), { recursive: true }))
      if (changed.endsWith(".rs")) utimesSync(join(TREE, CRATE, changed), now, now);
    const out = join(FOLDER, "out", file.replaceAll("/", "-"));
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const remember = (list) => list.forEach(({ name, summary }) => outcomes.set(name, summary));
    remember(pass(file, left, out, MODULE_SECONDS, ["--lib"], moduleTests(file)));
    if (left.some((name) => outcomes.get(name) === "MissedMutant"))
      remember(pass(file, left, out, SUITE_SECONDS, WHOLE_SUITE, [], ["--iterate"]));
  }
  const explained = existsSync(EXPLAINED) ? JSON.parse(readFileSync(EXPLAINED, "utf8")) : {};
  const of = (kind) =>
    mutants.filter(({ name }) => outcomes.get(name) === kind).map(({ name }) => plain(name));
  const [caught, unviable, timeouts, survivors] = [
    "CaughtMutant",
    "Unviable",
    "Timeout",
    "MissedMutant",
  ].map(of);
  const count = caught.length + unviable.length + timeouts.length + survivors.length;
  const open = [...timeouts, ...survivors].filter((name) => !(name in explained));
  const result = `${caught.length} caught, ${unviable.length} do not compile, ${timeouts.length} run into the time limit, ${survivors.length} survive`;
  return {
    what: `\`${file}\``,
    file,
    count,
    result,
    timeouts,
    survivors,
    passed: count === mutants.length && open.length === 0,
  };
}
