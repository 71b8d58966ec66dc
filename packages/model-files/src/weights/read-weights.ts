// Weights out of a safetensors file: everything as float32, whatever it is stored as.

import { ModelFileError, type ModelFileErrorCode, quote } from "../errors.ts";
import { readSafetensors, type ReadOptions, type StoredTensor } from "../safetensors/read.ts";
import { alongAxis, expand } from "./int8.ts";
import { widenByDType } from "./widen.ts";

/** A tensor on the host, row-major; the core's `HostTensor`. */
export interface WeightTensor {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** Tensors by name; the core's `Weights`. */
export type Weights = ReadonlyMap<string, WeightTensor>;

/** What the scales of an int8 tensor are called: its own name and this. */
export const scaleSuffix = ".scale";

/**
 * The weights of a safetensors file in float32. F32, F16 and BF16 are exact, F64 is rounded; I8 is multiplied by the tensor
 * of the same name and `.scale`, F32, in the shape of the tensor with all axes 1 but one, which is then no weight itself.
 * Values are copies. They take no more than four times the file. Throws `ModelFileError`.
 */
export function readWeights(bytes: Uint8Array, options: ReadOptions = {}): Weights {
  const { file = "safetensors" } = options;
  const { tensors } = readSafetensors(bytes, options);
  const weights = new Map<string, WeightTensor>();
  for (const [name, tensor] of tensors) {
    if (isScale(name, tensors)) continue;
    const scale = tensors.get(name + scaleSuffix);
    const values = tensor.dtype === "I8" ? scaled(name, tensor, scale, file) : widened(name, tensor, file);
    weights.set(name, { values, shape: tensor.shape });
  }
  return weights;
}

function isScale(name: string, tensors: ReadonlyMap<string, StoredTensor>): boolean {
  return name.endsWith(scaleSuffix) && tensors.get(name.slice(0, -scaleSuffix.length))?.dtype === "I8";
}

function widened(name: string, { dtype, bytes }: StoredTensor, file: string): Float32Array {
  const widen = widenByDType.get(dtype);
  if (widen !== undefined) return widen(bytes);
  return refuse("dtype-unsupported", file, name, `must be F32, F16, BF16, F64 or I8 to be a weight, it is ${dtype}`);
}

function scaled(
  name: string,
  { bytes, shape }: StoredTensor,
  scale: StoredTensor | undefined,
  file: string,
): Float32Array {
  const wanted = `is I8 [${shape.join(", ")}], so ${quote(name + scaleSuffix)} must be F32 in that shape with all axes 1 but one`;
  if (scale === undefined) return refuse("scale-invalid", file, name, `${wanted}, it is missing`);
  const axes = scale.shape.flatMap((length, axis) => (length === 1 ? [] : [axis]));
  const [axis = Math.max(0, shape.length - 1)] = axes;
  const fits = scale.shape.length === shape.length && axes.every((each) => scale.shape[each] === shape[each]);
  if (scale.dtype !== "F32" || axes.length > 1 || !fits) {
    return refuse("scale-invalid", file, name, `${wanted}, it is ${scale.dtype} [${scale.shape.join(", ")}]`);
  }
  const integers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const perIndex = axes.length === 1;
  const view = perIndex ? alongAxis(shape, axis) : { outer: 1, count: 1, inner: integers.length };
  return expand(integers, widened(name, scale, file), view);
}

function refuse(code: ModelFileErrorCode, file: string, name: string, rule: string): never {
  throw new ModelFileError(code, file, `Cannot read ${file}: tensor ${quote(name)} ${rule}`);
}
