// The output of attention with dropout on its weights, once what makes weights of scores is known: a workgroup for each tile
// of 32 queries and head.

import type { Kernel } from "../../kernel.ts";
import { tileSize } from "../plan-tiles.ts";
import { sideOf, type TileForm, tileKernel, tileText } from "./tile.wgsl.ts";

/** y [P, H · width of a value head]. A forbidden pair has the weight -1, so that its value is not even multiplied by 0. */
export function droppedAttentionKernel(form: TileForm): Kernel {
  const side = sideOf(form);
  const [micro, columns] = [tileSize / side, form.room / side];
  const reads = form.normalizer === "hard" ? "isOpen && f32(key) == numbers.x" : "isOpen";
  return tileKernel("droppedAttention", form, [{ name: "y", element: "f32", writes: true }], {}, {
    declarations: `var<workgroup> weights: array<f32, ${tileSize * tileSize}>;`,
    body: `
  let tile = queryTile(unit / p.heads);
  let head = unit % p.heads;
  let keyHead = head * p.kvHeads / p.heads;
  var sums: array<f32, ${micro * columns}>;
  for (var entry = tile.first; entry < tile.end; entry += 2u) {
    let keyStart = tiles[entry];
    let mask = tiles[entry + 1u];
    ${tileText(form, { values: false }, `weights[r * ${tileSize}u + c] = select(-1.0, pair.weight, ${reads});`)}
    workgroupBarrier();
    for (var c = 0u; c < keyCount; c += 1u) {
      for (var m = 0u; m < ${columns}u; m += 1u) {
        let column = tx + ${side}u * m;
        if (column < p.valueWidth) {
          let value = v[valueIn(firstKey + c, keyHead) + column];
          for (var i = 0u; i < ${micro}u; i += 1u) {
            let weight = weights[(ty + ${side}u * i) * ${tileSize}u + c];
            if (weight != -1.0) { sums[i * ${columns}u + m] += weight * value; }
          }
        }
      }
    }
  }
  for (var i = 0u; i < ${micro}u; i += 1u) {
    let r = ty + ${side}u * i;
    if (r < tile.count) {
      for (var m = 0u; m < ${columns}u; m += 1u) {
        let column = tx + ${side}u * m;
        if (column < p.valueWidth) {
          y[((tile.queryRow + r) * p.heads + head) * p.valueWidth + column] = sums[i * ${columns}u + m];
        }
      }
    }
  }`,
  });
}
