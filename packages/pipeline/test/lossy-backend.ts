// The reference backend with faults to order: it is lost, or out of memory, when a test says so.

import { type Backend, DeviceLostError, OutOfMemoryError, type Workspace } from "@saccade/attention-core";
import { createReferenceBackend, type ReferenceBackend } from "@saccade/attention-core/reference";

/** What is to go wrong; each call of `linear` asks once. */
export interface Faults {
  fault(positions: number): "lost" | "memory" | null;
}

/** A reference backend under another name whose `linear` fails as `faults` say. */
export function faultyBackend(name: string, faults: Faults): ReferenceBackend {
  const backend = createReferenceBackend();
  const open = backend.workspace.bind(backend);
  const workspace = (signal?: AbortSignal): Workspace => {
    const inner = open(signal);
    const linear = inner.linear.bind(inner);
    inner.linear = (x, ...rest) => {
      const fault = faults.fault(x.shape[0] ?? 0);
      if (fault === "lost") throw new DeviceLostError(`Cannot run linear: the ${name} backend is lost`);
      if (fault === "memory") throw new OutOfMemoryError("Cannot run linear: it must fit, it does not", 2, 1);
      return linear(x, ...rest);
    };
    return inner;
  };
  return Object.defineProperties(backend, {
    name: { value: name },
    workspace: { value: workspace },
  }) satisfies Backend;
}
