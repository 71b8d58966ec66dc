// Maps: scores are made again and weighed by what the first pass left of each row and head.

import type { Binding, Kernel } from "../kernel.ts";
import type { Variants } from "../variants.ts";
import { reduction } from "./reduce.wgsl.ts";
import { keyOf, type ScoreForm, scoreBindings, scoreParameterTypes, scoreText, weightText } from "./score.wgsl.ts";

const threads = 64;

/** What the values of `rowsKernel` are. */
export type RowValues = "weights" | "scores" | "capped" | "biased";

const statistics: Binding = { name: "statistics", element: "vec4f" };

/** The value of a pair for a map's head: of one head, or the mean over all. */
function ofHeads(mean: boolean, value: string): string {
  return mean
    ? `
  var sum = 0.0;
  var open = false;
  for (var h = 0u; h < p.heads; h += 1u) {
    let found = ${value};
    if (found.permitted) { sum += found.value; open = true; }
  }
  return Score(sum / f32(p.heads), open);`
    : `
  let h = mapHead;
  return ${value};`;
}

/** `pairWeight(row, queryRow, mapHead, place)`: the weight of the pair at a place of the row, 0 where it is forbidden. */
function pairText(form: ScoreForm, mean: boolean): string {
  return `
${scoreText(form)}
${weightText(form)}
fn headWeight(row: Row, queryRow: u32, h: u32, place: i32) -> Score {
  let score = scoreOf(row, queryRow, h, keyAt(place), edgeAt(place));
  if (!score.permitted) { return Score(0.0, false); }
  return Score(weightOf(score.value, place, statistics[queryRow * p.heads + h]), true);
}
fn pairWeight(row: Row, queryRow: u32, mapHead: u32, place: i32) -> Score {${ofHeads(mean, "headWeight(row, queryRow, h, place)")}
}`;
}

const common: Kernel["parameters"] = [...scoreParameterTypes, ["mapHeads", "u32"], ["notNumber", "f32"]];

/**
 * Rows of pairs: a workgroup for each entry of `jobs` [R, 3], a query row, where its values begin, and how far apart heads
 * are. Where edges repeat keys, `repeatsOf` follows in `jobs` from `firstRepeat` on: the first edge of a key answers for
 * all, for what is biased the last. Bits go out, so that -Infinity can. Values that are not written stay as they were.
 */
