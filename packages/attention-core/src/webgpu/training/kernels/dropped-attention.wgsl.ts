// The output of attention with dropout on its weights, once what makes weights of scores is known: a workgroup for each tile
// of 32 queries and head.

import type { Kernel } from "../../kernel.ts";
import { tileSize } from "../plan-tiles.ts";
import { sideOf, type TileForm, tileKernel, tileText, unrolled, vectorOf } from "./tile.wgsl.ts";

/** y [P, H · width of a value head]. A forbidden pair has the weight -1, so that its value is not even multiplied by 0. */
export function droppedAttentionKernel(form: TileForm): Kernel {
  const side = sideOf(form);
  const [micro, columns, vector] = [tileSize / side, form.room / side, vectorOf(form)];
  const reads = form.normalizer === "hard" ? "isOpen && f32(key) == numbers.x" : "isOpen";
  const ofColumns = (each: (m: number, column: string) => string): string =>
    unrolled(columns, (m) => each(m, `tx + ${side * m}u`));
  const product = (m: number, column: string): string =>
    `sum${m} += select(weightsHere * v[value + min(${column}, p.valueWidth - 1u)], ${vector}(), isClosed);`;
  const write = (m: number, column: string, i: number): string =>
    `if (ty + ${side * i}u < tile.count && ${column} < p.valueWidth) {
      y[((tile.queryRow + ty + ${side * i}u) * p.heads + head) * p.valueWidth + ${column}] = sum${m}[${i}];
    }`;
  return tileKernel(
    "droppedAttention",
    form,
    [{ name: "y", element: "f32", writes: true }],
    {},
    {
      declarations: `var<workgroup> weights: array<f32, ${tileSize * tileSize}>;`,
      body: `
  let tile = queryTile(unit / p.heads);
  let head = unit % p.heads;
  let keyHead = head * p.kvHeads / p.heads;
  ${ofColumns((m) => `var sum${m} = ${vector}();`)}
  for (var entry = tile.first; entry < tile.end; entry += 2u) {
    let keyStart = tiles[entry];
    let mask = tiles[entry + 1u];
    ${tileText(form, { values: false }, `weights[r * ${tileSize}u + c] = select(-1.0, pair.weight, ${reads});`)}
    workgroupBarrier();
    for (var c = 0u; c < keyCount; c += 1u) {
      let value = valueIn(firstKey + c, keyHead);
      let weightsHere = ${vector}(${unrolled(micro, (i) => `weights[(ty + ${side * i}u) * ${tileSize}u + c]`, ", ")});
      let isClosed = weightsHere == ${vector}(-1.0);
      ${ofColumns(product)}
    }
  }
  ${ofColumns((m, column) => unrolled(micro, (i) => write(m, column, i)))}`,
    },
  );
}
