// The reference backend with faults to order: it is lost, or out of memory, when a test says so.

import { type Backend, DeviceLostError, OutOfMemoryError, type Tensor, type Workspace } from "@saccade/attention-core";
import { createReferenceBackend, type ReferenceBackend } from "@saccade/attention-core/reference";

/** A fault, or none. */
export type Fault = "lost" | "memory" | null;

/** What is to go wrong, for the ids that a batch embeds. */
export interface Faults {
  /** Each call of `linear` asks once. */
  fault(positions: number, ids: Int32Array | undefined): Fault;
  /** What is read as the first score instead of it. */
  score?(ids: Int32Array | undefined): number | null;
}

/** A reference backend under another name whose `linear` and `read` fail as `faults` say. */
export function faultyBackend(name: string, faults: Faults): ReferenceBackend {
  const backend = createReferenceBackend();
  const open = backend.workspace.bind(backend);
  const workspace = (signal?: AbortSignal): Workspace => {
    const inner = open(signal);
    const linear = inner.linear.bind(inner);
    const upload = inner.upload.bind(inner);
    const read = inner.read.bind(inner);
    let ids: Int32Array | undefined;
    inner.upload = (values, shape) => {
      if (values instanceof Int32Array && shape.length === 1) ids ??= values;
      return upload(values, shape);
    };
    inner.linear = (x, ...rest) => {
      const fault = faults.fault(x.shape[0] ?? 0, ids);
      if (fault === "lost") throw new DeviceLostError(`Cannot run linear: the ${name} backend is lost`);
      if (fault === "memory") throw new OutOfMemoryError("Cannot run linear: it must fit, it does not", 2, 1);
      return linear(x, ...rest);
    };
    inner.read = async (x: Tensor<never>) => {
      const values = await read(x);
      const score = faults.score?.(ids) ?? null;
      if (score !== null) (values as Float32Array)[0] = score;
      return values;
    };
    return inner;
  };
  return Object.defineProperties(backend, {
    name: { value: name },
    workspace: { value: workspace },
  }) satisfies Backend;
}
