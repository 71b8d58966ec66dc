// The stored kinds of floating point as float32. Little-endian on every machine, and as bits rather than values, so that a NaN
// keeps its payload.

import { halfToFloatBits } from "./half.ts";

/** Float32 from the bytes of a tensor. */
export type Widen = (bytes: Uint8Array) => Float32Array<ArrayBuffer>;

/** By the name of the stored type. Exact, but for F64, which is rounded. */
export const widenByDType: ReadonlyMap<string, Widen> = new Map<string, Widen>([
  ["F32", (bytes) => fromBits(bytes, 4, (view, at) => view.getUint32(at, true))],
  ["F16", (bytes) => fromBits(bytes, 2, (view, at) => halfToFloatBits(view.getUint16(at, true)))],
  ["BF16", (bytes) => fromBits(bytes, 2, (view, at) => view.getUint16(at, true) << 16)],
  ["F64", fromDoubles],
]);

function fromBits(
  bytes: Uint8Array,
  size: number,
  bitsAt: (view: DataView, at: number) => number,
): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const bits = new Uint32Array(bytes.length / size);
  for (let i = 0; i < bits.length; i += 1) bits[i] = bitsAt(view, i * size);
  return new Float32Array(bits.buffer);
}

function fromDoubles(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
}
