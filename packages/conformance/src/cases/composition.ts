// A set alone and the same set within a batch: bit by bit the same, for backends that promise it. And what must hold
// for every backend without any formula: windows as long as the set, complete graphs, the order of sets.

import { type AttentionPattern, type Backend, offsetsOf, type Tensor, type Workspace } from "@saccade/attention-core";
import { type BackendCase, type CaseContext, withWorkspace } from "../backend-case.ts";
import { seeded } from "../random.ts";
import { drawBlocks, drawGraph } from "./graphs.ts";

/** The sets of the batch. */
export const batchLengths: readonly number[] = [5, 1, 33, 0, 17, 97, 8, 2, 64];
const heads = 4;
const kvHeads = 2;
const width = 16;

/** A pattern over the whole batch, and the same pattern over one of its sets. */
export interface SplitPattern {
  readonly whole: AttentionPattern;
  readonly ofSet: (set: number) => AttentionPattern;
}

/** A pattern of each kind over the batch. */
export const splitPatterns: Readonly<Record<string, () => SplitPattern>> = {
  full: () => same({ kind: "full" }),
  causal: () => same({ kind: "causal" }),
  window: () => same({ kind: "window", left: 9, right: 4 }),
  rule: () => ({
    whole: { kind: "rule", permits: (query, key, set) => (query + key + set) % 3 !== 0 },
    ofSet: (set) => ({ kind: "rule", permits: (query, key) => (query + key + set) % 3 !== 0 }),
  }),
  blocks: () => {
    const whole = drawBlocks(seeded("composition, blocks"), 8, batchLengths);
    return {
      whole,
      ofSet: (set) => ({
        ...whole,
        ...rowsOf(whole, offsetsOf(batchLengths.map((length) => Math.ceil(length / 8))), set),
      }),
    };
  },
  neighbors: () => {
    const whole = drawGraph(seeded("composition, neighbours"), { queries: batchLengths, degree: 9, hub: true });
    return { whole, ofSet: (set) => ({ ...whole, ...rowsOf(whole, offsetsOf(batchLengths), set) }) };
  },
};

function same(pattern: AttentionPattern): SplitPattern {
  return { whole: pattern, ofSet: () => pattern };
}

/** The compressed sparse rows of one set. */
function rowsOf(
  rows: { offsets: Int32Array; indices: Int32Array },
  sets: Int32Array,
  set: number,
): { offsets: Int32Array; indices: Int32Array } {
  const offsets = rows.offsets.slice(sets[set]!, sets[set + 1]! + 1);
  const first = offsets[0]!;
  return { offsets: offsets.map((offset) => offset - first), indices: rows.indices.slice(first, offsets.at(-1)!) };
}

/** Everything that a small layer computes, from x [P, 64]. */
type Layer = (
  workspace: Workspace,
  x: Float32Array,
  offsets: Int32Array,
  pattern: AttentionPattern,
  backend: Backend,
) => Promise<Float32Array[]>;

const runLayer: Layer = async (workspace, x, offsets, pattern, backend) => {
  const random = seeded("composition, weights");
  const upload = (shape: readonly number[]): Tensor =>
    uploadOf(
      workspace,
      random.normals(
        shape.reduce((a, b) => a * b, 1),
        0.2,
      ),
      shape,
    );
  const rows = workspace.upload(x, [offsets.at(-1)!, 64]);
  const normed = workspace.layerNorm(rows, upload([64]), upload([64]), 1e-5);
  const q = workspace.linear(normed, upload([64, heads * width]), upload([heads * width]));
  const k = workspace.linear(normed, upload([64, kvHeads * width]));
  const v = workspace.linear(normed, upload([64, kvHeads * width]));
  const { output, maps } = workspace.attention(q, k, v, backend.plan(offsets, offsets, pattern), {
    heads,
    kvHeads,
    maps: { columnSums: true, entropy: true, logSumExp: true, topK: 3 },
  });
  const hidden = workspace.linear(
    workspace.add(workspace.linear(output, upload([heads * width, 64])), rows),
    upload([64, 37]),
    null,
    "gelu",
  );
  const tensors = [
    q,
    output,
    maps.columnSums!,
    maps.entropy!,
    maps.logSumExp!,
    maps.topK!.weights,
    hidden,
    workspace.softmax(hidden),
    workspace.rmsNorm(hidden, upload([37]), 1e-6),
  ];
  const perSet = (["mean", "max", "first", "sum"] as const).map((how) => workspace.pool(hidden, offsets, how));
  return Promise.all([...tensors, ...perSet].map((tensor) => workspace.read(tensor)));
};

