// One call of attention as jobs: the tiled kernel where keys come in ranges or segments, scores are products and the
// normalizer is softmax; the row kernel for everything else. Maps are a second pass over what was asked for.

import type { AttentionBias, AttentionMaps } from "../backend.ts";
import type { CheckedAttention } from "../check-attention.ts";
import type { AttentionPlan } from "../plan.ts";
import { setOfRow } from "../ragged.ts";
import { sizeOf, type DType, type Shape } from "../tensor.ts";
import type { PlanMemory } from "./attention-memory.ts";
import { attentionFields, type AttentionParameters } from "./attention-parameters.ts";
import type { Job, KernelJob } from "./job.ts";
import { floatBits } from "./kernels.ts";
import type { WasmTensor } from "./tensor.ts";

/** What attention needs of its workspace. */
export interface AttentionHost {
  address(x: WasmTensor<DType>): number;
  make<D extends DType>(shape: Shape, dtype: D): WasmTensor<D>;
  /** Memory for this call alone. */
  allocate(bytes: number): number;
  free(address: number): void;
  reserveScratch(bytes: number): void;
  push(job: Job): void;
  integers(): Int32Array;
  bytes(): Uint8Array;
  doubles(address: number, values: Float64Array): void;
}

/** What does not depend on widths in the scratch of a block: its state, the scores and masks of a chunk, constants. */
const fixedBytes = 64 + 128 + 256 + 192 * 64 + 64;
/** The state of a row in the scratch of the row kernel. */
const rowStateBytes = 128;
/** Keys of a set that are packed by one unit. */
const keysPerPart = 1536;

/** Submits the jobs; returns output and maps. */
export function submitAttention(
  host: AttentionHost,
  q: WasmTensor,
  k: WasmTensor,
  v: WasmTensor,
  plan: AttentionPlan,
  memory: PlanMemory,
  call: CheckedAttention,
): { readonly output: WasmTensor; readonly maps: AttentionMaps } {
  const { P, H } = call;
  const tiled = plan.form.kind !== "edges" && call.score.kind === "dot" && call.normalizer === "softmax";
  const output = host.make([P, H * call.valueWidth], "f32");
  const parameters = describe(host, q, k, v, output, memory, call);
  const made = makeMaps(host, plan, call, parameters);
  const temporary: number[] = [];
  if (tiled) submitTiled(host, plan, call, parameters, temporary);
  else submitRows(host, plan, call, parameters);
  if (made.rowSlots !== 0) temporary.push(made.rowSlots);
  if (made.copies.length > 0) host.push({ run: () => repeatRows(host, made.copies) });
  if (temporary.length > 0) host.push({ run: () => temporary.forEach((address) => host.free(address)) });
  return { output, maps: made.maps };
}

function describe(
  host: AttentionHost,
  q: WasmTensor,
  k: WasmTensor,
  v: WasmTensor,
  output: WasmTensor,
  memory: PlanMemory,
  call: CheckedAttention,
): AttentionParameters {
  const { score } = call;
  return {
    q: host.address(q),
    k: host.address(k),
    v: host.address(v),
    out: host.address(output),
    logSumExp: 0,
    statistics: 0,
    heads: call.H,
    kvHeads: call.kvHeads,
    width: call.D,
    valueWidth: call.valueWidth,
    ...memory,
    packedKeys: 0,
    valueColumns: 0,
    parts: Math.max(1, Math.ceil(memory.longestSet / keysPerPart)),
    scale: floatBits(call.scale),
    softcap: floatBits(call.softcap),
    score: score.kind === "dot" ? 0 : score.activation === "tanh" ? 1 : 2,
    vector: score.kind === "dot" ? 0 : host.address(score.vector as WasmTensor),
    slope: floatBits(call.slope),
    normalizer: { softmax: 0, relu: 1, hard: 2 }[call.normalizer],
    ...describeBias(host, call.bias),
    mapHeads: call.maps.heads,
    rowSlots: 0,
    rows: 0,
    topK: call.maps.topK,
    topKeys: 0,
    topWeights: 0,
    columnSums: 0,
    entropy: 0,
    edgeWeights: 0,
    full: 0,
    stage: 0,
  };
}

