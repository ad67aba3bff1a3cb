// The cryptography's own long tests.
import { longTests } from "../long-tests.mjs";

export { keep } from "../long-tests.mjs";
export const title = "Threshold protocols at number";
export const parts = () => longTests("conclave-threshold", "long_");
