// Writes crates/actions/tests/uint8arrays/expected.json: the answers of the stock package.

import { writeFileSync, readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";
import { fromString, toString } from "uint8arrays";

const folder = new URL("../../../crates/actions/tests/uint8arrays/", import.meta.url);

globalThis.uint8arrayFromString = fromString;
globalThis.uint8arrayToString = toString;
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
