// One call of attention as jobs: the tiled kernel where keys come in ranges or segments, scores are products and the
// normalizer is softmax; the row kernel for everything else. Maps are a second pass over what was asked for.

import type { Attended, AttentionBias, AttentionMaps } from "../backend.ts";
import type { CheckedAttention } from "../check-attention.ts";
import type { AttentionPlan } from "../plan.ts";
import { setOfRow } from "../ragged.ts";
import { type DType, type Shape, sizeOf, type Tensor } from "../tensor.ts";
import type { PlanImage, PlanSizes } from "./plan-image.ts";
import { type AttentionField, attentionFields, field } from "./attention-parameters.ts";
import type { KernelJob } from "./job.ts";
import type { KernelHost } from "./kernel-host.ts";
import { floatBits } from "./kernels.ts";

/** What does not depend on widths in the scratch of a block: its state, the scores and masks of a chunk, constants. */
const fixedBytes = 64 + 128 + 256 + 192 * 64 + 64;
/** The state of a row in the scratch of the row kernel. */
const rowStateBytes = 128;
/** Keys of a set that are packed by one unit. */
const keysPerPart = 1536;

/** Which weights dropout keeps, as the kernels read it; see `dropoutKeeps`. */
export interface KeptWeights {
  /** 1 / (1 - rate). */
  readonly scale: number;
  /** Words from here on are kept. */
  readonly from: number;
  /** Mixed. */
  readonly seed: number;
}

/** Submits the jobs of one call; `plan` stands at `planAt` as `image` says. Returns output and maps. */
export function submitAttention(
  host: KernelHost,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  plan: AttentionPlan,
  image: PlanImage,
  planAt: number,
  call: CheckedAttention,
  kept: KeptWeights | null = null,
): Attended {
  const tiled = plan.form.kind !== "edges" && call.score.kind === "dot" && call.normalizer === "softmax";
  const output = host.make([call.P, call.H * call.valueWidth], "f32");
  const parameters = describeAttention(host, q, k, v, image, planAt, call, kept);
  parameters[field.out] = host.address(output);
  const temporary: number[] = [];
  const maps = call.maps.any ? makeMaps(host, plan, call, parameters, temporary) : noMaps;
  if (tiled) submitTiled(host, plan, image.sizes, call, parameters, temporary);
  else submitRows(host, plan, image.sizes, call, parameters);
  if (maps.copies.length > 0) host.push({ run: () => repeatRows(host, maps.copies) });
  if (temporary.length > 0) host.push({ run: () => temporary.forEach((address) => host.free(address)) });
  return { output, maps: maps.made };
}

/** The parameters of a call, but for its results. */
export function describeAttention(
  host: KernelHost,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  image: PlanImage,
  planAt: number,
  call: CheckedAttention,
  kept: KeptWeights | null,
): Int32Array {
  const parameters = new Int32Array(attentionFields.length);
  parameters[field.q] = host.address(q);
  parameters[field.k] = host.address(k);
  parameters[field.v] = host.address(v);
  describePlan(parameters, image, planAt);
  describeCall(parameters, host, call);
  if (kept !== null) {
    parameters[field.keepScale] = floatBits(kept.scale);
    parameters[field.keepFrom] = kept.from;
    parameters[field.keepSeed] = kept.seed;
  }
  return parameters;
}

function describePlan(parameters: Int32Array, { places, sizes }: PlanImage, planAt: number): void {
  const at = (place: number | null): number => (place === null ? 0 : planAt + place);
  parameters[field.sets] = sizes.sets;
  parameters[field.queries] = sizes.queries;
  parameters[field.keyRows] = sizes.keyRows;
  parameters[field.blocks] = sizes.blocks;
  parameters[field.headsPerUnit] = sizes.headsPerUnit;
  parameters[field.headsFirst] = sizes.headsFirst;
  parameters[field.panels] = sizes.panels;
  parameters[field.form] = sizes.form;
  parameters[field.parts] = Math.max(1, Math.ceil(sizes.longestSet / keysPerPart));
  parameters[field.groupBlocks] = at(places.groupBlocks);
  parameters[field.groupOffsets] = at(places.groupOffsets);
  parameters[field.blockSets] = at(places.blockSets);
  parameters[field.blockOffsets] = at(places.blockOffsets);
  parameters[field.queryOffsets] = at(places.queryOffsets);
  parameters[field.keyOffsets] = at(places.keyOffsets);
  parameters[field.panelOffsets] = at(places.panelOffsets);
  parameters[field.pairOffsets] = at(places.pairOffsets);
  parameters[field.first] = at(places.first);
  parameters[field.second] = at(places.second);
  parameters[field.third] = at(places.third);
  parameters[field.masks] = at(places.masks);
  parameters[field.bits] = at(places.bits);
}

