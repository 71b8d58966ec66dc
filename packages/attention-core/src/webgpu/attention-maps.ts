// The maps of one call of attention: each a pass of its own over the statistics of rows.

import type { AttentionMaps } from "../backend.ts";
import type { CheckedAttention } from "../check-attention.ts";
import { dispose } from "../disposal.ts";
import type { AttentionPlan } from "../plan.ts";
import { setOfRow } from "../ragged.ts";
import type { DType, Shape, Tensor } from "../tensor.ts";
import { floatBits, type Kernel } from "./kernel.ts";
import {
  columnSumsKernel,
  edgesKernel,
  finishKernel,
  type RowValues,
  rowsKernel,
  topKernel,
  valuesPerUnit,
} from "./kernels/attention-maps.wgsl.ts";
import type { ScoreForm } from "./kernels/score.wgsl.ts";
import { joined, type PlanBuffers, repeatsOf } from "./plan-buffers.ts";
import type { GpuHost } from "./gpu-host.ts";

/** A call whose rows have been computed. */
export interface MapsCall {
  readonly form: ScoreForm;
  /** The buffers of `scoreBindings`. */
  readonly inputs: readonly GPUBuffer[];
  /** [P, H, 4], see `attentionKernel`. */
  readonly statistics: Tensor;
  readonly plan: AttentionPlan;
  readonly buffers: PlanBuffers;
  readonly call: CheckedAttention;
  /** Of scores. */
  readonly parameters: readonly number[];
}

/** Pushes the work of the maps that were asked for. `statistics` goes once they are made. */
export function submitMaps(host: GpuHost, one: MapsCall): AttentionMaps {
  const { form, inputs, statistics, plan, buffers, call, parameters } = one;
  const { P, H, keyRows, maps } = call;
  const { meanOverHeads: mean, heads, topK: count } = maps;
  const left = host.buffer(statistics);
  const common = [...parameters, heads, floatBits(NaN)];
  const pairCost = (call.D + 16) * (mean ? H : 1);
  const rowCost = Math.max(1, plan.longestRow) * pairCost;
  const made: { -readonly [K in keyof AttentionMaps]: AttentionMaps[K] } = {};

  const repeats = maps.rows !== null || maps.full !== null ? repeatsOf(plan) : null;
  const rowsOf = (values: RowValues, jobs: Int32Array, size: number, fill: number | null): Tensor => {
    const out = host.make([size], "f32");
    if (fill !== null) host.fill(out, fill);
    const list = host.store(repeats === null ? jobs : joined([jobs, repeats]));
    const bare = values === "scores" || values === "capped";
    const given = bare && form.bias !== "none" ? inputs.slice(0, -1) : inputs;
    const places = [...given, host.buffer(list), ...(values === "weights" ? [left] : []), host.buffer(out)];
    const kernel = rowsKernel(form, values, mean, repeats !== null);
    host.run(kernel, places, [...common, jobs.length], (jobs.length / 3) * heads, rowCost);
    list[dispose]();
    return out;
  };
  const out = (shape: Shape): Tensor => host.make(shape, "f32");

  if (maps.rows !== null) made.rows = rowsOf("weights", jobsOfRows(plan, maps.rows, heads), maps.rowsSize, 0);
  if (maps.full !== null) {
    const fill = { weights: 0, biased: -Infinity, scores: null, capped: null }[maps.full];
    made.full = rowsOf(maps.full, jobsOfAll(plan, heads), maps.fullSize, fill);
  }
  if (count > 0) {
    const weights = out([P, heads, count]);
    const keys = host.make([P, heads, count], "i32");
    const places = [...inputs, left, host.buffer(weights), host.buffer(keys as Tensor<DType>)];
    host.run(topKernel(form, mean), places, [...common, count], P * heads, rowCost * count);
    made.topK = { keys, weights };
  }
  if (maps.columnSums) {
    made.columnSums = out([keyRows, heads]);
    const longest = buffers.longestColumn();
    const open = Math.min(longest, 2 * Math.ceil(plan.pairs / Math.max(1, keyRows)));
    const places = [...inputs, buffers.incoming(), left, host.buffer(made.columnSums)];
    const kernel = columnSumsKernel(form, mean, host.variants);
    host.run(kernel, places, common, keyRows * heads, 256 + 4 * longest + open * pairCost);
  }
  if (maps.edges) {
    const edgeCount = plan.form.kind === "edges" ? plan.form.edgeCount : 0;
    made.edges = out([edgeCount, heads]);
    host.fill(made.edges, 0);
    host.run(edgesKernel(form, mean), [...inputs, left, host.buffer(made.edges)], common, P, rowCost * heads);
  }
  for (const map of ["entropy", "logSumExp"] as const) {
    if (!maps[map]) continue;
    const values = out([P, H]);
    const kernel: Kernel = finishKernel(map);
    host.run(kernel, [left, host.buffer(values)], [P * H], units(P * H), 8 * valuesPerUnit);
    made[map] = values;
  }
  statistics[dispose]();
  return made;
}

function units(size: number): number {
  return Math.ceil(size / valuesPerUnit);
}

/** A query row, where its values begin and how far apart its heads are, for the rows that were asked for. */
function jobsOfRows({ queryOffsets, keyOffsets }: AttentionPlan, rows: Int32Array, heads: number): Int32Array {
  const jobs = new Int32Array(3 * rows.length);
  let at = 0;
  rows.forEach((row, i) => {
    const set = setOfRow(queryOffsets, row);
    const keys = keyOffsets[set + 1]! - keyOffsets[set]!;
    jobs.set([row, at, keys], 3 * i);
    at += heads * keys;
  });
  return jobs;
}

/** The same for all rows, in the layout of a full map. */
function jobsOfAll({ queryOffsets, keyOffsets }: AttentionPlan, heads: number): Int32Array {
  const jobs = new Int32Array(3 * queryOffsets.at(-1)!);
  let before = 0;
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
    const queries = queryOffsets[set + 1]! - queryOffsets[set]!;
    const keys = keyOffsets[set + 1]! - keyOffsets[set]!;
    for (let query = 0; query < queries; query += 1) {
      jobs.set([queryOffsets[set]! + query, before + query * keys, queries * keys], 3 * (queryOffsets[set]! + query));
    }
    before += heads * queries * keys;
  }
  return jobs;
}