export function rowsKernel(form: ScoreForm, values: RowValues, mean: boolean, repeats: boolean): Kernel {
  const dense = values === "scores" || values === "capped";
  const repeatText = repeats ? "jobs[p.firstRepeat + u32(place)]" : "-1";
  const stage = values === "scores" ? "scaledScore" : "bareScore";
  const everyKey = `
  for (var key = i32(thread); key < row.keys; key += ${threads}) {
    var sum = 0.0;
    ${
      mean
        ? `for (var h = 0u; h < p.heads; h += 1u) { sum += ${stage}(row, queryRow, h, key); }
    sum /= f32(p.heads);`
        : `sum = ${stage}(row, queryRow, mapHead, key);`
    }
    y[base + u32(key)] = bitcast<u32>(sum);
  }`;
  const biased = `
      var whole = true;
      var value = 0.0;
      ${
        mean
          ? `for (var h = 0u; h < p.heads; h += 1u) {
        let score = scoreOf(row, queryRow, h, keyAt(place), edgeAt(place));
        whole = whole && score.permitted;
        value += score.value;
      }
      value /= f32(p.heads);`
          : `let score = scoreOf(row, queryRow, mapHead, keyAt(place), edgeAt(place));
      whole = score.permitted;
      value = score.value;`
      }
      let mark = ${repeatText};
      if (mark == -1 || mark == -2) { y[base + u32(keyAt(place))] = select(0xff800000u, bitcast<u32>(value), whole); }`;
  const weighed = `
      var value = pairWeight(row, queryRow, mapHead, place).value;
      var mark = ${repeatText};
      if (mark >= -1) {
        while (mark != -1 && mark != -2) {
          let other = select(-3 - mark, mark, mark >= 0);
          value += pairWeight(row, queryRow, mapHead, other).value;
          mark = jobs[p.firstRepeat + u32(other)];
        }
        y[base + u32(keyAt(place))] = bitcast<u32>(value);
      }`;
  const everyPair = `
  for (var segment = firstSegment(row); segment < endSegment(row); segment += 1) {
    let end = placeTo(row, segment);
    for (var place = placeFrom(row, segment) + i32(thread); place < end; place += ${threads}) {
      if (!isOpen(row, segment, place)) { continue; }${values === "biased" ? biased : weighed}
    }
  }`;
  return {
    key: `rows ${values}${mean ? " mean" : ""}${repeats ? " repeats" : ""} ${keyOf(form)}`,
    threads,
    bindings: [
      ...scoreBindings(dense ? { ...form, bias: "none" } : form),
      { name: "jobs", element: "i32" },
      ...(values === "weights" ? [statistics] : []),
      { name: "y", element: "u32", writes: true },
    ],
    parameters: [...common, ["firstRepeat", "u32"]],
    declarations: values === "weights" ? pairText(form, mean) : scoreText(dense ? { ...form, bias: "none" } : form),
    body: `
  let job = unit / p.mapHeads;
  let mapHead = unit % p.mapHeads;
  let queryRow = u32(jobs[3u * job]);
  let base = u32(jobs[3u * job + 1u]) + mapHead * u32(jobs[3u * job + 2u]);
  let row = rowOf(queryRow);${dense ? everyKey : everyPair}`,
  };
}

/** The weight of each edge at its place in the pattern: a workgroup for each query row. */
export function edgesKernel(form: ScoreForm, mean: boolean): Kernel {
  return {
    key: `edges${mean ? " mean" : ""} ${keyOf(form)}`,
    threads,
    bindings: [...scoreBindings(form), statistics, { name: "y", element: "f32", writes: true }],
    parameters: common,
    declarations: pairText(form, mean),
    body: `
  let row = rowOf(unit);
  for (var place = row.first + i32(thread); place < row.end; place += ${threads}) {
    for (var mapHead = 0u; mapHead < p.mapHeads; mapHead += 1u) {
      y[u32(edgeAt(place)) * p.mapHeads + mapHead] = pairWeight(row, unit, mapHead, place).value;
    }
  }`,
  };
}

/**
 * The k largest weights of each row, equals in the plan's order: a workgroup for each row and map's head finds one after
 * another, each the largest of those after the last. Weights go out as numbers, keys as integers.
 */
export function topKernel(form: ScoreForm, mean: boolean): Kernel {
  return {
    key: `top${mean ? " mean" : ""} ${keyOf(form)}`,
    threads,
    bindings: [
      ...scoreBindings(form),
      statistics,
      { name: "weights", element: "f32", writes: true },
      { name: "keys", element: "i32", writes: true },
    ],
    parameters: [...common, ["count", "u32"]],
    declarations: `
${pairText(form, mean)}
var<workgroup> best: array<f32, ${threads}>;
var<workgroup> bestPlace: array<i32, ${threads}>;`,
    body: `
  let queryRow = unit / p.mapHeads;
  let mapHead = unit % p.mapHeads;
  let row = rowOf(queryRow);
  var lastWeight = 3.4e38;
  var lastPlace = -1;
  for (var rank = 0u; rank < p.count; rank += 1u) {
    var weight = -1.0;
    var chosen = -1;
    for (var segment = firstSegment(row); segment < endSegment(row); segment += 1) {
      let end = placeTo(row, segment);
      for (var place = placeFrom(row, segment) + i32(thread); place < end; place += ${threads}) {
        if (!isOpen(row, segment, place)) { continue; }
        let found = pairWeight(row, queryRow, mapHead, place);
        if (!found.permitted) { continue; }
        let isAfter = found.value < lastWeight || (found.value == lastWeight && place > lastPlace);
        if (isAfter && found.value > weight) {
          weight = found.value;
          chosen = place;
        }
      }
    }
    best[thread] = weight;
    bestPlace[thread] = chosen;
    workgroupBarrier();
    for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
      if (thread < step) {
        let other = thread + step;
        let isBetter = best[other] > best[thread] ||
          (best[other] == best[thread] && bestPlace[other] >= 0 && (bestPlace[thread] < 0 || bestPlace[other] < bestPlace[thread]));
        if (isBetter) {
          best[thread] = best[other];
          bestPlace[thread] = bestPlace[other];
        }
      }
      workgroupBarrier();
    }
    lastWeight = best[0];
    lastPlace = bestPlace[0];
    workgroupBarrier();
    if (thread == 0u) {
      let to = unit * p.count + rank;
      if (lastPlace < 0) {
        weights[to] = 0.0;
        keys[to] = -1;
      } else {
        weights[to] = lastWeight;
        keys[to] = keyAt(lastPlace);
      }
    }
  }`,
  };
}

