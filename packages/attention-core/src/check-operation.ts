// The checks of an operation's arguments, and the sizes that follow from them, in one place: so that every backend
// refuses the same calls with the same words. Those of attention are in `check-attention.ts`. Nothing here looks at
// values that live on a device.

import type { Activation, Pooling, RotationOptions } from "./backend.ts";
import { checkOffsets, kindOf } from "./ragged.ts";
import { checkShape, type DType, formatShape, type Shape, sizeOf, type Tensor } from "./tensor.ts";

const activations: readonly Activation[] = ["gelu", "geluTanh", "relu", "silu", "tanh", "sigmoid", "elu"];
const poolings: readonly Pooling[] = ["mean", "max", "first", "sum"];

/** `upload`: throws unless `values` are of a kind that a tensor can hold, and as many as `shape` says. */
export function checkUpload(values: Float32Array | Int32Array, shape: Shape): DType {
  const action = "upload values";
  const kind = kindOf(values);
  if (kind !== "Float32Array" && kind !== "Int32Array") {
    throw new TypeError(`Cannot ${action}: they must be a Float32Array or an Int32Array, they are ${kind}`);
  }
  checkShape(action, shape);
  if (sizeOf(shape) !== values.length) {
    throw new RangeError(
      `Cannot ${action}: shape ${formatShape(shape)} must hold as many as given, ${values.length} are given`,
    );
  }
  return kind === "Float32Array" ? "f32" : "i32";
}

/** Throws unless `into`, where there is one, is a host array for the values of x: of its dtype, of its size. */
export function checkRead(x: Tensor<DType>, into: Float32Array | Int32Array | undefined): void {
  if (into === undefined) return;
  const wanted = x.dtype === "f32" ? Float32Array : Int32Array;
  if (!(into instanceof wanted)) {
    throw new TypeError(`Cannot read: into must be a ${wanted.name} for a tensor of ${x.dtype}, it is ${kindOf(into)}`);
  }
  const size = sizeOf(x.shape);
  if (into.length !== size) {
    throw new RangeError(
      `Cannot read: into must have the ${size} values of ${formatShape(x.shape)}, it has ${into.length}`,
    );
  }
}

/** `embed`: ids are [P, T], with T = 1 for ids [P]; the result is [P, T · W]. */
export function checkEmbed(
  table: Tensor,
  ids: Tensor<"i32">,
): { readonly V: number; readonly W: number; readonly P: number; readonly T: number } {
  const [V, W] = checkMatrix("embed", "table", table, "[V, W]");
  checkTensor("embed", "ids", ids, "i32");
  const [P, T = 1] = ids.shape;
  if (P === undefined || ids.shape.length > 2) throw mismatch("embed", "ids", "[P] or [P, T]", ids);
  return { V, W, P, T };
}

/** `linear`: x [P, I], weight [I, O], bias [O]; the result is [P, O]. */
export function checkLinear(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  activation: Activation | null = null,
): { readonly P: number; readonly I: number; readonly O: number } {
  const [P, I] = checkMatrix("linear", "x", x, "[P, I]");
  const [rows, O] = checkMatrix("linear", "weight", weight, "[I, O]");
  if (rows !== I) throw mismatch("linear", "weight", `[I, O] with I = ${I}, the columns of x`, weight);
  if (bias !== null) checkVector("linear", "bias", bias, "O", O);
  if (activation !== null) checkChoice("linear", "activation", activation, activations);
  return { P, I, O };
}

/** `activate`: any shape. The gradients in `check-training.ts` give their own `operation` to this and other checks. */
export function checkActivate(x: Tensor, activation: Activation, operation = "activate"): { readonly size: number } {
  checkTensor(operation, "x", x, "f32");
  checkChoice(operation, "activation", activation, activations);
  return { size: sizeOf(x.shape) };
}

/** `add` and `multiply`: element i of a goes with element i mod `period` of b. */
export function checkElementwise(
  operation: "add" | "multiply",
  a: Tensor,
  b: Tensor,
): { readonly size: number; readonly period: number } {
  checkTensor(operation, "a", a, "f32");
  checkTensor(operation, "b", b, "f32");
  const same = a.shape.length === b.shape.length && a.shape.every((length, axis) => length === b.shape[axis]);
  const repeats = b.shape.length === 1 && a.shape.length > 1 && a.shape[a.shape.length - 1] === b.shape[0];
  if (!same && !repeats) {
    throw mismatch(operation, "b", `${formatShape(a.shape)}, the shape of a, or one row of it`, b);
  }
  return { size: sizeOf(a.shape), period: sizeOf(b.shape) };
}

/** `layerNorm` and `rmsNorm`: x [P, W], gain and bias [W]. */
export function checkNorm(
  operation: "layerNorm" | "rmsNorm" | "layerNormGradient" | "rmsNormGradient",
  x: Tensor,
  gain: Tensor,
  bias: Tensor | null,
  epsilon: number,
): { readonly P: number; readonly W: number } {
  const [P, W] = checkMatrix(operation, "x", x, "[P, W]");
  checkVector(operation, "gain", gain, "W", W);
  if (bias !== null) checkVector(operation, "bias", bias, "W", W);
  checkFinite(operation, "epsilon", epsilon);
  if (epsilon < 0) throw new RangeError(`Cannot run ${operation}: epsilon must be >= 0, it is ${epsilon}`);
  return { P, W };
}

