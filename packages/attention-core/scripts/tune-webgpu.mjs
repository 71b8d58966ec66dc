// Times the tiles of attention and linear on this machine's GPU, to choose the tables of src/webgpu/kernels by: those that
// are there and others beside them, fastest first, each checked against the first. Of a software adapter (--software) the times mean nothing.
//
//   node --conditions=@saccade/source scripts/tune-webgpu.mjs [--positions 4096] [--heads 16] [--width 64] [--rows 2048]
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { create } from "webgpu";
import { checkAttention } from "../src/check-attention.ts";
import { dispose } from "../src/disposal.ts";
import { randomStream } from "../src/random.ts";
import { submitAttention } from "../src/webgpu/attention.ts";
import { createWebgpuBackend } from "../src/webgpu/index.ts";
import { attentionTilesOf, tileBytes } from "../src/webgpu/kernels/attention-tile-sizes.ts";
import { linearTiles } from "../src/webgpu/kernels/linear.wgsl.ts";
import { submitLinear } from "../src/webgpu/linear.ts";

const { values } = parseArgs({
  options: {
    positions: { type: "string", default: "4096" },
    heads: { type: "string", default: "16" },
    width: { type: "string", default: "64" },
    rows: { type: "string", default: "2048" },
    repeats: { type: "string", default: "10" },
    software: { type: "boolean", default: false },
  },
});
const [N, H, D, P, repeats] = ["positions", "heads", "width", "rows", "repeats"].map((name) => Number(values[name]));

// SwiftShader takes seconds to compile a program whose workgroup memory is cleared at once.
const clearing = "disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension";
const gpu = create(values.software ? [clearing] : []);
const backend = await createWebgpuBackend({ gpu, software: values.software });
console.log(`${backend.adapter}${backend.isSoftware ? ", a program: times mean nothing" : ""}`);
const random = randomStream(1);
const draw = (size) => Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);

/** Variations of one number each, as far as the workgroup's memory holds them. */
function variations(tile, options, fits) {
  const found = [tile];
  for (const [name, numbers] of Object.entries(options)) {
    for (const number of numbers) if (number !== tile[name]) found.push({ ...tile, [name]: number });
  }
  return found.filter(fits);
}

async function time(title, operations, candidates, submit) {
  const lines = [];
  let expected = null;
  for (const tile of candidates) {
    const workspace = backend.workspace();
    const first = await workspace.read(submit(workspace, tile));
    expected ??= first;
    const error = first.reduce((largest, value, i) => Math.max(largest, Math.abs(value - expected[i])), 0);
    const times = [];
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now();
      for (let i = 0; i < repeats; i += 1) submit(workspace, tile)[dispose]();
      await workspace.checkpoint();
      times.push((performance.now() - start) / repeats);
    }
    workspace[dispose]();
    const best = Math.min(...times);
    lines.push({
      best,
      text: `${best.toFixed(3)} ms  ${(operations / best / 1e6).toFixed(0)} GFLOP/s  ${error > 1e-4 ? `WRONG by ${error}  ` : ""}${JSON.stringify(tile)}`,
    });
  }
  console.log(`\n${title}`);
  for (const { text } of lines.sort((a, b) => a.best - b.best)) console.log(text);
}

const { many, few } = attentionTilesOf(D, 32_768);
const memory = 32_768;
const isWhole = ({ queries, keys, down, across, vectors, valueKeys }) =>
  queries % down === 0 &&
  (queries / down) % 4 === 0 &&
  (keys / 4) % across === 0 &&
  keys % valueKeys === 0 &&
  4 * across * vectors >= D &&
  down * across <= 256;
const attentionCandidates = variations(
  many,
  { queries: [32, 64, 128], down: [4, 8, 16], depth: [8, 16, 32], valueKeys: [8, 16, 32, 64] },
  (tile) => isWhole(tile) && tileBytes(tile) <= memory,
);
const rows = Int32Array.of(0, N);
const plan = backend.plan(rows, rows, { kind: "full" });
const [q, k, v] = [1, 2, 3].map(() => backend.upload(draw(N * H * D), [N, H * D]));
const call = checkAttention(q, k, v, plan, { heads: H });
await time(
  `attention, ${N} positions, ${H} heads of ${D}`,
  4 * N * N * H * D,
  attentionCandidates,
  (workspace, tile) =>
    submitAttention(workspace, q, k, v, plan, call, { kernel: "tiles", tiles: { many: tile, few } }).output,
);

const W = H * D;
const [x, weight] = [backend.upload(draw(P * W), [P, W]), backend.upload(draw(W * W), [W, W])];
const linearCandidates = Object.values(linearTiles).flatMap((tile) =>
  variations(tile, { depth: [8, 16, 32] }, (each) => (each.rows + each.columns) * each.depth * 4 <= memory),
);
await time(`linear, [${P}, ${W}] · [${W}, ${W}]`, 2 * P * W * W, linearCandidates, (workspace, tile) =>
  submitLinear(workspace, x, weight, null, null, { tile }),
);
process.exit(0);
