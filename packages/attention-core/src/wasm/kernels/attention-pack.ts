// Keys and values of each set and head as panels, once per call, so that all blocks of queries read them in order.

import { Attention } from "./attention-parameters";
import { packSixRows } from "./pack";

/** A unit is one of `parts` parts of one key head of one set: parts vary fastest, then sets. */
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
    if (first >= last) continue;
    packKeys(a, head, set, base, first, last);
    packValues(a, head, set, base, keys, first, last);
  }
}

function packKeys(a: Attention, head: i32, set: i32, base: i32, first: i32, last: i32): void {
  const stride = <usize>(a.kvHeads * a.width) << 2;
  const source = a.k + <usize>base * stride + (<usize>(head * a.width) << 2);
  let target = keyPanel(a, head, set) + ((<usize>first * <usize>a.width) << 2);
  for (let key = first; key < last; key += 6) {
    packSixRows(source + <usize>key * stride, stride, min(6, last - key), a.width, target);
    target += <usize>(a.width * 24);
  }
}

/** Panels of six value columns [keys][6]; what is left over, up to four, as a panel [keys][4], five as six. */
function packValues(a: Attention, head: i32, set: i32, base: i32, keys: i32, first: i32, last: i32): void {
  const stride = <usize>(a.kvHeads * a.valueWidth) << 2;
  const source = a.v + <usize>base * stride + (<usize>(head * a.valueWidth) << 2);
  let panel = valuePanel(a, head, base, keys);
  let spoiled = f32x4.splat(0); // x · 0 is 0 unless x is NaN or infinite
  let spoiledOne: f32 = 0;
  for (let column = 0; column < a.valueWidth; column += 6) {
    const width = min(6, a.valueWidth - column);
    const padded = width <= 4 ? 4 : 6;
    let target = panel + ((<usize>first * <usize>padded) << 2);
    let at = source + <usize>first * stride + (<usize>column << 2);
    for (let key = first; key < last; key++) {
      if (width == 6) {
        const x = v128.load(at);
        const y = v128.load64_zero(at, 16);
        v128.store(target, x);
        v128.store64_lane(target, y, 0, 16);
        spoiled = f32x4.add(spoiled, f32x4.mul(f32x4.add(f32x4.mul(x, f32x4.splat(0)), y), f32x4.splat(0)));
      } else if (width == 4) {
        const x = v128.load(at);
        v128.store(target, x);
        spoiled = f32x4.add(spoiled, f32x4.mul(x, f32x4.splat(0)));
      } else {
        for (let c = 0; c < padded; c++) {
          const x = c < width ? f32.load(at + (<usize>c << 2)) : 0;
          f32.store(target + (<usize>c << 2), x);
          spoiledOne += x * 0;
        }
      }
      at += stride;
      target += <usize>padded << 2;
    }
    panel += (<usize>keys * <usize>padded) << 2;
  }
  if (v128.any_true(f32x4.ne(spoiled, spoiled)) || spoiledOne != spoiledOne) {
    store<i32>(a.nonFinite + (<usize>(head * a.sets + set) << 2), 1);
  }
}

/** First panel of a set's keys. */
export function keyPanel(a: Attention, head: i32, set: i32): usize {
  const panel = head * a.panels + load<i32>(a.panelOffsets + (<usize>set << 2));
  return a.packedKeys + <usize>panel * <usize>(a.width * 24);
}

/** First panel of a set's values. */
export function valuePanel(a: Attention, head: i32, base: i32, keys: i32): usize {
  return a.packedValues + (((<usize>head * <usize>a.keyRows + <usize>base) * <usize>a.valueColumns) << 2);
}
