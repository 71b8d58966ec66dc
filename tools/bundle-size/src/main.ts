// Bundles and minifies a tiny program per public entry, the way a page would ship it, and prints what a visitor must
// download. Exits 1 if a program is over its budget. Measures the built packages, so build first.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

interface Program {
  /** What the program does; its source is `programs/<file>`. */
  readonly title: string;
  readonly file: string;
  /** The binary that a current browser takes. */
  readonly binary?: RegExp;
  /** Whether it differentiates: others must carry nothing of that. */
  readonly trains?: boolean;
  /** Gzip bytes of scripts, workers and the binary together. */
  readonly budgetBytes?: number;
}

const programs: readonly Program[] = [
  { title: "patterns and plans alone", file: "plans.ts" },
  { title: "attention, reference", file: "reference.ts" },
  { title: "attention, WASM", file: "wasm.ts", binary: /^relaxed\.[^.]+\.wasm$/ },
  { title: "gradients, WASM", file: "wasm-training.ts", binary: /^training-relaxed\.[^.]+\.wasm$/, trains: true },
  { title: "text attention in a page", file: "text-page.ts", binary: /^relaxed\.[^.]+\.wasm$/, budgetBytes: 60_000 },
];

interface Size {
  readonly bytes: number;
  readonly gzipBytes: number;
}

const none: Size = { bytes: 0, gzipBytes: 0 };

function sizeOf(content: string | Uint8Array): Size {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { bytes: bytes.length, gzipBytes: gzipSync(bytes, { level: 9 }).length };
}

function add(a: Size, b: Size): Size {
  return { bytes: a.bytes + b.bytes, gzipBytes: a.gzipBytes + b.gzipBytes };
}

/** The scripts of a program, workers included, and its binary. */
async function measure({ file, binary, trains = false }: Program): Promise<{ script: Size; wasm: Size }> {
  const result = (await build({
    configFile: false,
    root: fileURLToPath(new URL("programs", import.meta.url)),
    logLevel: "error",
    worker: { format: "es" },
    build: {
      target: "es2023",
      write: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: {
        input: fileURLToPath(new URL(`programs/${file}`, import.meta.url)),
        output: { assetFileNames: "[name].[hash][extname]" },
      },
    },
  })) as Rolldown.RolldownOutput;
  let script = none;
  let wasm = none;
  for (const output of result.output) {
    const name = output.fileName.split("/").at(-1) ?? "";
    const content = output.type === "chunk" ? output.code : output.source;
    if (name.endsWith(".js")) script = add(script, sizeOf(content));
    else if (binary?.test(name)) wasm = add(wasm, sizeOf(content));
    if (!trains && name.startsWith("training-")) {
      throw new Error(`Cannot measure ${file}: a program that does not train must not carry ${name}`);
    }
  }
  if (binary && wasm === none) throw new Error(`Cannot measure ${file}: no output matches ${binary}`);
  return { script, wasm };
}

const format = (size: Size): string => `${String(size.bytes).padStart(8)} ${String(size.gzipBytes).padStart(7)}`;
const header = ["JS minified, gzip", "WASM raw, gzip", "total gzip"].map((text) => text.padStart(17)).join(" ");
console.log(`${"program".padEnd(26)} ${header}`);
for (const program of programs) {
  const { script, wasm } = await measure(program);
  const total = script.gzipBytes + wasm.gzipBytes;
  const { budgetBytes = Infinity } = program;
  const verdict =
    budgetBytes === Infinity ? "" : `  ${total <= budgetBytes ? "within" : "OVER"} the budget of ${budgetBytes}`;
  console.log(
    `${program.title.padEnd(26)}  ${format(script)}  ${format(wasm)} ${String(total).padStart(17)}${verdict}`,
  );
  if (total > budgetBytes) process.exitCode = 1;
}
