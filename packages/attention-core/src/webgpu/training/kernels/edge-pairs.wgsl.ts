// Pairs of a plan of edges: what each edge and head comes to is computed once, [edges, H, 4], and read by the kernels that
// sum over a query's edges and over a key's.

import type { Binding, Kernel } from "../../kernel.ts";
import { scoreBindings, scoreText } from "../../kernels/score.wgsl.ts";
import { rowNumbers } from "./pack-rows.wgsl.ts";
import { type PairForm, pairKeyOf, pairParameterTypes, pairText } from "./pair.wgsl.ts";
import { isLargerText } from "./row-statistics.wgsl.ts";

const threads = 64;
/** Rows and heads of a unit of `edgeStatisticsKernel`. */
export const rowsPerUnit = threads;

/** For each edge and head the weight after dropout, -1 where no value is read; the gradients of product and score; a workgroup for each query row. */
export function edgePairsKernel(form: PairForm, backward: boolean): Kernel {
  const reads = form.normalizer === "hard" ? "f32(place - row.first) == numbers.x" : "true";
  const values: readonly Binding[] = backward ? [{ name: "v", element: "f32" }] : [];
  return {
    key: `edgePairs${backward ? " backward" : ""} ${pairKeyOf(form)}`,
    threads,
    bindings: [
      ...scoreBindings(form),
      ...values,
      { name: "rows", element: "f32" },
      { name: "pairs", element: "vec4f", writes: true },
    ],
    parameters: pairParameterTypes,
    declarations: `${scoreText(form)}\n${pairText(form)}`,
    body: `
  let row = rowOf(unit);
  let size = u32(row.end - row.first) * p.heads;
  for (var x = thread; x < size; x += ${threads}u) {
    let place = row.first + i32(x / p.heads);
    let head = x % p.heads;
    let key = keyAt(place);
    let score = scoreOf(row, unit, head, key, edgeAt(place));
    var found = vec4<f32>(-1.0, 0.0, 0.0, 0.0);
    if (score.permitted) {
      var dot = 0.0;
      ${
        backward
          ? `
      let packed = packedRow(unit, head) + p.width;
      let value = (u32(row.keyRow + key) * p.kvHeads + head * p.kvHeads / p.heads) * p.valueWidth;
      for (var d = 0u; d < p.valueWidth; d += 1u) { dot += rows[packed + d] * v[value + d]; }`
          : ""
      }
      let bare = ${form.capped ? "bareScore(row, unit, head, key)" : "0.0"};
      let numbers = numbersOf(unit, head);
      let pair = weigh(score.value, bare, dot, numbers, factorOf(unit, head, key), place - row.first);
      found = vec4<f32>(select(-1.0, pair.weight, ${reads}), pair.ofProduct, pair.ofScore, 0.0);
    }
    pairs[u32(place) * p.heads + head] = found;
  }`,
  };
}

/** What `rowStatisticsKernel` leaves, a thread for each query row and head; the chosen key is named by its edge among the row's. */
export function edgeStatisticsKernel(form: PairForm): Kernel {
  const hard = form.normalizer === "hard";
  return {
    key: `edgeStatistics ${pairKeyOf({ ...form, dropout: false })}`,
    threads,
    bindings: [...scoreBindings(form), { name: "rows", element: "f32", writes: true }],
    parameters: [...pairParameterTypes, ["size", "u32"]],
    declarations: `${scoreText(form)}\n${isLargerText}`,
    body: `
  let x = unit * ${threads}u + thread;
  if (x < p.size) {
    let queryRow = x / p.heads;
    let head = x % p.heads;
    let row = rowOf(queryRow);
    var value = 0.0;
    var chosen = -1;
    for (var place = row.first; place < row.end; place += 1) {
      let score = scoreOf(row, queryRow, head, keyAt(place), edgeAt(place));
      if (!score.permitted) { continue; }
      ${
        hard
          ? `
      if (isLarger(score.value, value, chosen)) {
        value = score.value;
        chosen = place - row.first;
      }`
          : "value += 1.0;"
      }
    }
    let to = (x + 1u) * p.stride - ${rowNumbers}u;
    rows[to] = ${hard ? "f32(chosen)" : "value"};
    rows[to + 2u] = ${hard ? "select(0.0, 1.0, chosen >= 0 && isNotNumber(value))" : "0.0"};
  }`,
  };
}
