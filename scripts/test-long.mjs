// The campaigns that take too long for every change. Without arguments all of them; each keeps its
// own record.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { record, timed } from "./assurance.mjs";

const CAMPAIGNS = [
  "devnets",
  "contracts",
  "threshold",
  "node",
  "simulator",
  "actions",
  "constant-time",
  "mutants",
  "fuzz",
];

const named = process.argv
  .slice(2)
  .flatMap((argument) => argument.split(","))
  .filter(Boolean);
const unknown = named.filter((name) => !CAMPAIGNS.includes(name));
if (unknown.length > 0) {
  console.error(`no such campaign: ${unknown.join(", ")}. There are ${CAMPAIGNS.join(", ")}.`);
  process.exit(2);
}

process.chdir(join(import.meta.dirname, ".."));
mkdirSync("target", { recursive: true });
let good = true;
for (const name of CAMPAIGNS.filter((name) => named.length === 0 || named.includes(name))) {
  console.log(`\n== ${name}`);
  const { title, parts, ...more } = await import(`./campaigns/${name}.mjs`);
  const rows = [];
  for (const part of await parts()) {
    rows.push(...(await timed(part)));
    // After every part: what is known stays known when a later part is interrupted.
    record(name, title, rows, more);
  }
  good &&= rows.every(({ passed }) => passed);
}
process.exit(good ? 0 : 1);
