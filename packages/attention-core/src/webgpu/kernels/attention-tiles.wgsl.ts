// Attention with dot scores and the softmax by tiles: a workgroup takes a tile of queries of one set and head through the
// keys that they may attend to, with a running maximum and sum for each (Milakov and Gimelshein 2018; Dao et al. 2022).
// A thread keeps a block of scores, then a block of the output, in registers; scores become weights in the workgroup's memory.
//
// A forbidden pair has the lowest score, and then the weight -0. Values are multiplied by such weights as well, unless
// one in the workgroup's memory is not finite: then pair by pair is asked.

import type { Kernel } from "../kernel.ts";
import { everything, rangeOfRow, runFields, tileFields } from "../query-tiles.ts";
import { rowFields } from "../plan-buffers.ts";
import { type AttentionTile, stageVectors } from "./attention-tile-sizes.ts";
import { loadText, range, storeText } from "./load.wgsl.ts";
import { afterText, keyOf, type ScoreForm, scoreBindings, scoreParameterTypes } from "./score.wgsl.ts";

/** What a program is made for, beside its tile. */
export interface TileForm extends ScoreForm {
  /** Whether [P, H, 4] numbers are left for maps, see `attentionKernel`. */
  readonly stats: boolean;
  /** Whether widths are multiples of four, and rows are read four numbers at a time. */
  readonly wide: boolean;
}

const components = ["x", "y", "z", "w"] as const;

