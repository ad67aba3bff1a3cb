// Compiles contracts/src with the solc from npm and writes generated/abi/NAME.json, one for each
// deployable contract: {"contractName", "abi", "bytecode": "0x.."}. Stops at any error, at warnings
// in our own sources and at contracts over the chain's size limit.
import fs from "node:fs";
import path from "node:path";
import solc from "solc";

const root = path.resolve(import.meta.dirname, "../..");
const sourceFolder = path.join(root, "contracts/src");
const outputFolder = path.join(root, "generated/abi");
const MAX_DEPLOYED_BYTES = 24 * 1024; // EIP-170

const names = fs
  .readdirSync(sourceFolder)
  .filter((name) => name.endsWith(".sol"))
  .sort();
const sources = Object.fromEntries(
  names.map((name) => [name, { content: fs.readFileSync(path.join(sourceFolder, name), "utf8") }]),
);

function importFile(name) {
  const file = path.join(root, "js/node_modules", name);
  return fs.existsSync(file)
    ? { contents: fs.readFileSync(file, "utf8") }
    : { error: `${name} is not installed` };
}

const input = {
  language: "Solidity",
  sources,
  settings: {
    // contracts/foundry.toml says the same, so that the tests run the code that is deployed.
    evmVersion: "cancun",
    optimizer: { enabled: true, runs: 200 },
    outputSelection: {
      "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] },
    },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: importFile }));

const isOurs = (problem) =>
  problem.severity === "error" || names.includes(problem.sourceLocation?.file);
const problems = (output.errors ?? []).filter(isOurs).map((problem) => problem.formattedMessage);
const deployable = names
  .flatMap((name) => Object.entries(output.contracts?.[name] ?? {}))
  .filter(
    ([, contract]) =>
      contract.abi.some((entry) => entry.type === "function") &&
      contract.evm.bytecode.object !== "",
  );
for (const [name, contract] of deployable) {
  const bytes = contract.evm.deployedBytecode.object.length / 2;
  if (bytes > MAX_DEPLOYED_BYTES)
    problems.push(`${name} has ${bytes} bytes, more than the ${MAX_DEPLOYED_BYTES} allowed`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}

fs.mkdirSync(outputFolder, { recursive: true });
const artefacts = new Map(
  deployable.map(([contractName, { abi, evm }]) => [
    `${contractName}.json`,
    `${JSON.stringify({ contractName, abi, bytecode: `0x${evm.bytecode.object}` })}\n`,
  ]),
);
for (const name of fs.readdirSync(outputFolder)) {
  if (!artefacts.has(name)) fs.rmSync(path.join(outputFolder, name));
}
for (const [name, text] of artefacts) {
  const file = path.join(outputFolder, name);
  // An unchanged file keeps its time, so that nothing built from it is built again.
  if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== text) fs.writeFileSync(file, text);
}
for (const [name, contract] of deployable) {
  console.log(`${name}: ${contract.evm.deployedBytecode.object.length / 2} bytes`);
}
