// Fused multiply-adds in registers and nothing else: what no kernel can be faster than.

/** Invocations of a group. */
export const peakGroup = 256;
const sums = 16;
const roundsOfALoop = 16;

/** Floating-point operations of an invocation for each loop: a multiply-add counts two. */
export const operationsOfALoop = 2 * sums * roundsOfALoop;

/** Sums that do not depend on one another, added to in turn; x and y come from outside, so that nothing is known when compiling. */
export function fmaPeakKernel(): string {
  const all = Array.from({ length: sums }, (_, i) => `a${i}`);
  return `
struct Sizes { loops: u32, x: f32, y: f32, unused: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> totals: array<f32>;

@compute @workgroup_size(${peakGroup})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = sizes.x;
  let y = sizes.y;
${all.map((a, i) => `  var ${a} = ${i}.0;`).join("\n")}
  for (var loop_index = 0u; loop_index < sizes.loops; loop_index += 1u) {
${Array.from({ length: roundsOfALoop }, () => all.map((a) => `    ${a} = fma(${a}, x, y);`).join("\n")).join("\n")}
  }
  totals[id.x] = ${all.join(" + ")};
}
`;
}
