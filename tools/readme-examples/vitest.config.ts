import { preset } from "../../vitest.shared.ts";
import { writeExamples } from "./src/write-examples.ts";

// Before the tests, since those in the browser import what is written.
writeExamples();

export default await preset();
