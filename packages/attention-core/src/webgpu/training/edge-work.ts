// Attention's gradient over a plan of edges: what each edge and head comes to is computed once, then summed by query and by
// key.

import type { DType, Tensor } from "../../tensor.ts";
import { scoreInputs, tensorOfBias } from "../attention.ts";
import type { Kernel } from "../kernel.ts";
import { elementsPerUnit } from "../kernels/elementwise.wgsl.ts";
import type { PlanBuffers } from "../plan-buffers.ts";
import {
  type AttentionCall,
  type AttentionResults,
  entriesOf,
  groupSize,
  pairParameters,
  release,
} from "./attention-call.ts";
import type { GradientWork } from "./attention-gradient.ts";
import { edgeBiasKernel, edgeDenseBiasKernel, edgeTableKernel } from "./kernels/edge-bias.wgsl.ts";
import { edgePairsKernel, edgeStatisticsKernel, rowsPerUnit } from "./kernels/edge-pairs.wgsl.ts";
import { edgeKeysKernel, edgeOutputKernel, edgeQueriesKernel } from "./kernels/edge-sums.wgsl.ts";
import { type PairForm, pairFormOf } from "./kernels/pair.wgsl.ts";
import { submitSumRows } from "./sum-rows.ts";
import type { TrainingHost } from "./training-host.ts";

/** See `GradientWork`. */
export class EdgeWork implements GradientWork {
  readonly #host: TrainingHost;
  readonly #one: AttentionCall;
  readonly #rows: Tensor;
  readonly #plan: PlanBuffers;
  readonly #form: PairForm;
  readonly #backward: boolean;
  readonly #parameters: readonly number[];
  /** Edges of the plan. */
  readonly #edges: number;
  #pairs: Tensor | null = null;

  constructor(host: TrainingHost, one: AttentionCall, results: AttentionResults, rows: Tensor) {
    this.#host = host;
    this.#one = one;
    this.#rows = rows;
    this.#plan = host.plan(one.plan);
    this.#form = pairFormOf("edges", one.call);
    this.#backward = results.backward !== null;
    this.#parameters = pairParameters(one, results, this.#plan);
    this.#edges = one.plan.form.kind === "edges" ? one.plan.form.indices.length : 0;
  }

