// A process with the GPU: `node child.ts` describes the adapter, `node child.ts CASE [--ours]` runs a case. Prints one line of
// JSON, and exits: devices of peers keep a process alive.
import { writeSync } from "node:fs";
import { type GpuDescription, openGpu } from "./gpu.ts";
import { runWebgpuCase } from "./run-webgpu-case.ts";
import { cardCases, softwareCases } from "./shapes.ts";

const [name, only] = process.argv.slice(2);
writeSync(1, `${JSON.stringify(await answer())}\n`);
process.exit(0);

async function answer(): Promise<unknown> {
  let gpu: GpuDescription;
  try {
    gpu = await openGpu();
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
  if (name === undefined) return gpu;
  const benchmark = (gpu.isSoftware ? softwareCases : cardCases).find((one) => one.name === name);
  if (!benchmark) throw new RangeError(`Cannot run a case: the name must be one of the table, it is ${name}`);
  return runWebgpuCase(benchmark, gpu, only !== "--ours");
}
