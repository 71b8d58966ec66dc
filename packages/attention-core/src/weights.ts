// Weights on the host, by name, and the one way from a configuration to them. A layout is a function that builds the
// tree of a module's weights and asks a leaf function for each tensor by name, shape and role; with different leaves
// the same layout describes a model, draws its initial weights, and finds the uploaded tensors. Names, shapes and
// tree can then not disagree.

import type { Backend } from "./backend.ts";
import { dispose } from "./disposal.ts";
import { ModelMismatchError } from "./errors.ts";
import { randomStream } from "./random.ts";
import { formatShape, type Shape, sizeOf, type Tensor } from "./tensor.ts";

/** A tensor on the host, row-major. */
export interface HostTensor {
  readonly values: Float32Array;
  readonly shape: Shape;
}

/** Tensors by name. A map, since the names may come from a file and `__proto__` is one like any other. */
export type Weights = ReadonlyMap<string, HostTensor>;

/**
 * What a weight does, for its initialisation: `matrix` of a linear map [I, O]; `bias`; `gain` of a norm; `embedding`,
 * rows that are looked up; `table`, values added to scores.
 */
export type WeightRole = "matrix" | "bias" | "gain" | "embedding" | "table";

/** A tensor that a configuration asks for. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly role: WeightRole;
}

/** Makes or finds the tensor of a specification. */
export type WeightLeaf<T> = (spec: WeightSpec) => T;

/** The specifications that `layout` asks for, in its order. `describeLayout((leaf) => layoutEncoder(config, leaf))`. */
export function describeLayout(layout: (leaf: WeightLeaf<void>) => unknown): WeightSpec[] {
  const specs: WeightSpec[] = [];
  layout((spec) => {
    specs.push(spec);
  });
  return specs;
}

/** What else `checkWeights` looks at. */
export interface WeightChecks {
  /** Also that every value is finite; reads all of them. Default false. */
  readonly finite?: boolean;
}

/**
 * Checks once that `weights` are the tensors of `specs`: every one is there in its shape with as many values, and no
 * other. Throws `ModelMismatchError` for the first that is not, naming the tensor, the rule and what was found.
 */
export function checkWeights(specs: Iterable<WeightSpec>, weights: Weights, checks: WeightChecks = {}): void {
  const expected = new Set<string>();
  for (const { name, shape } of specs) {
    expected.add(name);
    const found = weights.get(name);
    const rule = `tensor "${name}" must have shape ${formatShape(shape)}`;
    if (!found) throw new ModelMismatchError(`Cannot use weights: ${rule}, it is missing`);
    if (!isSameShape(found.shape, shape)) {
      const [rows, columns] = shape;
      const transposed = shape.length === 2 && isSameShape(found.shape, [columns ?? 0, rows ?? 0]);
      const hint = transposed ? ", the transpose (weights are [inputs, outputs])" : "";
      throw new ModelMismatchError(`Cannot use weights: ${rule}, it has ${formatShape(found.shape)}${hint}`);
    }
    if (found.values.length !== sizeOf(shape)) {
      throw new ModelMismatchError(
        `Cannot use weights: ${rule}, that is ${sizeOf(shape)} values, it has ${found.values.length}`,
      );
    }
    if (checks.finite) {
      const at = firstNonFinite(found.values);
      if (at >= 0) {
        throw new ModelMismatchError(
          `Cannot use weights: tensor "${name}" must be finite, value ${at} is ${found.values[at]}`,
        );
      }
    }
  }
  for (const [name, { shape }] of weights) {
    if (!expected.has(name)) {
      throw new ModelMismatchError(
        `Cannot use weights: every tensor must be one of the ${expected.size} of the model, "${name}" ${formatShape(shape)} is not`,
      );
    }
  }
}

/**
 * Weights to start training from, the same for a seed on every machine: matrices and embeddings uniform, matrices in
 * ±√(6 / (I + O)) (Glorot and Bengio 2010), embeddings [V, W] in ±√(3 / W), that is with variance 1 / W; gains 1;
 * biases and tables 0. Each tensor has its own stream, so that adding a head leaves the encoder's values alone.
 */
export function initialWeights(specs: Iterable<WeightSpec>, seed: number): Weights {
  const weights = new Map<string, HostTensor>();
  for (const { name, shape, role } of specs) {
    const values = new Float32Array(sizeOf(shape));
    const [rows = 1, columns = 1] = shape;
    if (role === "gain") values.fill(1);
    if (role === "matrix") fillUniform(values, Math.sqrt(6 / (rows + columns)), seed, name);
    if (role === "embedding") fillUniform(values, Math.sqrt(3 / columns), seed, name);
    weights.set(name, { values, shape });
  }
  return weights;
}

/** Weights on a device. Disposing them frees all of them. */
export interface UploadedWeights extends Disposable {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The leaf that finds each tensor: `layoutEncoder(config, uploaded.find)`. Throws `ModelMismatchError` if there is none. */
  readonly find: WeightLeaf<Tensor>;
}

/** Copies all of `weights` to the device. Throws what `Backend.upload` throws; then nothing stays behind. */
export function uploadWeights(backend: Backend, weights: Weights): UploadedWeights {
  const tensors = new Map<string, Tensor>();
  const release = (): void => {
    for (const tensor of tensors.values()) tensor[dispose]();
    tensors.clear();
  };
  try {
    for (const [name, { values, shape }] of weights) tensors.set(name, backend.upload(values, shape));
  } catch (error) {
    release();
    throw error;
  }
  const find = ({ name, shape }: WeightSpec): Tensor => {
    const tensor = tensors.get(name);
    if (!tensor) {
      throw new ModelMismatchError(
        `Cannot find weights: tensor "${name}" ${formatShape(shape)} was not uploaded or is disposed`,
      );
    }
    return tensor;
  };
  return { tensors, find, [dispose]: release };
}

function fillUniform(values: Float32Array, reach: number, seed: number, name: string): void {
  const random = randomStream(seed, name);
  for (let i = 0; i < values.length; i += 1) values[i] = (2 * random.uniform() - 1) * reach;
}

function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** The place of the first value that is infinite or not a number, or -1. A plain loop: a model has millions of values. */
function firstNonFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (value - value !== 0) return i;
  }
  return -1;
}
