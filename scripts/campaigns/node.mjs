// The nodes' own rules, simulated in number: exchanges in all weathers, and actions that come to
// different ends.
import { longTests } from "../long-tests.mjs";

export { keep } from "../long-tests.mjs";
export const title = "Exchanges and divergent actions at number";
export const parts = () => longTests("conclave-node", "long_");
