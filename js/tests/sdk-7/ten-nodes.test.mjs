import { suite } from "./suite.mjs";

suite(10);