type BiasParameters = Pick<AttentionParameters, "bias" | "biasValues" | "biasHeads" | "reach" | "reachAcross" | "columns">;

function describeBias(host: AttentionHost, bias: AttentionBias | null): BiasParameters {
  const none = { bias: 0, biasValues: 0, biasHeads: 0, reach: 0, reachAcross: 0, columns: 0 };
  if (bias === null) return none;
  switch (bias.kind) {
    case "dense":
      return { ...none, bias: 1, biasValues: host.address(bias.values as WasmTensor), biasHeads: bias.heads };
    case "edges":
      return { ...none, bias: 2, biasValues: host.address(bias.values as WasmTensor), biasHeads: bias.values.shape[1]! };
    case "alibi":
      return { ...none, bias: 3, biasValues: host.address(bias.slopes as WasmTensor) };
    case "relative":
      return { ...none, bias: 4, biasValues: host.address(bias.table as WasmTensor), reach: (bias.table.shape[1]! - 1) / 2 };
    case "relative2d": {
      const [reach, reachAcross] = bias.reach;
      return { ...none, bias: 5, biasValues: host.address(bias.table as WasmTensor), reach, reachAcross, columns: bias.columns };
    }
  }
}

function submitTiled(host: AttentionHost, plan: AttentionPlan, call: CheckedAttention, parameters: AttentionParameters, temporary: number[]): void {
  const { maps, H, kvHeads, D, valueWidth, P } = call;
  const { blocks, groups, headsPerUnit, widestSpan, panels, keyRows, sets, longestSet } = parameters as AttentionParameters & PlanMemory;
  const remainder = valueWidth % 6;
  parameters.valueColumns = valueWidth - remainder + (remainder === 0 ? 0 : remainder <= 4 ? 4 : 6);
  const blockBytes = fixedBytes + 32 * D + 32 * parameters.valueColumns;
  host.reserveScratch(blockBytes + 4 * headsPerUnit * (widestSpan + 6) * (D + parameters.valueColumns));

  const wantsWeights = maps.rows !== null || maps.topK > 0 || maps.columnSums || maps.entropy || maps.full === "weights";
  if (wantsWeights) {
    parameters.statistics = host.allocate(Math.max(16, P * H * 8));
    temporary.push(parameters.statistics);
    host.reserveScratch(blockBytes + 32 * longestSet + 64);
  }
  const wantsKeys = wantsWeights || isStage(maps.full);
  if (wantsKeys) {
    parameters.packedKeys = host.allocate(Math.max(16, kvHeads * panels * D * 24));
    temporary.push(parameters.packedKeys);
  }

  const address = write(host, parameters);
  const pairsPerGroup = plan.pairs / Math.max(1, groups);
  const pairsPerBlock = plan.pairs / Math.max(1, blocks);
  const job = (kernel: KernelJob["kernel"], units: number, unitCost: number, sequential = false): void =>
    host.push({ kernel, parameters: address, units, unitCost, sequential });
  job("attention", (groups * kvHeads) / headsPerUnit, (pairsPerGroup * (D + valueWidth) * H * headsPerUnit) / kvHeads);
  if (wantsKeys) job("attentionPack", kvHeads * sets * parameters.parts, (keyRows / Math.max(1, sets * parameters.parts)) * D);
  if (wantsWeights) job("attentionMaps", blocks, pairsPerBlock * H * (D + 16 + 8 * maps.topK), maps.columnSums);
  if (isStage(maps.full)) job("attentionScores", blocks, 8 * longestSet * H * D);
}

