// ONNX operators on rows: Softmax, LogSoftmax, LayerNormalization, RMSNormalization, Gelu, Swish, RotaryEmbedding.
// Several axes that are normalized together become one by a reshape; an axis that is not the last is moved there.

import type { Backend, Tensor, Workspace } from "@saccade/attention-core";
import { axisBack, axisLast, broadcast, swapMiddle } from "./layouts.ts";
import type { OnnxCase, OnnxTensor } from "./onnx-case.ts";
import {
  axisOf,
  checkAttributes,
  floatsOf,
  inputOf,
  integersOf,
  NotApplicableError,
  numberAttribute,
  type OnnxResults,
  requiredInput,
  sizeOfDims,
} from "./onnx-node.ts";

/** Runs `Softmax` or `LogSoftmax`. Before opset 13 the axes from `axis` on (default 1) are one. */
export async function runOnnxSoftmax(node: OnnxCase, _backend: Backend, workspace: Workspace): Promise<OnnxResults> {
  checkAttributes(node, ["axis"]);
  const x = requiredInput(node, 0);
  const options = { log: node.op === "LogSoftmax" };
  const opset = node.opset.get("ai.onnx") ?? node.opset.get("") ?? 13;
  const axis = axisOf(node, numberAttribute(node, "axis", opset < 13 ? 1 : -1), x.dims.length);
  if (opset < 13) {
    const rows = [sizeOfDims(x.dims.slice(0, axis)), sizeOfDims(x.dims.slice(axis))];
    return [
      { dims: x.dims, values: await workspace.read(workspace.softmax(workspace.upload(floatsOf(x), rows), options)) },
    ];
  }
  const length = x.dims[axis] ?? 1;
  const rows = workspace.upload(axisLast(floatsOf(x), x.dims, axis), [x.data.length / Math.max(length, 1), length]);
  return [{ dims: x.dims, values: axisBack(await workspace.read(workspace.softmax(rows, options)), x.dims, axis) }];
}

/** Runs `LayerNormalization`; its outputs Mean and InvStdDev are not ours. */
export async function runOnnxLayerNorm(node: OnnxCase, _backend: Backend, workspace: Workspace): Promise<OnnxResults> {
  return normalize(node, workspace, (rows, gain, bias, epsilon) => workspace.layerNorm(rows, gain, bias, epsilon));
}

/** Runs `RMSNormalization`. */
export async function runOnnxRmsNorm(node: OnnxCase, _backend: Backend, workspace: Workspace): Promise<OnnxResults> {
  return normalize(node, workspace, (rows, gain, _bias, epsilon) => workspace.rmsNorm(rows, gain, epsilon));
}

async function normalize(
  node: OnnxCase,
  workspace: Workspace,
  norm: (rows: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number) => Tensor,
): Promise<OnnxResults> {
  checkAttributes(node, ["axis", "epsilon", "stash_type"]);
  if (numberAttribute(node, "stash_type", 1) !== 1)
    throw new NotApplicableError("stash_type other than float32: the first stage is always float32 here");
  const [x, scale, bias] = [requiredInput(node, 0), requiredInput(node, 1), inputOf(node, 2)];
  const axis = axisOf(node, numberAttribute(node, "axis", -1), x.dims.length);
  const normalized = x.dims.slice(axis);
  const [rowCount, width] = [sizeOfDims(x.dims.slice(0, axis)), sizeOfDims(normalized)];
  const epsilon = numberAttribute(node, "epsilon", 1e-5);
  const rows = workspace.upload(floatsOf(x), [rowCount, width]);
  const spans = (tensor: OnnxTensor): boolean =>
    tensor.dims.length > normalized.length && sizeOfDims(tensor.dims.slice(0, -normalized.length)) > 1;
  if (!spans(scale) && (bias === null || !spans(bias))) {
    const vector = (tensor: OnnxTensor): Tensor =>
      workspace.upload(broadcast(floatsOf(tensor), tensor.dims.slice(-normalized.length), normalized), [width]);
    return [{ dims: x.dims, values: await workspace.read(norm(rows, vector(scale), bias && vector(bias), epsilon)) }];
  }
  // Scale or bias differ from row to row: they are applied afterwards.
  const matrix = (tensor: OnnxTensor): Tensor =>
    workspace.upload(broadcast(floatsOf(tensor), tensor.dims, x.dims), [rowCount, width]);
  const ones = workspace.upload(new Float32Array(width).fill(1), [width]);
  const scaled = workspace.multiply(norm(rows, ones, null, epsilon), matrix(scale));
  return [{ dims: x.dims, values: await workspace.read(bias === null ? scaled : workspace.add(scaled, matrix(bias))) }];
}

