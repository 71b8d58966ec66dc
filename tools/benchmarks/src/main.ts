// The script `bench`: checks and times every case, or those whose name matches.
//
//   bench [--only REGEX] [--json] [--write] [--ours] [--no-older-node]
//   bench --backend webgpu [--only REGEX] [--json] [--write] [--ours] [--write-json FILE] [--torch FILE]
//   bench --backend webgpu --read-json FILE [--torch FILE] --write
//
// --json prints an object a line, --write also writes BENCHMARKS.md (of the GPU its own section, the rest being kept, and the
// other way round), --ours leaves the peers out. --write-json keeps the figures of a GPU in a file, --read-json takes them from
// there, --torch adds what peers/torch-attention.py printed. Exits with 1 when a case failed.
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    backend: { type: "string", default: "wasm" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    ours: { type: "boolean", default: false },
    "no-older-node": { type: "boolean", default: false },
    "write-json": { type: "string" },
    "read-json": { type: "string" },
    torch: { type: "string" },
  },
});
const { backend, only, json, write, ours } = options;

// What each backend needs is loaded for it alone: a machine that is lent for its card may lack the rest.
let right: boolean;
if (backend === "wasm") {
  const { benchHost } = await import("./bench-host.ts");
  right = await benchHost({ only, json, write, ours, withOlderNode: !options["no-older-node"] });
} else if (backend === "webgpu") {
  const { benchWebgpu } = await import("./webgpu/bench-webgpu.ts");
  const { "write-json": writeJson, "read-json": readJson, torch } = options;
  right = await benchWebgpu({ only, json, write, ours, writeJson, readJson, torch });
} else {
  throw new RangeError(`Cannot run benchmarks: --backend must be wasm or webgpu, it is ${backend}`);
}
if (!right) process.exitCode = 1;