  submitStatistics(): void {
    const { P, H } = this.#one.call;
    const buffers = [...this.#scoreInputs(), this.#buffer(this.#rows)];
    const units = Math.ceil((P * H) / rowsPerUnit);
    const cost = rowsPerUnit * this.#perRow * this.#pairCost;
    this.#host.run(edgeStatisticsKernel(this.#form), buffers, [...this.#parameters, P * H], units, cost);
  }

  submitOutput(): Tensor {
    const { P, H, valueWidth } = this.#one.call;
    const pairs = this.#submitPairs();
    const y = this.#host.make([P, H * valueWidth], "f32");
    const buffers = [this.#buffer(this.#one.v), this.#plan.buffer, pairs, this.#buffer(y)];
    this.#each(edgeOutputKernel, buffers, P * H * valueWidth, 4 * this.#perRow);
    return y;
  }

  submitQueries(): { readonly q: Tensor; readonly vector: Tensor | null } {
    const { q, k, call } = this.#one;
    const { score } = call;
    const pairs = this.#submitPairs();
    const dq = this.#host.make(q.shape, "f32");
    const vector = score.kind === "dot" ? null : this.#host.make(q.shape, "f32");
    const inputs = score.kind === "additive" ? [q, score.vector, k] : [k];
    const results = vector ? [dq, vector] : [dq];
    const buffers = [
      ...inputs.map((x) => this.#buffer(x)),
      this.#plan.buffer,
      pairs,
      ...results.map((x) => this.#buffer(x)),
    ];
    this.#each(edgeQueriesKernel(this.#form.score), buffers, call.P * call.H * call.D, 8 * this.#perRow);
    return { q: dq, vector };
  }

  submitKeys(): { readonly k: Tensor; readonly v: Tensor } {
    const { k, v, call } = this.#one;
    const { score, keyRows, kvHeads, D, valueWidth, H } = call;
    const pairs = this.#submitPairs();
    const [dk, dv] = [this.#host.make(k.shape, "f32"), this.#host.make(v.shape, "f32")];
    const inputs = score.kind === "additive" ? [k, score.vector, this.#rows] : [this.#rows];
    const results = [dk, dv].map((x) => this.#buffer(x));
    const buffers = [...inputs.map((x) => this.#buffer(x)), this.#plan.incoming(), pairs, ...results];
    const cost = ((8 * H) / kvHeads) * Math.ceil(this.#edges / Math.max(1, keyRows));
    this.#each(edgeKeysKernel(this.#form.score), buffers, keyRows * kvHeads * (D + valueWidth), cost);
    return { k: dk, v: dv };
  }

  submitBias(): Tensor {
    const { P, H, bias } = this.#one.call;
    const { shape } = tensorOfBias(bias!);
    const pairs = this.#submitPairs();
    const run = (to: Tensor): GPUBuffer[] => [this.#plan.buffer, pairs, this.#buffer(to)];
    if (bias!.kind === "dense" || bias!.kind === "edges") {
      const dBias = this.#host.make(shape, "f32");
      this.#host.fill(dBias, 0);
      const heads = bias!.kind === "dense" ? bias!.heads : bias!.values.shape[1]!;
      if (bias!.kind === "edges") this.#each(edgeBiasKernel, run(dBias), this.#edges * heads, 4 * H);
      else this.#each(edgeDenseBiasKernel, run(dBias), P * heads, 4 * H * this.#perRow ** 2);
      return dBias;
    }
    const entries = entriesOf(this.#one.call);
    const perGroup = groupSize(P, H * entries);
    const groups = Math.ceil(P / perGroup);
    const shares = this.#host.make([groups, H * entries], "f32");
    const parameters = [...this.#parameters, entries, P, perGroup];
    const cost = perGroup * (64 * 64 + 16 * this.#perRow);
    this.#host.run(edgeTableKernel(bias!.kind), run(shares), parameters, groups * H, cost);
    return submitSumRows(this.#host, shares, groups, H * entries, shape);
  }

  finish(): void {
    if (this.#pairs !== null) release([this.#pairs]);
  }

  /** What every edge and head comes to, once the rows are known. */
  #submitPairs(): GPUBuffer {
    const { v, call } = this.#one;
    if (this.#pairs === null) {
      this.#pairs = this.#host.make([this.#edges, call.H, 4], "f32");
      const values = this.#backward ? [this.#buffer(v)] : [];
      const buffers = [...this.#scoreInputs(), ...values, this.#buffer(this.#rows), this.#buffer(this.#pairs)];
      const kernel = edgePairsKernel(this.#form, this.#backward);
      this.#host.run(kernel, buffers, this.#parameters, call.P, this.#perRow * call.H * this.#pairCost);
    }
    return this.#buffer(this.#pairs);
  }

  /** Edges of a query row, on average. */
  get #perRow(): number {
    return Math.max(1, Math.ceil(this.#edges / Math.max(1, this.#one.call.P)));
  }

  get #pairCost(): number {
    return this.#one.call.D + this.#one.call.valueWidth + 32;
  }

  #scoreInputs(): GPUBuffer[] {
    return scoreInputs(this.#host, this.#one.q, this.#one.k, this.#plan, this.#one.call);
  }

  #buffer(x: Tensor): GPUBuffer {
    return this.#host.buffer(x as Tensor<DType>);
  }

  #each(kernel: Kernel, buffers: readonly GPUBuffer[], size: number, cost: number): void {
    const units = Math.ceil(size / elementsPerUnit);
    this.#host.run(kernel, buffers, [...this.#parameters, size], units, elementsPerUnit * cost);
  }
}
