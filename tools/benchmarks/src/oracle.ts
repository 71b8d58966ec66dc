// The right answers, by the reference backend, on some rows of a case: each sampled row lists the keys that it may
// attend to, so that the answer does not depend on how a pattern becomes a plan.
import type { AttentionOptions, Backend, Tensor } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import type { Expected } from "./contestant.ts";
import type { AttentionInputs } from "./ours.ts";

/** Rows `rows` of x · weight. */
export async function expectedMatMul(
  rows: Int32Array,
  inner: number,
  columns: number,
  x: Float32Array,
  weight: Float32Array,
): Promise<Expected> {
  const backend = createReferenceBackend();
  const product = (): Tensor =>
    workspace.linear(
      workspace.upload(takeRows(x, inner, rows), [rows.length, inner]),
      workspace.upload(weight, [inner, columns]),
    );
  const workspace = backend.workspace();
  return { rows, width: columns, values: await workspace.read(product()) };
}

/** Rows `rows` of attention, row r over the key rows `keysOf(r)`. */
export async function expectedAttention(
  rows: Int32Array,
  width: number,
  inputs: AttentionInputs,
  keysOf: (row: number) => Iterable<number>,
  options: (backend: Backend) => AttentionOptions,
): Promise<Expected> {
  const backend = createReferenceBackend();
  const workspace = backend.workspace();
  const lists = Array.from(rows, (row) => Int32Array.from(keysOf(row)));
  const offsets = Int32Array.of(0, ...lists.map((list) => list.length));
  for (let i = 1; i < offsets.length; i++) offsets[i]! += offsets[i - 1]!;
  const indices = new Int32Array(offsets.at(-1)!);
  for (const [i, list] of lists.entries()) indices.set(list, offsets[i]!);
  const keyRows = inputs.key.length / width;
  const plan = backend.plan(Int32Array.of(0, rows.length), Int32Array.of(0, keyRows), {
    kind: "neighbors",
    offsets,
    indices,
  });
  const { output } = workspace.attention(
    workspace.upload(takeRows(inputs.query, width, rows), [rows.length, width]),
    workspace.upload(inputs.key, [keyRows, width]),
    workspace.upload(inputs.value, [keyRows, width]),
    plan,
    options(backend),
  );
  return { rows, width, values: await workspace.read(output) };
}

/** The integers from `from` up to `to`, without it. */
export function* range(from: number, to: number): Generator<number> {
  for (let i = from; i < to; i++) yield i;
}

function takeRows(values: Float32Array, width: number, rows: Int32Array): Float32Array {
  const taken = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) taken.set(values.subarray(row * width, (row + 1) * width), i * width);
  return taken;
}
