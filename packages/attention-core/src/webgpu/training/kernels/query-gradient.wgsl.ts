// What queries get, a workgroup for each tile of 32 of them and head, which goes through the tiles of keys that the plan has
// for it. Additive scores leave what their vector gets of each row beside it.

import type { Kernel } from "../../kernel.ts";
import { tileSize } from "../plan-tiles.ts";
import { sideOf, type TileForm, tileKernel, tileText } from "./tile.wgsl.ts";

/** dq [P, H · D], and for additive scores shares of the vector's gradient in the same shape. */
export function queryGradientKernel(form: TileForm): Kernel {
  const side = sideOf(form);
  const [micro, columns] = [tileSize / side, form.room / side];
  const additive = form.score !== "dot";
  const forColumns = (body: string): string => `
    for (var m = 0u; m < ${columns}u; m += 1u) {
      let column = tx + ${side}u * m;
      if (column < p.width) {${body}
      }
    }`;
  const forRows = (body: string): string => `
        for (var i = 0u; i < ${micro}u; i += 1u) {${body}
        }`;
  const product = additive
    ? `
        let y = finite(k[keyIn(firstKey + c, keyHead) + column]);
        let along = vector[head * p.width + column];${forRows(`
          let share = ofProducts[(ty + ${side}u * i) * ${tileSize}u + c];
          let sum = queries[i * ${columns}u + m] + y;
          sums[i * ${columns}u + m] += share * along * scoreActSlope(sum);
          ofVector[i * ${columns}u + m] += share * scoreAct(sum);`)}`
    : `
        let y = finite(k[keyIn(firstKey + c, keyHead) + column]);${forRows(`
          sums[i * ${columns}u + m] += ofProducts[(ty + ${side}u * i) * ${tileSize}u + c] * y;`)}`;
  const results = [
    { name: "dq", element: "f32", writes: true } as const,
    ...(additive ? [{ name: "dVector", element: "f32", writes: true } as const] : []),
  ];
  return tileKernel("queryGradient", form, results, {}, {
    declarations: `var<workgroup> ofProducts: array<f32, ${tileSize * tileSize}>;`,
    body: `
  let tile = queryTile(unit / p.heads);
  let head = unit % p.heads;
  let keyHead = head * p.kvHeads / p.heads;
  var sums: array<f32, ${micro * columns}>;${
    additive
      ? `
  var ofVector: array<f32, ${micro * columns}>;
  var queries: array<f32, ${micro * columns}>;
  ${forColumns(
    forRows(`
          let r = min(ty + ${side}u * i, tile.count - 1u);
          queries[i * ${columns}u + m] = finite(rows[packedRow(tile.queryRow + r, head) + column]);`),
  )}`
      : ""
  }
  for (var entry = tile.first; entry < tile.end; entry += 2u) {
    let keyStart = tiles[entry];
    let mask = tiles[entry + 1u];
    ${tileText(form, { values: true }, `ofProducts[r * ${tileSize}u + c] = pair.ofProduct;`)}
    workgroupBarrier();
    for (var c = 0u; c < keyCount; c += 1u) {${forColumns(product)}
    }
  }
  ${forColumns(
    forRows(`
          let r = ty + ${side}u * i;
          if (r < tile.count) {
            let to = ((tile.queryRow + r) * p.heads + head) * p.width + column;
            dq[to] = sums[i * ${columns}u + m];${additive ? `\n            dVector[to] = ofVector[i * ${columns}u + m];` : ""}
          }`),
  )}`,
  });
}