function uploadOf(workspace: Workspace, values: Float32Array, shape: readonly number[]): Tensor {
  return workspace.upload(values, shape);
}

function compositionCase(name: string, split: () => SplitPattern): BackendCase {
  return {
    group: "composition",
    name: `a set alone is the set in a batch, ${name}`,
    requires: "bitwise",
    run: async ({ backend, check }) => {
      const { whole, ofSet } = split();
      const offsets = offsetsOf(batchLengths);
      const x = seeded("composition, rows").normals(offsets.at(-1)! * 64);
      const batch = await withWorkspace(backend, (workspace) => runLayer(workspace, x, offsets, whole, backend));
      for (let set = 0; set < batchLengths.length; set++) {
        const [from, to] = [offsets[set]!, offsets[set + 1]!];
        const alone = await withWorkspace(backend, (workspace) =>
          runLayer(workspace, x.slice(from * 64, to * 64), Int32Array.of(0, to - from), ofSet(set), backend),
        );
        alone.forEach((values, i) => {
          const ofBatch = batch[i]!;
          const perRow = ofBatch.length / (i < batch.length - 4 ? offsets.at(-1)! : batchLengths.length);
          const [first, last] = i < batch.length - 4 ? [from, to] : [set, set + 1];
          check.same(`set ${set}, result ${i}`, values, ofBatch.slice(first * perRow, last * perRow));
        });
      }
    },
  };
}

/** Runs attention of a small batch under two patterns that come to the same. */
function equalPatterns(name: string, first: AttentionPattern, second: AttentionPattern): BackendCase {
  return {
    group: "composition",
    name,
    run: async ({ backend, check }: CaseContext) => {
      const offsets = offsetsOf([6, 0, 11]);
      const random = seeded(name);
      const [q, k, v] = [random.normals(17 * 32), random.normals(17 * 32), random.normals(17 * 32)];
      const run = (pattern: AttentionPattern): Promise<Float32Array> =>
        withWorkspace(backend, (workspace) => {
          const [queries, keys, values] = [q, k, v].map((x) => workspace.upload(x, [17, 32]));
          return workspace.read(
            workspace.attention(queries!, keys!, values!, backend.plan(offsets, offsets, pattern), { heads: 2 }).output,
          );
        });
      check.close(name, await run(first), await run(second));
    },
  };
}

/** The complete graph over sets of 6, 0 and 11. */
function completeGraph(): AttentionPattern {
  const degrees = [...Array.from({ length: 6 }, () => 6), ...Array.from({ length: 11 }, () => 11)];
  return {
    kind: "neighbors",
    offsets: offsetsOf(degrees),
    indices: Int32Array.from(degrees.flatMap((degree) => Array.from({ length: degree }, (_, key) => key))),
  };
}

/** The cases of this file. */
export function compositionCases(): BackendCase[] {
  return [
    ...Object.entries(splitPatterns).map(([name, split]) => compositionCase(name, split)),
    {
      group: "composition",
      name: "the same call twice gives the same bits",
      requires: "bitwise",
      run: async ({ backend, check }) => {
        const offsets = offsetsOf(batchLengths);
        const x = seeded("composition, rows").normals(offsets.at(-1)! * 64);
        const run = (): Promise<Float32Array[]> =>
          withWorkspace(backend, (workspace) => runLayer(workspace, x, offsets, { kind: "causal" }, backend));
        const [first, second] = [await run(), await run()];
        first.forEach((values, i) => check.same(`result ${i}`, values, second[i]!));
      },
    },
    equalPatterns(
      "a window longer than the set is full attention",
      { kind: "window", left: 11, right: 11 },
      { kind: "full" },
    ),
    equalPatterns(
      "a window of -1 to 0 is causal attention",
      { kind: "window", left: -1, right: 0 },
      { kind: "causal" },
    ),
    equalPatterns("a complete graph is full attention", completeGraph(), { kind: "full" }),
    equalPatterns(
      "a rule that says causal is causal attention",
      { kind: "rule", permits: (query, key) => key <= query },
      { kind: "causal" },
    ),
    equalPatterns(
      "one block is full attention",
      { kind: "blocks", size: 16, offsets: Int32Array.of(0, 1, 2), indices: Int32Array.of(0, 0) },
      { kind: "full" },
    ),
    equalPatterns(
      "a complete graph and causal is causal attention",
      { kind: "all", of: [completeGraph(), { kind: "causal" }] },
      { kind: "causal" },
    ),
  ];
}
