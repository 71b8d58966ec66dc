// A copy from one buffer to another: what no kernel can move more bytes than.

/** Invocations of a group. */
export const copyGroup = 256;

/** Each invocation copies four numbers, then those as far on as there are invocations in all. */
export function copyKernel(): string {
  return `
@group(0) @binding(0) var<storage, read> from_rows: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> to_rows: array<vec4f>;

@compute @workgroup_size(${copyGroup})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let count = arrayLength(&to_rows);
  for (var i = id.x; i < count; i += groups.x * ${copyGroup}u) {
    to_rows[i] = from_rows[i];
  }
}
`;
}
