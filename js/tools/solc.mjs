#!/usr/bin/env node
// The solc from npm behind the two options of the native compiler that forge uses: --version and
// --standard-json.
import fs from "node:fs";
import solc from "solc";

const options = process.argv.slice(2);
if (options.includes("--version")) {
  // forge reads the platform suffix and does not know this compiler's own.
  const version = solc.version().replace("Emscripten.clang", "Linux.g++");
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else if (options.includes("--standard-json")) {
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8")));
} else {
  console.error(`only --version and --standard-json are supported, not: ${options.join(" ")}`);
  process.exit(1);
}