function describeCall(parameters: Int32Array, host: KernelHost, call: CheckedAttention): void {
  const { score, bias } = call;
  parameters[field.heads] = call.H;
  parameters[field.kvHeads] = call.kvHeads;
  parameters[field.width] = call.D;
  parameters[field.valueWidth] = call.valueWidth;
  parameters[field.scale] = floatBits(call.scale);
  parameters[field.softcap] = floatBits(call.softcap);
  parameters[field.normalizer] = { softmax: 0, relu: 1, hard: 2 }[call.normalizer];
  parameters[field.mapHeads] = call.maps.heads;
  parameters[field.topK] = call.maps.topK;
  if (score.kind === "additive") {
    parameters[field.score] = score.activation === "tanh" ? 1 : 2;
    parameters[field.vector] = host.address(score.vector);
    parameters[field.slope] = floatBits(call.slope);
  }
  if (bias !== null) describeBias(parameters, host, bias);
}

function describeBias(parameters: Int32Array, host: KernelHost, bias: AttentionBias): void {
  switch (bias.kind) {
    case "dense":
      parameters[field.bias] = 1;
      parameters[field.biasValues] = host.address(bias.values);
      parameters[field.biasHeads] = bias.heads;
      return;
    case "edges":
      parameters[field.bias] = 2;
      parameters[field.biasValues] = host.address(bias.values);
      parameters[field.biasHeads] = bias.values.shape[1]!;
      return;
    case "alibi":
      parameters[field.bias] = 3;
      parameters[field.biasValues] = host.address(bias.slopes);
      return;
    case "relative":
      parameters[field.bias] = 4;
      parameters[field.biasValues] = host.address(bias.table);
      parameters[field.reach] = (bias.table.shape[1]! - 1) / 2;
      return;
    case "relative2d":
      parameters[field.bias] = 5;
      parameters[field.biasValues] = host.address(bias.table);
      [parameters[field.reach], parameters[field.reachAcross]] = bias.reach;
      parameters[field.columns] = bias.columns;
  }
}

function submitTiled(
  host: KernelHost,
  plan: AttentionPlan,
  sizes: PlanSizes,
  call: CheckedAttention,
  parameters: Int32Array,
  temporary: number[],
): void {
  const { maps, H, kvHeads, D, valueWidth, P } = call;
  const { blocks, groups, headsPerUnit, widestSpan, panels, keyRows, sets, longestSet } = sizes;
  const remainder = valueWidth % 6;
  const valueColumns = valueWidth - remainder + (remainder === 0 ? 0 : remainder <= 4 ? 4 : 6);
  parameters[field.valueColumns] = valueColumns;
  const blockBytes = fixedBytes + 32 * D + 32 * valueColumns;
  host.reserveScratch(blockBytes + 4 * headsPerUnit * (widestSpan + 6) * (D + valueColumns));

  const wantsWeights =
    maps.rows !== null || maps.topK > 0 || maps.columnSums || maps.entropy || maps.full === "weights";
  if (wantsWeights) {
    const statistics = host.allocate(Math.max(16, P * H * 8));
    parameters[field.statistics] = statistics;
    temporary.push(statistics);
    host.reserveScratch(blockBytes + 32 * longestSet + 64);
  }
  const wantsKeys = wantsWeights || isStage(maps.full);
  if (wantsKeys) {
    const packedKeys = host.allocate(Math.max(16, kvHeads * panels * D * 24));
    parameters[field.packedKeys] = packedKeys;
    temporary.push(packedKeys);
  }

  const address = write(host, parameters);
  const pairsPerGroup = plan.pairs / Math.max(1, groups);
  const pairsPerBlock = plan.pairs / Math.max(1, blocks);
  const job = (kernel: KernelJob["kernel"], units: number, unitCost: number, sequential = false): void =>
    host.push({ kernel, parameters: address, units, unitCost, sequential });
  job("attention", (groups * kvHeads) / headsPerUnit, (pairsPerGroup * (D + valueWidth) * H * headsPerUnit) / kvHeads);
  if (wantsKeys) {
    const parts = parameters[field.parts]!;
    job("attentionPack", kvHeads * sets * parts, (keyRows / Math.max(1, sets * parts)) * D);
  }
  if (wantsWeights) job("attentionMaps", blocks, pairsPerBlock * H * (D + 16 + 8 * maps.topK), maps.columnSums);
  if (isStage(maps.full)) job("attentionScores", blocks, 8 * longestSet * H * D);
}

