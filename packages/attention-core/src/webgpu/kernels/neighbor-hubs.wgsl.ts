// Attention along edges, for rows that have very many: a workgroup for each part of such a row and each head leaves what
// its part comes to, and a second pass puts the parts of a row together, in their order.

import type { AttentionNormalizer } from "../../backend.ts";
import type { Kernel } from "../kernel.ts";
import { hubFields, partFields } from "../neighbor-bins.ts";
import { loadText, storeText } from "./load.wgsl.ts";
import { type NeighborForm, neighborBindings, neighborKey } from "./neighbors.wgsl.ts";
import { type ScoreForm, scoreParameterTypes, scoreText } from "./score.wgsl.ts";

const threads = 128;
const lowest = "const lowest = -3.4e38;";

/**
 * Units are parts, which begin in `plan` at `partsAt`, `partCount` for each head. A part leaves fours of numbers: largest
 * score, sum, its moment and whether it is NaN, then what its weights make of its values; with the normalizer hard the sum
 * is the place of the chosen edge, or -1.
 */
export function hubPartsKernel(form: NeighborForm): Kernel {
  const { normalizer, wideValues } = form;
  const halves = (expression: string): string => `
      for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
        if (thread < half) { ${expression} }
        workgroupBarrier();
      }`;
  const bad =
    normalizer === "softmax" ? "(bitcast<u32>(score.value) & 0x7fffffffu) >= 0x7f800000u" : "isNotNumber(score.value)";
  const steps: Readonly<Record<AttentionNormalizer, string>> = {
    softmax: `
      parts[thread] = vec2<f32>(select(lowest, score.value, score.permitted), 0.0);
      workgroupBarrier();${halves("parts[thread].x = max(parts[thread].x, parts[thread + half].x);")}
      let next = max(largest, parts[0].x);
      workgroupBarrier();
      var weight = 0.0;
      if (score.permitted) { weight = exp(score.value - next); }
      parts[thread] = vec2<f32>(weight, 0.0);
      if (score.permitted) { parts[thread].y = weight * (score.value - next); }
      workgroupBarrier();${halves("parts[thread] += parts[thread + half];")}
      var shift = 0.0;
      var factor = 0.0;
      if (largest > lowest) {
        shift = largest - next;
        factor = exp(shift);
      }
      moment = factor * (moment + shift * total) + parts[0].y;
      total = factor * total + parts[0].x;
      largest = next;
      result *= factor;
      weights[thread] = select(0x80000000u, bitcast<u32>(weight), score.permitted);
      workgroupBarrier();`,
    relu: `
      parts[thread] = vec2<f32>(select(0.0, 1.0, score.permitted), 0.0);
      weights[thread] = select(0x80000000u, bitcast<u32>(max(score.value, 0.0)) & 0x7fffffffu, score.permitted);
      workgroupBarrier();${halves("parts[thread] += parts[thread + half];")}
      total += parts[0].x;
      workgroupBarrier();`,
    hard: `
      parts[thread] = vec2<f32>(select(lowest, score.value, score.permitted), select(-1.0, f32(thread), score.permitted));
      workgroupBarrier();${halves(`
          let own = parts[thread];
          let other = parts[thread + half];
          let isBetter = other.y >= 0.0 && (own.y < 0.0 || other.x > own.x || (other.x == own.x && other.y < own.y));
          if (isBetter) { parts[thread] = other; }`)}
      if (parts[0].y >= 0.0 && (chosen < 0 || parts[0].x > largest)) {
        largest = parts[0].x;
        chosen = base + i32(parts[0].y);
      }
      workgroupBarrier();`,
  };
  const addUp =
    normalizer === "hard"
      ? ""
      : `
      let count = u32(min(${threads}, end - base));
      if (slice < slices) {
        for (var e = slice; e < count; e += slices) {
          if (weights[e] == 0x80000000u) { continue; }
          let weight = bitcast<f32>(weights[e]);
          result = fma(vec4<f32>(weight), loadValue(u32(row.keyRow + keyAt(base + i32(e))), kvHead, column), result);
        }
      }
      workgroupBarrier();`;
  return {
    key: `hub parts ${neighborKey(form)}`,
    threads,
    bindings: [
      ...neighborBindings(form),
      { name: "v", element: wideValues ? "vec4f" : "f32" },
      { name: "left", element: "vec4f", writes: true },
    ],
    parameters: [...scoreParameterTypes, ["valueWidth", "u32"], ["partsAt", "u32"], ["partCount", "u32"]],
    declarations: `
${scoreText(form, form.wide)}
${loadText("loadValue", "v", "p.kvHeads", "p.valueWidth", wideValues)}
${lowest}
var<workgroup> parts: array<vec2<f32>, ${threads}>;
var<workgroup> weights: array<u32, ${threads}>;
var<workgroup> sums: array<vec4<f32>, ${threads}>;
var<workgroup> spoiled: atomic<u32>;`,
    body: `
  let part = p.partsAt + ${partFields}u * (unit % p.partCount);
  let head = unit / p.partCount;
  let kvHead = head * p.kvHeads / p.heads;
  let queryRow = u32(plan[part]);
  let end = plan[part + 2u];
  let row = rowOf(queryRow);
  let fours = (p.valueWidth + 3u) / 4u;
  // Threads stand in slices of edges, as wide as a head of the values.
  let slices = ${threads}u / fours;
  let slice = thread / fours;
  let column = 4u * (thread % fours);
  if (thread == 0u) { atomicStore(&spoiled, 0u); }
  workgroupBarrier();
  var largest = lowest;
  var total = 0.0;
  var moment = 0.0;
  var chosen = -1;
  var result = vec4<f32>();
  for (var base = plan[part + 1u]; base < end; base += ${threads}) {
    let place = base + i32(thread);
    var score = Score(lowest, false);
    if (place < end) { score = scoreOf(row, queryRow, head, keyAt(place), edgeAt(place)); }
    if (score.permitted && ${bad}) {
      atomicStore(&spoiled, 1u);
      score = Score(lowest, false);
    }${steps[normalizer]}${addUp}
  }
  ${
    normalizer === "hard"
      ? "if (slice == 0u && chosen >= 0) { result = loadValue(u32(row.keyRow + keyAt(chosen)), kvHead, column); }"
      : `sums[thread] = result;
  workgroupBarrier();
  if (slice == 0u) {
    for (var s = 1u; s < slices; s += 1u) { result += sums[s * fours + thread]; }
  }`
  }
  let to = unit * (fours + 1u);
  if (slice == 0u) { left[to + 1u + thread] = result; }
  if (thread == 0u) {
    left[to] = vec4<f32>(largest, ${normalizer === "hard" ? "bitcast<f32>(u32(chosen))" : "total"}, moment, f32(atomicLoad(&spoiled)));
  }`,
  };
}

