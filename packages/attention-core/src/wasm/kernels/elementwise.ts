// Operations that treat every element alike. Units are rows of `width`.

import { activate as activateLanes, gelu, relu } from "./simd";

// @ts-ignore: decorator
@unmanaged
class Elementwise {
  a: usize;
  b: usize; // [rows, width], or [width]: the same for each row
  out: usize;
  width: i32;
  repeated: i32; // 1 where b is one row
  code: i32; // combine: 0 add, 1 multiply; activate: the activation
}

/** a + b or a · b. */
export function combine(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Elementwise>(params);
  const bytes = <usize>p.width << 2;
  for (let row = from; row < to; row++) {
    const a = p.a + <usize>row * bytes, out = p.out + <usize>row * bytes;
    const b = p.repeated != 0 ? p.b : p.b + <usize>row * bytes;
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      const x = v128.load(a + at), y = v128.load(b + at);
      v128.store(out + at, p.code == 0 ? f32x4.add(x, y) : f32x4.mul(x, y));
    }
    for (; at < bytes; at += 4) {
      const x = f32.load(a + at), y = f32.load(b + at);
      f32.store(out + at, p.code == 0 ? x + y : x * y);
    }
  }
}

/** act(a). */
export function activate(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Elementwise>(params);
  const bytes = <usize>p.width << 2;
  for (let row = from; row < to; row++) {
    const a = p.a + <usize>row * bytes, out = p.out + <usize>row * bytes;
    let at: usize = 0;
    // In a loop of its own an activation needs no call for each vector.
    if (p.code == 1) for (; at + 16 <= bytes; at += 16) v128.store(out + at, gelu(v128.load(a + at)));
    if (p.code == 3) for (; at + 16 <= bytes; at += 16) v128.store(out + at, relu(v128.load(a + at)));
    for (; at + 16 <= bytes; at += 16) v128.store(out + at, activateLanes(v128.load(a + at), p.code));
    for (; at < bytes; at += 4) f32.store(out + at, f32x4.extract_lane(activateLanes(v128.load32_splat(a + at), p.code), 0));
  }
}
