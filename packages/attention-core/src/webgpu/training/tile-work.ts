// Attention's gradient over a plan of ranges or segments: kernels over tiles of 32 queries by 32 keys.

import type { DType, Tensor } from "../../tensor.ts";
import { tensorOfBias } from "../attention.ts";
import type { Kernel } from "../kernel.ts";
import {
  type AttentionCall,
  type AttentionResults,
  entriesOf,
  groupSize,
  pairParameters,
  scoreTensors,
} from "./attention-call.ts";
import type { GradientWork } from "./attention-gradient.ts";
import { denseBiasGradientKernel, tableGradientKernel } from "./kernels/bias-gradient.wgsl.ts";
import { droppedAttentionKernel } from "./kernels/dropped-attention.wgsl.ts";
import { keyGradientKernel } from "./kernels/key-gradient.wgsl.ts";
import { pairFormOf } from "./kernels/pair.wgsl.ts";
import { queryGradientKernel } from "./kernels/query-gradient.wgsl.ts";
import { rowStatisticsKernel } from "./kernels/row-statistics.wgsl.ts";
import type { TileForm } from "./kernels/tile.wgsl.ts";
import { type PlanTiles, tileSize } from "./plan-tiles.ts";
import { submitSumRows } from "./sum-rows.ts";
import type { TrainingHost } from "./training-host.ts";

/** See `GradientWork`. */
export class TileWork implements GradientWork {
  readonly #host: TrainingHost;
  readonly #one: AttentionCall;
  readonly #rows: Tensor;
  readonly #tiles: PlanTiles;
  readonly #form: TileForm;
  readonly #parameters: readonly number[];

  constructor(host: TrainingHost, one: AttentionCall, results: AttentionResults, rows: Tensor) {
    const { D, valueWidth } = one.call;
    this.#host = host;
    this.#one = one;
    this.#rows = rows;
    this.#tiles = host.tiles(one.plan);
    const room = Math.max(16, 2 ** Math.ceil(Math.log2(Math.max(D, valueWidth))));
    this.#form = { ...pairFormOf("ranges", one.call), room };
    this.#parameters = pairParameters(one, results, { first: this.#tiles.keysAt, second: 0 });
  }

  submitStatistics(): void {
    // Weights are not looked at, so that one program serves with dropout and without.
    const form = { ...this.#form, dropout: false };
    this.#run(rowStatisticsKernel(form), [], this.#tiles.queryTiles * this.#one.call.H, false);
  }

  submitOutput(): Tensor {
    const { P, H, valueWidth } = this.#one.call;
    const y = this.#host.make([P, H * valueWidth], "f32");
    this.#run(droppedAttentionKernel(this.#form), [y], this.#tiles.queryTiles * H);
    return y;
  }

  submitQueries(): { readonly q: Tensor; readonly vector: Tensor | null } {
    const { q, call } = this.#one;
    const dq = this.#host.make(q.shape, "f32");
    const vector = call.score.kind === "dot" ? null : this.#host.make(q.shape, "f32");
    const results = vector ? [dq, vector] : [dq];
    this.#run(queryGradientKernel(this.#form), results, this.#tiles.queryTiles * call.H);
    return { q: dq, vector };
  }

  submitKeys(): { readonly k: Tensor; readonly v: Tensor } {
    const { k, v, call } = this.#one;
    const [dk, dv] = [this.#host.make(k.shape, "f32"), this.#host.make(v.shape, "f32")];
    this.#run(keyGradientKernel(this.#form), [dk, dv], this.#tiles.keyTiles * call.kvHeads);
    return { k: dk, v: dv };
  }

  submitBias(): Tensor {
    const { call } = this.#one;
    const bias = call.bias!;
    const { shape } = tensorOfBias(bias);
    if (bias.kind === "dense") {
      const dBias = this.#host.make(shape, "f32");
      this.#host.fill(dBias, 0);
      this.#run(denseBiasGradientKernel(this.#form), [dBias], this.#tiles.queryTiles * bias.heads);
      return dBias;
    }
    const entries = entriesOf(call);
    const { queryTiles } = this.#tiles;
    const perGroup = groupSize(queryTiles, call.H * entries);
    const groups = Math.ceil(queryTiles / perGroup);
    const shares = this.#host.make([groups, call.H * entries], "f32");
    this.#run(tableGradientKernel(this.#form), [shares], groups * call.H, true, [entries, queryTiles, perGroup]);
    return submitSumRows(this.#host, shares, groups, call.H * entries, shape);
  }

  finish(): void {}

  #run(kernel: Kernel, results: readonly Tensor[], units: number, values = true, more: readonly number[] = []): void {
    const { k, v, call } = this.#one;
    const [rows, keys, ...others] = [this.#rows, k, ...scoreTensors(this.#one), ...(values ? [v] : []), ...results].map(
      (each) => this.#host.buffer(each as Tensor<DType>),
    );
    const cost = tileSize ** 2 * (2 * call.D + 2 * call.valueWidth + 16);
    const perUnit = Math.max(1, (this.#tiles.entries * call.H) / Math.max(1, units));
    const buffers = [rows!, keys!, this.#tiles.buffer, ...others];
    this.#host.run(kernel, buffers, [...this.#parameters, ...more], units, cost * perUnit);
  }
}
