// libFuzzer on stable Rust: the compiler's own coverage instrumentation, switched on by hand.
// FUZZ_SECONDS is the processor time for each target, FUZZ_TARGETS names some of them; what the
// fuzzer found worth keeping stays in target/fuzz/corpus and is where the next run begins.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const HOUR = 3600;
const SECONDS = Number(process.env.FUZZ_SECONDS || HOUR);
const TARGETS = {
  peers: { what: "every message that another member sends, decoded", longest: 1 << 15 },
  clients_and_disk: {
    what: "everything that clients get or that lies on disk, decoded",
    longest: 4096,
  },
  machines: { what: "running machines, fed with altered messages", longest: 512 },
  worker_frames: {
    what: "every message between a node and the worker of an action, decoded",
    longest: 4096,
  },
  worker_sessions: { what: "actions on workers that were taken over", longest: 4096 },
};
const INSTRUMENTED = [
  "-Cpasses=sancov-module",
  "-Cllvm-args=-sanitizer-coverage-level=4",
  "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
  "-Cllvm-args=-sanitizer-coverage-pc-table",
  "-Cllvm-args=-sanitizer-coverage-trace-compares",
  "--cfg=fuzzing",
];
const HOST = "x86_64-unknown-linux-gnu";
const FOLDER = process.env.CARGO_TARGET_DIR
  ? join(process.env.CARGO_TARGET_DIR, "fuzz")
  : "target/fuzz";
const BUILT = join(FOLDER, "build");
const CLOCK_TICKS = 100;

export const title = "Fuzzing";
export const keep = ({ target }) => target in TARGETS;

export function parts() {
  build();
  const named = (process.env.FUZZ_TARGETS ?? "").split(/\s+/).filter(Boolean);
  const unknown = named.filter((name) => !(name in TARGETS));
  if (unknown.length > 0)
    throw new Error(
      `no such target: ${unknown.join(", ")}. There are ${Object.keys(TARGETS).join(", ")}.`,
    );
  return Object.keys(TARGETS)
    .filter((target) => named.length === 0 || named.includes(target))
    .map((target) => () => fuzz(target));
}

function build() {
  // With --target, build scripts and macros are left uninstrumented.
  const env = { ...process.env, CARGO_TARGET_DIR: BUILT, RUSTFLAGS: INSTRUMENTED.join(" ") };
  execFileSync(
    "cargo",
    ["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target", HOST],
    { env, stdio: "inherit" },
  );
  const seeds = { ...process.env, FUZZ_SEEDS: resolve(FOLDER, "seeds") };
  for (const crate of ["conclave-threshold", "conclave-actions"]) {
    execFileSync(
      "cargo",
      ["test", "-p", crate, "--test", "fuzz", "--", "--ignored", "--exact", "write_the_seeds"],
      { env: seeds, stdio: "inherit" },
    );
  }
}

const program = (name) => join(BUILT, HOST, "release", name);

// User and system time of a running process, in seconds.
function processorTime(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8")
    .split(") ")
    .at(-1)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) / CLOCK_TICKS;
}

function fuzz(target) {
  const { what, longest } = TARGETS[target];
  const [corpus, artifacts, seeds] = ["corpus", "artifacts", "seeds"].map((folder) =>
    join(FOLDER, folder, target),
  );
  for (const folder of [corpus, artifacts]) mkdirSync(folder, { recursive: true });
  const before = readdirSync(artifacts).length;
  const options = [
    `-max_len=${longest}`,
    `-artifact_prefix=${artifacts}/`,
    "-print_final_stats=1",
    "-timeout=60",
    "-rss_limit_mb=1024",
    "-use_value_profile=1",
  ];
  const child = spawn(program(target), [corpus, seeds, ...options], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let [said, used] = ["", 0];
  child.stderr
    .setEncoding("utf8")
    .on(
      "data",
      (chunk) => (said = (said + chunk).slice(0, 4000) + (said + chunk).slice(4000).slice(-40_000)),
    );
  const watch = setInterval(() => {
    try {
      used = processorTime(child.pid);
      if (used >= SECONDS) child.kill("SIGINT");
    } catch {
      // It has just ended.
    }
  }, 1000);
  return new Promise((resolve) => {
    child.on("close", () => {
      clearInterval(watch);
      const number = (pattern) => Number([...said.matchAll(pattern)].at(-1)?.[1] ?? 0);
      const executions = number(/stat::number_of_executed_units:\s*(\d+)/g);
      const edges = number(/\((\d+) inline 8-bit counters\)/g);
      const reached = number(/ cov: (\d+)/g);
      const kept = number(/ corp: (\d+)/g);
      const crashes = readdirSync(artifacts).length - before;
      const passed = crashes === 0 && used >= SECONDS && executions > 0;
      if (!passed) console.log(said.slice(-6000));
      // A short run without a crash says little, and must not take the place of a long one.
      if (passed && SECONDS < HOUR) {
        console.log(
          `${target}: ${executions} executions, no crash; not recorded, since it was shorter than an hour`,
        );
        return resolve([]);
      }
      const result = `${Math.round(used)} s of processor time, ${reached} of ${edges} edges reached, ${kept} inputs kept, ${crashes} crashes`;
      resolve({
        what: `\`${target}\`: ${what}`,
        target,
        count: executions,
        result,
        executions,
        processorSeconds: used,
        edges,
        reached,
        kept,
        crashes,
        passed,
      });
    });
  });
}
