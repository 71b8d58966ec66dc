// Every gradient but attention's, on random values of one size, for tests that compare backends or threads.

import { offsetsOf, type Tensor, type TrainingWorkspace } from "../src/index.ts";
import { repeatedValues } from "./wasm-work.ts";

/** How large `submitGradients` is. */
export interface GradientSize {
  readonly lengths: readonly number[];
  /** Columns of rows, of the other side of a weight, and of a table. */
  readonly width: number;
  readonly columns: number;
  readonly tableRows: number;
  /** Rows of a table or of x side by side. */
  readonly side: number;
  readonly heads: number;
  readonly seed: number;
}

/** The gradients by name, each of one call on values of its own. */
export function submitGradients(workspace: TrainingWorkspace, size: GradientSize): Map<string, Tensor> {
  const { lengths, width: W, columns: O, tableRows, side: T, heads } = size;
  const offsets = offsetsOf(lengths);
  const P = offsets.at(-1)!;
  let seed = size.seed;
  const rows = (count: number, width: number): Tensor =>
    workspace.upload(repeatedValues(count * width, (seed += 1)), [count, width]);
  const vector = (width: number): Tensor => workspace.upload(repeatedValues(width, (seed += 1)), [width]);
  const integers = (count: number, least: number, end: number): Int32Array =>
    Int32Array.from(repeatedValues(count, (seed += 1)), (value) =>
      Math.floor(least + ((value + 1) / 2) * (end - least)),
    );
  const made = new Map<string, Tensor>();
  made.set("linearInput", workspace.linearInputGradient(rows(P, O), rows(W, O)));
  made.set("linearWeight", workspace.linearWeightGradient(rows(P, W), rows(P, O)));
  for (const activation of ["gelu", "geluTanh", "relu", "silu", "tanh", "sigmoid", "elu"] as const) {
    const x = workspace.add(rows(P, W), rows(P, W));
    made.set(activation, workspace.activateGradient(workspace.add(x, x), activation, rows(P, W)));
  }
  // A large epsilon: of two columns that are close, the gradient is a difference of numbers many times as large.
  const epsilon = 0.01;
  const norm = workspace.layerNormGradient(rows(P, W), vector(W), epsilon, rows(P, W));
  for (const [name, gradient] of Object.entries(norm)) made.set(`layerNorm ${name}`, gradient);
  const rootMeanSquare = workspace.rmsNormGradient(rows(P, W), vector(W), epsilon, rows(P, W));
  for (const [name, gradient] of Object.entries(rootMeanSquare)) made.set(`rmsNorm ${name}`, gradient);
  for (const log of [false, true]) {
    made.set(`softmax ${log}`, workspace.softmaxGradient(workspace.softmax(rows(P, W), { log }), rows(P, W), { log }));
  }
  for (const how of ["mean", "max", "first", "sum"] as const) {
    // Rounded, so that rows share their largest value.
    const x = workspace.upload(
      repeatedValues(P * W, (seed += 1)).map((value) => Math.round(3 * value)),
      [P, W],
    );
    made.set(`pool ${how}`, workspace.poolGradient(x, offsets, how, rows(lengths.length, W)));
  }
  made.set("pool of all rows", workspace.pool(rows(P, W), Int32Array.of(0, P), "sum"));
  const ids = workspace.upload(integers(P * T, -2, tableRows + 2), [P, T]);
  made.set("embed", workspace.embedGradient(ids, rows(P, T * W), tableRows));
  const windows = workspace.upload(integers(P * T, -1, P + 1), [P, T]);
  made.set("unfold", workspace.unfoldGradient(rows(P, T * W), windows, P));
  for (const interleaved of [false, true]) {
    const options = { heads, interleaved, width: 2 * Math.floor(W / 2) };
    const positions = workspace.upload(integers(P, -1, 9), [P]);
    const half = options.width / 2;
    made.set(
      `rotate ${interleaved}`,
      workspace.rotateGradient(rows(P, heads * W), positions, rows(8, half), rows(8, half), options),
    );
  }
  made.set("dropout", workspace.dropout(rows(P, W), { rate: 0.3, seed: size.seed }));
  return made;
}

/** Their values. */
export async function readAll(
  workspace: TrainingWorkspace,
  made: ReadonlyMap<string, Tensor>,
): Promise<Map<string, Float32Array>> {
  return new Map(
    await Promise.all([...made].map(async ([name, tensor]) => [name, await workspace.read(tensor)] as const)),
  );
}
