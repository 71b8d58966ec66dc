// Bundles and minifies a tiny program per public entry, the way a page would ship it, and prints what a visitor must
// download; the files of a model, which a visitor downloads once, are counted apart. Exits 1 if a program is over its
// budget. Measures the built packages, so build first.
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
  /** Another program, above, and the most gzip bytes that this one may have more. */
  readonly beyond?: { readonly title: string; readonly budgetBytes: number };
  /** Bytes of the model's files as they are: servers do not compress them. Left out, there is no model. */
  readonly modelBudgetBytes?: number;
}

const programs: readonly Program[] = [
  { title: "patterns and plans alone", file: "plans.ts" },
  { title: "attention, reference", file: "reference.ts" },
  { title: "attention, WASM", file: "wasm.ts", binary: /^relaxed\.[^.]+\.wasm$/ },
  { title: "attention, WebGPU", file: "webgpu.ts" },
  {
    title: "attention, WebGPU or WASM",
    file: "webgpu-or-wasm.ts",
    binary: /^relaxed\.[^.]+\.wasm$/,
    beyond: { title: "attention, WASM", budgetBytes: 40_000 },
  },
  { title: "gradients, WASM", file: "wasm-training.ts", binary: /^training-relaxed\.[^.]+\.wasm$/, trains: true },
  { title: "gradients, WebGPU", file: "webgpu-training.ts", trains: true },
  { title: "text attention in a page", file: "text-page.ts", binary: /^relaxed\.[^.]+\.wasm$/, budgetBytes: 60_000 },
  {
    title: "text tagging in a page",
    file: "tagging-page.ts",
    binary: /^relaxed\.[^.]+\.wasm$/,
    // The attention of the line above, and as much again for tokens, features, files, batches and the bridge.
    budgetBytes: 80_000,
    modelBudgetBytes: 5_000_000,
  },
  {
    title: "images in a page",
    file: "clothing-page.ts",
    binary: /^relaxed\.[^.]+\.wasm$/,
    budgetBytes: 80_000,
  },
  {
    title: "speech in a page",
    file: "speech-page.ts",
    binary: /^relaxed\.[^.]+\.wasm$/,
    budgetBytes: 80_000,
    modelBudgetBytes: 5_000_000,
  },
  {
    title: "graphs in a page",
    file: "citations-page.ts",
    binary: /^relaxed\.[^.]+\.wasm$/,
    budgetBytes: 80_000,
    modelBudgetBytes: 5_000_000,
  },
  {
    title: "molecules in a page",
    file: "molecules-page.ts",
    binary: /^relaxed\.[^.]+\.wasm$/,
    // The line above, and openchemlib: 343,000 bytes.
    budgetBytes: 430_000,
    modelBudgetBytes: 5_000_000,
  },
];

interface Size {
  readonly bytes: number;
  readonly gzipBytes: number;
}

interface Measured {
  readonly script: Size;
  readonly wasm: Size;
  readonly modelBytes: number;
}

const none: Size = { bytes: 0, gzipBytes: 0 };

function sizeOf(content: string | Uint8Array): Size {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { bytes: bytes.length, gzipBytes: gzipSync(bytes, { level: 9 }).length };
}

function add(a: Size, b: Size): Size {
  return { bytes: a.bytes + b.bytes, gzipBytes: a.gzipBytes + b.gzipBytes };
}

const output = { assetFileNames: "[name].[hash][extname]" };
const modelFile = /\.(safetensors|bin|json)$/;

/** The scripts of a program, workers included, its binary, and the bytes of its model. */
async function measure({ file, binary, trains = false }: Program): Promise<Measured> {
  const result = (await build({
    configFile: false,
    root: fileURLToPath(new URL("programs", import.meta.url)),
    logLevel: "error",
    worker: { format: "es", rolldownOptions: { output } },
    build: {
      target: "es2023",
      write: false,
      assetsInlineLimit: 0,
      modulePreload: false,
      rolldownOptions: {
        input: fileURLToPath(new URL(`programs/${file}`, import.meta.url)),
        output,
      },
    },
  })) as Rolldown.RolldownOutput;
  let script = none;
  let wasm = none;
  let modelBytes = 0;
  for (const each of result.output) {
    const name = each.fileName.split("/").at(-1) ?? "";
    const content = each.type === "chunk" ? each.code : each.source;
    if (name.endsWith(".js")) script = add(script, sizeOf(content));
    else if (binary?.test(name)) wasm = add(wasm, sizeOf(content));
    else if (modelFile.test(name)) modelBytes += sizeOf(content).bytes;
    if (!trains && name.startsWith("training-")) {
      throw new Error(`Cannot measure ${file}: a program that does not train must not carry ${name}`);
    }
  }
  if (binary && wasm === none) throw new Error(`Cannot measure ${file}: no output matches ${binary}`);
  return { script, wasm, modelBytes };
}

const format = (size: Size): string => `${String(size.bytes).padStart(8)} ${String(size.gzipBytes).padStart(7)}`;
const header = ["JS minified, gzip", "WASM raw, gzip", "total gzip"].map((text) => text.padStart(17)).join(" ");
console.log(`${"program".padEnd(26)} ${header}`);
const totals = new Map<string, number>();
for (const program of programs) {
  const { script, wasm, modelBytes } = await measure(program);
  const total = script.gzipBytes + wasm.gzipBytes;
  const cells = [program.title.padEnd(26), format(script), format(wasm), String(total).padStart(16)];
  console.log(cells.join("  ") + verdict(total, program.budgetBytes));
  totals.set(program.title, total);
  if (program.beyond !== undefined) {
    const { title, budgetBytes } = program.beyond;
    const more = total - totals.get(title)!;
    console.log(`  more than ${title}${String(more).padStart(70 - title.length)}${verdict(more, budgetBytes)}`);
  }
  if (modelBytes > 0 || program.modelBudgetBytes !== undefined) {
    console.log(
      `  and its model, raw${String(modelBytes).padStart(63)}${verdict(modelBytes, program.modelBudgetBytes)}`,
    );
  }
}

/** In words; sets the exit code if `bytes` are over the budget. */
function verdict(bytes: number, budgetBytes: number | undefined): string {
  if (budgetBytes === undefined) return "";
  if (bytes > budgetBytes) process.exitCode = 1;
  return `  ${bytes <= budgetBytes ? "within" : "OVER"} the budget of ${budgetBytes}`;
}