/** `softmax`: x [P, W]. */
export function checkSoftmax(x: Tensor, operation = "softmax", name = "x"): { readonly P: number; readonly W: number } {
  const [P, W] = checkMatrix(operation, name, x, "[P, W]");
  return { P, W };
}

/** `pool`: x [P, W], offsets [N + 1] that end with P. */
export function checkPool(
  x: Tensor,
  offsets: Int32Array,
  how: Pooling,
  operation = "pool",
): { readonly N: number; readonly P: number; readonly W: number } {
  const [P, W] = checkMatrix(operation, "x", x, "[P, W]");
  checkSets(operation, "offsets", offsets, P);
  checkChoice(operation, "how", how, poolings);
  return { N: offsets.length - 1, P, W };
}

/** `unfold`: x [P, W], windows [R, T]; the result is [R, T · W]. */
export function checkUnfold(
  x: Tensor,
  windows: Tensor<"i32">,
): { readonly P: number; readonly W: number; readonly R: number; readonly T: number } {
  const [P, W] = checkMatrix("unfold", "x", x, "[P, W]");
  const [R, T] = checkMatrix("unfold", "windows", windows, "[R, T]", "i32");
  return { P, W, R, T };
}

/** `rotate`: x [P, H · D], positions [P], cos and sin [rows, width / 2]; `width` columns of each head turn. */
export function checkRotate(
  x: Tensor,
  positions: Tensor<"i32">,
  cos: Tensor,
  sin: Tensor,
  options: RotationOptions,
  operation = "rotate",
  name = "x",
): {
  readonly P: number;
  readonly H: number;
  readonly D: number;
  readonly width: number;
  readonly interleaved: boolean;
  readonly rows: number;
} {
  const [P, columns] = checkMatrix(operation, name, x, "[P, H · D]");
  const { heads: H, interleaved = false } = options;
  checkInteger(operation, "heads", H, 1);
  if (columns % H !== 0) throw mismatch(operation, name, `[P, H · D] with H = ${H} heads`, x);
  const D = columns / H;
  const { width = D } = options;
  checkInteger(operation, "width", width, 0);
  if (width > D || width % 2 !== 0) {
    throw new RangeError(
      `Cannot run ${operation}: width must be even and at most the ${D} columns of a head, it is ${width}`,
    );
  }
  checkTensor(operation, "positions", positions, "i32");
  if (positions.shape.length !== 1 || positions.shape[0] !== P)
    throw mismatch(operation, "positions", `[P] with P = ${P}`, positions);
  const [rows, half] = checkMatrix(operation, "cos", cos, "[rows, width / 2]");
  if (half !== width / 2) throw mismatch(operation, "cos", `[rows, width / 2] with width = ${width}`, cos);
  const [sinRows, sinHalf] = checkMatrix(operation, "sin", sin, "[rows, width / 2]");
  if (sinRows !== rows || sinHalf !== half)
    throw mismatch(operation, "sin", `${formatShape(cos.shape)}, the shape of cos`, sin);
  return { P, H, D, width, interleaved, rows };
}

/** `concatenate`: parts [P, W of each]; the result is [P, W]. */
export function checkConcatenate(parts: readonly Tensor[]): {
  readonly P: number;
  readonly W: number;
  readonly widths: readonly number[];
} {
  if (parts.length === 0)
    throw new RangeError("Cannot run concatenate: there must be at least one part, there are none");
  const [P] = checkMatrix("concatenate", "part 0", parts[0]!, "[P, W]");
  const widths = parts.map((part, i) => {
    const [rows, width] = checkMatrix("concatenate", `part ${i}`, part, "[P, W]");
    if (rows !== P) throw mismatch("concatenate", `part ${i}`, `[P, W] with P = ${P}, the rows of part 0`, part);
    return width;
  });
  return { P, W: widths.reduce((sum, width) => sum + width, 0), widths };
}

/** `slice`: columns `from .. to)` of x [P, W]. */
export function checkSlice(x: Tensor, from: number, to: number): { readonly P: number; readonly W: number } {
  const [P, W] = checkMatrix("slice", "x", x, "[P, W]");
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from || to > W) {
    throw new RangeError(
      `Cannot run slice: columns must satisfy 0 <= from <= to <= ${W}, they are from ${from} to ${to}`,
    );
  }
  return { P, W };
}

