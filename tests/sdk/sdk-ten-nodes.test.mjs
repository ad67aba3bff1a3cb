import { suite } from "./sdk-suite.mjs";

suite(10);
