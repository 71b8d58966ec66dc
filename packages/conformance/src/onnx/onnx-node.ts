// A case as an operator sees it: its inputs by place, its attributes by kind, and the differences between element types.

import { toFloat16 } from "./float16.ts";
import type { OnnxCase, OnnxTensor } from "./onnx-case.ts";

/** The case lies outside of what our operations express; the message says why. */
export class NotApplicableError extends Error {
  override readonly name = "NotApplicableError";
  readonly code = "not-applicable";
}

/** Values that an operator computed, flat and row-major. */
export interface OnnxResult {
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
}

/** The results of an operator, by place of the output. */
export type OnnxResults = readonly (OnnxResult | null)[];

/** Input `place`, null if it is not given. */
export function inputOf(node: OnnxCase, place: number): OnnxTensor | null {
  const name = node.inputNames[place];
  if (name === undefined || name === "") return null;
  const tensor = node.inputs.get(name);
  if (tensor === undefined)
    throw new RangeError(`Cannot run ${node.op}: input "${name}" must have values, it has none`);
  return tensor;
}

/** Input `place`, which the operator requires. */
export function requiredInput(node: OnnxCase, place: number): OnnxTensor {
  const tensor = inputOf(node, place);
  if (tensor === null) throw new RangeError(`Cannot run ${node.op}: input ${place} must be given, it is not`);
  return tensor;
}

/** Whether output `place` is asked for. */
export function wantsOutput(node: OnnxCase, place: number): boolean {
  return (node.outputNames[place] ?? "") !== "";
}

/** A numeric attribute. */
export function numberAttribute<T>(node: OnnxCase, name: string, otherwise: T): number | T {
  const value = node.attributes.get(name);
  if (value === undefined) return otherwise;
  if (typeof value !== "number")
    throw new TypeError(`Cannot run ${node.op}: attribute ${name} must be a number, it is ${typeof value}`);
  return value;
}

/** Throws `NotApplicableError` if the case has an attribute that is not among `known`. */
export function checkAttributes(node: OnnxCase, known: readonly string[]): void {
  for (const name of node.attributes.keys()) {
    if (!known.includes(name))
      throw new NotApplicableError(`${node.op} has an attribute "${name}", of which we know nothing`);
  }
}

/** Axis `axis` of `rank`, counted from the front; throws `RangeError` if it is outside -rank .. rank - 1. */
export function axisOf(node: OnnxCase, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= Math.max(rank, 1)) {
    throw new RangeError(`Cannot run ${node.op}: axis must be in -${rank} .. ${rank - 1}, it is ${axis}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** The elements of a tensor as float32, in which all our backends compute. */
export function floatsOf(tensor: OnnxTensor): Float32Array {
  if (tensor.dtype === "bfloat16") throw new NotApplicableError("bfloat16: no tolerance is stated for it");
  return Float32Array.from(tensor.data);
}

/** The elements of a tensor of integers. */
export function integersOf(tensor: OnnxTensor): Int32Array {
  return Int32Array.from(tensor.data, (value) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, value)));
}

/** `values` as an output of the element type of `like` holds them. */
export function roundAs(like: OnnxTensor, values: ArrayLike<number>): ArrayLike<number> {
  return like.dtype === "float16" ? Float64Array.from(values, toFloat16) : values;
}

/** The product of `dims`. */
export function sizeOfDims(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 1);
}
