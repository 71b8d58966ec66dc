import type { Backend, Workspace } from "@saccade/attention-core";
import { over } from "./over.ts";

/** `backend`, and everything that is read through it, in the order of the calls. */
export function recorded(backend: Backend): {
  readonly backend: Backend;
  readonly reads: (Float32Array | Int32Array)[];
} {
  const reads: (Float32Array | Int32Array)[] = [];
  const record = (workspace: Workspace): Workspace =>
    over(workspace, {
      read: async (x) => {
        const values = await workspace.read(x);
        reads.push(values);
        return values;
      },
    });
  return { backend: over(backend, { workspace: (signal) => record(backend.workspace(signal)) }), reads };
}
