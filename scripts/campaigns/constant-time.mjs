// Operations with secrets, timed for two classes of them; see
// crates/threshold/src/constant_time.rs.
import { longTests } from "../long-tests.mjs";

export { keep } from "../long-tests.mjs";
export const title = "Time of operations with secrets";
export const parts = () => longTests("conclave-threshold", "constant_time_");
