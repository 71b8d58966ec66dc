// A kernel: WGSL made from what does not change from call to call, its parameters and the buffers that it binds.

/** The type of the elements of a bound buffer. */
export type Element = "f32" | "i32" | "u32" | "vec4f";

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
  /** Declarations at the top level, such as memory of the workgroup and functions. */
  readonly declarations?: string;
  /**
   * The statements of one unit of work: `unit` is its number and `thread` that of the thread, 0 .. threads - 1. It is
   * the same for all threads of a workgroup, so that barriers may stand here.
   */
  readonly body: string;
}

/** The WGSL of a kernel. Units beyond 65,535 go along a second axis. */
export function programOf({ bindings, parameters, threads, declarations = "", body }: Kernel): string {
  const fields = parameters.map(([name, type]) => `  ${name}: ${type},`).join("\n");
  const buffers = bindings
    .map(
      ({ name, element, writes }, i) =>
        `@group(0) @binding(${i + 1}) var<storage, ${writes ? "read_write" : "read"}> ${name}: array<${element === "vec4f" ? "vec4<f32>" : element}>;`,
    )
    .join("\n");
  return `struct Parameters {
  firstUnit: u32,
  units: u32,
${fields}
}
@group(0) @binding(0) var<uniform> p: Parameters;
${buffers}
${declarations}
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let unit = p.firstUnit + group.x + group.y * groups.x;
  if (unit >= p.units) { return; }
${body}
}
`;
}

/** A number as the bits that a parameter of type f32 has. */
export function floatBits(value: number): number {
  floats[0] = value;
  return bits[0]!;
}

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);
