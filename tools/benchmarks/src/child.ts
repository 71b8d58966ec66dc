// The process of one case: `node child.js CASE FOLDER [--ours]`, FOLDER holding the compiled probes. Prints one line of
// JSON, the outcome, and exits: threads of peers may still be alive.
import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { runCase } from "./run-case.ts";
import { cases } from "./shapes.ts";

const [name, folder, only] = process.argv.slice(2);
const benchmark = cases.find((one) => one.name === name);
if (!benchmark || !folder) throw new RangeError(`Cannot run a case: the name must be one of the table, it is ${name}`);
const probe = (file: string): Uint8Array => new Uint8Array(readFileSync(join(folder, `${file}.wasm`)));
const binaries = { "fma-peak": probe("fma-peak"), "plain-peak": probe("plain-peak"), bandwidth: probe("bandwidth") };
const outcome = await runCase(benchmark, binaries, only !== "--ours");
writeSync(1, `${JSON.stringify(outcome)}\n`);
process.exit(0);
