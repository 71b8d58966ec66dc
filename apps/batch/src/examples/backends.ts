// The two backends that everything here is computed with, and a word on the one that was chosen.

import { asyncDispose, type Backend } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend, type WasmBackend } from "@saccade/attention-core/wasm";

/** The backend that computes, and the one that it is compared with. */
export interface Backends {
  readonly wasm: WasmBackend;
  readonly reference: Backend;
}

/** Opens both for `body`, and disposes them whatever becomes of it. Throws `BackendUnavailableError`. */
export async function withBackends<T>(
  body: (backends: Backends) => Promise<T>,
  threads: number | "auto" = "auto",
): Promise<T> {
  const wasm = await createWasmBackend({ threads });
  const reference = createReferenceBackend();
  try {
    return await body({ wasm, reference });
  } finally {
    await wasm[asyncDispose]();
    await reference[asyncDispose]();
  }
}

/** Why the backend runs the binary and the threads that it does, one sentence each. */
export function explainChoice({
  binary,
  threads,
  reason,
}: Pick<WasmBackend, "binary" | "threads" | "reason">): string[] {
  const simd = binary.startsWith("relaxed")
    ? "relaxed SIMD, which this engine has: it may round once per multiply-add"
    : "plain SIMD: this engine has no relaxed SIMD";
  const why =
    reason !== null
      ? `one thread: ${reason}`
      : threads === 1
        ? "one thread: this machine has one core"
        : `${threads} threads over shared memory: one per core, at most eight`;
  return [simd, why];
}

/** The largest |a - b| over all values; Infinity where their numbers differ, or where a value is not finite and not the same. */
export function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (const [i, values] of a.entries()) {
    const others = b[i]!;
    if (values.length !== others.length) return Infinity;
    for (const [j, value] of values.entries()) {
      if (Object.is(value, others[j])) continue;
      const difference = Math.abs(value - others[j]!);
      if (!Number.isFinite(difference)) return Infinity;
      largest = Math.max(largest, difference);
    }
  }
  return largest;
}
