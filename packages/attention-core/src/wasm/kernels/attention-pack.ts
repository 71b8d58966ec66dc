// Keys and values of one head as the panels that the register tile reads in order.

import { Attention, Packed } from "./attention-parameters";
import { fetch, packFourRows, packSixRows } from "./pack";

/** Keys that are packed for all heads before the next: their rows stay in the first-level cache. */
const ROWS: i32 = 6;

/** Bytes of the packed keys of one head. */
export function keyBytes(a: Attention, first: i32, last: i32): usize {
  return <usize>((last - first + 5) / 6) * <usize>(a.width * 24);
}

/** Bytes of the packed values of one head. */
export function valueBytes(a: Attention, first: i32, last: i32): usize {
  return <usize>(last - first) * <usize>(a.valueColumns << 2);
}

/**
 * Sees to it that keys `first .. last` of a set stand packed at `target`, with their values after them, for each key
 * head of a unit in turn; what the thread has packed before stays, if it is the same. `far`: rows come from memory, and are
 * read in order before they are taken apart by heads.
 */
export function packHeads(a: Attention, packed: Packed, set: i32, head: i32, first: i32, last: i32, target: usize, far: bool): void {
  if (packed.setPlusOne == set + 1 && packed.head == head && packed.first == first && packed.last == last) return;
  const base = load<i32>(a.keyOffsets + (<usize>set << 2));
  const forKeys = keyBytes(a, first, last), forValues = valueBytes(a, first, last);
  let largest = i32x4.splat(0);
  const forKeyRow = <usize>(a.kvHeads * a.width) << 2, forValueRow = <usize>(a.kvHeads * a.valueWidth) << 2;
  const forHead = forKeys + forValues;
  let sum: i32 = 0;
  for (let key = first; key < last; key += ROWS) {
    const rows = min(ROWS, last - key);
    let place = target + <usize>((key - first) / 6) * <usize>(a.width * 24);
    if (far) sum |= fetch(a.k + <usize>(base + key) * forKeyRow, <usize>rows * forKeyRow);
    for (let h = head; h < head + a.headsPerUnit; h++) {
      packKeys(a, h, base + key, rows, place);
      place += forHead;
    }
    place = target + forKeys;
    if (far) sum |= fetch(a.v + <usize>(base + key) * forValueRow, <usize>rows * forValueRow);
    for (let h = head; h < head + a.headsPerUnit; h++) {
      largest = packValues(a, h, base + key, rows, key - first, last - first, place, largest);
      place += forHead;
    }
  }
  packed.unused = sum;
  packed.careful = v128.any_true(i32x4.ge_u(largest, i32x4.splat(0xff000000))) ? 1 : 0;
  packed.setPlusOne = set + 1;
  packed.head = head;
  packed.first = first;
  packed.last = last;
}

/** Up to six keys from key row `row` on, as one panel [width][6]; up to four, which only the last ones are, as [width][4]. */
function packKeys(a: Attention, head: i32, row: i32, rows: i32, target: usize): void {
  const stride = <usize>(a.kvHeads * a.width) << 2;
  const source = a.k + <usize>row * stride + (<usize>(head * a.width) << 2);
  if (rows <= 4) packFourRows(source, stride, rows, a.width, target);
  else packSixRows(source, stride, rows, a.width, target);
}

/**
 * Values of `rows` keys from key row `row` on, which stand at `place` of `keys`: panels of six columns [keys][6]; what
 * is left over, up to four, as a panel [keys][4], five as six. Returns `largest`, the largest bits of any value with
 * the sign shifted out: 0xff000000 and above are those of infinity and NaN.
 */
function packValues(a: Attention, head: i32, row: i32, rows: i32, place: i32, keys: i32, target: usize, largest: v128): v128 {
  const stride = <usize>(a.kvHeads * a.valueWidth) << 2;
  const source = a.v + <usize>row * stride + (<usize>(head * a.valueWidth) << 2);
  for (let column = 0; column < a.valueWidth; column += 6) {
    const width = min(6, a.valueWidth - column);
    const padded: usize = width <= 4 ? 4 : 6;
    let at = source + (<usize>column << 2);
    let to = target + ((<usize>place * padded) << 2);
    target += (<usize>keys * padded) << 2;
    for (let i = 0; i < rows; i++) {
      if (width == 6) {
        const x = v128.load(at), y = v128.load64_zero(at, 16);
        v128.store(to, x);
        v128.store64_lane(to, y, 0, 16);
        largest = i32x4.max_u(largest, i32x4.max_u(i32x4.shl(x, 1), i32x4.shl(y, 1)));
      } else if (width == 4) {
        const x = v128.load(at);
        v128.store(to, x);
        largest = i32x4.max_u(largest, i32x4.shl(x, 1));
      } else {
        for (let c = 0; c < <i32>padded; c++) {
          const x = c < width ? load<u32>(at + (<usize>c << 2)) : 0;
          store<u32>(to + (<usize>c << 2), x);
          largest = i32x4.max_u(largest, i32x4.splat(x << 1));
        }
      }
      at += stride;
      to += padded << 2;
    }
  }
  return largest;
}

/** Packs all keys of all heads for the maps. A unit is one of `parts` parts of one key head of one set: parts vary fastest, then sets. */
export function attentionPack(params: usize, from: i32, to: i32, scratch: usize): void {
  const a = changetype<Attention>(params);
  for (let unit = from; unit < to; unit++) {
    const part = unit % a.parts;
    const set = (unit / a.parts) % a.sets;
    const head = unit / (a.parts * a.sets);
    const base = load<i32>(a.keyOffsets + (<usize>set << 2));
    const keys = load<i32>(a.keyOffsets + (<usize>set << 2), 4) - base;
    const panels = (keys + 5) / 6;
    const each = (panels + a.parts - 1) / a.parts;
    const first = min(panels, part * each) * 6;
    const last = min(keys, min(panels, (part + 1) * each) * 6);
    for (let key = first; key < last; key += 6) {
      packKeys(a, head, base + key, min(6, last - key), keyPanel(a, head, set) + <usize>(key / 6) * <usize>(a.width * 24));
    }
  }
}

/** First panel of a set's keys among those packed for the maps. */
export function keyPanel(a: Attention, head: i32, set: i32): usize {
  const panel = head * a.panels + load<i32>(a.panelOffsets + (<usize>set << 2));
  return a.packedKeys + <usize>panel * <usize>(a.width * 24);
}
