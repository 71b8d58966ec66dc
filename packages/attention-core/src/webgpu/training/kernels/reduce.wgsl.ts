/** Threads of a workgroup that takes a row. */
export const rowThreads = 64;

/** `fn total(value, thread)`: the sum over the threads of a workgroup, in a fixed order. */
export const totalText = `
var<workgroup> parts: array<f32, ${rowThreads}>;
fn total(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  parts[thread] = value;
  workgroupBarrier();
  for (var step = ${rowThreads / 2}u; step > 0u; step /= 2u) {
    if (thread < step) { parts[thread] += parts[thread + step]; }
    workgroupBarrier();
  }
  return parts[0];
}`;
