// Small models for tests.

import {
  type Backend,
  type DecoderConfig,
  type DecoderWeights,
  describeDecoderWeights,
  describeEncoderWeights,
  type EncoderConfig,
  type EncoderWeights,
  initialWeights,
  layoutDecoder,
  layoutEncoder,
  randomStream,
  uploadWeights,
  type WeightSpec,
  type Weights,
} from "../src/index.ts";

/** A small pre-norm encoder without positions. */
export const smallEncoder: EncoderConfig = {
  layers: 2,
  width: 8,
  heads: 2,
  feedForwardWidth: 16,
  activation: "gelu",
  norm: "layer",
  placement: "pre",
  epsilon: 1e-5,
  positions: { kind: "none" },
};

/** Numbers in [-1, 1). */
export function drawValues(seed: number, size: number): Float32Array {
  const random = randomStream(seed);
  return Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
}

/** Weights none of which is 0 or 1 by default, so that each shows in the result. */
export function drawWeights(specs: readonly WeightSpec[], seed: number): Weights {
  return new Map(
    [...initialWeights(specs, seed)].map(([name, { values, shape }]) => {
      const random = randomStream(seed, `more ${name}`);
      return [name, { shape, values: values.map((value) => value + 0.4 * (random.uniform() - 0.5)) }];
    }),
  );
}

/** An encoder's weights on `backend`. */
export function uploadEncoder(backend: Backend, config: EncoderConfig, seed = 1): EncoderWeights {
  return layoutEncoder(config, uploadWeights(backend, drawWeights(describeEncoderWeights(config), seed)).find);
}

/** A decoder's weights on `backend`. */
export function uploadDecoder(backend: Backend, config: DecoderConfig, seed = 1): DecoderWeights {
  return layoutDecoder(config, uploadWeights(backend, drawWeights(describeDecoderWeights(config), seed)).find);
}

/** The largest absolute difference of two arrays; Infinity if they differ in length or one is NaN. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i += 1) {
    const difference = Math.abs((a[i] ?? Number.NaN) - (b[i] ?? Number.NaN));
    if (Number.isNaN(difference)) return Infinity;
    if (difference > largest) largest = difference;
  }
  return largest;
}
