import { NODES } from "./harness.mjs";
import { suite } from "./sdk-suite.mjs";

suite(NODES);
