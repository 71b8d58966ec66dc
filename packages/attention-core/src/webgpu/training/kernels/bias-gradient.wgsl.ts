// What biases get, over tiles. A dense bias has a place for each pair; a table is added up without atomics: the pairs of a
// tile pass through the workgroup's memory, and each thread adds those whose entries are its own, in their order.

import type { Kernel } from "../../kernel.ts";
import { tileSize } from "../plan-tiles.ts";
import { sideOf, type TileForm, tileKernel, tileText } from "./tile.wgsl.ts";

const result = { name: "dBias", element: "f32", writes: true } as const;
const tilePairs = tileSize * tileSize;

/** Of a dense bias, in its shape: a workgroup for each tile of queries and head of the bias, which sums over heads that share it. */
export function denseBiasGradientKernel(form: TileForm): Kernel {
  const micro = tileSize / sideOf(form);
  return tileKernel(
    "denseBiasGradient",
    form,
    [result],
    {},
    {
      body: `
  let tile = queryTile(unit / p.biasHeads);
  let headsPerBias = p.heads / p.biasHeads;
  let firstHead = (unit % p.biasHeads) * headsPerBias;
  for (var entry = tile.first; entry < tile.end; entry += 2u) {
    let keyStart = tiles[entry];
    let mask = tiles[entry + 1u];
    var totals = array<f32, ${micro * micro}>();
    for (var head = firstHead; head < firstHead + headsPerBias; head += 1u) {
      let keyHead = head * p.kvHeads / p.heads;
      ${tileText(
        form,
        { values: true },
        `totals[at] += pair.ofScore;
        if (inTile && c < keyCount && head + 1u == firstHead + headsPerBias) {
          dBias[biasPlaceOf(row, head, key, -1)] = totals[at];
        }`,
      )}
    }
  }`,
    },
  );
}

/** Of a table or of slopes: shares [groups, H, entries] of groups of tiles, a workgroup for each group and head. */
export function tableGradientKernel(form: TileForm): Kernel {
  const threads = sideOf(form) ** 2;
  return tileKernel(
    "tableGradient",
    form,
    [result],
    {},
    {
      parameters: [
        ["entries", "u32"],
        ["tileCount", "u32"],
        ["tilesPerGroup", "u32"],
      ],
      declarations: ownEntriesText(threads, tilePairs),
      body: `
  let head = unit % p.heads;
  let keyHead = head * p.kvHeads / p.heads;
  let part = unit / p.heads;
  let lastTile = min(p.tileCount, (part + 1u) * p.tilesPerGroup);
  clearOwn(unit * p.entries, thread);
  for (var t = part * p.tilesPerGroup; t < lastTile; t += 1u) {
    let tile = queryTile(t);
    for (var entry = tile.first; entry < tile.end; entry += 2u) {
      let keyStart = tiles[entry];
      let mask = tiles[entry + 1u];
      ${tileText(
        form,
        { values: true },
        `places[r * ${tileSize}u + c] = nowhere;
        if (isOpen) {
          places[r * ${tileSize}u + c] = biasPlaceOf(row, head, key, -1) - head * p.entries;
          shares[r * ${tileSize}u + c] = ofBias(row, key, pair.ofScore);
        }`,
      )}
      workgroupBarrier();
      addOwn(unit * p.entries, ${tilePairs}u, thread);
    }
  }`,
    },
  );
}

/**
 * `addOwn(first, count, thread)` adds the first `count` of `shares` to the entries of `dBias` that `places` names, counted
 * from `first`: entry e is that of thread e mod `threads`, after `clearOwn` has made it 0.
 */
export function ownEntriesText(threads: number, size: number): string {
  return `
const nowhere = 0xffffffffu;
var<workgroup> places: array<u32, ${size}>;
var<workgroup> shares: array<f32, ${size}>;
fn clearOwn(first: u32, thread: u32) {
  for (var x = thread; x < p.entries; x += ${threads}u) { dBias[first + x] = 0.0; }
}
fn addOwn(first: u32, count: u32, thread: u32) {
  for (var x = 0u; x < count; x += 1u) {
    let place = places[x];
    if (place % ${threads}u == thread && place != nowhere) { dBias[first + place] += shares[x]; }
  }
}`;
}
