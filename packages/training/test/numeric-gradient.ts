// Derivatives by differences, over the float64 reference: nothing of the tape takes part.

import { dispose, uploadWeights, type Weights } from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import type { SmallModel } from "./models.ts";

const step = 2 ** -14;

/** Σ gradient · scores of the model with `weights`. */
export async function weightedScores(model: SmallModel, weights: Weights, gradient: Float32Array): Promise<number> {
  const backend = createReferenceTrainingBackend({ precision: "f64" });
  const workspace = backend.workspace();
  const uploaded = uploadWeights(backend, weights);
  const scores = backend.peek(await model.scores(backend, workspace, uploaded.find));
  let sum = 0;
  for (const [i, score] of scores.entries()) sum += score * gradient[i]!;
  workspace[dispose]();
  return sum;
}

/**
 * The derivative of `f` along value `at` of `values`, by central differences at two distances (Richardson), whose error
 * is of the fourth order. Differences are taken between the values as they were stored.
 */
export async function derivative(values: Float32Array, at: number, f: () => Promise<number>): Promise<number> {
  const before = values[at]!;
  const slope = async (distance: number): Promise<number> => {
    values[at] = before + distance;
    const [above, right] = [await f(), values[at]!];
    values[at] = before - distance;
    const [below, left] = [await f(), values[at]!];
    values[at] = before;
    return (above - below) / (right - left);
  };
  const near = await slope(step / 2);
  const far = await slope(step);
  return (4 * near - far) / 3;
}