/**
 * For each key row the sum of its weights over the queries of its set: a workgroup for each key row and map's head, whose
 * threads take every 64th query, so that a key that all attend to is no long way for one of them.
 */
export function columnSumsKernel(form: ScoreForm, mean: boolean, variants: Variants): Kernel {
  const visit =
    form.plan === "edges"
      ? `
  let end = incoming[5u * keyRow + 4u];
  for (var at = incoming[5u * keyRow + 3u] + 2 * i32(thread); at < end; at += ${2 * threads}) {
    let queryRow = u32(incoming[at]);
    sum += pairWeight(rowOf(queryRow), queryRow, mapHead, incoming[at + 1]).value;
  }`
      : `
  let firstQuery = u32(incoming[5u * keyRow]);
  let key = incoming[5u * keyRow + 2u];
  for (var i = thread; i < u32(incoming[5u * keyRow + 1u]); i += ${threads}u) {
    let row = rowOf(firstQuery + i);
    for (var segment = firstSegment(row); segment < endSegment(row); segment += 1) {
      if (key < placeFrom(row, segment) || key >= placeTo(row, segment)) { continue; }
      if (isOpen(row, segment, key)) { sum += pairWeight(row, firstQuery + i, mapHead, key).value; }
    }
  }`;
  return {
    key: `columnSums${mean ? " mean" : ""} ${keyOf(form)}`,
    threads,
    subgroups: variants.subgroups,
    bindings: [
      ...scoreBindings(form),
      { name: "incoming", element: "i32" },
      statistics,
      { name: "y", element: "f32", writes: true },
    ],
    parameters: common,
    declarations: `${pairText(form, mean)}\n${reduction("total", threads, variants)}`,
    body: `
  let keyRow = unit / p.mapHeads;
  let mapHead = unit % p.mapHeads;
  var sum = 0.0;${visit}
  let all = total(sum, thread);
  if (thread == 0u) { y[unit] = all; }`,
  };
}

/** Values of a unit of `finishKernel`. */
export const valuesPerUnit: number = threads;

/** Entropy or log-sum-exp of each row and head out of its statistics, as bits. */
export function finishKernel(map: "entropy" | "logSumExp"): Kernel {
  return {
    key: map,
    threads,
    bindings: [statistics, { name: "y", element: "u32", writes: true }],
    parameters: [["size", "u32"]],
    body: `
  let i = unit * ${threads}u + thread;
  if (i < p.size) {
    let left = statistics[i];
    ${
      map === "entropy"
        ? "y[i] = bitcast<u32>(left.z);"
        : `y[i] = select(bitcast<u32>(left.x + log(left.y)), 0xff800000u, left.w < 0.5 && left.x <= -3.3e38);`
    }
  }`,
  };
}
