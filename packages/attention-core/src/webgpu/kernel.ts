// A kernel: WGSL made from what does not change from call to call, its parameters and the buffers that it binds.

/** The type of the elements of a bound buffer. */
export type Element = "f32" | "i32" | "u32" | "vec2u" | "vec4f";

const wgslOf: Readonly<Record<Element, string>> = {
  f32: "f32",
  i32: "i32",
  u32: "u32",
  vec2u: "vec2<u32>",
  vec4f: "vec4<f32>",
};

/** A buffer that a kernel binds, in order. */
export interface Binding {
  readonly name: string;
  readonly element: Element;
  /** Default false: it is read only. */
  readonly writes?: boolean;
}

/** A program, its bindings and parameters. */
export interface Kernel {
  /** What tells it from every other kernel: programs are compiled once for each. */
  readonly key: string;
  readonly bindings: readonly Binding[];
  /** Names and types of the parameters, in the order in which a call gives them. */
  readonly parameters: readonly (readonly [name: string, type: "u32" | "i32" | "f32"])[];
  /** Threads of a workgroup. */
  readonly threads: number;
  /** Whether it uses subgroups; `lane` and `lanes` are then the number of the thread in its subgroup, and their count. */
  readonly subgroups?: boolean;
  /** Declarations at the top level, such as memory of the workgroup and functions. */
  readonly declarations?: string;
  /**
   * The statements of one unit of work: `unit` is its number and `thread` that of the thread, 0 .. threads - 1. It is
   * the same for all threads of a workgroup, so that barriers may stand here.
   */
  readonly body: string;
}

/** The WGSL of a kernel. Units beyond 65,535 go along a second axis. */
export function programOf(kernel: Kernel): string {
  const { bindings, parameters, threads, subgroups = false, declarations = "", body } = kernel;
  const fields = parameters.map(([name, type]) => `  ${name}: ${type},`).join("\n");
  const buffers = bindings
    .map(
      ({ name, element, writes }, i) =>
        `@group(0) @binding(${i + 1}) var<storage, ${writes ? "read_write" : "read"}> ${name}: array<${wgslOf[element]}>;`,
    )
    .join("\n");
  return `${subgroups ? "enable subgroups;\n" : ""}struct Parameters {
  firstUnit: u32,
  units: u32,
${fields}
}
@group(0) @binding(0) var<uniform> p: Parameters;
${buffers}
${subgroups ? "var<private> lane: u32;\nvar<private> lanes: u32;\n" : ""}${declarations}
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,${
    subgroups
      ? `
  @builtin(subgroup_invocation_id) ownLane: u32,
  @builtin(subgroup_size) laneCount: u32,`
      : ""
  }
) {${subgroups ? "\n  lane = ownLane;\n  lanes = laneCount;" : ""}
  let unit = p.firstUnit + group.x + group.y * groups.x;
  if (unit >= p.units) { return; }
${body}
}
`;
}

/** A number as the bits that a parameter of type f32 has. */
export function floatBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}
