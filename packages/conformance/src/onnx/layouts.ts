// Between the layouts of ONNX and ours: [N, heads, length, width] and rows [N · length, heads · width], broadcasting,
// and axes that are not the last.

import { sizeOfDims } from "./onnx-node.ts";

/** Exchanges axes 1 and 2 of `values` [a, b, c, d]: heads before positions to positions before heads, and back. */
export function swapMiddle(
  values: ArrayLike<number>,
  [a, b, c, d]: readonly [number, number, number, number],
): Float32Array {
  const swapped = new Float32Array(a * b * c * d);
  let to = 0;
  for (let i = 0; i < a; i++) {
    for (let k = 0; k < c; k++) {
      for (let j = 0; j < b; j++) {
        const from = ((i * b + j) * c + k) * d;
        for (let l = 0; l < d; l++) swapped[to++] = values[from + l]!;
      }
    }
  }
  return swapped;
}

/** For every element of `dims` in order, its index in a tensor `of` that is broadcast to it; throws if it cannot be. */
export function broadcastIndices(of: readonly number[], dims: readonly number[]): Int32Array {
  const offset = dims.length - of.length;
  if (offset < 0 || of.some((length, axis) => length !== 1 && length !== dims[offset + axis])) {
    throw new RangeError(`Cannot broadcast: [${of.join(", ")}] must fit [${dims.join(", ")}]`);
  }
  const strides = dims.map(() => 0);
  let stride = 1;
  for (let axis = of.length - 1; axis >= 0; axis--) {
    if (of[axis] !== 1) strides[offset + axis] = stride;
    stride *= of[axis]!;
  }
  const indices = new Int32Array(sizeOfDims(dims));
  const place = dims.map(() => 0);
  let index = 0;
  for (let i = 0; i < indices.length; i++) {
    indices[i] = index;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      place[axis]! += 1;
      index += strides[axis]!;
      if (place[axis]! < dims[axis]!) break;
      index -= strides[axis]! * dims[axis]!;
      place[axis] = 0;
    }
  }
  return indices;
}

/** `values` of shape `of`, broadcast to `dims`. */
export function broadcast(values: ArrayLike<number>, of: readonly number[], dims: readonly number[]): Float32Array {
  return Float32Array.from(broadcastIndices(of, dims), (index) => values[index]!);
}

/** Moves `axis` of `values` to the end, so that its elements lie side by side. */
export function axisLast(values: ArrayLike<number>, dims: readonly number[], axis: number): Float32Array {
  const [before, length, after] = [sizeOfDims(dims.slice(0, axis)), dims[axis]!, sizeOfDims(dims.slice(axis + 1))];
  return swapMiddle(values, [before, length, after, 1]);
}

/** The inverse of `axisLast`: `dims` are those that come out. */
export function axisBack(values: ArrayLike<number>, dims: readonly number[], axis: number): Float32Array {
  const [before, length, after] = [sizeOfDims(dims.slice(0, axis)), dims[axis]!, sizeOfDims(dims.slice(axis + 1))];
  return swapMiddle(values, [before, after, length, 1]);
}
