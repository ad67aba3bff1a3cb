// Builds generated/ethers.js: ethers 5.7.2 as one script that leaves the global `ethers` behind.
//
// The runner's engine has no JIT, so the primitives that ethers carries in JavaScript are replaced
// by functions of the runner (crates/actions/ethers), and the ENS tables, half of the load time and
// most of the heap, are decoded on first use.

import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const ETHERS_VERSION = "5.7.2";

const root = join(import.meta.dirname, "../..");
const replacements = join(root, "crates/actions/ethers");
const output = join(root, "generated/ethers.js");

const manifestAt = (file) => JSON.parse(readFileSync(file));
const found = manifestAt(createRequire(import.meta.url).resolve("ethers/package.json"));
if (found.version !== ETHERS_VERSION) {
  throw new Error(
    `actions promise ethers ${ETHERS_VERSION}, but npm has installed ${found.version}`,
  );
}

/** Module of ethers -> our module in its place. */
const replaced = [
  [/@ethersproject\/signing-key\/lib\.esm\/elliptic\.js$/, "elliptic.js"],
  [/@ethersproject\/sha2\/lib\.esm\/sha2\.js$/, "sha2.js"],
  [/@ethersproject\/pbkdf2\/lib\.esm\/pbkdf2\.js$/, "pbkdf2.js"],
  [/@ethersproject\/hash\/lib\.esm\/ens-normalize\/lib\.js$/, "ens-normalize.js"],
  [/js-sha3\/src\/sha3\.js$/, "js-sha3.js"],
  [/scrypt-js\/scrypt\.js$/, "scrypt-js.js"],
];

const used = new Set();
const hostPrimitives = {
  name: "host-primitives",
  setup(build) {
    for (const [filter, name] of replaced) {
      // A replacement stands where the original stood, and imports it, if it must, as
      // `?original`.
      build.onLoad({ filter }, ({ path, suffix }) => {
        if (suffix === "?original") return;
        used.add(name);
        return { contents: readFileSync(join(replacements, name)), resolveDir: dirname(path) };
      });
    }
  },
};

const { metafile } = await build({
  absWorkingDir: root,
  metafile: true,
  stdin: { contents: "export * from 'ethers'", resolveDir: import.meta.dirname },
  outfile: output,
  bundle: true,
  format: "iife",
  globalName: "ethers",
  platform: "browser",
  mainFields: ["module", "main"],
  target: "es2020",
  minify: true,
  legalComments: "eof",
  logLevel: "warning",
  plugins: [hostPrimitives],
});

const unused = replaced.map(([, name]) => name).filter((name) => !used.has(name));
if (unused.length > 0) {
  throw new Error(`ethers no longer imports what these replace: ${unused.join(", ")}`);
}

// The parts of ethers ask for no exact versions of each other: beside the packages of SDKs, npm may
// give them newer ones than ethers pins.
for (const input of Object.keys(metafile.inputs)) {
  const [folder, name] = /^.*node_modules\/(@ethersproject\/[^/]+)/.exec(input) ?? [];
  if (!folder) continue;
  const { version } = manifestAt(join(root, folder, "package.json"));
  if (version !== found.dependencies[name])
    throw new Error(`ethers pins ${name} ${found.dependencies[name]}, but ${folder} is ${version}`);
}
