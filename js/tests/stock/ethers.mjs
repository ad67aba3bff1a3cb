// Writes crates/actions/tests/ethers/expected.json: the answers of stock ethers 5.7.2.

import { readFileSync, writeFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { ethers } from "ethers";

const folder = new URL("../../../crates/actions/tests/ethers/", import.meta.url);

globalThis.ethers = ethers;
globalThis.Lit = {
  Actions: {
    setResponse({ response }) {
      writeFileSync(
        new URL("expected.json", folder),
        JSON.stringify(JSON.parse(response), undefined, 1) + "\n",
      );
    },
  },
};
runInThisContext(readFileSync(new URL("cases.js", folder)));
