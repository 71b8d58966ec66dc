// Attention along edges, for rows that have few: a workgroup takes a bin of rows side by side, with some heads. Its threads
// score an edge and head each, then normalize a row and head each, then add up four columns of a row each: whatever the
// degrees are, all threads have the same to do, and nothing of the size edges × width is made.

import type { AttentionNormalizer } from "../../backend.ts";
import type { Kernel } from "../kernel.ts";
import { binFields, mostEdges, mostRows, mostScores, mostStates } from "../neighbor-bins.ts";
import { loadText, storeText } from "./load.wgsl.ts";
import { keyOf, type ScoreForm, scoreBindings, scoreParameterTypes, scoreText } from "./score.wgsl.ts";

/** What a program is made for. */
export interface NeighborForm extends ScoreForm {
  /** Whether [P, H, 4] numbers are left for maps, see `attentionKernel`. */
  readonly stats: boolean;
  /** Whether heads of queries and keys, and of values, are read four numbers at a time. */
  readonly wide: boolean;
  readonly wideValues: boolean;
}

/** The bindings that scores need, queries and keys read as the form says. */
export function neighborBindings(form: NeighborForm): Kernel["bindings"] {
  const element = form.wide ? "vec4f" : "f32";
  return scoreBindings(form).map((binding) =>
    binding.name === "q" || binding.name === "k" ? { ...binding, element } : binding,
  );
}

/** What tells the programs of forms apart. */
export function neighborKey(form: NeighborForm): string {
  return `${keyOf(form)} ${form.wide ? 4 : 1} ${form.wideValues ? 4 : 1}`;
}

const threads = 128;

/** Units are bins, which begin in `plan` at `binsAt`, `binCount` for each group of `groupHeads` heads. */
export function neighborsKernel(form: NeighborForm): Kernel {
  const { stats, wideValues } = form;
  const element = wideValues ? "vec4f" : "f32";
  return {
    key: `neighbors ${neighborKey(form)}${stats ? " with statistics" : ""}`,
    threads,
    bindings: [
      ...neighborBindings(form),
      { name: "v", element },
      { name: "y", element, writes: true },
      ...(stats ? [{ name: "statistics", element: "vec4f", writes: true } as const] : []),
    ],
    parameters: [
      ...scoreParameterTypes,
      ["valueWidth", "u32"],
      ["notNumber", "f32"],
      ["binsAt", "u32"],
      ["binCount", "u32"],
      ["groupHeads", "u32"],
    ],
    declarations: `
${scoreText(form, form.wide)}
${loadText("loadValue", "v", "p.kvHeads", "p.valueWidth", wideValues)}
${storeText(wideValues)}
const lowest = -3.4e38;
const unread = 0x80000000u;
var<workgroup> scores: array<f32, ${mostScores}>;
// Of a row and head what its sum is divided by; -1 where there is nothing, -2 for NaN.
var<workgroup> totals: array<f32, ${mostStates}>;
var<workgroup> edgeStarts: array<i32, ${mostRows + 1}>;
var<workgroup> localRows: array<u32, ${mostEdges}>;
var<workgroup> keyRows: array<u32, ${mostEdges}>;`,
    body: `
  let bin = p.binsAt + ${binFields}u * (unit % p.binCount);
  let firstHead = unit / p.binCount * p.groupHeads;
  let heads = min(p.groupHeads, p.heads - firstHead);
  let firstRow = u32(plan[bin]);
  let rowCount = u32(plan[bin + 1u]);
  let firstEdge = rowOf(firstRow).first;
  for (var i = thread; i < rowCount; i += ${threads}u) {
    let row = rowOf(firstRow + i);
    edgeStarts[i] = row.first - firstEdge;
    if (i + 1u == rowCount) { edgeStarts[rowCount] = row.end - firstEdge; }
  }
  workgroupBarrier();
  let edges = u32(edgeStarts[rowCount]);
  for (var i = thread; i < edges; i += ${threads}u) {
    // The last row that begins at or before the edge.
    var low = 0u;
    var high = rowCount - 1u;
    while (low < high) {
      let middle = (low + high + 1u) / 2u;
      if (edgeStarts[middle] <= i32(i)) { low = middle; } else { high = middle - 1u; }
    }
    localRows[i] = low;
    keyRows[i] = u32(rowOf(firstRow + low).keyRow + keyAt(firstEdge + i32(i)));
  }
  workgroupBarrier();
  for (var i = thread; i < edges * heads; i += ${threads}u) {
    let place = firstEdge + i32(i / heads);
    let queryRow = firstRow + localRows[i / heads];
    let score = scoreOf(rowOf(queryRow), queryRow, firstHead + i % heads, keyAt(place), edgeAt(place));
    scores[i] = select(lowest, score.value, score.permitted);
  }
  workgroupBarrier();
  for (var i = thread; i < rowCount * heads; i += ${threads}u) {
    let start = u32(edgeStarts[i / heads]);
    let end = u32(edgeStarts[i / heads + 1u]);
    let h = i % heads;
    var isBad = false;
    var largest = lowest;
    var total = 0.0;
    var moment = 0.0;
    var chosen = -1;
${normalizeText[form.normalizer]}
    let isEmpty = ${emptyText[form.normalizer]};
    totals[i] = select(select(${form.normalizer === "hard" ? "1.0" : "total"}, -1.0, isEmpty), -2.0, isBad);${
      stats
        ? `
    var left = vec4<f32>(largest, ${form.normalizer === "hard" ? "bitcast<f32>(u32(firstEdge + chosen))" : "total"}, ${form.normalizer === "softmax" ? "log(max(total, 1e-38)) - moment / max(total, 1e-38)" : "0.0"}, 0.0);
    if (isEmpty) { left = vec4<f32>(lowest, ${form.normalizer === "hard" ? "bitcast<f32>(0x7fffffffu & u32(chosen))" : "1.0"}, 0.0, 0.0); }
    if (isBad) { left = vec4<f32>(p.notNumber, left.y, p.notNumber, 1.0); }
    statistics[(firstRow + i / heads) * p.heads + firstHead + h] = left;`
        : ""
    }
  }
  workgroupBarrier();
  let fours = (p.valueWidth + 3u) / 4u;
  for (var i = thread; i < rowCount * heads * fours; i += ${threads}u) {
    let local = i / (heads * fours);
    let h = i / fours % heads;
    let head = firstHead + h;
    let kvHead = head * p.kvHeads / p.heads;
    let column = 4u * (i % fours);
    let total = totals[local * heads + h];
    var result = vec4<f32>();
    if (total == -2.0) {
      result = vec4<f32>(p.notNumber);
    } else if (total != -1.0) {
      for (var e = u32(edgeStarts[local]); e < u32(edgeStarts[local + 1u]); e += 1u) {
        let weight = scores[e * heads + h];
        if (bitcast<u32>(weight) == unread) { continue; }
        result = fma(vec4<f32>(weight), loadValue(keyRows[e], kvHead, column), result);
      }
      result /= total;
    }
    store(firstRow + local, head, column, result);
  }`,
  };
}

