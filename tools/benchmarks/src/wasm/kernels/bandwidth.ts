// Streams a large array through v128 loads: the read bandwidth that one core sees.

/** XOR of `bytes` bytes from address `start`; `bytes` is a multiple of 128. */
export function readAll(start: usize, bytes: usize): i32 {
  let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  const end = start + bytes;
  for (let p = start; p < end; p += 128) {
    a0 = v128.xor(a0, v128.load(p)); a1 = v128.xor(a1, v128.load(p, 16));
    a2 = v128.xor(a2, v128.load(p, 32)); a3 = v128.xor(a3, v128.load(p, 48));
    a4 = v128.xor(a4, v128.load(p, 64)); a5 = v128.xor(a5, v128.load(p, 80));
    a6 = v128.xor(a6, v128.load(p, 96)); a7 = v128.xor(a7, v128.load(p, 112));
  }
  const sum = v128.xor(v128.xor(v128.xor(a0, a1), v128.xor(a2, a3)), v128.xor(v128.xor(a4, a5), v128.xor(a6, a7)));
  return i32x4.extract_lane(sum, 0);
}
