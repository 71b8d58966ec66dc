// Register-only fused multiply-add: what one core does at best, with no load and no store in the loop.
// Each accumulator is updated as x * y + acc, the form that the engine keeps in one register. The factors come from
// memory: V8 rebuilds a constant vector at each use, which reads as a quarter of the peak.

/** 12 accumulators of 4 lanes, two operations each: 96 operations a step. */
export function fused(steps: i32): f32 {
  const x = v128.load(0);
  const y = v128.load(48);
  let a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x, a8 = x, a9 = x, a10 = x, a11 = x;
  for (let i = 0; i < steps; i++) {
    a0 = f32x4.relaxed_madd(x, y, a0);
    a1 = f32x4.relaxed_madd(x, y, a1);
    a2 = f32x4.relaxed_madd(x, y, a2);
    a3 = f32x4.relaxed_madd(x, y, a3);
    a4 = f32x4.relaxed_madd(x, y, a4);
    a5 = f32x4.relaxed_madd(x, y, a5);
    a6 = f32x4.relaxed_madd(x, y, a6);
    a7 = f32x4.relaxed_madd(x, y, a7);
    a8 = f32x4.relaxed_madd(x, y, a8);
    a9 = f32x4.relaxed_madd(x, y, a9);
    a10 = f32x4.relaxed_madd(x, y, a10);
    a11 = f32x4.relaxed_madd(x, y, a11);
  }
  const low = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(a8, a9));
  const high = f32x4.add(f32x4.add(f32x4.add(a4, a5), f32x4.add(a6, a7)), f32x4.add(a10, a11));
  return f32x4.extract_lane(f32x4.add(low, high), 0);
}
