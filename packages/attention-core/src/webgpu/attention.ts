// One call of attention as work: the kernel that suits it, and maps in passes of their own over what it left.

import type { Attended, AttentionBias } from "../backend.ts";
import type { CheckedAttention } from "../check-attention.ts";
import type { AttentionPlan } from "../plan.ts";
import type { DType, Tensor } from "../tensor.ts";
import { submitMaps } from "./attention-maps.ts";
import { submitNeighbors } from "./attention-neighbors.ts";
import { submitTiles } from "./attention-tiles.ts";
import type { AttentionWork } from "./attention-work.ts";
import { type AttentionKernel, chooseAttention } from "./choose-attention.ts";
import { floatBits } from "./kernel.ts";
import { type AttentionTiles, attentionTilesOf } from "./kernels/attention-tile-sizes.ts";
import { attentionKernel } from "./kernels/attention.wgsl.ts";
import { scoreFormOf } from "./kernels/score.wgsl.ts";
import type { PlanBuffers } from "./plan-buffers.ts";
import type { GpuHost } from "./gpu-host.ts";

/** What tests and tuning choose for themselves: the kernel, and the memory that a workgroup may have, or the tiles. */
export interface AttentionChoice {
  readonly kernel?: AttentionKernel;
  readonly workgroupBytes?: number;
  readonly tiles?: AttentionTiles;
}

/** Pushes the work of a call. Returns output and maps. */
export function submitAttention(
  host: GpuHost,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  plan: AttentionPlan,
  call: CheckedAttention,
  { kernel, workgroupBytes = host.workgroupBytes, tiles }: AttentionChoice = {},
): Attended {
  const { P, H, valueWidth, maps } = call;
  const buffers = host.plan(plan);
  const form = scoreFormOf(buffers.kind, call);
  const inputs = scoreInputs(host, q, k, buffers, call);
  const output = host.make([P, H * valueWidth], "f32");
  const statistics = maps.any ? host.make([P, H, 4], "f32") : null;
  const parameters = scoreParameters(buffers, call);
  const values = host.buffer(v);
  const work = { form, inputs, values, output, statistics, plan, buffers, call, parameters };
  switch (kernel ?? chooseAttention(form)) {
    case "tiles":
      submitTiles(host, work, tiles ?? attentionTilesOf(Math.max(call.D, valueWidth), workgroupBytes));
      break;
    case "neighbors":
      submitNeighbors(host, work);
      break;
    case "rows":
      submitRows(host, work);
  }
  return { output, maps: statistics ? submitMaps(host, { ...work, statistics }) : {} };
}

function submitRows(host: GpuHost, work: AttentionWork): void {
  const { form, inputs, values, output, statistics, plan, call, parameters } = work;
  const { P, H, D, valueWidth } = call;
  const places = [...inputs, values, host.buffer(output), ...(statistics ? [host.buffer(statistics)] : [])];
  const cost = Math.max(1, plan.longestRow) * (D + valueWidth + 16);
  const all = [...parameters, valueWidth, floatBits(NaN)];
  host.run(attentionKernel(form, statistics !== null), places, all, P * H, cost);
}

/** The buffers of `scoreBindings`, in order. */
export function scoreInputs(
  host: GpuHost,
  q: Tensor,
  k: Tensor,
  { buffer }: PlanBuffers,
  { score, bias }: CheckedAttention,
): GPUBuffer[] {
  return [
    host.buffer(q),
    host.buffer(k),
    buffer,
    ...(score.kind === "additive" ? [host.buffer(score.vector)] : []),
    ...(bias ? [host.buffer(tensorOfBias(bias))] : []),
  ];
}

/** The tensor of a bias, in which its gradient has its shape. */
export function tensorOfBias(bias: AttentionBias): Tensor<DType> {
  switch (bias.kind) {
    case "dense":
    case "edges":
      return bias.values as Tensor<DType>;
    case "alibi":
      return bias.slopes as Tensor<DType>;
    case "relative":
    case "relative2d":
      return bias.table as Tensor<DType>;
    default:
      return bias satisfies never;
  }
}

/** In the order of `scoreParameterTypes`. */
export function scoreParameters(
  { first, second }: Pick<PlanBuffers, "first" | "second">,
  call: CheckedAttention,
): number[] {
  const { H, kvHeads, D, scale, softcap, slope, bias } = call;
  const [biasHeads, biasWidth, reachX, reachY, columns] = biasSizes(bias);
  return [
    H,
    kvHeads,
    D,
    first,
    second,
    floatBits(scale),
    floatBits(softcap),
    floatBits(slope),
    biasHeads,
    biasWidth,
    reachX,
    reachY,
    columns,
  ];
}

/** Heads of a dense bias or one of edges; width of a table of distances; reach and columns. */
export function biasSizes(
  bias: AttentionBias | null,
): readonly [heads: number, width: number, x: number, y: number, columns: number] {
  switch (bias?.kind) {
    case "dense":
      return [bias.heads, 0, 0, 0, 1];
    case "edges":
      return [bias.values.shape[1]!, 0, 0, 0, 1];
    case "relative": {
      const width = bias.table.shape[1]!;
      return [0, width, (width - 1) / 2, 0, 1];
    }
    case "relative2d":
      return [0, 0, bias.reach[1], bias.reach[0], bias.columns];
    case "alibi":
    case undefined:
      return [0, 0, 0, 0, 1];
    default:
      return bias satisfies undefined as never;
  }
}
