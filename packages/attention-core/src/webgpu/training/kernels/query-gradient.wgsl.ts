// What queries get, a workgroup for each tile of 32 of them and head, which goes through the tiles of keys that the plan has
// for it. Additive scores leave what their vector gets of each row beside it.

import type { Kernel } from "../../kernel.ts";
import { tileSize } from "../plan-tiles.ts";
import { sideOf, type TileForm, tileKernel, tileText, unrolled, vectorOf } from "./tile.wgsl.ts";

/** dq [P, H · D], and for additive scores shares of the vector's gradient in the same shape. */
export function queryGradientKernel(form: TileForm): Kernel {
  const side = sideOf(form);
  const [micro, columns, vector] = [tileSize / side, form.room / side, vectorOf(form)];
  const additive = form.score !== "dot";
  const ofColumns = (each: (m: number, column: string) => string): string =>
    unrolled(columns, (m) => each(m, `tx + ${side * m}u`));
  const shares = `${vector}(${unrolled(micro, (i) => `ofProducts[(ty + ${side * i}u) * ${tileSize}u + c]`, ", ")})`;
  const product = (m: number, column: string): string => {
    const key = `finite(k[key + min(${column}, p.width - 1u)])`;
    if (!additive) return `sum${m} = fma(shares, ${vector}(${key}), sum${m});`;
    return `{
        let both = query${m} + ${vector}(${key});
        sum${m} += shares * vector[head * p.width + min(${column}, p.width - 1u)] * scoreActSlopes(both);
        ofVector${m} += shares * scoreActs(both);
      }`;
  };
  const queryValue = (i: number, column: string): string =>
    `finite(rows[packedRow(tile.queryRow + min(ty + ${side * i}u, tile.count - 1u), head) + min(${column}, p.width - 1u)])`;
  const write = (m: number, column: string, i: number): string =>
    `if (ty + ${side * i}u < tile.count && ${column} < p.width) {
      let to = ((tile.queryRow + ty + ${side * i}u) * p.heads + head) * p.width + ${column};
      dq[to] = sum${m}[${i}];${additive ? `\n      dVector[to] = ofVector${m}[${i}];` : ""}
    }`;
  const results = [
    { name: "dq", element: "f32", writes: true } as const,
    ...(additive ? [{ name: "dVector", element: "f32", writes: true } as const] : []),
  ];
  return tileKernel(
    "queryGradient",
    form,
    results,
    {},
    {
      declarations: `var<workgroup> ofProducts: array<f32, ${tileSize * tileSize}>;`,
      body: `
  let tile = queryTile(unit / p.heads);
  let head = unit % p.heads;
  let keyHead = head * p.kvHeads / p.heads;
  ${ofColumns((m) => `var sum${m} = ${vector}();`)}
  ${additive ? ofColumns((m) => `var ofVector${m} = ${vector}();`) : ""}
  ${additive ? ofColumns((m, column) => `let query${m} = ${vector}(${unrolled(micro, (i) => queryValue(i, column), ", ")});`) : ""}
  for (var entry = tile.first; entry < tile.end; entry += 2u) {
    let keyStart = tiles[entry];
    let mask = tiles[entry + 1u];
    ${tileText(form, { values: true }, `ofProducts[r * ${tileSize}u + c] = pair.ofProduct;`)}
    workgroupBarrier();
    for (var c = 0u; c < keyCount; c += 1u) {
      let key = keyIn(firstKey + c, keyHead);
      let shares = ${shares};
      ${ofColumns(product)}
    }
  }
  ${ofColumns((m, column) => unrolled(micro, (i) => write(m, column, i)))}`,
    },
  );
}
