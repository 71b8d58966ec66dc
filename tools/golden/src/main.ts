// Computes the golden tensors with jax-js and writes them: `pnpm --filter @saccade/golden regenerate`.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { defaultDevice, init } from "@jax-js/jax";
import { files } from "./files.ts";

await init("wasm");
defaultDevice("wasm");
for (const { name, path, make } of files) {
  const cases = await make();
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `[\n${cases.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`);
  process.stdout.write(`${name}: ${cases.length} cases\n`);
}
