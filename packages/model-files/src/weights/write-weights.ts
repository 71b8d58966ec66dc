// Weights into a safetensors file, as small as asked for.

import type { StoredTensor } from "../safetensors/read.ts";
import { writeSafetensors } from "../safetensors/write.ts";
import { floatBitsToHalf } from "./half.ts";
import { alongAxis, quantize } from "./int8.ts";
import { scaleSuffix, type Weights, type WeightTensor } from "./read-weights.ts";

/** How values are stored: exactly; in half precision; or as eight-bit integers with a scale for each row or column. */
export type Storage = "f32" | "f16" | "int8";

/** How to write weights. */
export interface WriteWeightsOptions {
  /**
   * One storage for all, or chosen for each tensor. Default "f32". With "int8" a tensor of fewer than two axes stays f32: it
   * is small, and a bias in eight bits costs accuracy.
   */
  readonly storage?: Storage | ((name: string, shape: readonly number[]) => Storage);
  /** Free text that goes with the file. */
  readonly metadata?: ReadonlyMap<string, string>;
}

/**
 * The bytes of a safetensors file with `weights`; `readWeights` reads it. Half precision rounds to the nearest, ties to even.
 * Eight bits have scales for the rows or for the columns, whichever gives the smaller squared error, and are off by at
 * most half a scale. Throws `RangeError` for a value that the storage cannot hold: above 65,504 in half precision, not
 * finite in eight bits.
 */
export function writeWeights(weights: Weights, options: WriteWeightsOptions = {}): Uint8Array<ArrayBuffer> {
  const { storage = "f32", metadata } = options;
  const stored: [string, StoredTensor][] = [];
  for (const [name, tensor] of weights) {
    const { shape } = tensor;
    const how = typeof storage === "function" ? storage(name, shape) : storage;
    if (how === "int8" && shape.length > 1) {
      if (weights.has(name + scaleSuffix))
        refuse(name, `int8 puts its scales beside it, but ${name + scaleSuffix} is a weight`);
      const { integers, scales } = storeInt8(name, tensor);
      stored.push([name, integers], [name + scaleSuffix, scales]);
    } else if (how === "f16") {
      stored.push([name, storeHalf(name, tensor)]);
    } else if (how === "f32" || how === "int8") {
      stored.push([name, storeFloat(tensor.values, shape)]);
    } else {
      refuse(name, `storage must be "f32", "f16" or "int8", it is ${String(how)}`);
    }
  }
  return writeSafetensors(stored, metadata);
}

function storeFloat(values: Float32Array, shape: readonly number[]): StoredTensor {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < bits.length; i += 1) view.setUint32(4 * i, bits[i]!, true);
  return { dtype: "F32", shape, bytes };
}

function storeHalf(name: string, { values, shape }: WeightTensor): StoredTensor {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < bits.length; i += 1) {
    const half = floatBitsToHalf(bits[i]!);
    if ((half & 0x7fff) === 0x7c00 && Number.isFinite(values[i])) {
      refuse(name, `f16 must have values to 65504, value ${i} is ${values[i]}`);
    }
    view.setUint16(2 * i, half, true);
  }
  return { dtype: "F16", shape, bytes };
}

function storeInt8(name: string, { values, shape }: WeightTensor): { integers: StoredTensor; scales: StoredTensor } {
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) refuse(name, `int8 must have finite values, value ${odd} is ${values[odd]}`);
  const last = shape.length - 1;
  const byRow = quantize(values, alongAxis(shape, 0));
  const byColumn = quantize(values, alongAxis(shape, last));
  const [best, axis] = byRow.squaredError < byColumn.squaredError ? [byRow, 0] : [byColumn, last];
  const bytes = new Uint8Array(best.integers.buffer);
  const scaleShape = shape.map((length, at) => (at === axis ? length : 1));
  return { integers: { dtype: "I8", shape, bytes }, scales: storeFloat(best.scales, scaleShape) };
}

function refuse(name: string, rule: string): never {
  throw new RangeError(`Cannot write weights: tensor ${JSON.stringify(name)}: ${rule}`);
}