/** Weights in place of the scores of a row and head; -0 where the value is not to be read. */
const normalizeText: Readonly<Record<AttentionNormalizer, string>> = {
  softmax: `
    for (var e = start; e < end; e += 1u) {
      let score = scores[e * heads + h];
      if ((bitcast<u32>(score) & 0x7fffffffu) >= 0x7f800000u) { isBad = true; } else { largest = max(largest, score); }
    }
    for (var e = start; e < end; e += 1u) {
      let score = scores[e * heads + h];
      var bits = unread;
      if (score != lowest && !isBad) {
        let weight = exp(score - largest);
        total += weight;
        moment += weight * (score - largest);
        bits = bitcast<u32>(weight);
      }
      scores[e * heads + h] = bitcast<f32>(bits);
    }`,
  relu: `
    for (var e = start; e < end; e += 1u) {
      let score = scores[e * heads + h];
      var bits = unread;
      if (isNotNumber(score)) {
        isBad = true;
      } else if (score != lowest) {
        total += 1.0;
        bits = bitcast<u32>(max(score, 0.0)) & 0x7fffffffu;
      }
      scores[e * heads + h] = bitcast<f32>(bits);
    }`,
  hard: `
    for (var e = start; e < end; e += 1u) {
      let score = scores[e * heads + h];
      if (isNotNumber(score)) {
        isBad = true;
      } else if (score != lowest && (chosen < 0 || score > largest)) {
        largest = score;
        chosen = i32(e);
      }
    }
    for (var e = start; e < end; e += 1u) {
      scores[e * heads + h] = bitcast<f32>(select(unread, 0x3f800000u, i32(e) == chosen));
    }`,
};

const emptyText: Readonly<Record<AttentionNormalizer, string>> = {
  softmax: "largest == lowest",
  relu: "total == 0.0",
  hard: "chosen < 0",
};
