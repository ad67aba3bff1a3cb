import { NODES } from "conclave-test-harness/devnet.mjs";
import { suite } from "./suite.mjs";

suite(NODES);
