// Gradients against central differences, in float64 on the reference backend: (L(x + h) - L(x - h)) / 2h for the loss L
// = Σ r · y with random r, whose gradient with respect to y is r.
import { createReferenceTrainingBackend, type ReferenceTrainingBackend } from "../src/reference/index.ts";
import type { Shape, Tensor } from "../src/tensor.ts";
import { sizeOf } from "../src/tensor.ts";
import type { TrainingWorkspace } from "../src/training.ts";

/** h, and the unit of all inputs: x ± h is exact in the float32 of an upload. Its square is far below the error sought. */
export const step = 2 ** -17;

/** Numbers in -1.5 .. 1.5, even multiples of `step` that look random and are the same in every run. */
export function evenNumbers(size: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const half = 0.75 / step;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.round((state / 2 ** 32) * 2 * half - half) * 2 * step;
  });
}

/** Odd multiples: added to even ones they never meet the kink of a ReLU, not even by a step. */
export function oddNumbers(size: number, seed: number): Float32Array {
  return evenNumbers(size, seed).map((value) => value + step);
}

/** An operation, its float inputs by name, and its gradient. */
export interface Differentiable<Name extends string> {
  readonly inputs: Readonly<Record<Name, { readonly values: Float32Array; readonly shape: Shape }>>;
  readonly forward: (workspace: TrainingWorkspace, inputs: Readonly<Record<Name, Tensor>>) => Tensor;
  /** Null, or a name left out, where the operation has no gradient for it. */
  readonly backward: (
    workspace: TrainingWorkspace,
    inputs: Readonly<Record<Name, Tensor>>,
    dy: Tensor,
  ) => Readonly<Partial<Record<Name, Tensor | null>>>;
}

/** How many directions to try for each input; `all` is every element on its own. */
export type Directions = number | "all";

/**
 * The largest error of the gradients of all inputs: for an element relative to its size, at least `leastSize`, for a
 * direction relative to the sum of the sizes of what is summed.
 */
export async function gradientError<Name extends string>(
  operation: Differentiable<Name>,
  directions: Directions = "all",
  leastSize = 1e-3,
): Promise<number> {
  await using backend = createReferenceTrainingBackend({ precision: "f64" });
  const names = Object.keys(operation.inputs) as Name[];
  const gradients = analytic(backend, operation);
  let worst = 0;
  for (const name of names) {
    const gradient = gradients.values[name];
    if (gradient === undefined) continue;
    const size = sizeOf(operation.inputs[name].shape);
    if (gradient.length !== size) return Infinity;
    const count = directions === "all" ? size : directions;
    for (let i = 0; i < count; i += 1) {
      const along = directions === "all" ? unit(size, i) : signs(size, i);
      const difference =
        (lossAt(backend, operation, gradients.dy, name, along, 1) -
          lossAt(backend, operation, gradients.dy, name, along, -1)) /
        (2 * step);
      let sum = 0;
      let scale = leastSize;
      gradient.forEach((value, at) => {
        sum += value * along[at]!;
        scale += Math.abs(value * along[at]!);
      });
      const error = Math.abs(sum - difference) / Math.max(Math.abs(difference), scale);
      if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
    }
  }
  return worst;
}

function analytic<Name extends string>(
  backend: ReferenceTrainingBackend,
  { inputs, forward, backward }: Differentiable<Name>,
): { readonly dy: Float32Array; readonly values: Partial<Record<Name, Float64Array>> } {
  using workspace = backend.workspace();
  const tensors = uploadAll(workspace, inputs);
  const { shape } = forward(workspace, tensors);
  const dy = evenNumbers(sizeOf(shape), 77);
  const gradients = backward(workspace, tensors, workspace.upload(dy, shape));
  const values: Partial<Record<Name, Float64Array>> = {};
  for (const [name, gradient] of Object.entries(gradients) as [Name, Tensor | null | undefined][]) {
    if (gradient) values[name] = backend.peek(gradient);
  }
  return { dy, values };
}

function lossAt<Name extends string>(
  backend: ReferenceTrainingBackend,
  { inputs, forward }: Differentiable<Name>,
  dy: Float32Array,
  name: Name,
  along: Float32Array,
  sign: number,
): number {
  using workspace = backend.workspace();
  const moved = inputs[name].values.map((value, i) => value + sign * step * along[i]!);
  const tensors = uploadAll<Name>(workspace, { ...inputs, [name]: { values: moved, shape: inputs[name].shape } });
  return backend.peek(forward(workspace, tensors)).reduce((sum, value, i) => sum + value * dy[i]!, 0);
}

function uploadAll<Name extends string>(
  workspace: TrainingWorkspace,
  inputs: Differentiable<Name>["inputs"],
): Record<Name, Tensor> {
  const tensors: Partial<Record<Name, Tensor>> = {};
  for (const name of Object.keys(inputs) as Name[]) {
    const { values, shape } = inputs[name];
    tensors[name] = workspace.upload(values, shape);
  }
  return tensors as Record<Name, Tensor>;
}

function unit(size: number, at: number): Float32Array {
  const direction = new Float32Array(size);
  direction[at] = 1;
  return direction;
}

function signs(size: number, seed: number): Float32Array {
  return evenNumbers(size, 1000 + seed).map((value) => (value < 0 ? -1 : 1));
}
