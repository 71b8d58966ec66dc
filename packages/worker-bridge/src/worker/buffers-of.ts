// What can be moved instead of copied.

/** The buffers of all typed arrays in `value`, plain data, each once. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const visit = (each: unknown): void => {
    if (ArrayBuffer.isView(each)) {
      if (each.buffer instanceof ArrayBuffer) buffers.add(each.buffer);
    } else if (typeof each === "object" && each !== null) {
      for (const inner of Object.values(each)) visit(inner);
    }
  };
  visit(value);
  return [...buffers];
}
