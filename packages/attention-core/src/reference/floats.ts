// Numbers in memory. An operation computes into float64 and its result is rounded once, when it becomes a tensor.

import { OutOfMemoryError } from "../errors.ts";

/** Stored numbers: float32, or float64 for a backend opened with that precision. */
export type Floats = Float32Array | Float64Array;

/** The largest single tensor, in bytes of float32. */
export const maxBufferBytes: number = 2 ** 32;

/** Zeros to compute into. Throws `OutOfMemoryError` if they do not fit. */
export function zeros(size: number): Float64Array {
  const bytes = 4 * size;
  if (bytes > maxBufferBytes) throw outOfMemory(bytes);
  try {
    return new Float64Array(size);
  } catch (error) {
    throw outOfMemory(bytes, { cause: error });
  }
}

function outOfMemory(bytes: number, options?: ErrorOptions): OutOfMemoryError {
  const message = `Cannot make a tensor: it must have at most ${maxBufferBytes} bytes that are free, it has ${bytes}`;
  return new OutOfMemoryError(message, bytes, maxBufferBytes, options);
}
