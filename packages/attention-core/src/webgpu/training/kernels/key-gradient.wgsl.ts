// What keys and values get, a workgroup for each tile of 32 keys and key head, which goes through the tiles of queries that
// may attend to it, and the heads that share it, in their order.

import type { Kernel } from "../../kernel.ts";
import { tileSize } from "../plan-tiles.ts";
import { sideOf, type TileForm, tileKernel, tileText, unrolled, vectorOf } from "./tile.wgsl.ts";

/** dk [key rows, kvHeads · D] and dv [key rows, kvHeads · width of a value head]. */
export function keyGradientKernel(form: TileForm): Kernel {
  const side = sideOf(form);
  const [micro, columns, vector] = [tileSize / side, form.room / side, vectorOf(form)];
  const additive = form.score !== "dot";
  const ofColumns = (each: (m: number, column: string) => string): string =>
    unrolled(columns, (m) => each(m, `tx + ${side * m}u`));
  const ofKeys = (array: string): string =>
    `${vector}(${unrolled(micro, (j) => `${array}[r * ${tileSize}u + ty + ${side * j}u]`, ", ")})`;
  const product = (m: number, column: string): string => {
    const query = `finite(rows[packed + min(${column}, p.width - 1u)])`;
    const toKey = additive
      ? `ofKey${m} += shares * vector[head * p.width + min(${column}, p.width - 1u)] * scoreActSlopes(${vector}(${query}) + key${m});`
      : `ofKey${m} = fma(shares, ${vector}(${query}), ofKey${m});`;
    const dy = `finite(rows[packed + p.width + min(${column}, p.valueWidth - 1u)])`;
    return `${toKey}\n      ofValue${m} = fma(weightsHere, ${vector}(${dy}), ofValue${m});`;
  };
  const keyValue = (j: number, column: string): string =>
    `finite(k[keyIn(keyRow + min(ty + ${side * j}u, count - 1u), keyHead) + min(${column}, p.width - 1u)])`;
  const write = (m: number, column: string, j: number): string =>
    `if (ty + ${side * j}u < count) {
      let to = keyRow + ty + ${side * j}u;
      if (${column} < p.width) { dk[keyIn(to, keyHead) + ${column}] = ofKey${m}[${j}]; }
      if (${column} < p.valueWidth) { dv[valueIn(to, keyHead) + ${column}] = ofValue${m}[${j}]; }
    }`;
  const results = [
    { name: "dk", element: "f32", writes: true },
    { name: "dv", element: "f32", writes: true },
  ] as const;
  return tileKernel(
    "keyGradient",
    form,
    results,
    {},
    {
      declarations: `
var<workgroup> ofProducts: array<f32, ${tileSize * tileSize}>;
var<workgroup> weights: array<f32, ${tileSize * tileSize}>;`,
      body: `
  let base = keyTile(unit / p.kvHeads);
  let keyHead = unit % p.kvHeads;
  let keyRow = u32(tiles[base]);
  let count = u32(tiles[base + 1u]);
  let keyStart = tiles[base + 2u];
  let end = u32(tiles[base + 4u]);
  let headsPerKey = p.heads / p.kvHeads;
  ${ofColumns((m) => `var ofKey${m} = ${vector}();\n  var ofValue${m} = ${vector}();`)}
  ${additive ? ofColumns((m, column) => `let key${m} = ${vector}(${unrolled(micro, (j) => keyValue(j, column), ", ")});`) : ""}
  for (var entry = u32(tiles[base + 3u]); entry < end; entry += 2u) {
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
      let packed = packedRow(tile.queryRow + r, head);
      let shares = ${ofKeys("ofProducts")};
      let weightsHere = ${ofKeys("weights")};
      ${ofColumns(product)}
    }
    }
  }
  ${ofColumns((m, column) => unrolled(micro, (j) => write(m, column, j)))}`,
    },
  );
}
