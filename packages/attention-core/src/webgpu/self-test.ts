// Whether a device does what kernels ask of it: drivers have been wrong about subgroups. A small sum and maximum is computed
// by each variant when a device is opened; a variant that gives another result is not used.

import { DeviceLostError } from "../errors.ts";
import { GpuMemory } from "./gpu-memory.ts";
import { GpuQueue } from "./gpu-queue.ts";
import { halvesOf } from "./halves.ts";
import type { Kernel } from "./kernel.ts";
import { reduction } from "./kernels/reduce.wgsl.ts";
import { plainVariants, type Variants } from "./variants.ts";

const threads = 64;
/** Rows of values, a workgroup for each. */
const rows = 3;

/** What a device may be used for, and why not for more. */
export interface SelfTest {
  readonly variants: Variants;
  readonly reasons: readonly string[];
}

/** The sum and the maximum of each row of x [rows, threads], as y [rows, 2]. */
export function probeKernel(variants: Variants): Kernel {
  const used = [variants.subgroups && "subgroups", variants.f16 && "f16"].filter(Boolean).join(" and ");
  const at = `unit * ${threads}u + thread`;
  return {
    key: used === "" ? "probe" : `probe with ${used}`,
    threads,
    subgroups: variants.subgroups,
    bindings: [
      { name: "x", element: variants.f16 ? "u32" : "f32" },
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [],
    declarations: `${reduction("total", threads, variants)}\n${reduction("largest", threads, variants)}`,
    body: `
  let value = ${variants.f16 ? `unpack2x16float(x[(${at}) / 2u])[thread % 2u]` : `x[${at}]`};
  let sum = total(value, thread);
  let most = largest(value, thread);
  if (thread == 0u) { y[2u * unit] = sum; }
  if (thread == ${threads - 1}u) { y[2u * unit + 1u] = most; }`,
  };
}

/**
 * Numbers that float16 has, and whose sums are exact in any order; the largest stands at another thread in each row. A row is
 * of integers, of the least normal numbers, or of multiples of 2^-10 about 1.
 */
export function probeValues(): Float32Array {
  const scales = [1, 2 ** -14, 2 ** -10];
  return Float32Array.from({ length: rows * threads }, (_, i) => {
    const row = Math.floor(i / threads);
    const value = ((i * 37) % 101) - 50;
    return scales[row]! * (row === 2 ? 1024 + value : value);
  });
}

/**
 * Tries what a device offers. Rejects with an error where it does not compute rightly without any, or not at all; the device
 * is then of no use.
 */
export async function selfTest(device: GPUDevice, offered: Variants): Promise<SelfTest> {
  const plain = await whyWrong(device, plainVariants);
  if (plain !== null) throw new Error(plain);
  const reasons: string[] = [];
  const isRight = async (variant: Partial<Variants>, name: string): Promise<boolean> => {
    const why = await whyWrong(device, { ...plainVariants, ...variant }).catch(
      (error: unknown) => (error as Error).message,
    );
    if (why !== null) reasons.push(`its ${name} not used: ${why}`);
    return why === null;
  };
  const subgroups = offered.subgroups && (await isRight({ subgroups: true }, "subgroups are"));
  const f16 = offered.f16 && (await isRight({ f16: true }, "f16 is"));
  return { variants: { subgroups, f16 }, reasons };
}

/** How the results of a variant differ from what they should be; null where they do not. Rejects where there are none. */
async function whyWrong(device: GPUDevice, variants: Variants): Promise<string | null> {
  const memory = new GpuMemory(device, 2 ** 16);
  const queue = new GpuQueue(device, memory, true);
  // Not every promise of a device that is lost settles.
  void device.lost.then(({ message }) => queue.lose(new DeviceLostError(`it was lost: ${message.replace(/\.$/, "")}`)));
  try {
    const values = probeValues();
    const [x, y] = [memory.take(4 * values.length), memory.take(8 * rows)];
    memory.write(x, variants.f16 ? halvesOf(values)! : values);
    const found = await new Promise<Float32Array>((resolve, reject) => {
      const owner = { dropped: false, fail: reject };
      const kernel = probeKernel(variants);
      queue.push({ kind: "dispatch", owner, kernel, buffers: [x, y], parameters: [], units: rows, unitCost: 1024 });
      const done = (mapped: ArrayBuffer, firstByte: number): void =>
        resolve(new Float32Array(mapped, firstByte, 2 * rows).slice());
      queue.push({ kind: "read", owner, from: y, bytes: 8 * rows, done, failed: reject });
      queue.submit().catch(reject);
    });
    const expected = Array.from({ length: rows }, (_, row) => {
      const ofRow = values.subarray(row * threads, (row + 1) * threads);
      return [ofRow.reduce((sum, value) => sum + value, 0), Math.max(...ofRow)];
    }).flat();
    const at = expected.findIndex((value, i) => value !== found[i]);
    return at < 0 ? null : `${at % 2 === 0 ? "a sum" : "a maximum"} must be ${expected[at]}, it is ${found[at]}`;
  } finally {
    memory.clear();
  }
}
