// Features of nodes to rows.

import {
  applyLinear,
  dispose,
  layoutLinear,
  type LinearWeights,
  type Tensor,
  type WeightLeaf,
  type Workspace,
} from "@saccade/attention-core";
import { readSparseRows } from "../features/sparse-rows.ts";
import type { GraphInput } from "./graph-network-config.ts";

/** `table` [F, W] of sparse features, or `linear` from F numbers; `bias` [W] of sparse ones. */
export interface GraphInputWeights<T = Tensor> {
  readonly table: T | null;
  readonly linear: LinearWeights<T> | null;
  readonly bias: T | null;
}

/** The weights of an input, named `input.table`, `input.linear.*` and `input.bias`. */
export function layoutInput<T>(
  { kind, columns, width, bias = false }: GraphInput,
  leaf: WeightLeaf<T>,
): GraphInputWeights<T> {
  const isDense = kind === "dense";
  return {
    // A matrix, not an embedding: in a sum of many rows each must be as small as in the product that it stands for.
    table: isDense ? null : leaf({ name: "input.table", shape: [columns, width], role: "matrix" }),
    linear: isDense ? layoutLinear("input.linear", columns, width, bias, leaf) : null,
    bias: bias && !isDense ? leaf({ name: "input.bias", shape: [width], role: "bias" }) : null,
  };
}

/**
 * Rows [P, W] of `values`, as `graphFeatures` lays them out. `onFeatures` is given the numbers of the features, [P, F] or of
 * sparse ones a column [entries, 1], and returns those to use, disposing the given ones if they are others.
 */
export function inputRows(
  workspace: Workspace,
  input: GraphInput,
  weights: GraphInputWeights,
  values: Int32Array | Float32Array,
  onFeatures: ((values: Tensor) => Tensor) | undefined,
): Tensor {
  const rows =
    input.kind === "dense"
      ? mapDense(workspace, input, weights, values as Float32Array, onFeatures)
      : sumSparse(workspace, input, weights, values, onFeatures);
  if (input.activation === undefined) return rows;
  const activated = workspace.activate(rows, input.activation);
  rows[dispose]();
  return activated;
}

function mapDense(
  workspace: Workspace,
  { columns }: GraphInput,
  { linear }: GraphInputWeights,
  values: Float32Array,
  onFeatures: ((values: Tensor) => Tensor) | undefined,
): Tensor {
  const uploaded = workspace.upload(values, [values.length / columns, columns]);
  const numbers = onFeatures ? onFeatures(uploaded) : uploaded;
  const rows = applyLinear(workspace, linear!, numbers);
  numbers[dispose]();
  return rows;
}

function sumSparse(
  workspace: Workspace,
  input: GraphInput,
  { table, bias }: GraphInputWeights,
  values: Int32Array | Float32Array,
  onFeatures: ((values: Tensor) => Tensor) | undefined,
): Tensor {
  const { ids, offsets, weights } = readSparseRows(input, values);
  const uploaded = workspace.upload(ids, [ids.length]);
  const looked = workspace.embed(table!, uploaded);
  uploaded[dispose]();
  const weighed =
    weights || onFeatures
      ? weighRows(workspace, looked, weights ?? new Float32Array(ids.length).fill(1), input.width, onFeatures)
      : looked;
  const sums = workspace.pool(weighed, offsets, input.scaling ?? "sum");
  weighed[dispose]();
  if (bias === null) return sums;
  const shifted = workspace.add(sums, bias);
  sums[dispose]();
  return shifted;
}

/** Each of `rows` [R, W] times its weight; takes `rows` over. */
function weighRows(
  workspace: Workspace,
  rows: Tensor,
  weights: Float32Array,
  width: number,
  onFeatures: ((values: Tensor) => Tensor) | undefined,
): Tensor {
  const uploaded = workspace.upload(weights, [weights.length, 1]);
  const column = onFeatures ? onFeatures(uploaded) : uploaded;
  const ones = workspace.upload(new Float32Array(width).fill(1), [1, width]);
  const factors = workspace.linear(column, ones);
  const weighed = workspace.multiply(rows, factors);
  for (const used of [column, ones, factors, rows]) used[dispose]();
  return weighed;
}
