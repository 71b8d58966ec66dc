// Ours as contestants: what an application does for one call, from host arrays to a host array.
import type { AttentionOptions, AttentionPlan, Backend, Tensor, Workspace } from "@saccade/attention-core";
import { createWasmBackend, type WasmBackend } from "@saccade/attention-core/wasm";
import type { Contestant, HostArray } from "./contestant.ts";

export interface AttentionInputs {
  readonly query: HostArray;
  readonly key: HostArray;
  readonly value: HostArray;
}

/** x [rows, inner] times a weight [inner, columns] that stays on the device. */
export async function ourMatMul(
  threads: number,
  [rows, inner, columns]: readonly [rows: number, inner: number, columns: number],
  x: HostArray,
  weight: HostArray,
): Promise<Contestant> {
  const backend = await createWasmBackend({ threads });
  const resident = backend.upload(weight, [inner, columns]);
  return contestant("saccade", backend, async (workspace) =>
    workspace.linear(workspace.upload(x, [rows, inner]), resident),
  );
}

/** Attention over all rows of `inputs` [rows, width]; `plan` is made once, as for the layers of a model. */
export async function ourAttention(
  name: string,
  threads: number,
  width: number,
  inputs: AttentionInputs,
  plan: (backend: Backend) => AttentionPlan,
  options: (backend: Backend) => AttentionOptions,
): Promise<Contestant> {
  const backend = await createWasmBackend({ threads });
  const batch = plan(backend);
  const settings = options(backend);
  return contestant(name, backend, async (workspace) => {
    const [q, k, v] = [inputs.query, inputs.key, inputs.value].map((values) =>
      workspace.upload(values, [values.length / width, width]),
    );
    return workspace.attention(q!, k!, v!, batch, settings).output;
  });
}

/** The same within a model: the rows are on the device already, and the output stays there. */
export async function ourResidentAttention(
  name: string,
  threads: number,
  width: number,
  inputs: AttentionInputs,
  plan: (backend: Backend) => AttentionPlan,
  options: (backend: Backend) => AttentionOptions,
): Promise<Contestant> {
  const backend = await createWasmBackend({ threads });
  const batch = plan(backend);
  const settings = options(backend);
  const [q, k, v] = [inputs.query, inputs.key, inputs.value].map((values) =>
    backend.upload(values, [values.length / width, width]),
  );
  const nothing = new Float32Array(0);
  return {
    library: name,
    name,
    rowAt: null,
    async run() {
      const workspace = backend.workspace();
      try {
        workspace.attention(q!, k!, v!, batch, settings);
        await workspace.checkpoint();
        return nothing;
      } finally {
        workspace[Symbol.dispose]();
      }
    },
    dispose: async () => backend[Symbol.asyncDispose](),
  };
}

/**
 * One call of `compute` in a workspace of its own, its result read back into an array that every call reuses, as a loop
 * over batches would; the peers have no such thing for results on the host. Takes the backend over.
 */
export function contestant(
  name: string,
  backend: WasmBackend,
  compute: (workspace: Workspace) => Promise<Tensor>,
): Contestant {
  let result: HostArray | undefined;
  return {
    library: name,
    name,
    async run() {
      const workspace = backend.workspace();
      try {
        result = (await workspace.read(await compute(workspace), result)) as HostArray;
        return result;
      } finally {
        workspace[Symbol.dispose]();
      }
    },
    memoryBytes: () => backend.peakBytes,
    async dispose() {
      await backend[Symbol.asyncDispose]();
    },
  };
}
