// The gradient of attention on the register tile, for ranges and segments of keys, dot scores and softmax: the tiled
// form of FlashAttention's backward pass (Dao et al. 2022, algorithm 4).
//
// A chunk is up to 96 queries by 48 keys of one head. Two products give its scores and the gradients of its weights,
// queries down and keys in the lanes; the weights are made again from the log-sum-exp. Both then stand as rows of keys,
// and are the broadcast operand of the other three products, down the rows for values and keys, along them for
// queries: so neither is ever transposed. An item of the plan sees each row that it adds to with all its pairs.

import { Attention } from "../attention-parameters";
import { LOG2E, storeExp2 } from "../simd";
import { tile4x8, tile6x8 } from "../tile";
import { boundPanels, Chunk, CHUNK_BYTES, CHUNK_KEYS, CHUNK_QUERIES, CHUNK_ROW, EXP2_AT, FIXED_BYTES, maskChunk, openRangePanels, panelAt, storeRowTerms, weighChunk } from "./attention-gradient-chunk";
import { addChunkBias, addChunkBiasGradient } from "./attention-gradient-chunk-bias";
import { clearPanels, isSpoiled, packColumns, packEights, packSixes, unpackColumns } from "./attention-gradient-pack";
import { dotOne } from "./attention-gradient-pairs";
import { AttentionGradient, clearPartials, forwardOf, Item, itemAt, KEYS, QUERIES } from "./attention-gradient-parameters";
import { differentiateRows } from "./attention-gradient-rows";
import { tileAlong4x8, tileAlong6x8, tileDown4x8, tileDown6x8 } from "./attention-gradient-tile";

/** A unit is a group of items, for `headsPerUnit` key heads and the query heads that share them; the heads vary fastest. */
export function attentionGradient(params: usize, from: i32, to: i32, scratch: usize): void {
  const g = changetype<AttentionGradient>(params);
  const a = forwardOf(g);
  const parts = a.kvHeads / g.headsPerUnit, sharing = a.heads / a.kvHeads;
  for (let unit = from; unit < to; unit++) {
    const group = unit / parts, kvFrom = (unit % parts) * g.headsPerUnit, kvTo = kvFrom + g.headsPerUnit;
    clearPartials(g, group, kvFrom * sharing, kvTo * sharing);
    const last = load<i32>(g.groupItems + (<usize>group << 2), 4);
    for (let index = load<i32>(g.groupItems + (<usize>group << 2)); index < last; index++) {
      const item = itemAt(g, index);
      for (let kvHead = kvFrom; kvHead < kvTo; kvHead++) {
        if (g.careful != 0 && isItemSpoiled(g, a, item, kvHead)) differentiateRows(g, item, group, kvHead * sharing, (kvHead + 1) * sharing, scratch);
        else differentiateItem(g, a, item, group, kvHead, scratch);
      }
    }
  }
}

/** Whether 0 · x might not be 0 for something that a forbidden pair would multiply: then pairs are left out one by one. */
function isItemSpoiled(g: AttentionGradient, a: Attention, item: Item, kvHead: i32): bool {
  const at = <usize>item.set << 2, sharing = a.heads / a.kvHeads;
  const row = <usize>(load<i32>(a.queryOffsets + at) + item.queryFrom), rows = item.queryTo - item.queryFrom;
  const key = <usize>(load<i32>(a.keyOffsets + at) + item.keyFrom), keys = item.keyTo - item.keyFrom;
  const width = <usize>a.width << 2, valueWidth = <usize>a.valueWidth << 2;
  const heads = <usize>a.heads, kvHeads = <usize>a.kvHeads, head = <usize>(kvHead * sharing);
  return isSpoiled(a.q + (row * heads + head) * width, heads * width, rows, a.width * sharing)
    || isSpoiled(g.dy + (row * heads + head) * valueWidth, heads * valueWidth, rows, a.valueWidth * sharing)
    || isSpoiled(a.k + (key * kvHeads + <usize>kvHead) * width, kvHeads * width, keys, a.width)
    || isSpoiled(a.v + (key * kvHeads + <usize>kvHead) * valueWidth, kvHeads * valueWidth, keys, a.valueWidth);
}

