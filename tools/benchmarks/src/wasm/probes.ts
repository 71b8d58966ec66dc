// What the machine does at best, measured in the same rounds as the cases: the rate of multiply-adds in registers, and
// of loads from memory.
import { setFlagsFromString } from "node:v8";
import type { ProbeBinaries } from "./compile.ts";

/** A piece of work of known size. */
export interface Probe {
  readonly name: string;
  /** Floating-point operations, or bytes, of one run. */
  readonly amount: number;
  readonly run: () => Promise<unknown>;
}

const fusedSteps = 2_000_000;
const plainSteps = 2_000_000;
const tableBytes = 4096;
const bandwidthBytes = 256 * 2 ** 20;

/** Fused multiply-adds where the engine has relaxed SIMD, else multiplications and additions. */
export function peakProbe(binaries: ProbeBinaries): Probe {
  return supportsRelaxedSimd(binaries) ? fusedProbe(binaries) : plainProbe(binaries);
}

/** 96 operations a step, in 12 accumulators. */
export function fusedProbe(binaries: ProbeBinaries): Probe {
  const { fused } = instantiate(binaries["fma-peak"], factorTable());
  return { name: "relaxed SIMD", amount: 96 * fusedSteps, run: async () => fused!(fusedSteps) };
}

/** 64 operations a step, in 8 accumulators. */
export function plainProbe(binaries: ProbeBinaries): Probe {
  const { plain } = instantiate(binaries["plain-peak"], factorTable());
  return { name: "simd128", amount: 64 * plainSteps, run: async () => plain!(plainSteps) };
}

/** Reads an array that no cache holds. */
export function bandwidthProbe(binaries: ProbeBinaries): Probe {
  const memory = new WebAssembly.Memory({ initial: (bandwidthBytes + tableBytes) / 65_536 + 1 });
  new Uint8Array(memory.buffer).fill(1);
  const { readAll } = instantiate(binaries.bandwidth, memory);
  return { name: "memory read", amount: bandwidthBytes, run: async () => readAll!(tableBytes, bandwidthBytes) };
}

/** Whether this engine takes relaxed SIMD; Node 20 has it behind a flag, which is set. */
export function supportsRelaxedSimd(binaries: ProbeBinaries): boolean {
  const supported = (): boolean => WebAssembly.validate(binaries["fma-peak"].slice());
  if (!supported()) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return supported();
}

/** Two left and four right factors, each in the four lanes of a vector: the table that the kernels load. */
function factorTable(): WebAssembly.Memory {
  const memory = new WebAssembly.Memory({ initial: 1 });
  for (const [i, factor] of [0.5, 0.25, -0, 1e-6, 2e-6, 3e-6].entries()) {
    new Float32Array(memory.buffer, 16 * i, 4).fill(factor);
  }
  return memory;
}

function instantiate(binary: Uint8Array, memory: WebAssembly.Memory): Record<string, (...sizes: number[]) => number> {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary.slice()), { env: { memory } });
  return instance.exports as Record<string, (...sizes: number[]) => number>;
}
