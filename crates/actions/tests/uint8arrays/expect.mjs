// Writes expected.json: the answers of the stock package. Run it where npm has installed
// uint8arrays.

import { writeFileSync, readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { fromString, toString } from "uint8arrays";

globalThis.uint8arrayFromString = fromString;
globalThis.uint8arrayToString = toString;
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