/** One item for one key head; its keys are packed `keysPerWindow` at a time. */
function differentiateItem(g: AttentionGradient, a: Attention, item: Item, group: i32, kvHead: i32, scratch: usize): void {
  const c = openChunk(g, a, item, scratch);
  const at = <usize>item.set << 2, sharing = a.heads / a.kvHeads;
  const keyBase = load<i32>(a.keyOffsets + at), firstRow = load<i32>(a.queryOffsets + at);
  const keyStride = <usize>(a.kvHeads * a.width) << 2, valueStride = <usize>(a.kvHeads * a.valueWidth) << 2;
  for (let from = item.keyFrom; from < item.keyTo || from == item.keyFrom; from += g.keysPerWindow) {
    const to = min(item.keyTo, from + g.keysPerWindow), count = to - from;
    const first = <usize>(keyBase + from);
    const k = first * keyStride + (<usize>(kvHead * a.width) << 2), v = first * valueStride + (<usize>(kvHead * a.valueWidth) << 2);
    packEights(a.k + k, keyStride, count, a.width, a.scale * LOG2E, c.keys8);
    packEights(a.v + v, valueStride, count, a.valueWidth, 1, c.values8);
    if (item.passes & QUERIES) packColumns(a.k + k, keyStride, count, a.width, a.scale, c.keyColumns, g.keysPerWindow);
    if (item.passes & KEYS) {
      clearPanels(c.dk, g.keysPerWindow, count, a.width);
      clearPanels(c.dv, g.keysPerWindow, count, a.valueWidth);
    }
    c.windowFrom = from;
    for (let head = kvHead * sharing; head < (kvHead + 1) * sharing; head++) {
      c.head = head;
      for (let query = item.queryFrom; query < item.queryTo; query += CHUNK_QUERIES) {
        c.position = query;
        c.row = firstRow + query;
        c.rows = min(CHUNK_QUERIES, item.queryTo - query);
        differentiateQueries(g, a, c, item, group, from, to);
      }
    }
    if (item.passes & KEYS) {
      unpackColumns(c.dk, g.keysPerWindow, count, a.width, g.dk + k, keyStride, false);
      unpackColumns(c.dv, g.keysPerWindow, count, a.valueWidth, g.dv + v, valueStride, false);
    }
  }
}

/** The state of an item, with its places in the scratch. */
function openChunk(g: AttentionGradient, a: Attention, item: Item, scratch: usize): Chunk {
  const c = changetype<Chunk>(scratch);
  const at = <usize>item.set << 2;
  storeExp2(scratch + EXP2_AT);
  c.set = item.set;
  c.keysOfSet = load<i32>(a.keyOffsets + at, 4) - load<i32>(a.keyOffsets + at);
  c.shift = c.keysOfSet - load<i32>(a.queryOffsets + at, 4) + load<i32>(a.queryOffsets + at);
  const columns = <usize>((a.width + 7) & ~7) << 2, valueColumns = <usize>((a.valueWidth + 7) & ~7) << 2;
  const keys = <usize>g.keysPerWindow, queries = <usize>CHUNK_QUERIES;
  c.s = scratch + FIXED_BYTES;
  c.d = c.s + CHUNK_BYTES;
  c.queries6 = c.d + CHUNK_BYTES;
  c.dy6 = c.queries6 + queries * columns;
  c.queryColumns = c.dy6 + queries * valueColumns;
  c.dyColumns = c.queryColumns + queries * columns;
  c.dq = c.dyColumns + queries * valueColumns;
  c.keys8 = c.dq + queries * columns;
  c.values8 = c.keys8 + keys * columns;
  c.keyColumns = c.values8 + keys * valueColumns;
  c.dk = c.keyColumns + keys * columns;
  c.dv = c.dk + keys * columns;
  return c;
}

/** The queries of a chunk with the packed keys, chunk by chunk. */
function differentiateQueries(g: AttentionGradient, a: Attention, c: Chunk, item: Item, group: i32, from: i32, to: i32): void {
  const stride = <usize>(a.heads * a.width) << 2, valueStride = <usize>(a.heads * a.valueWidth) << 2;
  const q = <usize>c.row * stride + (<usize>(c.head * a.width) << 2), y = <usize>c.row * valueStride + (<usize>(c.head * a.valueWidth) << 2);
  openRows(g, a, c, item.passes);
  packSixes(a.q + q, stride, c.rows, a.width, c.queries6);
  packSixes(g.dy + y, valueStride, c.rows, a.valueWidth, c.dy6);
  if (item.passes & KEYS) {
    packColumns(a.q + q, stride, c.rows, a.width, a.scale, c.queryColumns, CHUNK_QUERIES);
    packColumns(g.dy + y, valueStride, c.rows, a.valueWidth, 1, c.dyColumns, CHUNK_QUERIES);
  }
  if (item.passes & QUERIES) clearPanels(c.dq, CHUNK_QUERIES, c.rows, a.width);
  if (a.form == 0) openRangePanels(a, c);
  for (let key = from; key < to; key += CHUNK_KEYS) {
    c.key = key;
    c.keys = min(CHUNK_KEYS, to - key);
    if (!boundPanels(a, c)) continue;
    multiplyForward(a, c);
    if (a.bias != 0) addChunkBias(a, c);
    weighChunk(a, c);
    if (c.open == 0) maskChunk(a, c);
    if ((item.passes & QUERIES) != 0 && (g.bias != 0 || g.biasPartials != 0)) {
      addChunkBiasGradient(g, a, c, g.biasPartials + ((<usize>(group * a.heads) * <usize>g.biasSize) << 2));
    }
    if (item.passes & KEYS) {
      multiplyDown(c, c.s, c.dyColumns, c.dv, a.valueWidth, g.keysPerWindow);
      multiplyDown(c, c.d, c.queryColumns, c.dk, a.width, g.keysPerWindow);
    }
    if (item.passes & QUERIES) multiplyAlong(c, a.width, g.keysPerWindow);
  }
  if (item.passes & QUERIES) unpackColumns(c.dq, CHUNK_QUERIES, c.rows, a.width, g.dq + q, stride, from > item.keyFrom);
}

