// The weights of a model in training: on the host, where the optimiser changes them, and on the device under handles
// that stay the same, so that the tree of a layout is built once.

import {
  checkWeights,
  dispose,
  formatShape,
  type HostTensor,
  ModelMismatchError,
  type Tensor,
  type WeightLeaf,
  type Weights,
  type WeightSpec,
} from "@saccade/attention-core";
import type { DifferentiableBackend, Parameter } from "./differentiable.ts";
import type { Gradients, Tape } from "./tape/tape.ts";

/** Values by the name of their weight. */
export type NamedValues = ReadonlyMap<string, Float32Array>;

/** Weights that are trained. Disposing them frees those on the device. */
export interface ModelParameters extends Disposable {
  readonly specs: readonly WeightSpec[];
  /** On the host: what an optimiser changes in place. */
  readonly weights: Weights;
  /** The leaf for layouts: `layoutEncoder(config, parameters.find)`. Throws `ModelMismatchError` for a weight that is not there. */
  readonly find: WeightLeaf<Tensor>;
  /** Brings `weights` to the device, or others of the same names in their place. */
  upload(weights?: Weights): void;
  /**
   * Reads gradients into `into`, arrays by name in the sizes of the weights; a weight that the loss does not depend
   * on gets zeros.
   */
  readGradients(tape: Tape, gradients: Gradients, into: NamedValues): Promise<void>;
}

/**
 * Copies `weights`, which must be those of `specs`, to host arrays of its own and to the device as parameters. Throws
 * `ModelMismatchError` if they are not, and what `Backend.upload` throws; then nothing stays behind.
 *
 * @example
 * const specs = describeEncoderWeights(config);
 * using parameters = uploadParameters(backend, specs, initialWeights(specs, seed));
 * const weights = layoutEncoder(config, parameters.find);
 */
export function uploadParameters(
  backend: DifferentiableBackend,
  specs: readonly WeightSpec[],
  weights: Weights,
): ModelParameters {
  checkWeights(specs, weights);
  const host = new Map<string, HostTensor>();
  for (const { name, shape } of specs) host.set(name, { values: valuesOf(weights, name).slice(), shape });
  const parameters = new Map<string, Parameter>();
  const release = (): void => {
    for (const parameter of parameters.values()) parameter[dispose]();
    parameters.clear();
  };
  try {
    for (const [name, { values, shape }] of host) parameters.set(name, backend.parameter(values, shape));
  } catch (error) {
    release();
    throw error;
  }
  return {
    specs,
    weights: host,
    find: ({ name, shape }) => {
      const parameter = parameters.get(name);
      if (parameter) return parameter.tensor;
      throw new ModelMismatchError(
        `Cannot find parameters: tensor "${name}" ${formatShape(shape)} must be one of the ${parameters.size} that were uploaded, it is not`,
      );
    },
    upload: (next = host) => {
      for (const [name, parameter] of parameters) parameter.set(valuesOf(next, name));
    },
    readGradients: async (tape, gradients, into) => {
      const reads: Promise<unknown>[] = [];
      for (const [name, { tensor }] of parameters) {
        const target = into.get(name);
        const gradient = gradients.get(tensor);
        if (target && gradient) reads.push(tape.read(gradient, target));
        else target?.fill(0);
      }
      await Promise.all(reads);
    },
    [dispose]: release,
  };
}

/** Arrays of zeros in the sizes of `weights`. */
export function zerosLike(weights: Weights): Map<string, Float32Array> {
  const zeros = new Map<string, Float32Array>();
  for (const [name, { values }] of weights) zeros.set(name, new Float32Array(values.length));
  return zeros;
}

function valuesOf(weights: Weights, name: string): Float32Array {
  const found = weights.get(name);
  if (!found) throw new ModelMismatchError(`Cannot use weights: tensor "${name}" must be there, it is missing`);
  return found.values;
}