/** Puts the parts of hubs together: units are hubs, which begin in `plan` at `hubsAt`, `hubCount` for each head. */
export function hubsKernel(normalizer: ScoreForm["normalizer"], stats: boolean, wideValues: boolean): Kernel {
  const merges: Readonly<Record<AttentionNormalizer, string>> = {
    softmax: `
    let next = max(largest, found.x);
    var own = vec2<f32>();
    if (largest > lowest) { own = vec2<f32>(exp(largest - next), largest - next); }
    var other = vec2<f32>();
    if (found.x > lowest) { other = vec2<f32>(exp(found.x - next), found.x - next); }
    moment = own.x * (moment + own.y * total) + other.x * (found.z + other.y * found.y);
    total = own.x * total + other.x * found.y;
    result = own.x * result + other.x * left[at + 1u + thread % fours];
    largest = next;`,
    relu: `
    total += found.y;
    result += left[at + 1u + thread % fours];`,
    hard: `
    let place = i32(bitcast<u32>(found.y));
    if (place >= 0 && (chosen < 0 || found.x > largest)) {
      largest = found.x;
      chosen = place;
      result = left[at + 1u + thread % fours];
    }`,
  };
  const isEmpty = { softmax: "largest == lowest", relu: "total == 0.0", hard: "chosen < 0" }[normalizer];
  return {
    key: `hubs ${normalizer} ${wideValues ? 4 : 1}${stats ? " with statistics" : ""}`,
    threads: 64,
    bindings: [
      { name: "plan", element: "i32" },
      { name: "left", element: "vec4f" },
      { name: "y", element: wideValues ? "vec4f" : "f32", writes: true },
      ...(stats ? [{ name: "statistics", element: "vec4f", writes: true } as const] : []),
    ],
    parameters: [
      ["heads", "u32"],
      ["valueWidth", "u32"],
      ["notNumber", "f32"],
      ["hubsAt", "u32"],
      ["hubCount", "u32"],
      ["partCount", "u32"],
    ],
    declarations: `${lowest}\n${storeText(wideValues)}`,
    body: `
  let hub = p.hubsAt + ${hubFields}u * (unit % p.hubCount);
  let head = unit / p.hubCount;
  let queryRow = u32(plan[hub]);
  let fours = (p.valueWidth + 3u) / 4u;
  var largest = lowest;
  var total = 0.0;
  var moment = 0.0;
  var chosen = -1;
  var isBad = false;
  var result = vec4<f32>();
  for (var i = 0u; i < u32(plan[hub + 2u]); i += 1u) {
    let at = (head * p.partCount + u32(plan[hub + 1u]) + i) * (fours + 1u);
    let found = left[at];
    isBad = isBad || found.w > 0.5;${merges[normalizer]}
  }
  let isEmpty = ${isEmpty};
  if (thread < fours) {
    ${normalizer === "hard" ? "" : "if (!isEmpty) { result /= total; }"}
    if (isBad) { result = vec4<f32>(p.notNumber); }
    store(queryRow, head, 4u * thread, result);
  }${
    stats
      ? `
  if (thread == 0u) {
    var row = vec4<f32>(largest, ${normalizer === "hard" ? "bitcast<f32>(u32(chosen))" : "total"}, ${normalizer === "softmax" ? "log(max(total, 1e-38)) - moment / max(total, 1e-38)" : "0.0"}, 0.0);
    if (isEmpty) { row = vec4<f32>(lowest, ${normalizer === "hard" ? "row.y" : "1.0"}, 0.0, 0.0); }
    if (isBad) { row = vec4<f32>(p.notNumber, row.y, p.notNumber, 1.0); }
    statistics[queryRow * p.heads + head] = row;
  }`
      : ""
  }`,
  };
}
