// The stored kinds of floating point as float32. Little-endian on every machine, and as bits rather than values, so that a NaN
// keeps its payload. One loop each, since one for all, with a function for the element, took five times as long.

import { halfToFloatBits } from "./half.ts";

/** Float32 from the bytes of a tensor. */
export type Widen = (bytes: Uint8Array) => Float32Array<ArrayBuffer>;

/** By the name of the stored type. Exact, but for F64, which is rounded. */
export const widenByDType: ReadonlyMap<string, Widen> = new Map<string, Widen>([
  ["F32", fromFloats],
  ["F16", fromHalves],
  ["BF16", fromBrainFloats],
  ["F64", fromDoubles],
]);

function fromFloats(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = viewOf(bytes);
  const bits = new Uint32Array(bytes.length / 4);
  for (let i = 0; i < bits.length; i += 1) bits[i] = view.getUint32(4 * i, true);
  return new Float32Array(bits.buffer);
}

function fromHalves(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = viewOf(bytes);
  const bits = new Uint32Array(bytes.length / 2);
  for (let i = 0; i < bits.length; i += 1) bits[i] = halfToFloatBits(view.getUint16(2 * i, true));
  return new Float32Array(bits.buffer);
}

function fromBrainFloats(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = viewOf(bytes);
  const bits = new Uint32Array(bytes.length / 2);
  for (let i = 0; i < bits.length; i += 1) bits[i] = view.getUint16(2 * i, true) << 16;
  return new Float32Array(bits.buffer);
}

function fromDoubles(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = viewOf(bytes);
  const values = new Float32Array(bytes.length / 8);
  for (let i = 0; i < values.length; i += 1) values[i] = view.getFloat64(8 * i, true);
  return values;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