function submitRows(host: AttentionHost, plan: AttentionPlan, call: CheckedAttention, parameters: AttentionParameters): void {
  const { maps, H, D, valueWidth, P } = call;
  const longest = isStage(maps.full) ? Math.max(plan.longestRow, (parameters as AttentionParameters & PlanMemory).longestSet) : plan.longestRow;
  const padded = (H + 3) & ~3;
  host.reserveScratch(rowStateBytes + 4 * (longest + 4) + 4 * longest * padded + 4 * longest);
  const address = write(host, parameters);
  const unitCost = (2 * (plan.pairs / Math.max(1, P)) + 1) * H * (D + valueWidth + (call.score.kind === "additive" ? 8 * D : 0));
  host.push({ kernel: "attentionRows", parameters: address, units: P, unitCost, sequential: maps.columnSums });
  if (isStage(maps.full)) host.push({ kernel: "attentionRowScores", parameters: address, units: P, unitCost });
}

function isStage(full: CheckedAttention["maps"]["full"]): boolean {
  return full !== null && full !== "weights";
}

function write(host: AttentionHost, parameters: AttentionParameters): number {
  const address = host.allocate(4 * attentionFields.length);
  const integers = host.integers();
  attentionFields.forEach((field, i) => {
    integers[(address >>> 2) + i] = parameters[field];
  });
  return address;
}

interface RowCopy {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

/** Makes the tensors of the maps that were asked for and tells the kernels where they are. */
function makeMaps(
  host: AttentionHost,
  plan: AttentionPlan,
  call: CheckedAttention,
  parameters: AttentionParameters,
): { readonly maps: AttentionMaps; readonly rowSlots: number; readonly copies: readonly RowCopy[] } {
  const { maps: request, P, H, keyRows } = call;
  const made: { -readonly [K in keyof AttentionMaps]: AttentionMaps[K] } = {};
  const copies: RowCopy[] = [];
  const place = <D extends DType>(shape: Shape, dtype: D, cleared = false): readonly [WasmTensor<D>, number] => {
    const tensor = host.make(shape, dtype);
    const address = host.address(tensor);
    if (cleared) host.bytes().fill(0, address, address + 4 * sizeOf(shape));
    return [tensor, address];
  };
  if (request.rows !== null) {
    [made.rows, parameters.rows] = place([request.rowsSize], "f32");
    const slots = new Float64Array(P).fill(-1);
    let slot = 0;
    for (const row of request.rows) {
      const n = setOfRow(plan.queryOffsets, row);
      const size = request.heads * (plan.keyOffsets[n + 1]! - plan.keyOffsets[n]!);
      const known = slots[row]!;
      if (known < 0) slots[row] = slot;
      else copies.push({ from: parameters.rows + 4 * known, to: parameters.rows + 4 * slot, bytes: 4 * size });
      slot += size;
    }
    parameters.rowSlots = host.allocate(8 * Math.max(2, P));
    host.doubles(parameters.rowSlots, slots);
  }
  if (request.topK > 0) {
    const shape = [P, request.heads, request.topK];
    const [keys, keysAt] = place(shape, "i32");
    const [weights, weightsAt] = place(shape, "f32");
    parameters.topKeys = keysAt;
    parameters.topWeights = weightsAt;
    made.topK = { keys, weights };
  }
  if (request.columnSums) [made.columnSums, parameters.columnSums] = place([keyRows, request.heads], "f32", true);
  if (request.entropy) [made.entropy, parameters.entropy] = place([P, H], "f32");
  if (request.logSumExp) [made.logSumExp, parameters.logSumExp] = place([P, H], "f32");
  if (request.edges) {
    const edgeCount = plan.form.kind === "edges" ? plan.form.edgeCount : 0;
    [made.edges, parameters.edgeWeights] = place([edgeCount, request.heads], "f32", true);
  }
  if (request.full !== null) {
    [made.full, parameters.full] = place([request.fullSize], "f32");
    parameters.stage = { weights: 0, scores: 1, capped: 2, biased: 3 }[request.full];
  }
  return { maps: made, rowSlots: parameters.rowSlots, copies };
}

function repeatRows(host: AttentionHost, copies: readonly RowCopy[]): void {
  for (const { from, to, bytes } of copies) host.bytes().copyWithin(to, from, from + bytes);
}
