// Hostile actions at number: their ends, their neighbours, their secrets, and what they fetch.
import { longTests } from "../long-tests.mjs";

export { keep } from "../long-tests.mjs";
export const title = "Actions of strangers";
export const parts = () => longTests("conclave-actions", "long_");
