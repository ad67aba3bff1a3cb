// Whole nodes in simulated weather: the named scenarios of what networks do not bear yet, and
// seeds in slices that add up over any number of runs, SIMULATOR_SLICES of them in each. In the
// profile of the tests, which optimises what they spend their time in.
import { spawnSync } from "node:child_process";
import { readRecord } from "../assurance.mjs";

const SEEDS = 20_000;
const SLICE = 250;

export const title = "Whole nodes in simulated weather";
export const keep = () => true;

const name = (from) => {
  const [first, last] = [from, from + SLICE - 1].map((seed) => String(seed).padStart(5, "0"));
  return `seeds ${first} to ${last}`;
};

// Slices that no earlier run has done; once all are done, all again.
function slices() {
  const all = Array.from({ length: SEEDS / SLICE }, (_, number) => number * SLICE);
  const done = new Set((readRecord("simulator")?.rows ?? []).map(({ what }) => what));
  const missing = all.filter((from) => !done.has(name(from)));
  const wanted = Number(process.env.SIMULATOR_SLICES || SEEDS / SLICE);
  return (missing.length > 0 ? missing : all).slice(0, wanted);
}

export const parts = () => [scenarios, ...slices().map((from) => () => seeds(from))];

function test(file, filter, env) {
  const args = ["test", "-p", "conclave-simulator", "--test", file, filter];
  const run = spawnSync("cargo", [...args, "--", "--nocapture"], {
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) console.log(run.stdout.slice(-4000), run.stderr.slice(-4000));
  return run;
}

// Each line of a scenario: what it does, and how many requests were signed with and without it.
function scenarios() {
  const { status, stdout } = test("scenarios", "", {});
  const rows = [...stdout.matchAll(/scenario: (.*): (\d+) of (\d+) requests signed, (.*)$/gm)].map(
    ([, what, signed, begun, without]) => ({
      what,
      count: 1,
      result: `${signed} of ${begun} requests signed, ${without}`,
      passed: status === 0,
      proved: 10 * Number(signed) >= 9 * Number(begun),
    }),
  );
  return rows.length > 0
    ? rows
    : [{ what: "scenarios", count: 0, result: "did not run", passed: false }];
}

function seeds(from) {
  const env = { SIMULATOR_FROM: String(from), SIMULATOR_COUNT: String(SLICE) };
  const { stdout } = test("seeds", "every_seed", env);
  const line = /^simulator: (.*)$/m.exec(stdout)?.[1];
  if (!line) return { what: name(from), count: 0, result: "did not run", passed: false };
  const { runs, failures, faults, ...rest } = JSON.parse(line);
  const injected = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const result =
    `${rest.real} with real presigning, ${rest.safetyOnly} held to safety only, ` +
    `${injected} faults, goodput back after ${rest.slowest} ms at the latest` +
    (failures.length > 0 ? `; ${failures.length} failed: ${failures.join("; ")}` : "");
  return { what: name(from), count: runs, result, passed: failures.length === 0, faults };
}

export function summary(rows) {
  const ran = rows.filter(({ faults }) => faults);
  const faults = {};
  for (const row of ran)
    for (const [kind, count] of Object.entries(row.faults))
      faults[kind] = (faults[kind] ?? 0) + count;
  const kinds = Object.entries(faults).map(([kind, count]) => `${count} ${kind}`);
  const total = ran.reduce((sum, { count }) => sum + count, 0);
  const said = `${total} of ${SEEDS} seeds so far`;
  return kinds.length > 0 ? `${said}; faults injected: ${kinds.join(", ")}.` : `${said}.`;
}
