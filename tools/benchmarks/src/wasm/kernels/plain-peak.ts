// Register-only multiply then add, for engines without relaxed SIMD: 8 accumulators, 2 x 4 factors, 15 registers.
// The sign of the x factors flips each step: constant products would be taken out of the loop.

/** 8 accumulators of 4 lanes, two operations each: 64 operations a step. */
export function plain(steps: i32): f32 {
  let x0 = v128.load(0);
  let x1 = v128.load(16);
  const y0 = v128.load(32); // -0: also the sign mask
  const y1 = v128.load(48);
  const y2 = v128.load(64);
  const y3 = v128.load(80);
  let a0 = x0, a1 = x0, a2 = x0, a3 = x0, a4 = x0, a5 = x0, a6 = x0, a7 = x0;
  for (let i = 0; i < steps; i++) {
    a0 = f32x4.add(f32x4.mul(x0, y0), a0);
    a1 = f32x4.add(f32x4.mul(x0, y1), a1);
    a2 = f32x4.add(f32x4.mul(x0, y2), a2);
    a3 = f32x4.add(f32x4.mul(x0, y3), a3);
    a4 = f32x4.add(f32x4.mul(x1, y0), a4);
    a5 = f32x4.add(f32x4.mul(x1, y1), a5);
    a6 = f32x4.add(f32x4.mul(x1, y2), a6);
    a7 = f32x4.add(f32x4.mul(x1, y3), a7);
    x0 = v128.xor(x0, y0);
    x1 = v128.xor(x1, y0);
  }
  const low = f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3));
  const high = f32x4.add(f32x4.add(a4, a5), f32x4.add(a6, a7));
  return f32x4.extract_lane(f32x4.add(low, high), 0);
}
