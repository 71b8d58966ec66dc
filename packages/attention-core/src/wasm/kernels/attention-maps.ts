// Maps of what `attention` computed. The scores of a block of eight queries are made again, tile by tile, and turned
// into weights with the maxima and sums that the fused kernel left; the memory in use is one block's weights,
// whatever the number of queries.

import { Attention, Block, MAXIMA, SUMS } from "./attention-parameters";
import { CHUNK, chunkOf, maskBits, maskRanges, multiplyChunk, openBlock, prepareRanges, scoreChunk, scoresAt, stripAt } from "./attention";
import { keyPanel } from "./attention-pack";
import { beginRow, collect, FORBIDDEN, fullRow, Row, ROW_BYTES } from "./collect";
import { addTerms } from "./score-terms";
import { exp2, LN2, log2, LOG2E, madd } from "./simd";

/**
 * A unit is a block of eight queries, all heads. Column sums add over blocks: a call that asks for them must do its
 * units in order, on one thread. `scratch` holds a block, then the weights of its keys and the list of its spans.
 */
export function attentionMaps(params: usize, from: i32, to: i32, scratch: usize): void {
  const a = changetype<Attention>(params);
  for (let index = from; index < to; index++) {
    for (let head = 0; head < a.heads; head++) {
      const block = openBlock(a, index, head, scratch);
      block.keyPanels = keyPanel(a, (head * a.kvHeads) / a.heads, block.set);
      loadStatistics(a, block);
      block.weights = block.o + ROW_BYTES;
      block.weightCount = 0;
      if (a.form == 0) rangeWeights(a, block, head);
      else segmentWeights(a, block, index, head);
      if (a.entropy != 0) storeEntropy(a, block);
      const last = head == a.heads - 1;
      if (a.mapHeads > 1 || last) hand(a, block, index, a.mapHeads > 1 ? head : 0, head == 0 || a.mapHeads == 1);
    }
  }
}

function loadStatistics(a: Attention, block: Block): void {
  const self = changetype<usize>(block);
  for (let lane = 0; lane < block.rows; lane++) {
    const at = a.statistics + ((<usize>(block.row + lane) * <usize>a.heads + <usize>block.head) << 3);
    const sum = f32.load(at, 4);
    f32.store(self + (<usize>lane << 2), f32.load(at), MAXIMA);
    f32.store(self + (<usize>lane << 2), sum == 0 ? 0 : 1 / sum, SUMS);
  }
  // What `storeEntropy` sums up starts from zero; the places of the value sums are free here.
  v128.store(block.s, f32x4.splat(0), <usize>(CHUNK * 32));
  v128.store(block.s, f32x4.splat(0), <usize>(CHUNK * 32 + 16));
}

function rangeWeights(a: Attention, block: Block, head: i32): void {
  const bounds = prepareRanges(a, block);
  const step = chunkOf(bounds.low, bounds.high);
  for (let from = bounds.low; from < bounds.high; ) {
    const to = min(bounds.high, (from / 6) * 6 + step);
    scoreChunk(a, block, from, to);
    if (from < bounds.latestStart || to > bounds.earliestEnd) maskRanges(block, from, to);
    weigh(a, block, from, to, head);
    from = to;
  }
}

function segmentWeights(a: Attention, block: Block, index: i32, head: i32): void {
  const last = load<i32>(a.first + (<usize>index << 2), 4);
  for (let segment = load<i32>(a.first + (<usize>index << 2)); segment < last; segment++) {
    const at = <usize>segment << 2;
    const start = load<i32>(a.second + at), end = load<i32>(a.third + at), mask = load<i32>(a.masks + at);
    const step = chunkOf(start, end);
    for (let from = start; from < end; ) {
      const to = min(end, (from / 6) * 6 + step);
      scoreChunk(a, block, from, to);
      if (mask >= 0) maskBits(a.bits + <usize>(mask + from - start), block, from, to);
      weigh(a, block, from, to, head);
      from = to;
    }
  }
}

/** Turns a chunk of scores into weights, behind those of the chunks before; for a mean, adds to those of other heads. */
function weigh(a: Attention, block: Block, from: i32, to: i32, head: i32): void {
  const self = changetype<usize>(block);
  const share = f32x4.splat(a.mapHeads == 1 ? 1 / <f32>a.heads : 1);
  const adding = a.mapHeads == 1 && head > 0;
  let s = scoresAt(block, from);
  let w = block.weights + (<usize>block.weightCount << 5);
  for (let half: usize = 0; half < 32; half += 16) {
    const m = v128.load(self + half, MAXIMA), inverse = v128.load(self + half, SUMS);
    const sums = block.s + <usize>(CHUNK * 32) + half;
    let plogp = v128.load(sums);
    for (let i: usize = 0; i < <usize>(to - from) << 5; i += 32) {
      const score = v128.load(s + half + i);
      const x = f32x4.sub(score, m);
      const p = v128.or(f32x4.mul(exp2(x), inverse), v128.and(i32x4.splat(FORBIDDEN), f32x4.eq(score, f32x4.splat(-Infinity))));
      if (a.entropy != 0) {
        const surprise = f32x4.add(x, log2(inverse));
        plogp = v128.bitselect(plogp, madd(p, surprise, plogp), f32x4.eq(p, f32x4.splat(0)));
      }
      const scaled = f32x4.mul(p, share);
      v128.store(w + half + i, adding ? f32x4.add(v128.load(w + half + i), scaled) : scaled);
    }
    v128.store(sums, plogp);
  }
  block.weightCount += to - from;
}

