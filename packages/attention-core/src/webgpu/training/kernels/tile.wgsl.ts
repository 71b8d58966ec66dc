// A tile of 32 queries and 32 keys: its scores and dy · v in registers, four by four or two by two a thread, from operands
// that pass through the workgroup's memory 16 deep; then each pair as `pairText` has it. What the kernels over tiles do with
// the pairs is theirs.

import type { Binding, Kernel } from "../../kernel.ts";
import { bitTests, tanhFunction } from "../../kernels/functions.wgsl.ts";
import { keyFields, queryFields, tileSize } from "../plan-tiles.ts";
import { actText, type PairForm, pairKeyOf, pairParameterTypes, pairText } from "./pair.wgsl.ts";

const depth = 16;
/** A number more than a tile has, so that neighbours in depth stand in different banks. */
const stride = tileSize + 1;

/** What a program over tiles is made for. */
export interface TileForm extends PairForm {
  /** Columns of heads that a thread has room for: a power of two, at least the wider of the two widths. */
  readonly room: number;
}

/** Threads along a side of the tile: more for wide heads, whose sums would not fit into the registers of fewer. */
export function sideOf({ room }: TileForm): number {
  return room <= 64 ? 8 : 16;
}

/** The WGSL type of numbers for the rows, or the keys, that a thread has. */
export function vectorOf(form: TileForm): string {
  return `vec${tileSize / sideOf(form)}<f32>`;
}

/** Statements or expressions for 0 .. count - 1: a loop that no compiler has to take apart. */
export function unrolled(count: number, each: (i: number) => string, between = "\n        "): string {
  return Array.from({ length: count }, (_, i) => each(i)).join(between);
}

/** What all kernels over tiles have in common. `results` come after the buffers that scores are made of. */
export function tileKernel(
  name: string,
  form: TileForm,
  results: readonly Binding[],
  { values = true, rowsWrite = false }: { readonly values?: boolean; readonly rowsWrite?: boolean },
  parts: Pick<Kernel, "body"> & { readonly declarations?: string; readonly parameters?: Kernel["parameters"] },
): Kernel {
  const { score, bias, capped } = form;
  const side = sideOf(form);
  const micro = tileSize / side;
  return {
    key: `${name} ${pairKeyOf({ ...form, plan: "ranges" })} ${form.room}`,
    threads: side * side,
    bindings: [
      { name: "rows", element: "f32", writes: rowsWrite },
      { name: "k", element: "f32" },
      { name: "tiles", element: "i32" },
      ...(score === "dot" ? [] : [{ name: "vector", element: "f32" } as const]),
      ...(bias === "none" ? [] : [{ name: "bias", element: "u32" } as const]),
      ...(values ? [{ name: "v", element: "f32" } as const] : []),
      ...results,
    ],
    parameters: [...pairParameterTypes, ...(parts.parameters ?? [])],
    declarations: `
${bitTests}
${capped || score === "tanh" ? tanhFunction : ""}
${actText(score)}
${
  score === "dot"
    ? ""
    : `fn scoreActs(x: ${vectorOf(form)}) -> ${vectorOf(form)} { return ${vectorOf(form)}(${unrolled(micro, (i) => `scoreAct(x[${i}])`, ", ")}); }
fn scoreActSlopes(x: ${vectorOf(form)}) -> ${vectorOf(form)} { return ${vectorOf(form)}(${unrolled(micro, (i) => `scoreActSlope(x[${i}])`, ", ")}); }`
}
struct Row { keyRow: i32, keys: i32, query: i32, at: i32, first: i32, end: i32, pairs: i32, queries: i32 }
fn floorDivide(a: i32, b: i32) -> i32 { return select(a / b, (a - b + 1) / b, a < 0); }
${pairText(form)}
struct Tile { queryRow: u32, count: u32, query: i32, keyRow: i32, keys: i32, queries: i32, pairs: i32, first: u32, end: u32 }
fn tileAt(i: u32) -> Tile {
  return Tile(u32(tiles[i]), u32(tiles[i + 1u]), tiles[i + 2u], tiles[i + 3u], tiles[i + 4u], tiles[i + 5u], tiles[i + 6u],
    u32(tiles[i + 7u]), u32(tiles[i + 8u]));
}
fn queryTile(i: u32) -> Tile { return tileAt(i * ${queryFields}u); }
fn rowIn(tile: Tile, r: u32) -> Row {
  let query = tile.query + i32(r);
  return Row(tile.keyRow, tile.keys, query, query + tile.keys - tile.queries, 0, 0, tile.pairs, tile.queries);
}
fn keyTile(i: u32) -> u32 { return p.firstPart + i * ${keyFields}u; }
fn keyIn(keyRow: u32, keyHead: u32) -> u32 { return (keyRow * p.kvHeads + keyHead) * p.width; }
fn valueIn(keyRow: u32, keyHead: u32) -> u32 { return (keyRow * p.kvHeads + keyHead) * p.valueWidth; }
var<workgroup> queriesHere: array<f32, ${depth * stride}>;
var<workgroup> keysHere: array<f32, ${depth * stride}>;
${parts.declarations ?? ""}`,
    body: `
  let tx = thread % ${side}u;
  let ty = thread / ${side}u;
${parts.body}`,
  };
}

