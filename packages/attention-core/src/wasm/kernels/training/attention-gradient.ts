// The gradient of attention on the register tile, for ranges and segments of keys, dot scores and softmax: the tiled
// form of FlashAttention's backward pass (Dao et al. 2022, algorithm 4).
//
// A chunk is up to 96 queries by 48 keys of one head. Two products give its scores and the gradients of its weights,
// queries down and keys in the lanes; the weights are made again from the log-sum-exp. Both then stand as rows of keys,
// and are the broadcast operand of the other three products, down the rows for values and keys, along them for
// queries: so neither is ever transposed. Queries are scaled as in `../attention.ts`, and the products are sums in the same
// order: scores are the same to the bit, and large ones do not part from the log-sum-exp.
//
// A unit owns the rows that it adds to: it takes all pairs of a set and a key head, or, where those are too many for one
// unit, some of the keys with all their queries. The parts of such a set are in jobs that follow one another, so that
// their sums over keys have an order.

import { Attention } from "../attention-parameters";
import { rawScale } from "../score-terms";
import { LN2, storeExp2 } from "../simd";
import { boundPanels, Chunk, CHUNK_BYTES, CHUNK_KEYS, CHUNK_QUERIES, CHUNK_ROW, EXP2_AT, FIXED_BYTES, maskChunk, openRangePanels, panelAt, storeRowTerms, weighChunk } from "./attention-gradient-chunk";
import { addChunkBias, addChunkBiasGradient } from "./attention-gradient-chunk-bias";
import { clearPanels, isSpoiled, packColumns, packEights, unpackColumns } from "./attention-gradient-pack";
import { dotOne } from "./attention-gradient-pairs";
import { AttentionGradient, biasPartialsOf, clearColumns, clearPartials, forwardOf, Item, itemAt } from "./attention-gradient-parameters";
import { differentiateRows } from "./attention-gradient-rows";
import { tileAlong4x8, tileAlong6x8, tileDown4x8, tileDown6x8, tileForward4x8, tileForward6x8 } from "./attention-gradient-tile";

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
      if (kvFrom == 0) fetchItem(g, a, item, scratch);
      for (let kvHead = kvFrom; kvHead < kvTo; kvHead++) {
        if (g.careful != 0 && isItemSpoiled(g, a, item, kvHead)) differentiateRows(g, item, group, kvHead * sharing, (kvHead + 1) * sharing, scratch);
        else differentiateItem(g, a, item, group, kvHead, scratch);
      }
    }
  }
}

/** Items whose rows are fetched ahead have at most so many bytes of them: the heads should find them in the second-level cache. */
const NEAR: usize = 1048576;

/**
 * Reads a word of each cache line that the heads of an item read or write, in order: head by head they would come in
 * pieces, and each piece would be waited for.
 */
function fetchItem(g: AttentionGradient, a: Attention, item: Item, place: usize): void {
  const at = <usize>item.set << 2;
  const row = <usize>(load<i32>(a.queryOffsets + at) + item.queryFrom), rows = <usize>(item.queryTo - item.queryFrom);
  const key = <usize>(load<i32>(a.keyOffsets + at) + item.keyFrom), keys = <usize>(item.keyTo - item.keyFrom);
  const width = <usize>(a.heads * a.width) << 2, valueWidth = <usize>(a.heads * a.valueWidth) << 2;
  const keyWidth = <usize>(a.kvHeads * a.width) << 2, valueRow = <usize>(a.kvHeads * a.valueWidth) << 2;
  const bytes: usize = 2 * (rows * (width + valueWidth) + keys * (keyWidth + valueRow));
  if (bytes > NEAR) return;
  let sum = fetch(a.k + key * keyWidth, keys * keyWidth) | fetch(a.v + key * valueRow, keys * valueRow);
  sum |= fetch(a.q + row * width, rows * width) | fetch(g.dy + row * valueWidth, rows * valueWidth);
  sum |= fetch(g.output + row * valueWidth, rows * valueWidth) | fetch(g.dq + row * width, rows * width);
  sum |= fetch(g.dk + key * keyWidth, keys * keyWidth) | fetch(g.dv + key * valueRow, keys * valueRow);
  store<i32>(place, sum); // so that the reads are not left out
}

function fetch(from: usize, bytes: usize): i32 {
  let sum: i32 = 0;
  for (const end = from + bytes; from < end; from += 64) sum |= load<i32>(from);
  return sum;
}

