// What keys and values get, a workgroup for each tile of 32 keys and key head, which goes through the tiles of queries that
// may attend to it, and the heads that share it, in their order.

import type { Kernel } from "../../kernel.ts";
import { tileSize } from "../plan-tiles.ts";
import { sideOf, type TileForm, tileKernel, tileText } from "./tile.wgsl.ts";

/** dk [key rows, kvHeads · D] and dv [key rows, kvHeads · width of a value head]. */
export function keyGradientKernel(form: TileForm): Kernel {
  const side = sideOf(form);
  const [micro, columns] = [tileSize / side, form.room / side];
  const additive = form.score !== "dot";
  const forColumns = (width: string, body: string): string => `
    for (var m = 0u; m < ${columns}u; m += 1u) {
      let column = tx + ${side}u * m;
      if (column < ${width}) {${body}
      }
    }`;
  const forKeys = (body: string): string => `
        for (var j = 0u; j < ${micro}u; j += 1u) {${body}
        }`;
  const share = `ofProducts[r * ${tileSize}u + ty + ${side}u * j]`;
  const ofKeys = additive
    ? `
        let x = finite(rows[packed + column]);
        let along = vector[head * p.width + column];${forKeys(`
          sumsOfKeys[j * ${columns}u + m] += ${share} * along * scoreActSlope(x + keys[j * ${columns}u + m]);`)}`
    : `
        let x = finite(rows[packed + column]);${forKeys(`
          sumsOfKeys[j * ${columns}u + m] += ${share} * x;`)}`;
  const results = [
    { name: "dk", element: "f32", writes: true },
    { name: "dv", element: "f32", writes: true },
  ] as const;
  return tileKernel("keyGradient", form, results, {}, {
    declarations: `
var<workgroup> ofProducts: array<f32, ${tileSize * tileSize}>;
var<workgroup> weights: array<f32, ${tileSize * tileSize}>;`,
    body: `
  let base = keyTile(unit / p.kvHeads);
  let keyHead = unit % p.kvHeads;
  let keyRow = u32(tiles[base]);
  let count = u32(tiles[base + 1u]);
  let keyStart = tiles[base + 2u];
  let first = u32(tiles[base + 3u]);
  let end = u32(tiles[base + 4u]);
  let headsPerKey = p.heads / p.kvHeads;
  var sumsOfKeys: array<f32, ${micro * columns}>;
  var sumsOfValues: array<f32, ${micro * columns}>;${
    additive
      ? `
  var keys: array<f32, ${micro * columns}>;
  ${forColumns(
    "p.width",
    forKeys(`
          let c = min(ty + ${side}u * j, count - 1u);
          keys[j * ${columns}u + m] = finite(k[keyIn(keyRow + c, keyHead) + column]);`),
  )}`
      : ""
  }
  for (var entry = first; entry < end; entry += 2u) {
    let tile = tileAt(u32(tiles[entry]));
    let mask = tiles[entry + 1u];
    for (var head = keyHead * headsPerKey; head < (keyHead + 1u) * headsPerKey; head += 1u) {
    ${tileText(
      form,
      { values: true },
      `ofProducts[r * ${tileSize}u + c] = pair.ofProduct;
        weights[r * ${tileSize}u + c] = pair.weight;`,
    )}
    workgroupBarrier();
    for (var r = 0u; r < tile.count; r += 1u) {
      let packed = packedRow(tile.queryRow + r, head);${forColumns("p.width", ofKeys)}${forColumns(
        "p.valueWidth",
        `
        let x = finite(rows[packed + p.width + column]);${forKeys(`
          sumsOfValues[j * ${columns}u + m] += weights[r * ${tileSize}u + ty + ${side}u * j] * x;`)}`,
      )}
    }
    }
  }
  for (var j = 0u; j < ${micro}u; j += 1u) {
    let c = ty + ${side}u * j;
    if (c < count) {${forColumns("p.width", `dk[keyIn(keyRow + c, keyHead) + column] = sumsOfKeys[j * ${columns}u + m];`)}${forColumns("p.valueWidth", `dv[valueIn(keyRow + c, keyHead) + column] = sumsOfValues[j * ${columns}u + m];`)}
    }
  }`,
  });
}
