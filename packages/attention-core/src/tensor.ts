// What a backend hands out: an opaque array with a shape. The values live where the backend keeps them.
//
// One alphabet of shapes, everywhere in this project: N sets, P positions in all of them, W width, H heads,
// D width per head, V vocabulary, L labels, E edges.

/** The kinds of element that a tensor may hold. */
export type DType = "f32" | "i32";

/** The length of each axis, outermost first; values are row-major. */
export type Shape = readonly number[];

/**
 * An array on a device. Disposing it gives its memory back once the work submitted before has run; a tensor made
 * through a workspace also goes with that workspace.
 */
export interface Tensor<D extends DType = "f32"> extends Disposable {
  readonly shape: Shape;
  readonly dtype: D;
}

/** The host's array for the elements of a dtype. */
export type Values<D extends DType> = D extends "f32" ? Float32Array : Int32Array;

/** The dtype of the elements of a host's array. */
export type DTypeOf<V extends Float32Array | Int32Array> = V extends Float32Array ? "f32" : "i32";

/** The number of elements of `shape`: the product of its axes, 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** `shape` as it stands in error messages: `[2, 3]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Throws `RangeError` unless every axis of `shape` is a non-negative safe integer; `action` names the caller. */
export function checkShape(action: string, shape: Shape): void {
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`Cannot ${action}: every axis must be an integer >= 0, shape is ${formatShape(shape)}`);
    }
  }
}