/** Log-sum-exp and delta, dy · output, of each row; the pass of queries leaves delta for that of keys. */
function openRows(g: AttentionGradient, a: Attention, c: Chunk, passes: i32): void {
  const bytes = <usize>a.valueWidth << 2;
  let cell = <usize>c.row * <usize>a.heads + <usize>c.head;
  for (let row = 0; row < c.rows; row++) {
    if (passes & QUERIES) f32.store(g.delta + (cell << 2), dotOne(g.dy + cell * bytes, g.output + cell * bytes, bytes));
    storeRowTerms(c, row, f32.load(a.logSumExp + (cell << 2)), f32.load(g.delta + (cell << 2)));
    cell += <usize>a.heads;
  }
}

/** Scores, and the gradients of weights: a tile is six queries by eight keys. */
function multiplyForward(a: Attention, c: Chunk): void {
  const panelBytes = <usize>(a.width * 24), valuePanelBytes = <usize>(a.valueWidth * 24);
  const blockBytes = <usize>a.width << 5, valueBlockBytes = <usize>a.valueWidth << 5;
  const firstBlock = (c.key - c.windowFrom) >> 3;
  for (let index = c.firstPanel; index < c.lastPanel; index++) {
    const panel = panelAt(c, index);
    if (panel.low >= panel.high) continue;
    const q = c.queries6 + <usize>index * panelBytes, dy = c.dy6 + <usize>index * valuePanelBytes;
    const few = c.rows - index * 6 <= 4;
    for (let block = panel.low >> 3; block << 3 < panel.high; block++) {
      const k = c.keys8 + <usize>(firstBlock + block) * blockBytes, v = c.values8 + <usize>(firstBlock + block) * valueBlockBytes;
      const at = <usize>(index * 6) * CHUNK_ROW + (<usize>block << 5);
      if (few) {
        tile4x8(q, k, a.width, c.s + at, CHUNK_ROW, false);
        tile4x8(dy, v, a.valueWidth, c.d + at, CHUNK_ROW, false);
      } else {
        tile6x8(q, k, a.width, c.s + at, CHUNK_ROW, false);
        tile6x8(dy, v, a.valueWidth, c.d + at, CHUNK_ROW, false);
      }
    }
  }
}

/** Adds transposed `weights` · `columns` to the rows of the chunk's keys in `sums`: six keys by eight columns at a time. */
function multiplyDown(c: Chunk, weights: usize, columns: usize, sums: usize, width: i32, windowRows: i32): void {
  const rowsFrom = c.firstPanel * 6, rowsTo = min(c.rows, c.lastPanel * 6);
  for (let key = 0; key < c.keys; key += 6) {
    let from = rowsFrom, to = rowsTo;
    if (c.open == 0) {
      // Rows from the first to the last panel that has one of the six keys.
      while (from < to && !meets(c, from, key)) from += 6;
      while (from < to && !meets(c, ((to + 5) / 6 - 1) * 6, key)) to = ((to + 5) / 6 - 1) * 6;
      if (from >= to) continue;
    }
    const w = weights + <usize>from * CHUNK_ROW + (<usize>key << 2);
    let b = columns + (<usize>from << 5), to8 = sums + (<usize>(c.key - c.windowFrom + key) << 5);
    for (let column = 0; column < width; column += 8) {
      if (c.keys - key <= 4) tileDown4x8(w, b, to - from, to8);
      else tileDown6x8(w, b, to - from, to8);
      b += <usize>CHUNK_QUERIES << 5;
      to8 += <usize>windowRows << 5;
    }
  }
}

// @ts-ignore: decorator
@inline
function meets(c: Chunk, row: i32, key: i32): bool {
  const panel = panelAt(c, row / 6);
  return panel.low < key + 6 && panel.high > key;
}

/** Adds the gradients of scores · keys to the rows of the chunk's queries: six queries by eight columns at a time. */
function multiplyAlong(c: Chunk, width: i32, windowRows: i32): void {
  for (let index = c.firstPanel; index < c.lastPanel; index++) {
    const panel = panelAt(c, index);
    if (panel.low >= panel.high) continue;
    const row = index * 6, depth = panel.high - panel.low;
    const d = c.d + <usize>row * CHUNK_ROW + (<usize>panel.low << 2);
    let b = c.keyColumns + (<usize>(c.key - c.windowFrom + panel.low) << 5), to = c.dq + (<usize>row << 5);
    for (let column = 0; column < width; column += 8) {
      if (c.rows - row <= 4) tileAlong4x8(d, b, depth, to);
      else tileAlong6x8(d, b, depth, to);
      b += <usize>windowRows << 5;
      to += <usize>CHUNK_QUERIES << 5;
    }
  }
}