/** Whether something that a forbidden pair would multiply might not come to 0 times 0: then pairs are left out one by one. */
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

/** One item for one key head; its keys are packed `keysPerWindow` at a time. The first keys of a set begin the sums of its queries. */
function differentiateItem(g: AttentionGradient, a: Attention, item: Item, group: i32, kvHead: i32, scratch: usize): void {
  const c = openChunk(g, a, item, scratch);
  const at = <usize>item.set << 2, sharing = a.heads / a.kvHeads;
  const keyBase = load<i32>(a.keyOffsets + at), firstRow = load<i32>(a.queryOffsets + at);
  const keyStride = <usize>(a.kvHeads * a.width) << 2, valueStride = <usize>(a.kvHeads * a.valueWidth) << 2;
  for (let from = item.keyFrom; from < item.keyTo || from == item.keyFrom; from += g.keysPerWindow) {
    const to = min(item.keyTo, from + g.keysPerWindow), count = to - from;
    const first = <usize>(keyBase + from);
    const k = first * keyStride + (<usize>(kvHead * a.width) << 2), v = first * valueStride + (<usize>(kvHead * a.valueWidth) << 2);
    packEights(a.k + k, keyStride, count, a.width, c.keys8);
    packEights(a.v + v, valueStride, count, a.valueWidth, c.values8);
    packColumns(a.k + k, keyStride, count, a.width, a.scale, c.keyColumns, g.keysPerWindow);
    c.windowFrom = from;
    c.windowRows = g.keysPerWindow;
    c.freshKeys = 1;
    for (let head = kvHead * sharing; head < (kvHead + 1) * sharing; head++) {
      c.head = head;
      for (let query = item.queryFrom; query < item.queryTo; query += CHUNK_QUERIES) {
        c.position = query;
        c.row = firstRow + query;
        c.rows = min(CHUNK_QUERIES, item.queryTo - query);
        differentiateQueries(g, a, c, group, from, to);
      }
    }
    if (c.freshKeys) clearKeys(a, c, 0, count);
    unpackColumns(c.dk, g.keysPerWindow, count, a.width, g.dk + k, keyStride, LN2, false);
    unpackColumns(c.dv, g.keysPerWindow, count, a.valueWidth, g.dv + v, valueStride, 1, false);
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
  c.queryColumns = c.d + CHUNK_BYTES;
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
function differentiateQueries(g: AttentionGradient, a: Attention, c: Chunk, group: i32, from: i32, to: i32): void {
  const stride = <usize>(a.heads * a.width) << 2, valueStride = <usize>(a.heads * a.valueWidth) << 2;
  const q = <usize>c.row * stride + (<usize>(c.head * a.width) << 2), y = <usize>c.row * valueStride + (<usize>(c.head * a.valueWidth) << 2);
  if (a.form == 0 && !openRangePanels(a, c, from, to)) {
    if (from == 0) clearColumns(g.dq, c.row, c.row + c.rows, a.heads * a.width, c.head * a.width, a.width);
    return;
  }
  openRows(g, a, c);
  packColumns(a.q + q, stride, c.rows, a.width, rawScale(a), c.queryColumns, CHUNK_QUERIES);
  packColumns(g.dy + y, valueStride, c.rows, a.valueWidth, 1, c.dyColumns, CHUNK_QUERIES);
  c.freshQueries = 1;
  for (let key = from; key < to; key += CHUNK_KEYS) {
    c.key = key;
    c.keys = min(CHUNK_KEYS, to - key);
    const any = boundPanels(a, c);
    const first = key - from;
    if (c.freshKeys && !(any && c.open)) clearKeys(a, c, first, first + c.keys);
    if (!any) continue;
    multiplyForward(a, c);
    if (a.bias != 0) addChunkBias(a, c);
    weighChunk(a, c);
    if (c.open == 0) maskChunk(a, c);
    if (a.bias != 0) addChunkBiasGradient(g, a, c, biasPartialsOf(g, group));
    const addToKeys = c.freshKeys == 0 || c.open == 0;
    multiplyDown(c, c.s, c.dyColumns, c.dv, a.valueWidth, addToKeys);
    multiplyDown(c, c.d, c.queryColumns, c.dk, a.width, addToKeys);
    if (c.freshQueries && c.open == 0) clearPanels(c.dq, CHUNK_QUERIES, 0, c.rows, a.width);
    multiplyAlong(c, a.width, c.freshQueries == 0 || c.open == 0);
    c.freshQueries = 0;
  }
  c.freshKeys = 0;
  if (c.freshQueries) clearPanels(c.dq, CHUNK_QUERIES, 0, c.rows, a.width);
  unpackColumns(c.dq, CHUNK_QUERIES, c.rows, a.width, g.dq + q, stride, 1, from > 0);
}

/** Clears the sums of keys `from .. to` of the window. */
function clearKeys(a: Attention, c: Chunk, from: i32, to: i32): void {
  clearPanels(c.dk, c.windowRows, from, to, a.width);
  clearPanels(c.dv, c.windowRows, from, to, a.valueWidth);
}

/** Log-sum-exp and delta, dy · output, of each row. */
function openRows(g: AttentionGradient, a: Attention, c: Chunk): void {
  const bytes = <usize>a.valueWidth << 2;
  let cell = <usize>c.row * <usize>a.heads + <usize>c.head;
  for (let row = 0; row < c.rows; row++) {
    storeRowTerms(c, row, f32.load(a.logSumExp + (cell << 2)), dotOne(g.dy + cell * bytes, g.output + cell * bytes, bytes));
    cell += <usize>a.heads;
  }
}

/** Scores, and the gradients of weights: a tile is six queries by eight keys. */
function multiplyForward(a: Attention, c: Chunk): void {
  const panels = (a.width + 7) >> 3, valuePanels = (a.valueWidth + 7) >> 3;
  const firstBlock = (c.key - c.windowFrom) >> 3;
  for (let index = c.firstPanel; index < c.lastPanel; index++) {
    const panel = panelAt(c, index);
    if (panel.low >= panel.high) continue;
    const rows = <usize>(index * 6) << 5;
    const q = c.queryColumns + rows, dy = c.dyColumns + rows;
    const few = c.rows - index * 6 <= 4;
    for (let block = panel.low >> 3; block << 3 < panel.high; block++) {
      const k = c.keys8 + (<usize>((firstBlock + block) * panels) << 8), v = c.values8 + (<usize>((firstBlock + block) * valuePanels) << 8);
      const at = <usize>(index * 6) * CHUNK_ROW + (<usize>block << 5);
      if (few) {
        tileForward4x8(q, k, panels, c.s + at);
        tileForward4x8(dy, v, valuePanels, c.d + at);
      } else {
        tileForward6x8(q, k, panels, c.s + at);
        tileForward6x8(dy, v, valuePanels, c.d + at);
      }
    }
  }
}

/** Transposed `weights` · `columns` for the rows of the chunk's keys in `sums`, stored or added: six keys by eight columns at a time. */
function multiplyDown(c: Chunk, weights: usize, columns: usize, sums: usize, width: i32, add: bool): void {
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
      if (c.keys - key <= 4) tileDown4x8(w, b, to - from, to8, add);
      else tileDown6x8(w, b, to - from, to8, add);
      b += <usize>CHUNK_QUERIES << 5;
      to8 += <usize>c.windowRows << 5;
    }
  }
}

// @ts-ignore: decorator
@inline
function meets(c: Chunk, row: i32, key: i32): bool {
  const panel = panelAt(c, row / 6);
  return panel.low < key + 6 && panel.high > key;
}

/** The gradients of scores · keys for the rows of the chunk's queries, stored or added: six queries by eight columns at a time. */
function multiplyAlong(c: Chunk, width: i32, add: bool): void {
  for (let index = c.firstPanel; index < c.lastPanel; index++) {
    const panel = panelAt(c, index);
    if (panel.low >= panel.high) continue;
    const row = index * 6, depth = panel.high - panel.low;
    const d = c.d + <usize>row * CHUNK_ROW + (<usize>panel.low << 2);
    let b = c.keyColumns + (<usize>(c.key - c.windowFrom + panel.low) << 5), to = c.dq + (<usize>row << 5);
    for (let column = 0; column < width; column += 8) {
      if (c.rows - row <= 4) tileAlong4x8(d, b, depth, to, add);
      else tileAlong6x8(d, b, depth, to, add);
      b += <usize>c.windowRows << 5;
      to += <usize>CHUNK_QUERIES << 5;
    }
  }
}