/**
 * Statements that go through the pairs of `tile`, of the keys of its set from `keyStart` on and `head`, under `mask`; `keyHead`
 * must be known. A thread has the pairs of rows ty + side · i and columns tx + side · j; for each, `each` runs, which finds
 * them as `r` and `c`, the number `at` among the thread's, `isOpen` for a permitted one, its `key`, `score` and `pair`.
 */
export function tileText(form: TileForm, { values }: { readonly values: boolean }, each: string): string {
  const { score, bias, capped } = form;
  const side = sideOf(form);
  const micro = tileSize / side;
  const vector = vectorOf(form);
  const ofQueries = `${vector}(${unrolled(micro, (i) => `queriesHere[e * ${stride}u + ty + ${side * i}u]`, ", ")})`;
  const ofKey = (j: number): string => `${vector}(keysHere[e * ${stride}u + tx + ${side * j}u])`;
  const sums = (each: (j: number) => string): string => `
      for (var e = 0u; e < ${depth}u; e += 1u) {
        let x = ${ofQueries};
        ${unrolled(micro, each)}
      }`;
  const product = sums((j) => `term${j} = fma(x, ${ofKey(j)}, term${j});`);
  const additive = sums(
    (j) =>
      `term${j} += select(0.0, vector[head * p.width + min(d + e, p.width - 1u)], d + e < p.width) * scoreActs(x + ${ofKey(j)});`,
  );
  const loadValue = values ? "if (isValue) { other = v[valueIn(min(firstKey + r, lastKey), keyHead) + column]; }" : "";
  const gathered = `array<${vector}, ${micro}>(${unrolled(micro, (j) => `term${j}`, ", ")})`;
  // One loop takes the columns of queries and keys and then those of dy and values. What it sums are variables, so that
  // it stays in registers; what is then looked up by a number is a copy.
  return `
    let firstKey = u32(tile.keyRow + keyStart);
    let keyCount = u32(min(${tileSize}, tile.keys - keyStart));
    let lastQuery = tile.queryRow + tile.count - 1u;
    let lastKey = firstKey + keyCount - 1u;
    let steps = (p.width + ${depth - 1}u) / ${depth}u;
    let allSteps = ${values ? `steps + (p.valueWidth + ${depth - 1}u) / ${depth}u` : "steps"};
    ${unrolled(micro, (j) => `var term${j} = ${vector}();`)}
    var scores = ${gathered};
    for (var step = 0u; step < allSteps; step += 1u) {
      let isValue = step >= steps;
      ${
        values
          ? `if (step == steps) {
        scores = ${gathered};
        ${unrolled(micro, (j) => `term${j} = ${vector}();`)}
      }`
          : ""
      }
      let width = select(p.width, ${values ? "p.valueWidth" : "p.width"}, isValue);
      let d = (step - select(0u, steps, isValue)) * ${depth}u;
      for (var i = thread; i < ${depth * tileSize}u; i += ${side * side}u) {
        let r = i / ${depth}u;
        let isColumn = d + i % ${depth}u < width;
        let column = min(d + i % ${depth}u, width - 1u);
        let one = rows[packedRow(min(tile.queryRow + r, lastQuery), head) + select(0u, p.width, isValue) + column];
        var other = k[keyIn(min(firstKey + r, lastKey), keyHead) + min(column, p.width - 1u)];
        ${loadValue}
        queriesHere[(i % ${depth}u) * ${stride}u + r] = select(0.0, one, isColumn && r < tile.count);
        keysHere[(i % ${depth}u) * ${stride}u + r] = select(0.0, other, isColumn && r < keyCount);
      }
      workgroupBarrier();
      ${score === "dot" ? product : values ? `if (isValue) {${product}\n      } else {${additive}\n      }` : additive}
      workgroupBarrier();
    }
    ${values ? `let dots = ${gathered};` : `scores = ${gathered};`}
    for (var i = 0u; i < ${micro}u; i += 1u) {
      let r = ty + ${side}u * i;
      let inTile = r < tile.count;
      let row = rowIn(tile, r);
      let queryRow = tile.queryRow + min(r, tile.count - 1u);
      let numbers = numbersOf(queryRow, head);
      for (var j = 0u; j < ${micro}u; j += 1u) {
        let c = tx + ${side}u * j;
        let at = i * ${micro}u + j;
        let key = keyStart + i32(c);
        var isOpen = inTile && c < keyCount;
        if (isOpen && mask >= 0) { isOpen = ((tiles[u32(mask) + r] >> c) & 1) == 1; }
        var pair = Pair(0.0, 0.0, 0.0);
        var score = 0.0;
        if (isOpen) {
          let scaled = p.scale * scores[j][i];
          let bare = ${capped ? "p.softcap * tanhOf(scaled / p.softcap)" : "scaled"};
          score = bare;${
            bias === "none"
              ? ""
              : `
          let found = bitcast<f32>(bias[biasPlaceOf(row, head, key, -1)]);
          if (isForbidden(found)) { isOpen = false; }
          else { score += ${bias === "alibi" ? "found * -f32(abs(key - row.at))" : "found"}; }`
          }
          if (isForbidden(score)) { isOpen = false; }
          if (isOpen) { pair = weigh(score, bare, ${values ? "dots[j][i]" : "0.0"}, numbers, factorOf(queryRow, head, key), key); }
        }
        ${each}
      }
    }`;
}