function submitRows(
  host: KernelHost,
  plan: AttentionPlan,
  sizes: PlanSizes,
  call: CheckedAttention,
  parameters: Int32Array,
): void {
  const { maps, H, D, valueWidth, P } = call;
  const longest = isStage(maps.full) ? Math.max(plan.longestRow, sizes.longestSet) : plan.longestRow;
  const paddedHeads = (H + 3) & ~3;
  host.reserveScratch(rowStateBytes + 4 * (longest + 4) + 4 * longest * paddedHeads + 4 * longest);
  const address = write(host, parameters);
  const unitCost =
    (2 * (plan.pairs / Math.max(1, P)) + 1) * H * (D + valueWidth + (call.score.kind === "additive" ? 8 * D : 0));
  host.push({ kernel: "attentionRows", parameters: address, units: P, unitCost, sequential: maps.columnSums });
  if (isStage(maps.full)) host.push({ kernel: "attentionRowScores", parameters: address, units: P, unitCost });
}

function isStage(full: CheckedAttention["maps"]["full"]): boolean {
  return full !== null && full !== "weights";
}

function write(host: KernelHost, parameters: Int32Array): number {
  const address = host.allocate(parameters.byteLength);
  host.heap.integers.set(parameters, address >>> 2);
  return address;
}

interface RowCopy {
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
}

interface MadeMaps {
  readonly made: AttentionMaps;
  /** Rows that were asked for more than once. */
  readonly copies: readonly RowCopy[];
}

const noMaps: MadeMaps = { made: {}, copies: [] };

/** Makes the tensors of the maps that were asked for and tells the kernels where they are. */
function makeMaps(
  host: KernelHost,
  plan: AttentionPlan,
  call: CheckedAttention,
  parameters: Int32Array,
  temporary: number[],
): MadeMaps {
  const { maps: request, P, H, keyRows } = call;
  const made: { -readonly [K in keyof AttentionMaps]: AttentionMaps[K] } = {};
  const copies: RowCopy[] = [];
  const place = <D extends DType>(name: AttentionField, shape: Shape, dtype: D, cleared = false): Tensor<D> => {
    const tensor = host.make(shape, dtype);
    const address = host.address(tensor);
    if (cleared) host.heap.bytes.fill(0, address, address + 4 * sizeOf(shape));
    parameters[field[name]] = address;
    return tensor;
  };
  if (request.rows !== null) {
    made.rows = place("rows", [request.rowsSize], "f32");
    const rowsAt = host.address(made.rows);
    const slots = new Float64Array(P).fill(-1);
    let slot = 0;
    for (const row of request.rows) {
      const n = setOfRow(plan.queryOffsets, row);
      const size = request.heads * (plan.keyOffsets[n + 1]! - plan.keyOffsets[n]!);
      const known = slots[row]!;
      if (known < 0) slots[row] = slot;
      else copies.push({ from: rowsAt + 4 * known, to: rowsAt + 4 * slot, bytes: 4 * size });
      slot += size;
    }
    const slotsAt = host.allocate(Math.max(16, slots.byteLength));
    host.heap.bytes.set(new Uint8Array(slots.buffer), slotsAt);
    parameters[field.rowSlots] = slotsAt;
    temporary.push(slotsAt);
  }
  if (request.topK > 0) {
    const shape = [P, request.heads, request.topK];
    made.topK = { keys: place("topKeys", shape, "i32"), weights: place("topWeights", shape, "f32") };
  }
  if (request.columnSums) made.columnSums = place("columnSums", [keyRows, request.heads], "f32", true);
  if (request.entropy) made.entropy = place("entropy", [P, H], "f32");
  if (request.logSumExp) made.logSumExp = place("logSumExp", [P, H], "f32");
  if (request.edges) {
    const edgeCount = plan.form.kind === "edges" ? plan.form.edgeCount : 0;
    made.edges = place("edgeWeights", [edgeCount, request.heads], "f32", true);
  }
  if (request.full !== null) {
    made.full = place("full", [request.fullSize], "f32");
    parameters[field.stage] = { weights: 0, scores: 1, capped: 2, biased: 3 }[request.full];
  }
  return { made, copies };
}

function repeatRows(host: KernelHost, copies: readonly RowCopy[]): void {
  for (const { from, to, bytes } of copies) host.heap.bytes.copyWithin(to, from, from + bytes);
}
