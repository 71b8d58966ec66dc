// Ours as contestants: what an application does for one call, from host arrays to a host array.
import {
  asyncDispose,
  type AttentionOptions,
  type AttentionPlan,
  type Backend,
  dispose,
  type Shape,
  sizeOf,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createWebgpuBackend } from "@saccade/attention-core/webgpu";
import type { Contestant, HostArray } from "./contestant.ts";
import type { Threads } from "./shapes.ts";

export interface AttentionInputs {
  readonly query: HostArray;
  readonly key: HostArray;
  readonly value: HostArray;
}

/** A backend that tells the most memory that it ever had in use. */
export type MeasuredBackend = Backend & { readonly peakBytes: number };

/** What a contestant needs of its backend. */
interface Arenas<W extends Workspace> extends Pick<Backend, "upload">, AsyncDisposable {
  readonly peakBytes: number;
  workspace(): W;
}

/** What a call takes from the host, or finds on the device. */
export interface OurInput {
  readonly values: HostArray;
  readonly shape: Shape;
}

/** Opens the backend that `threads` names; for the GPU, `navigator.gpu` must be there. */
export async function openBackend(threads: Threads): Promise<MeasuredBackend> {
  return threads === "gpu" ? createWebgpuBackend({ software: true }) : createWasmBackend({ threads });
}

/** x [rows, inner] times a weight [inner, columns] that stays on the device. */
export async function ourMatMul(
  threads: Threads,
  [rows, inner, columns]: readonly [rows: number, inner: number, columns: number],
  x: HostArray,
  weight: HostArray,
): Promise<Contestant> {
  const backend = await openBackend(threads);
  const resident = backend.upload(weight, [inner, columns]);
  return contestant("saccade", backend, [{ values: x, shape: [rows, inner] }], (workspace, [left]) =>
    workspace.linear(left!, resident),
  );
}

/** Attention over all rows of `inputs` [rows, width]; `plan` is made once, as for the layers of a model. */
export async function ourAttention(
  name: string,
  threads: Threads,
  width: number,
  inputs: AttentionInputs,
  plan: (backend: Backend) => AttentionPlan,
  options: (backend: Backend) => AttentionOptions,
): Promise<Contestant> {
  const backend = await openBackend(threads);
  const batch = plan(backend);
  const settings = options(backend);
  return contestant(
    name,
    backend,
    attentionRows(inputs, width),
    (workspace, [q, k, v]) => workspace.attention(q!, k!, v!, batch, settings).output,
  );
}

/** The same within a model: the rows are on the device already, and the output stays there. */
export async function ourResidentAttention(
  name: string,
  threads: Threads,
  width: number,
  inputs: AttentionInputs,
  plan: (backend: Backend) => AttentionPlan,
  options: (backend: Backend) => AttentionOptions,
): Promise<Contestant> {
  const within = await ourAttention(name, threads, width, inputs, plan, options);
  const nothing = new Float32Array(0);
  return {
    ...within,
    rowAt: null,
    async run() {
      await within.resident!(1);
      return nothing;
    },
  };
}

function attentionRows(inputs: AttentionInputs, width: number): OurInput[] {
  return [inputs.query, inputs.key, inputs.value].map((values) => ({ values, shape: [values.length / width, width] }));
}

/**
 * One call of `compute` on `inputs` in a workspace of its own. Its results, one after another, are read back into an array
 * that every call reuses, as a loop over batches would; the peers have no such thing for results on the host. Calls within a
 * model share a workspace, and what they make goes at once. Takes the backend over.
 */
export function contestant<W extends Workspace>(
  name: string,
  backend: Arenas<W>,
  inputs: readonly OurInput[],
  compute: (workspace: W, inputs: readonly Tensor[]) => OurResults | Promise<OurResults>,
): Contestant {
  let result: HostArray | undefined;
  let resident: readonly Tensor[] | undefined;
  return {
    library: name,
    name,
    async run() {
      const workspace = backend.workspace();
      try {
        const rows = inputs.map(({ values, shape }) => workspace.upload(values, shape));
        const made = listOf(await compute(workspace, rows));
        result ??= new Float32Array(made.reduce((total, { shape }) => total + sizeOf(shape), 0));
        await readInto(workspace, made, result);
        return result;
      } finally {
        workspace[dispose]();
      }
    },
    async resident(calls) {
      resident ??= inputs.map(({ values, shape }) => backend.upload(values, shape));
      const workspace = backend.workspace();
      try {
        for (let call = 0; call < calls; call++) {
          for (const made of listOf(await compute(workspace, resident))) made[dispose]();
        }
        await workspace.checkpoint();
      } finally {
        workspace[dispose]();
      }
    },
    memoryBytes: () => backend.peakBytes,
    async dispose() {
      await backend[asyncDispose]();
    },
  };
}

type OurResults = Tensor | readonly Tensor[];

function listOf(results: OurResults): readonly Tensor[] {
  return "shape" in results ? [results] : results;
}

async function readInto(workspace: Workspace, made: readonly Tensor[], into: HostArray): Promise<void> {
  let first = 0;
  const reads = made.map(async (tensor) => {
    const end = first + sizeOf(tensor.shape);
    const values = into.subarray(first, end);
    first = end;
    await workspace.read(tensor, values);
  });
  await Promise.all(reads);
}
