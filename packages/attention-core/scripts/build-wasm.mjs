// Compiles the kernels by AssemblyScript into the binaries that the loader chooses from: for inference and, under names
// that begin with training-, for training, {simd128, relaxed SIMD} x {one thread, shared memory} each, two compiler
// processes at a time; and writes thread.js, which is src/wasm/thread.ts without its types, beside them: a worker file of
// its own, at the same place for src and dist.
//
//   node scripts/build-wasm.mjs [--only NAME ...] [--output FOLDER] [--text]     --text also writes .wat
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const packageRoot = fileURLToPath(new URL("..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    output: { type: "string", default: join(packageRoot, "binaries") },
    text: { type: "boolean", default: false },
  },
});

const split = (flags) => flags.split(" ");
const memory = "--importMemory --initialMemory 16 --maximumMemory 65536";
// AS112: vectors as arguments of inner functions; AS201: 64-bit addresses, which these binaries do not have.
const common = split(`--disableWarning 112 --disableWarning 201 -O3 --noAssert --runtime stub ${memory} --enable simd`);
const relaxed = split("--enable relaxed-simd");
const shared = split("--enable threads --sharedMemory");
const kinds = {
  simd: common,
  "simd-shared": [...common, ...shared],
  relaxed: [...common, ...relaxed],
  "relaxed-shared": [...common, ...relaxed, ...shared],
};
const binaries = Object.entries(kinds).flatMap(([name, flags]) => [
  { name, entry: "src/wasm/kernels/index.ts", flags },
  { name: `training-${name}`, entry: "src/wasm/kernels/training/index.ts", flags },
]);

const compiler = join(dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")), "bin/asc.js");

/** Runs the compiler once; resolves to its exit status. */
function compile({ name, entry, flags }) {
  const file = join(options.output, `${name}.wasm`);
  // Paths relative to the package, so that no folder of the machine gets into the binary.
  const paths = ["--outFile", relative(packageRoot, file)];
  if (options.text) paths.push("--textFile", relative(packageRoot, join(options.output, `${name}.wat`)));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiler, entry, ...paths, ...flags], {
      cwd: packageRoot,
      stdio: "inherit",
    });
    child.on("error", reject);
    child.on("exit", (status) => {
      if (status === 0) console.log(`${name}.wasm ${statSync(file).size} bytes`);
      else console.error(`Cannot compile ${name}.wasm: the compiler ended with status ${status}`);
      resolve(status ?? 1);
    });
  });
}

mkdirSync(options.output, { recursive: true });
const waiting = binaries.filter(({ name }) => options.only === undefined || options.only.includes(name));
async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    if ((await compile(next)) !== 0) process.exitCode = 1;
  }
}
await Promise.all([work(), work()]);

const thread = stripTypeScriptTypes(readFileSync(join(packageRoot, "src/wasm/thread.ts"), "utf8"));
writeFileSync(join(options.output, "thread.js"), thread);