/** `append`: the result is [P, W], its sets as `offsets` [N + 1] say. */
export function checkAppend(parts: readonly { readonly rows: Tensor; readonly offsets: Int32Array }[]): {
  readonly N: number;
  readonly P: number;
  readonly W: number;
  readonly offsets: Int32Array;
} {
  if (parts.length === 0) throw new RangeError("Cannot run append: there must be at least one part, there are none");
  let N = 0;
  let P = 0;
  let W = 0;
  parts.forEach(({ rows, offsets }, i) => {
    const [count, width] = checkMatrix("append", `rows of part ${i}`, rows, "[P, W]");
    checkSets("append", `offsets of part ${i}`, offsets, count);
    if (i === 0) {
      N = offsets.length - 1;
      W = width;
    }
    if (width !== W) throw mismatch("append", `rows of part ${i}`, `[P, W] with W = ${W}, the columns of part 0`, rows);
    if (offsets.length !== N + 1) {
      throw new RangeError(
        `Cannot run append: part ${i} must have ${N} sets as part 0 has, it has ${offsets.length - 1}`,
      );
    }
    P += count;
  });
  if (P > 2 ** 31 - 1) throw new RangeError(`Cannot run append: the result must have fewer than 2³¹ rows, it has ${P}`);
  const sums = new Int32Array(N + 1);
  for (const { offsets } of parts) for (let n = 0; n <= N; n += 1) sums[n]! += offsets[n]!;
  return { N, P, W, offsets: sums };
}

/** `reshape`: throws unless `shape` holds as many elements as x has. */
export function checkReshape(x: Tensor<DType>, shape: Shape): { readonly size: number } {
  checkTensor("reshape", "x", x, x.dtype);
  checkShape("run reshape", shape);
  const size = sizeOf(x.shape);
  if (sizeOf(shape) !== size) {
    throw new RangeError(
      `Cannot run reshape: the new shape must hold ${size} elements as ${formatShape(x.shape)} does, it is ${formatShape(shape)}`,
    );
  }
  return { size };
}

// The pieces, for these checks and those of attention.

/** Throws `TypeError` unless `tensor` is a tensor of `dtype`. */
export function checkTensor(operation: string, name: string, tensor: Tensor<DType>, dtype: DType): void {
  if (typeof tensor !== "object" || tensor === null || !Array.isArray(tensor.shape)) {
    throw new TypeError(`Cannot run ${operation}: ${name} must be a tensor, it is ${kindOf(tensor)}`);
  }
  if (tensor.dtype !== dtype) {
    throw new TypeError(`Cannot run ${operation}: ${name} must be of dtype ${dtype}, it is ${tensor.dtype}`);
  }
}

/** The two axes of `tensor`; `letters` is how the contract writes its shape. */
export function checkMatrix(
  operation: string,
  name: string,
  tensor: Tensor<DType>,
  letters: string,
  dtype: DType = "f32",
): readonly [number, number] {
  checkTensor(operation, name, tensor, dtype);
  const [rows, columns] = tensor.shape;
  if (rows === undefined || columns === undefined || tensor.shape.length !== 2)
    throw mismatch(operation, name, letters, tensor);
  return [rows, columns];
}

/** Throws `RangeError` unless `tensor` is a vector of `length`. */
export function checkVector(operation: string, name: string, tensor: Tensor, letter: string, length: number): void {
  checkTensor(operation, name, tensor, "f32");
  if (tensor.shape.length !== 1 || tensor.shape[0] !== length) {
    throw mismatch(operation, name, `[${letter}] with ${letter} = ${length}`, tensor);
  }
}

/** Throws unless `offsets` are row offsets that end with P. */
export function checkSets(operation: string, name: string, offsets: Int32Array, P: number): void {
  checkOffsets(`run ${operation}`, name, offsets);
  if (offsets[offsets.length - 1] !== P) {
    throw new RangeError(
      `Cannot run ${operation}: ${name} must end with the number of rows, ${P}; they end with ${offsets[offsets.length - 1]}`,
    );
  }
}

/** Throws `TypeError` unless `value` is a number, `RangeError` unless it is an integer of at least `least`. */
export function checkInteger(operation: string, name: string, value: number, least: number): void {
  checkNumber(operation, name, value);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`Cannot run ${operation}: ${name} must be an integer >= ${least}, it is ${value}`);
  }
}

/** Throws `TypeError` unless `value` is a number, `RangeError` unless it is finite. */
export function checkFinite(operation: string, name: string, value: number): void {
  checkNumber(operation, name, value);
  if (!Number.isFinite(value)) throw new RangeError(`Cannot run ${operation}: ${name} must be finite, it is ${value}`);
}

/** Throws `RangeError` unless `value` is one of `allowed`. */
export function checkChoice(operation: string, name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new RangeError(
      `Cannot run ${operation}: ${name} must be one of ${allowed.join(", ")}; it is "${String(value)}"`,
    );
  }
}

/** The error for a tensor whose shape is not the one that the contract asks for. */
export function mismatch(operation: string, name: string, expected: string, tensor: Tensor<DType>): RangeError {
  return new RangeError(
    `Cannot run ${operation}: ${name} must be ${expected}; its shape is ${formatShape(tensor.shape)}`,
  );
}

function checkNumber(operation: string, name: string, value: number): void {
  if (typeof value !== "number") {
    throw new TypeError(`Cannot run ${operation}: ${name} must be a number, it is ${kindOf(value)}`);
  }
}