/** Runs `Gelu`, exact or by its tanh approximation. */
export async function runOnnxGelu(node: OnnxCase, _backend: Backend, workspace: Workspace): Promise<OnnxResults> {
  checkAttributes(node, ["approximate"]);
  const approximate = node.attributes.get("approximate") ?? "none";
  if (approximate !== "none" && approximate !== "tanh")
    throw new RangeError(`Cannot run Gelu: approximate must be none or tanh, it is ${JSON.stringify(approximate)}`);
  const x = requiredInput(node, 0);
  const y = workspace.activate(workspace.upload(floatsOf(x), x.dims), approximate === "tanh" ? "geluTanh" : "gelu");
  return [{ dims: x.dims, values: await workspace.read(y) }];
}

/** Runs `Swish`: x · sigmoid(alpha · x). */
export async function runOnnxSwish(node: OnnxCase, _backend: Backend, workspace: Workspace): Promise<OnnxResults> {
  checkAttributes(node, ["alpha"]);
  const input = requiredInput(node, 0);
  const alpha = numberAttribute(node, "alpha", 1);
  const x = workspace.upload(floatsOf(input), [input.data.length, 1]);
  const y =
    alpha === 1
      ? workspace.activate(x, "silu")
      : workspace.multiply(
          x,
          workspace.activate(workspace.multiply(x, workspace.upload(Float32Array.of(alpha), [1])), "sigmoid"),
        );
  return [{ dims: input.dims, values: await workspace.read(y) }];
}

/** Runs `RotaryEmbedding` on X [N, heads, positions, width] or [N, positions, heads · width]. */
export async function runOnnxRotaryEmbedding(
  node: OnnxCase,
  _backend: Backend,
  workspace: Workspace,
): Promise<OnnxResults> {
  checkAttributes(node, ["interleaved", "num_heads", "rotary_embedding_dim"]);
  const [x, cos, sin, ids] = [requiredInput(node, 0), requiredInput(node, 1), requiredInput(node, 2), inputOf(node, 3)];
  const rank = x.dims.length;
  if (rank !== 3 && rank !== 4)
    throw new RangeError(`Cannot run RotaryEmbedding: X must have 3 or 4 axes, it has ${rank}`);
  const flat = rank === 3;
  const heads = flat ? numberAttribute(node, "num_heads", 0) : x.dims[1]!;
  const [sets, positions] = [x.dims[0]!, x.dims[rank - 2]!];
  const headWidth = flat ? x.dims[2]! / heads : x.dims[3]!;
  const turning = numberAttribute(node, "rotary_embedding_dim", 0);
  const width = turning === 0 ? headWidth : turning;
  const rowCount = sets * positions;
  // Without ids the tables hold a row for each position of each set, shared if there is one set's worth.
  const half = cos.dims.at(-1)!;
  const table = (tensor: OnnxTensor): Float32Array =>
    ids === null ? broadcast(floatsOf(tensor), tensor.dims, [sets, positions, half]) : floatsOf(tensor);
  const rowsOfTable = ids === null ? rowCount : cos.dims[0]!;
  const rows =
    ids === null
      ? Int32Array.from({ length: rowCount }, (_, row) => row)
      : integersOf({ ...ids, data: Float64Array.from(broadcast(ids.data, ids.dims, [sets, positions])) });
  const values = flat ? floatsOf(x) : swapMiddle(floatsOf(x), [sets, heads, positions, headWidth]);
  const y = workspace.rotate(
    workspace.upload(values, [rowCount, heads * headWidth]),
    workspace.upload(rows, [rowCount]),
    workspace.upload(table(cos), [rowsOfTable, half]),
    workspace.upload(table(sin), [rowsOfTable, half]),
    { heads, interleaved: numberAttribute(node, "interleaved", 0) !== 0, width },
  );
  const turned = await workspace.read(y);
  return [{ dims: x.dims, values: flat ? turned : swapMiddle(turned, [sets, positions, heads, headWidth]) }];
}
