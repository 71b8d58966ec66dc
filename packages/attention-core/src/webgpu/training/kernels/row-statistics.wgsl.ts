// What the normalizers other than softmax need of a row before its pairs have weights: for relu the number of permitted keys,
// for hard the chosen key, the first of the largest, and whether it is NaN. A workgroup for each tile of queries and head.

import type { Kernel } from "../../kernel.ts";
import { tileSize } from "../plan-tiles.ts";
import { rowNumbers } from "./pack-rows.wgsl.ts";
import { sideOf, type TileForm, tileKernel, tileText } from "./tile.wgsl.ts";

/** `isLarger(score, than, chosen)`, `chosen` being -1 for none: a NaN is larger than any number. */
export const isLargerText = `
fn isLarger(score: f32, than: f32, chosen: i32) -> bool {
  if (chosen < 0) { return true; }
  if (isNotNumber(than)) { return false; }
  return isNotNumber(score) || score > than;
}`;

/** Writes the numbers of the packed rows. */
export function rowStatisticsKernel(form: TileForm): Kernel {
  const side = sideOf(form);
  const micro = tileSize / side;
  const hard = form.normalizer === "hard";
  const size = tileSize * side;
  return tileKernel(
    "rowStatistics",
    form,
    [],
    { values: false, rowsWrite: true },
    {
      declarations: `${isLargerText}
var<workgroup> values: array<f32, ${size}>;
var<workgroup> choices: array<i32, ${size}>;`,
      body: `
  let tile = queryTile(unit / p.heads);
  let head = unit % p.heads;
  let keyHead = head * p.kvHeads / p.heads;
  var value: array<f32, ${micro}>;
  var choice: array<i32, ${micro}>;
  for (var i = 0u; i < ${micro}u; i += 1u) { choice[i] = -1; }
  for (var entry = tile.first; entry < tile.end; entry += 2u) {
    let keyStart = tiles[entry];
    let mask = tiles[entry + 1u];
    ${tileText(
      form,
      { values: false },
      hard
        ? `if (isOpen) {
          if (isLarger(score, value[i], choice[i])) {
            value[i] = score;
            choice[i] = key;
          }
        }`
        : "if (isOpen) { value[i] += 1.0; }",
    )}
  }
  for (var i = 0u; i < ${micro}u; i += 1u) {
    values[(ty + ${side}u * i) * ${side}u + tx] = value[i];
    choices[(ty + ${side}u * i) * ${side}u + tx] = choice[i];
  }
  workgroupBarrier();
  if (thread < tile.count) {
    var whole = 0.0;
    var chosen = -1;
    for (var x = 0u; x < ${side}u; x += 1u) {
      let other = values[thread * ${side}u + x];
      let key = choices[thread * ${side}u + x];
      ${
        hard
          ? `
      if (key < 0) { continue; }
      let isSame = other == whole || (isNotNumber(other) && isNotNumber(whole));
      if (chosen < 0 || select(isLarger(other, whole, chosen), key < chosen, isSame)) {
        whole = other;
        chosen = key;
      }`
          : "whole += other;"
      }
    }
    let to = packedRow(tile.queryRow + thread, head) + p.stride - ${rowNumbers}u;
    rows[to] = ${hard ? "f32(chosen)" : "whole"};
    rows[to + 2u] = ${hard ? "select(0.0, 1.0, chosen >= 0 && isNotNumber(whole))" : "0.0"};
  }`,
    },
  );
}
