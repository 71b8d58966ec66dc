// What biases get of the pairs of a plan of edges.

import type { AttentionBias } from "../../../backend.ts";
import type { Kernel } from "../../kernel.ts";
import { elementsPerUnit } from "../../kernels/elementwise.wgsl.ts";
import { biasPlaces, rowText } from "../../kernels/score.wgsl.ts";
import { ownEntriesText } from "./bias-gradient.wgsl.ts";
import { pairParameterTypes } from "./pair.wgsl.ts";

const threads = 64;
const bindings: Kernel["bindings"] = [
  { name: "plan", element: "i32" },
  { name: "pairs", element: "vec4f" },
  { name: "dBias", element: "f32", writes: true },
];
const headSum = `
    var sum = 0.0;
    for (var head = biasHead * headsPerBias; head < (biasHead + 1u) * headsPerBias; head += 1u) {`;

function placeText(kind: AttentionBias["kind"]): string {
  return `${rowText}
fn floorDivide(a: i32, b: i32) -> i32 { return select(a / b, (a - b + 1) / b, a < 0); }
fn keyAt(place: i32) -> i32 { return plan[p.firstPart + u32(place)]; }
fn biasPlaceOf(row: Row, head: u32, key: i32, edge: i32) -> u32 {
  ${biasPlaces[kind]}
  return place;
}`;
}

/** Of a bias per edge [E, H] or [E, 1]: a thread for each of `size` edges of the plan and heads of the bias. */
export const edgeBiasKernel: Kernel = {
  key: "edgeBias",
  threads: elementsPerUnit,
  bindings,
  parameters: [...pairParameterTypes, ["size", "u32"]],
  body: `
  let x = unit * ${elementsPerUnit}u + thread;
  if (x < p.size) {
    let place = x / p.biasHeads;
    let biasHead = x % p.biasHeads;
    let headsPerBias = p.heads / p.biasHeads;${headSum}
      sum += pairs[place * p.heads + head].z;
    }
    dBias[u32(plan[p.secondPart + place]) * p.biasHeads + biasHead] = sum;
  }`,
};

/** Of a dense bias: a thread for each of `size` query rows and heads of the bias. An edge that appears twice has one place. */
export const edgeDenseBiasKernel: Kernel = {
  key: "edgeDenseBias",
  threads: elementsPerUnit,
  bindings,
  parameters: [...pairParameterTypes, ["size", "u32"]],
  declarations: placeText("dense"),
  body: `
  let x = unit * ${elementsPerUnit}u + thread;
  if (x < p.size) {
    let row = rowOf(x / p.biasHeads);
    let biasHead = x % p.biasHeads;
    let headsPerBias = p.heads / p.biasHeads;
    for (var first = row.first; first < row.end; first += 1) {
      var isFirst = true;
      for (var place = row.first; place < first; place += 1) {
        if (keyAt(place) == keyAt(first)) { isFirst = false; }
      }
      if (!isFirst) { continue; }${headSum}
        for (var place = first; place < row.end; place += 1) {
          if (keyAt(place) == keyAt(first)) { sum += pairs[u32(place) * p.heads + head].z; }
        }
      }
      dBias[biasPlaceOf(row, biasHead, keyAt(first), -1)] = sum;
    }
  }`,
};

/** Of a table or of slopes: shares [groups, H, entries] of groups of query rows, a workgroup for each group and head. */
export function edgeTableKernel(kind: "alibi" | "relative" | "relative2d"): Kernel {
  return {
    key: `edgeTable ${kind}`,
    threads,
    bindings,
    parameters: [...pairParameterTypes, ["entries", "u32"], ["rowCount", "u32"], ["rowsPerGroup", "u32"]],
    declarations: `${placeText(kind)}\n${ownEntriesText(threads, threads)}`,
    body: `
  let head = unit % p.heads;
  let part = unit / p.heads;
  let lastRow = min(p.rowCount, (part + 1u) * p.rowsPerGroup);
  clearOwn(unit * p.entries, thread);
  for (var queryRow = part * p.rowsPerGroup; queryRow < lastRow; queryRow += 1u) {
    let row = rowOf(queryRow);
    for (var first = row.first; first < row.end; first += ${threads}) {
      let place = first + i32(thread);
      places[thread] = nowhere;
      if (place < row.end) {
        let key = keyAt(place);
        let share = pairs[u32(place) * p.heads + head].z;
        places[thread] = biasPlaceOf(row, head, key, -1) - head * p.entries;
        shares[thread] = ${kind === "alibi" ? "share * -f32(abs(key - row.at))" : "share"};
      }
      workgroupBarrier();
      addOwn(unit * p.entries, ${threads}u, thread);
      workgroupBarrier();
    }
  }`,
  };
}
