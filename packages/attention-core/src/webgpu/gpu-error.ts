// What a device says is wrong with a call, other than that it is lost or out of memory.

import { BackendFaultError } from "../errors.ts";

/**
 * The GPU refused or failed work: a program that its driver does not compile (`internal`), or a call that breaks a rule of
 * WebGPU (`validation`), which is a fault of this library. The workspace whose work it was is lost, the backend stays usable.
 */
export class GpuError extends BackendFaultError {
  override readonly name = "GpuError";
  override readonly code = "gpu";
  readonly kind: "validation" | "internal";
  constructor(message: string, kind: "validation" | "internal", options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** What an error scope found. */
export interface Finding {
  readonly filter: GPUErrorFilter;
  readonly message: string;
}

/** In the order in which scopes are opened; memory explains the errors of the others. */
const filters = ["validation", "internal", "out-of-memory"] as const;

/** Makes calls of a device under error scopes. What they found comes later: null, or the first of memory, driver and rules. */
export function guarded<T>(
  device: GPUDevice,
  call: () => T,
): { readonly result: T; readonly found: Promise<Finding | null> } {
  for (const filter of filters) device.pushErrorScope(filter);
  try {
    const result = call();
    return { result, found: popAll(device) };
  } catch (error) {
    void popAll(device);
    throw error;
  }
}

async function popAll(device: GPUDevice): Promise<Finding | null> {
  const popped = filters.toReversed().map(async (filter) => {
    // A lost device says so elsewhere.
    const error = await device.popErrorScope().catch(() => null);
    return error === null ? null : { filter, message: error.message };
  });
  return (await Promise.all(popped)).find((finding) => finding !== null) ?? null;
}
