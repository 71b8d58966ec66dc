// Attention, a workgroup for each query row and head: its threads score 64 keys at a time, the softmax runs along with a
// running maximum and sum (Milakov and Gimelshein 2018), and each thread then adds up columns of the values. Nothing of the
// size queries × keys is made, and what a plan forbids is not computed.

import type { Kernel } from "../kernel.ts";
import { keyOf, type ScoreForm, scoreBindings, scoreParameterTypes, scoreText } from "./score.wgsl.ts";

const threads = 64;
/** Columns of values that a thread adds up, at most: 256 / 64. */
const columnsPerThread = 4;

/** `stats`: whether [P, H, 4] numbers are left for maps: largest score, sum, entropy, and 1 for a row that is NaN. */
export function attentionKernel(form: ScoreForm, stats: boolean): Kernel {
  const { normalizer } = form;
  return {
    key: `attention ${keyOf(form)}${stats ? " with statistics" : ""}`,
    threads,
    bindings: [
      ...scoreBindings(form),
      { name: "v", element: "f32" },
      { name: "y", element: "f32", writes: true },
      ...(stats ? [{ name: "statistics", element: "vec4f", writes: true } as const] : []),
    ],
    parameters: [...scoreParameterTypes, ["valueWidth", "u32"], ["notNumber", "f32"]],
    declarations: `
${scoreText(form)}
const lowest = -3.4e38;
var<workgroup> scores: array<f32, ${threads}>;
var<workgroup> open: array<u32, ${threads}>;
var<workgroup> parts: array<f32, ${threads}>;
var<workgroup> others: array<f32, ${threads}>;
var<workgroup> spoiled: atomic<u32>;`,
    body: `
  let queryRow = unit / p.heads;
  let head = unit % p.heads;
  let row = rowOf(queryRow);
  let valueHead = head * p.kvHeads / p.heads;
  if (thread == 0u) { atomicStore(&spoiled, 0u); }
  workgroupBarrier();
  var sums: array<f32, ${columnsPerThread}>;
  var largest = lowest;
  var total = 0.0;
  var moment = 0.0;
  var chosen = -1;
  for (var segment = firstSegment(row); segment < endSegment(row); segment += 1) {
    let end = placeTo(row, segment);
    for (var base = placeFrom(row, segment); base < end; base += ${threads}) {
      let place = base + i32(thread);
      var score = Score(lowest, false);
      if (place < end) {
        if (isOpen(row, segment, place)) { score = scoreOf(row, queryRow, head, keyAt(place), edgeAt(place)); }
      }
      ${normalizer === "softmax" ? "if (score.permitted && (bitcast<u32>(score.value) & 0x7fffffffu) >= 0x7f800000u) { atomicStore(&spoiled, 1u); }" : "if (score.permitted && isNotNumber(score.value)) { atomicStore(&spoiled, 1u); }"}
      open[thread] = select(0u, 1u, score.permitted);
${steps[normalizer]}
      workgroupBarrier();
      let count = min(${threads}, end - base);
      for (var j = 0; j < count; j += 1) {
        if (open[j] == 0u) { continue; }
        ${normalizer === "hard" ? "if (base + j != chosen) { continue; }" : ""}
        let weight = ${normalizer === "hard" ? "1.0" : "scores[j]"};
        let valueAt = (u32(row.keyRow + keyAt(base + j)) * p.kvHeads + valueHead) * p.valueWidth;
        for (var i = 0u; i < ${columnsPerThread}u; i += 1u) {
          let column = thread + i * ${threads}u;
          if (column < p.valueWidth) { sums[i] += weight * v[valueAt + column]; }
        }
      }
      workgroupBarrier();
    }
  }
  let isSpoiled = atomicLoad(&spoiled) != 0u;
  let isEmpty = ${normalizer === "softmax" ? "largest == lowest" : normalizer === "relu" ? "total == 0.0" : "chosen < 0"};
  for (var i = 0u; i < ${columnsPerThread}u; i += 1u) {
    let column = thread + i * ${threads}u;
    if (column < p.valueWidth) {
      var result = ${normalizer === "hard" ? "sums[i]" : "sums[i] / total"};
      if (isEmpty) { result = 0.0; }
      if (isSpoiled) { result = p.notNumber; }
      y[(queryRow * p.heads + head) * p.valueWidth + column] = result;
    }
  }${
    stats
      ? `
  if (thread == 0u) {
    var left = vec4<f32>(largest, total, ${normalizer === "softmax" ? "log(max(total, 1e-38)) - moment / max(total, 1e-38)" : "0.0"}, 0.0);
    ${normalizer === "hard" ? "left.y = bitcast<f32>(u32(chosen));" : ""}
    if (isEmpty) { left = vec4<f32>(lowest, ${normalizer === "hard" ? "left.y" : "1.0"}, 0.0, 0.0); }
    if (isSpoiled) { left = vec4<f32>(p.notNumber, left.y, p.notNumber, 1.0); }
    statistics[unit] = left;
  }`
      : ""
  }`,
  };
}

/** What a chunk of scores comes to: weights in `scores`, and the running state. */
const steps = {
  softmax: `
      parts[thread] = select(lowest, score.value, score.permitted);
      workgroupBarrier();
      for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
        if (thread < step) { parts[thread] = max(parts[thread], parts[thread + step]); }
        workgroupBarrier();
      }
      let next = max(largest, parts[0]);
      workgroupBarrier();
      var weight = 0.0;
      var weighted = 0.0;
      if (score.permitted) {
        weight = exp(score.value - next);
        weighted = weight * (score.value - next);
      }
      scores[thread] = weight;
      parts[thread] = weight;
      others[thread] = weighted;
      workgroupBarrier();
      for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
        if (thread < step) {
          parts[thread] += parts[thread + step];
          others[thread] += others[thread + step];
        }
        workgroupBarrier();
      }
      var factor = 0.0;
      var shift = 0.0;
      if (largest > lowest) {
        shift = largest - next;
        factor = exp(shift);
      }
      moment = factor * (moment + shift * total) + others[0];
      total = factor * total + parts[0];
      largest = next;
      for (var i = 0u; i < ${columnsPerThread}u; i += 1u) { sums[i] *= factor; }`,
  relu: `
      scores[thread] = select(0.0, max(score.value, 0.0), score.permitted);
      parts[thread] = select(0.0, 1.0, score.permitted);
      workgroupBarrier();
      for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
        if (thread < step) { parts[thread] += parts[thread + step]; }
        workgroupBarrier();
      }
      total += parts[0];`,
  hard: `
      scores[thread] = select(lowest, score.value, score.permitted);
      workgroupBarrier();
      let before = chosen;
      for (var j = 0; j < min(${threads}, end - base); j += 1) {
        if (open[j] != 0u && (chosen < 0 || scores[j] > largest)) {
          largest = scores[j];
          chosen = base + j;
        }
      }
      if (chosen != before) { for (var i = 0u; i < ${columnsPerThread}u; i += 1u) { sums[i] = 0.0; } }`,
} as const;
