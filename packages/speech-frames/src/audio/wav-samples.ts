// How one sample stands in a WAV file.

/** Integers of 1 to 4 bytes, or floats of 4 or 8, little-endian. */
export interface SampleKind {
  readonly isFloat: boolean;
  readonly bytes: number;
}

/** The sample at byte `at`: floats as they are, integers divided by 2^(bits - 1). One byte counts from 128. */
export function readSample(view: DataView, at: number, { isFloat, bytes }: SampleKind): number {
  if (isFloat) return bytes === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
  if (bytes === 1) return (view.getUint8(at) - 128) / 2 ** 7;
  if (bytes === 2) return view.getInt16(at, true) / 2 ** 15;
  if (bytes === 3) return (view.getUint16(at, true) + view.getInt8(at + 2) * 2 ** 16) / 2 ** 23;
  return view.getInt32(at, true) / 2 ** 31;
}
