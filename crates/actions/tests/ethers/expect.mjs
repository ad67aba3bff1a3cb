// Writes expected.json: the answers of stock ethers. Run it where npm has installed ethers 5.7.2.

import { readFileSync, writeFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { ethers } from "ethers";

globalThis.ethers = ethers;
globalThis.Lit = {
  Actions: {
    setResponse({ response }) {
      writeFileSync(
        new URL("expected.json", import.meta.url),
        JSON.stringify(JSON.parse(response), undefined, 1) + "\n",
      );
    },
  },
};
runInThisContext(readFileSync(new URL("cases.js", import.meta.url)));
