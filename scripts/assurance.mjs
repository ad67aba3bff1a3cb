// The record of the long campaigns: one docs/assurance/<campaign>.json each, and docs/assurance.md,
// rendered from all of them.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const FOLDER = join(ROOT, "docs/assurance");
const PAGE = join(ROOT, "docs/assurance.md");

const git = (...args) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();

// The commit that is tested; marked when something that is tested differs from it.
function commit() {
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs") !== "";
  return git("rev-parse", "--short", "HEAD") + (changed ? "+" : "");
}

const stamp = (row, tested, seconds) => ({
  ...row,
  date: new Date().toISOString().slice(0, 10),
  commit: tested,
  seconds,
});

export function readRecord(campaign) {
  const path = join(FOLDER, `${campaign}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
}

// Runs one part of a campaign, and stamps the rows that it returns with the date, the commit and
// the time it took. A row is { what, count, result, passed } and whatever other numbers the part
// has; those stay in the JSON.
export async function timed(part) {
  // Before it: who commits meanwhile has not tested that.
  const [begun, tested] = [Date.now(), commit()];
  const rows = [await part()].flat();
  const seconds = Math.round((Date.now() - begun) / 100) / 10;
  for (const row of rows)
    console.log(`${row.what}: ${row.count}; ${row.result}; ${row.passed ? "passed" : "FAILED"}`);
  return rows.map((row) => stamp(row, tested, seconds));
}

// Replaces the campaign's record. With `keep`, rows of an earlier run that this one did not repeat
// stay, with their own dates, as long as `keep` says so. `summary` makes a sentence of all rows.
export function record(campaign, title, rows, { keep = () => false, summary } = {}) {
  const repeated = new Set(rows.map(({ what }) => what));
  const earlier = (readRecord(campaign)?.rows ?? []).filter(
    (row) => !repeated.has(row.what) && keep(row),
  );
  const all = [...earlier, ...rows].sort((a, b) => (a.what < b.what ? -1 : 1));
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(
    join(FOLDER, `${campaign}.json`),
    `${JSON.stringify({ title, cores: cpus().length, summary: summary?.(all), rows: all }, null, 2)}\n`,
  );
  render();
}

function duration(seconds) {
  if (seconds === undefined) return "";
  if (seconds < 120) return `, ${seconds} s`;
  return seconds < 7200
    ? `, ${Math.round(seconds / 60)} min`
    : `, ${(seconds / 3600).toFixed(1)} h`;
}

// Prose in lines of at most 100 columns.
function wrap(prose) {
  const lines = [""];
  for (const word of prose.split(/\s+/)) {
    const line = lines.at(-1);
    if (line && line.length + 1 + word.length > 100) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join("\n");
}

// What is known not to hold yet stands beside what does; a row says so with `proved: false`.
const verdict = ({ passed, proved }) =>
  !passed ? "**failed**" : proved === false ? "**not proved**" : "passed";

function section({ title, cores, summary, rows }) {
  const line = (row) =>
    `| ${row.what} | ${row.count} | ${row.result} | ${verdict(row)} | ${row.date}, ${row.commit}${duration(row.seconds)} |`;
  return `## ${title}

${wrap(`On ${cores} cores.${summary ? ` ${summary}` : ""}`)}

| what | count | result | | when, commit, duration |
|---|---|---|---|---|
${rows.map(line).join("\n")}
`;
}

export function render() {
  const records = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .sort();
  const sections = records.map((name) =>
    section(JSON.parse(readFileSync(join(FOLDER, name), "utf8"))),
  );
  writeFileSync(
    PAGE,
    `# Assurance

Written by \`make test-long\` from what its campaigns left in \`docs/assurance/\`; not edited by hand. A
commit with a plus sign had changes that were not committed. What runs with every change (\`make
test\`) is not repeated here.

${sections.join("\n")}`,
  );
}
