// Sums over edges, a thread for each element of what they go to: over the edges of a query for its output and gradient, over
// the incoming ones of a key for keys and values, always in the plan's order.

import type { Kernel } from "../../kernel.ts";
import { elementsPerUnit } from "../../kernels/elementwise.wgsl.ts";
import { tanhFunction } from "../../kernels/functions.wgsl.ts";
import { rowText, type ScoreForm } from "../../kernels/score.wgsl.ts";
import { actText, pairParameterTypes } from "./pair.wgsl.ts";

const parameters: Kernel["parameters"] = [...pairParameterTypes, ["size", "u32"]];
const pairs = { name: "pairs", element: "vec4f" } as const;
const plan = { name: "plan", element: "i32" } as const;
/** Whether a value is read under a weight: all but -1, NaN among them, of which a comparison of floats would say neither. */
const isReadText = `
fn isRead(weight: f32) -> bool { return bitcast<u32>(weight) != 0xbf800000u; }`;
const finiteText = `
fn finite(x: f32) -> f32 { return select(x, 0.0, (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u); }`;
const keyText = `${rowText}
fn keyRowAt(row: Row, place: i32) -> u32 { return u32(row.keyRow + plan[p.firstPart + u32(place)]); }`;

/** The output of attention: y [P, H · width of a value head], `size` elements. */
export const edgeOutputKernel: Kernel = {
  key: "edgeOutput",
  threads: elementsPerUnit,
  bindings: [{ name: "v", element: "f32" }, plan, pairs, { name: "y", element: "f32", writes: true }],
  parameters,
  declarations: `${keyText}\n${isReadText}`,
  body: `
  let x = unit * ${elementsPerUnit}u + thread;
  if (x < p.size) {
    let column = x % p.valueWidth;
    let head = (x / p.valueWidth) % p.heads;
    let row = rowOf(x / (p.valueWidth * p.heads));
    let keyHead = head * p.kvHeads / p.heads;
    var sum = 0.0;
    for (var place = row.first; place < row.end; place += 1) {
      let weight = pairs[u32(place) * p.heads + head].x;
      if (isRead(weight)) { sum += weight * v[(keyRowAt(row, place) * p.kvHeads + keyHead) * p.valueWidth + column]; }
    }
    y[x] = sum;
  }`,
};

/** dq [P, H · D], `size` elements; for additive scores shares of the vector's gradient in the same shape. */
export function edgeQueriesKernel(score: ScoreForm["score"]): Kernel {
  const additive = score !== "dot";
  return {
    key: `edgeQueries ${score}`,
    threads: elementsPerUnit,
    bindings: [
      ...(additive
        ? ([
            { name: "q", element: "f32" },
            { name: "vector", element: "f32" },
          ] as const)
        : []),
      { name: "k", element: "f32" },
      plan,
      pairs,
      { name: "dq", element: "f32", writes: true },
      ...(additive ? [{ name: "dVector", element: "f32", writes: true } as const] : []),
    ],
    parameters,
    declarations: `${keyText}\n${finiteText}\n${score === "tanh" ? tanhFunction : ""}${actText(score)}`,
    body: `
  let x = unit * ${elementsPerUnit}u + thread;
  if (x < p.size) {
    let column = x % p.width;
    let head = (x / p.width) % p.heads;
    let row = rowOf(x / (p.width * p.heads));
    let keyHead = head * p.kvHeads / p.heads;
    var sum = 0.0;
    ${additive ? "var ofVector = 0.0;\n    let query = finite(q[x]);\n    let along = vector[head * p.width + column];" : ""}
    for (var place = row.first; place < row.end; place += 1) {
      let share = pairs[u32(place) * p.heads + head].y;
      let key = finite(k[(keyRowAt(row, place) * p.kvHeads + keyHead) * p.width + column]);
      ${
        additive
          ? `
      sum += share * along * scoreActSlope(query + key);
      ofVector += share * scoreAct(query + key);`
          : "sum += share * key;"
      }
    }
    dq[x] = sum;
    ${additive ? "dVector[x] = ofVector;" : ""}
  }`,
  };
}

/** dk [key rows, kvHeads · D] and dv: a thread for each of `size` key rows, key heads and columns of both. */
export function edgeKeysKernel(score: ScoreForm["score"]): Kernel {
  const additive = score !== "dot";
  return {
    key: `edgeKeys ${score}`,
    threads: elementsPerUnit,
    bindings: [
      ...(additive
        ? ([
            { name: "k", element: "f32" },
            { name: "vector", element: "f32" },
          ] as const)
        : []),
      { name: "rows", element: "f32" },
      { name: "incoming", element: "i32" },
      pairs,
      { name: "dk", element: "f32", writes: true },
      { name: "dv", element: "f32", writes: true },
    ],
    parameters,
    declarations: `${isReadText}\n${finiteText}\n${score === "tanh" ? tanhFunction : ""}${actText(score)}`,
    body: `
  let x = unit * ${elementsPerUnit}u + thread;
  if (x < p.size) {
    let both = p.width + p.valueWidth;
    let column = x % both;
    let keyHead = (x / both) % p.kvHeads;
    let keyRow = x / (both * p.kvHeads);
    let headsPerKey = p.heads / p.kvHeads;
    let isKey = column < p.width;
    ${additive ? "var key = 0.0;\n    if (isKey) { key = finite(k[(keyRow * p.kvHeads + keyHead) * p.width + column]); }" : ""}
    var sum = 0.0;
    let end = incoming[5u * keyRow + 4u];
    for (var at = incoming[5u * keyRow + 3u]; at < end; at += 2) {
      let queryRow = u32(incoming[at]);
      for (var head = keyHead * headsPerKey; head < (keyHead + 1u) * headsPerKey; head += 1u) {
        let pair = pairs[u32(incoming[at + 1]) * p.heads + head];
        let value = finite(rows[(queryRow * p.heads + head) * p.stride + column]);
        if (isKey) {
          sum += ${additive ? "pair.y * vector[head * p.width + column] * scoreActSlope(value + key)" : "pair.y * value"};
        } else if (isRead(pair.x)) {
          sum += pair.x * value;
        }
      }
    }
    if (isKey) {
      dk[(keyRow * p.kvHeads + keyHead) * p.width + column] = sum;
    } else {
      dv[(keyRow * p.kvHeads + keyHead) * p.valueWidth + column - p.width] = sum;
    }
  }`,
  };
}
