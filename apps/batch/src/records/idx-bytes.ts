// The other way: values as an IDX file, for samples and tests.

/** An IDX file of unsigned bytes: `values` in the sizes of `shape`. */
export function idxBytes(values: Uint8Array, shape: readonly number[]): Uint8Array {
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + values.length);
  bytes.set([0, 0, 8, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((length, d) => view.setUint32(4 + 4 * d, length));
  bytes.set(values, start);
  return bytes;
}
