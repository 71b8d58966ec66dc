// Sums and maxima over the threads of a workgroup, as functions that kernels of rows share: in the workgroup's memory, or
// first over the threads that run in step (subgroups), which is about a third of the barriers. The order of a sum is the same
// in every run of a device.

import type { Variants } from "../variants.ts";

const combined = {
  total: { value: "a + b", subgroup: "subgroupAdd", none: "0.0" },
  largest: { value: "max(a, b)", subgroup: "subgroupMax", none: "-3.4e38" },
} as const;

/**
 * `fn total(value, thread)`, the sum over `threads` threads (a power of two), or `fn largest(value, thread)`; every thread
 * gets it. Called by all of them. With subgroups the program is one of a `Kernel` whose `subgroups` is true.
 */
export function reduction(name: keyof typeof combined, threads: number, { subgroups }: Variants): string {
  const { value, subgroup, none } = combined[name];
  const parts = `${name}Parts`;
  const both = `fn ${name}Of(a: f32, b: f32) -> f32 { return ${value}; }
var<workgroup> ${parts}: array<f32, ${threads}>;`;
  if (subgroups) {
    return `${both}
fn ${name}(value: f32, thread: u32) -> f32 {
  let found = ${subgroup}(value);
  workgroupBarrier();
  if (lane == 0u) { ${parts}[thread / lanes] = found; }
  workgroupBarrier();
  var all = ${none};
  for (var i = 0u; i < max(1u, ${threads}u / lanes); i += 1u) { all = ${name}Of(all, ${parts}[i]); }
  return all;
}`;
  }
  return `${both}
fn ${name}(value: f32, thread: u32) -> f32 {
  workgroupBarrier();
  ${parts}[thread] = value;
  workgroupBarrier();
  for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
    if (thread < step) { ${parts}[thread] = ${name}Of(${parts}[thread], ${parts}[thread + step]); }
    workgroupBarrier();
  }
  return ${parts}[0];
}`;
}