function storeEntropy(a: Attention, block: Block): void {
  for (let lane = 0; lane < block.rows; lane++) {
    const at = <usize>(block.row + lane) * <usize>a.heads + <usize>block.head;
    const sum = f32.load(block.s + (<usize>lane << 2), <usize>(CHUNK * 32));
    f32.store(a.entropy + (at << 2), sum == 0 ? 0 : -sum * LN2);
  }
}

/** Gives each row's weights to the collectors, span by span. */
function hand(a: Attention, block: Block, index: i32, mapHead: i32, first: bool): void {
  const row = changetype<Row>(block.o);
  for (let lane = 0; lane < block.rows; lane++) {
    describeRow(block, row, lane);
    if (first) beginRow(a, row);
    let weights = block.weights + (<usize>lane << 2);
    if (a.form == 0) {
      const bounds = prepareRanges(a, block);
      if (bounds.low < bounds.high) collect(a, row, mapHead, weights, 32, 0, bounds.low, bounds.high - bounds.low);
      continue;
    }
    const last = load<i32>(a.first + (<usize>index << 2), 4);
    for (let segment = load<i32>(a.first + (<usize>index << 2)); segment < last; segment++) {
      const start = load<i32>(a.second + (<usize>segment << 2)), end = load<i32>(a.third + (<usize>segment << 2));
      collect(a, row, mapHead, weights, 32, 0, start, end - start);
      weights += <usize>(end - start) << 5;
    }
  }
}

function describeRow(block: Block, row: Row, lane: i32): void {
  row.row = block.row + lane;
  row.position = block.position + lane;
  row.set = block.set;
  row.keyBase = block.keyBase;
  row.keys = block.keys;
  row.queries = block.queriesOfSet;
}

/** Scores before the normalizer, for `full` at stages 1 to 3; a unit is a block of eight queries, all heads. */
export function attentionScores(params: usize, from: i32, to: i32, scratch: usize): void {
  const a = changetype<Attention>(params);
  for (let index = from; index < to; index++) {
    for (let head = 0; head < a.heads; head++) {
      const block = openBlock(a, index, head, scratch);
      block.keyPanels = keyPanel(a, (head * a.kvHeads) / a.heads, block.set);
      for (let key = 0; key < block.keys; key += CHUNK) storeScores(a, block, index, key, min(block.keys, key + CHUNK), head);
    }
  }
}

function storeScores(a: Attention, block: Block, index: i32, from: i32, to: i32, head: i32): void {
  multiplyChunk(a, block, from, to);
  const s = scoresAt(block, from);
  if (a.stage == 1) {
    const factor = f32x4.splat(a.softcap > 0 ? a.softcap : 1 / LOG2E);
    const end = s + (<usize>(to - from) << 5);
    for (let p = s; p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), factor));
  } else {
    addTerms(a, block, s, from, to - from, 1, a.stage == 3, stripAt(block));
  }
  if (a.stage == 3) {
    if (a.form == 0) {
      prepareRanges(a, block);
      maskRanges(block, from, to);
    } else {
      maskOutsideSegments(a, block, index, from, to);
    }
  }
  const row = changetype<Row>(block.o);
  const mean = a.mapHeads == 1;
  const share: f32 = mean ? 1 / <f32>a.heads : 1;
  for (let lane = 0; lane < block.rows; lane++) {
    describeRow(block, row, lane);
    const target = fullRow(a, row, mean ? 0 : head) + (<usize>from << 2);
    for (let i: usize = 0; i < <usize>(to - from); i++) {
      const score = f32.load(s + (i << 5) + (<usize>lane << 2)) * share;
      f32.store(target + (i << 2), mean && head > 0 ? f32.load(target + (i << 2)) + score : score);
    }
  }
}

/** -Infinity for every pair of the chunk that no segment permits. */
function maskOutsideSegments(a: Attention, block: Block, index: i32, from: i32, to: i32): void {
  const last = load<i32>(a.first + (<usize>index << 2), 4);
  let reached = from; // keys before it are settled
  for (let segment = load<i32>(a.first + (<usize>index << 2)); segment < last; segment++) {
    const at = <usize>segment << 2;
    const start = max(from, load<i32>(a.second + at)), end = min(to, load<i32>(a.third + at)), mask = load<i32>(a.masks + at);
    if (start >= end) continue;
    forbid(block, from, reached, start);
    if (mask >= 0) maskBitsAt(a.bits + <usize>(mask + start - load<i32>(a.second + at)), block, from, start, end);
    reached = end;
  }
  forbid(block, from, reached, to);
}

function forbid(block: Block, from: i32, start: i32, end: i32): void {
  const s = scoresAt(block, from);
  for (let key = start; key < end; key++) {
    const at = s + (<usize>(key - from) << 5);
    v128.store(at, f32x4.splat(-Infinity));
    v128.store(at, f32x4.splat(-Infinity), 16);
  }
}

function maskBitsAt(bits: usize, block: Block, from: i32, start: i32, end: i32): void {
  const s = scoresAt(block, from);
  for (let key = start; key < end; key++) {
    const byte = load<u8>(bits++);
    for (let lane: usize = 0; lane < 8; lane++) {
      if (((byte >> <u8>lane) & 1) == 0) f32.store(s + (<usize>(key - from) << 5) + (lane << 2), -Infinity);
    }
  }
}
