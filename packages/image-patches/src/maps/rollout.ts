// Attention rollout (Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers", section 3): how much of each
// position's input goes into what a position is after several layers, if each layer passes on what it attends to and, by
// its residual, itself. The weights of a layer are the mean over heads; the residual is the identity added to them; each
// row is divided by its sum; the layers are multiplied.

import type { LayerMaps } from "@saccade/pipeline";
import { attentionWeights } from "./attention-weights.ts";

/**
 * Rolls weights over the outputs of the last layer [P] back to weights over the inputs of the first [P]; they keep their
 * sum. Weights of the head's pooling say so what an image was judged by; a one at a patch, what that patch was. `layers`
 * are those of `explain` with `full`, first to last, the head's pooling left out. Throws `RangeError` for maps of others.
 */
export function rolloutFrom(weights: ArrayLike<number>, layers: readonly LayerMaps[]): Float64Array {
  let back = Float64Array.from(weights);
  for (const layer of layers.toReversed()) {
    checkLayer(layer, back.length);
    const before = new Float64Array(back.length);
    back.forEach((weight, query) => {
      if (weight === 0) return;
      const row = attentionWeights(layer, query);
      row[query]! += 1;
      const sum = row.reduce((all, each) => all + each, 0);
      row.forEach((each, key) => (before[key]! += (weight * each) / sum));
    });
    back = before;
  }
  return back;
}

/** The rollout of every position [P, P]: row p is `rolloutFrom` of a one at p. Each row sums to 1. */
export function attentionRollout(layers: readonly LayerMaps[]): Float64Array {
  const P = layers[0]?.keys ?? 0;
  const all = new Float64Array(P * P);
  for (let p = 0; p < P; p += 1) {
    const one = new Float64Array(P);
    one[p] = 1;
    all.set(rolloutFrom(one, layers), p * P);
  }
  return all;
}

function checkLayer({ layer, queries, keys }: LayerMaps, positions: number): void {
  if (queries !== positions || keys !== positions) {
    throw new RangeError(
      `Cannot roll out attention: layer ${layer} must have weights of ${positions} positions over as many, it has ${queries} over ${keys}; leave the head's pooling out`,
    );
  }
}