/** Units are the tiles from `firstTile` on, `tileCount` of them for each head, head after head. */
export function attentionTilesKernel(form: TileForm, tile: AttentionTile): Kernel {
  const { stats, wide } = form;
  const { queries, keys, down, across, vectors, depth, valueKeys } = tile;
  const threads = down * across;
  const rows = range(queries / down);
  const groups = range(rows.length / 4);
  const keyVectors = range(keys / 4 / across);
  const columnVectors = range(vectors);
  const deep = depth / 4;
  const keyFours = keys / 4;
  const columnFours = across * vectors;
  const element = wide ? "vec4f" : "f32";
  const plain = form.bias === "none" && !form.capped;
  const isWide = (name: string): boolean => ["q", "k"].includes(name);
  const each = (text: (row: number) => string, indent: string): string => rows.map(text).join(`\n${indent}`);
  return {
    key: `attention by ${queries}x${keys}x${depth}x${valueKeys} ${down}x${across}x${vectors} ${element} ${keyOf(form)}${stats ? " with statistics" : ""}`,
    threads,
    bindings: [
      ...scoreBindings(form)
        .filter(({ name }) => name !== "plan" || form.plan === "ranges")
        .map((binding) => (isWide(binding.name) ? ({ ...binding, element } as const) : binding)),
      { name: "tiles", element: "i32" },
      { name: "v", element },
      { name: "y", element, writes: true },
      ...(stats ? [{ name: "statistics", element: "vec4f", writes: true } as const] : []),
    ],
    parameters: [
      ...scoreParameterTypes,
      ["valueWidth", "u32"],
      ["notNumber", "f32"],
      ["firstTile", "u32"],
      ["tileCount", "u32"],
    ],
    declarations: `
${afterText(form)}
${loadText("loadQuery", "q", "p.heads", "p.width", wide)}
${loadText("loadKey", "k", "p.kvHeads", "p.width", wide)}
${loadText("loadValue", "v", "p.kvHeads", "p.valueWidth", wide)}
${storeText(wide)}
const lowest = -3.4e38;
var<workgroup> weights: array<vec4<f32>, ${queries * keyFours}>;
var<workgroup> stage: array<vec4<f32>, ${stageVectors(tile)}>;
var<workgroup> largest: array<f32, ${queries}>;
var<workgroup> changes: array<vec2<f32>, ${queries}>;
var<workgroup> spoiled: array<atomic<u32>, ${queries}>;
var<workgroup> unclean: atomic<u32>;`,
    body: `
  let tile = ${tileFields}u * (p.firstTile + unit % p.tileCount);
  let head = unit / p.tileCount;
  let kvHead = head * p.kvHeads / p.heads;
  let firstRow = u32(tiles[tile]);
  let rowCount = u32(tiles[tile + 1u]);
  let firstQuery = tiles[tile + 2u];
  let setQueries = tiles[tile + 3u];
  let setKeys = tiles[tile + 4u];
  let keyRow = tiles[tile + 5u];
  let pairsBefore = tiles[tile + 6u];
  let row = (thread / ${across}u) * ${rows.length}u;
  let column = thread % ${across}u;
  let works = row < rowCount;
  for (var i = thread; i < ${queries}u; i += ${threads}u) {
    largest[i] = lowest;
    atomicStore(&spoiled[i], 0u);
  }
  if (thread == 0u) { atomicStore(&unclean, 0u); }
  // What of a row's keys this thread has summed: indexed in loops of a fixed length, so that engines may unroll them.
  var totals: array<f32, ${rows.length}>;
  ${stats ? `var moments: array<f32, ${rows.length}>;` : ""}
  ${each((i) => columnVectors.map((j) => `var o${i}_${j} = vec4<f32>();`).join(" "), "  ")}
  workgroupBarrier();
  for (var run = tiles[tile + 7u]; run < tiles[tile + 8u]; run += ${runFields}) {
    let runStart = tiles[run];
    let runEnd = tiles[run + 1];
    let permits = tiles[run + 2];
    for (var keyBase = runStart; keyBase < runEnd; keyBase += ${keys}) {
${scoresText()}
${weightsText()}
      let count = u32(min(${keys}, setKeys - keyBase));
      for (var firstKey = 0u; firstKey < count; firstKey += ${valueKeys}u) {
${valuesText()}
      }
    }
  }
${outputText()}`,
  };

  /** Products into `weights`, times the scale; `isPlain`, whether nothing is to be asked of those of this thread. */
  function scoresText(): string {
    const put = (i: number, j: number): string =>
      `{ let s = p.scale * s${i}_${j}; weights[(row + ${i}u) * ${keyFours}u + column + ${j * across}u] = s;${plain ? " sizes = max(sizes, bitcast<vec4<u32>>(s) & vec4<u32>(0x7fffffffu));" : ""} }`;
    const product = (c: number): string => `
            {
              ${keyVectors.map((j) => `let b${j} = stage[${queries * deep}u + (4u * d + ${c}u) * ${keyFours}u + column + ${j * across}u];`).join(" ")}
              ${each((i) => keyVectors.map((j) => `s${i}_${j} = fma(vec4<f32>(a${i}.${components[c]}), b${j}, s${i}_${j});`).join(" "), "              ")}
            }`;
    return `
      ${each((i) => keyVectors.map((j) => `var s${i}_${j} = vec4<f32>();`).join(" "), "      ")}
      for (var start = 0u; start < p.width; start += ${depth}u) {
        let fours = (min(${depth}u, p.width - start) + 3u) / 4u;
        // A thread takes four rows by four columns: of keys, which it turns so that they stand side by side, or of queries.
        for (var i = thread; i < ${keyFours * deep + (queries * deep) / 4}u; i += ${threads}u) {
          if (i < ${keyFours * deep}u) {
            let d = i / ${keyFours}u;
            if (d >= fours) { continue; }
            let key = keyBase + 4 * i32(i % ${keyFours}u);
            var k0 = vec4<f32>();
            var k1 = vec4<f32>();
            var k2 = vec4<f32>();
            var k3 = vec4<f32>();
            ${[0, 1, 2, 3].map((j) => `if (key + ${j} < setKeys) { k${j} = loadKey(u32(keyRow + key + ${j}), kvHead, start + 4u * d); }`).join("\n            ")}
            let to = ${queries * deep}u + 4u * d * ${keyFours}u + i % ${keyFours}u;
            ${components.map((c, j) => `stage[to + ${j * keyFours}u] = vec4<f32>(k0.${c}, k1.${c}, k2.${c}, k3.${c});`).join("\n            ")}
          } else {
            let d = (i - ${keyFours * deep}u) % ${deep}u;
            if (d >= fours) { continue; }
            let first = 4u * ((i - ${keyFours * deep}u) / ${deep}u);
            for (var r = first; r < first + 4u; r += 1u) {
              var found = vec4<f32>();
              if (r < rowCount) { found = loadQuery(firstRow + r, head, start + 4u * d); }
              stage[r * ${deep}u + d] = found;
            }
          }
        }
        workgroupBarrier();
        if (works) {
          for (var d = 0u; d < fours; d += 1u) {
            ${each((i) => `let a${i} = stage[(row + ${i}u) * ${deep}u + d];`, "            ")}${[0, 1, 2, 3].map(product).join("")}
          }
        }
        workgroupBarrier();
      }
      ${plain ? "var sizes = vec4<u32>();" : ""}
      ${each((i) => keyVectors.map((j) => put(i, j)).join(" "), "      ")}
      ${plain ? `let isPlain = permits == ${everything} && all(sizes < vec4<u32>(0x7f800000u));` : ""}`;
  }

  /** What follows the product, pair by pair; then the maximum of each row; then weights, and what was summed is brought to the new maximum. */
  function weightsText(): string {
    const after = plain
      ? ""
      : `
          let record = Row(keyRow, setKeys, firstQuery + i32(local), firstQuery + i32(local) + setKeys - setQueries, 0, 0, pairsBefore, setQueries);
          for (var c = 0u; c < 4u; c += 1u) {
            let score = biasedOf(record, head, min(key + i32(c), setKeys - 1), -1, capOf(s[c]));
            s[c] = score.value;
            open[c] = open[c] && score.permitted;
          }`;
    const masked =
      form.plan === "ranges"
        ? `
          if (permits == ${rangeOfRow}) {
            let record = ${rowFields}u * (firstRow + min(local, rowCount - 1u));
            let places = vec4<i32>(key, key + 1, key + 2, key + 3);
            open = (places >= vec4<i32>(plan[record + 4u])) & (places < vec4<i32>(plan[record + 5u]));
          }`
        : `
          if (permits != ${everything}) {
            let words = permits + (keyBase - runStart) / ${keys} * ${(queries / 8) * keyFours};
            let bits = u32(tiles[words + i32((local / 8u) * ${keyFours}u + group)]);
            open = ((vec4<u32>(bits) >> (vec4<u32>(0u, 8u, 16u, 24u) + vec4<u32>(local % 8u))) & vec4<u32>(1u)) == vec4<u32>(1u);
          }`;
    const weigh = (isAsked: boolean): string => `
          for (var j = 0u; j < ${keyVectors.length}u; j += 1u) {
            let at = (row + i) * ${keyFours}u + column + j * ${across}u;
            let s = weights[at];
            ${
              isAsked
                ? `let closed = s == vec4<f32>(lowest);
            let shifted = select(s - vec4<f32>(largest[row + i]), vec4<f32>(), closed);
            let weight = select(exp(shifted), vec4<f32>(), closed);
            weights[at] = bitcast<vec4<f32>>(select(bitcast<vec4<u32>>(weight), vec4<u32>(0x80000000u), closed));`
                : `let shifted = s - vec4<f32>(largest[row + i]);
            let weight = exp(shifted);
            weights[at] = weight;`
            }
            totals[i] += (weight.x + weight.y) + (weight.z + weight.w);
            ${stats ? "moments[i] += dot(weight, shifted);" : ""}
          }`;
    return `
      if (works${plain ? " && !isPlain" : ""}) {
        for (var i = 0u; i < ${rows.length * keyVectors.length}u; i += 1u) {
          let local = row + i / ${keyVectors.length}u;
          let group = column + (i % ${keyVectors.length}u) * ${across}u;
          let key = keyBase + 4 * i32(group);
          var s = weights[local * ${keyFours}u + group];
          var open = vec4<bool>(true);${masked}${after}
          let bits = bitcast<vec4<u32>>(s);
          open = open & (bits != vec4<u32>(0xff800000u));
          let isBad = open & ((bits & vec4<u32>(0x7fffffffu)) >= vec4<u32>(0x7f800000u));
          if (any(isBad)) { atomicStore(&spoiled[local], 1u); }
          weights[local * ${keyFours}u + group] = select(vec4<f32>(lowest), max(s, vec4<f32>(-3.2e38)), open & !isBad);
        }
      }
      workgroupBarrier();
      for (var i = thread; i < rowCount; i += ${threads}u) {
        // Rows begin at different places, so that threads do not read the same bank.
        var most = vec4<f32>(lowest);
        for (var j = 0u; j < ${keyFours}u; j += 1u) { most = max(most, weights[i * ${keyFours}u + (i + j) % ${keyFours}u]); }
        let before = largest[i];
        let next = max(before, max(max(most.x, most.y), max(most.z, most.w)));
        largest[i] = next;
        var change = vec2<f32>(0.0, 0.0);
        if (before > lowest) { change = vec2<f32>(exp(before - next), before - next); }
        changes[i] = change;
      }
      workgroupBarrier();
      if (works) {
        for (var i = 0u; i < ${rows.length}u; i += 1u) {
          let change = changes[row + i];
          ${stats ? "moments[i] = change.x * (moments[i] + change.y * totals[i]);" : ""}
          totals[i] *= change.x;
${
  plain
    ? `          if (isPlain) {${weigh(false)}
          } else {${weigh(true)}
          }`
    : weigh(true)
}
        }
        ${each((i) => `{ let change = changes[row + ${i}u].x; ${columnVectors.map((j) => `o${i}_${j} *= change;`).join(" ")} }`, "        ")}
      }`;
  }

  /** Values of some keys into `stage`, and their product with the weights. */
  function valuesText(): string {
    const add = (c: number): string => `
              {
                ${columnVectors.map((j) => `let v${j} = stage[(4u * i + ${c}u) * ${columnFours}u + column + ${j * across}u];`).join(" ")}
                ${each((i) => columnVectors.map((j) => `o${i}_${j} = fma(vec4<f32>(w${i}.${components[c]}), v${j}, o${i}_${j});`).join(" "), "                ")}
              }`;
    const addWherePermitted = (i: number): string => `
              {
                let weight = weights[(row + ${i}u) * ${keyFours}u + (firstKey + i) / 4u][i % 4u];
                if (bitcast<u32>(weight) != 0x80000000u) { ${columnVectors.map((j) => `o${i}_${j} = fma(vec4<f32>(weight), v${j}, o${i}_${j});`).join(" ")} }
              }`;
    return `
        for (var i = thread; i < ${valueKeys * columnFours}u; i += ${threads}u) {
          let key = firstKey + i / ${columnFours}u;
          let start = 4u * (i % ${columnFours}u);
          var found = vec4<f32>();
          if (key < count && start < p.valueWidth) { found = loadValue(u32(keyRow + keyBase) + key, kvHead, start); }
          if (any((bitcast<vec4<u32>>(found) & vec4<u32>(0x7f800000u)) == vec4<u32>(0x7f800000u))) { atomicStore(&unclean, 1u); }
          stage[i] = found;
        }
        workgroupBarrier();
        if (works) {
          if (atomicLoad(&unclean) == 0u) {
            for (var i = 0u; i < ${valueKeys / 4}u; i += 1u) {
              ${each((i) => `let w${i} = weights[(row + ${i}u) * ${keyFours}u + firstKey / 4u + i];`, "              ")}${[0, 1, 2, 3].map(add).join("")}
            }
          } else {
            for (var i = 0u; i < ${valueKeys}u; i += 1u) {
              ${columnVectors.map((j) => `let v${j} = stage[i * ${columnFours}u + column + ${j * across}u];`).join(" ")}${rows.map(addWherePermitted).join("")}
            }
          }
        }
        workgroupBarrier();`;
  }

  /** Sums of a row over the threads that share it, in their order; then the output. */
  function outputText(): string {
    const half = (queries / 4) * across;
    const place = (g: number): string => `(row / 4u + ${g}u) * ${across}u`;
    const share = (name: string, at: number): string =>
      groups
        .map(
          (g) =>
            `  weights[${at}u + ${place(g)} + column] = vec4<f32>(${[0, 1, 2, 3].map((c) => `${name}[${4 * g + c}]`).join(", ")});`,
        )
        .join("\n");
    const sum = (name: string, at: number): string => `
    var ${name}Sum = vec4<f32>();
    for (var j = 0u; j < ${across}u; j += 1u) { ${name}Sum += weights[${at}u + (row / 4u + i / 4u) * ${across}u + j]; }`;
    return `
${share("totals", 0)}
${stats ? share("moments", half) : ""}
  workgroupBarrier();
  var output = array<vec4<f32>, ${rows.length * vectors}>(${rows.flatMap((i) => columnVectors.map((j) => `o${i}_${j}`)).join(", ")});
  for (var i = 0u; i < ${rows.length}u && row + i < rowCount; i += 1u) {${sum("total", 0)}
    let sum = totalSum[i % 4u];
    let top = largest[row + i];
    let isEmpty = top == lowest;
    let isSpoiled = atomicLoad(&spoiled[row + i]) != 0u;
    for (var j = 0u; j < ${vectors}u; j += 1u) {
      var result = output[i * ${vectors}u + j] / sum;
      if (isEmpty) { result = vec4<f32>(); }
      if (isSpoiled) { result = vec4<f32>(p.notNumber); }
      store(firstRow + row + i, head, 4u * (column + j * ${across}u), result);
    }${
      stats
        ? `
    if (column == 0u) {${sum("moment", half)}
      var left = vec4<f32>(top, sum, log(max(sum, 1e-38)) - momentSum[i % 4u] / max(sum, 1e-38), 0.0);
      if (isEmpty) { left = vec4<f32>(lowest, 1.0, 0.0, 0.0); }
      if (isSpoiled) { left = vec4<f32>(p.notNumber, sum, p.notNumber, 1.0); }
      statistics[(firstRow + row + i) * p.heads + head] = left;
    }`
        : ""
    }
  }`;
  }
}
