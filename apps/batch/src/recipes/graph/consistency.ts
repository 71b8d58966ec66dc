// What nodes without labels can teach (Feng et al. 2020, "Graph Random Neural Networks", section 3.2): a network that sees
// the same graph several times, each time with other parts hidden, should say the same each time, and decidedly.

import type { Loss } from "@saccade/training";

/**
 * How far the labels that `copies` views of one graph get are from what they say together: the mean over views and nodes of
 * ‖p - t‖², p being softmax(scores) of a node in a view, t the mean of its p over views, each to the power 1 / `temperature`,
 * divided by their sum. Going back, t counts as given. `scores` are [copies · P, L], view after view. Throws `RangeError` for a
 * temperature that is not above 0, or scores that are not as many.
 */
export function consistency(scores: Float32Array, copies: number, labels: number, temperature: number): Loss {
  const nodes = scores.length / (copies * labels);
  if (!Number.isInteger(nodes)) {
    throw new RangeError(
      `Cannot compute consistency: scores must be [${copies} · P, ${labels}], there are ${scores.length} of them`,
    );
  }
  if (!(temperature > 0)) {
    throw new RangeError(`Cannot compute consistency: temperature must be > 0, it is ${temperature}`);
  }
  const probabilities = rowSoftmax(scores, labels);
  const gradient = new Float32Array(scores.length);
  const target = new Float64Array(labels);
  const rows = copies * nodes;
  let loss = 0;
  for (let node = 0; node < nodes; node += 1) {
    sharpen(probabilities, node, nodes, target, temperature);
    for (let row = node; row < rows; row += nodes) {
      const at = row * labels;
      let projected = 0;
      for (let l = 0; l < labels; l += 1) {
        const difference = probabilities[at + l]! - target[l]!;
        loss += difference * difference;
        projected += 2 * difference * probabilities[at + l]!;
      }
      for (let l = 0; l < labels; l += 1) {
        const p = probabilities[at + l]!;
        gradient[at + l] = (p * (2 * (p - target[l]!) - projected)) / rows;
      }
    }
  }
  return { loss: rows === 0 ? 0 : loss / rows, gradient, count: rows };
}

/** Softmax of each row [R, L], in float64. */
function rowSoftmax(scores: Float32Array, labels: number): Float64Array {
  const probabilities = new Float64Array(scores.length);
  for (let from = 0; from < scores.length; from += labels) {
    const to = from + labels;
    let largest = -Infinity;
    for (let i = from; i < to; i += 1) largest = Math.max(largest, scores[i]!);
    let sum = 0;
    for (let i = from; i < to; i += 1) sum += probabilities[i] = Math.exp(scores[i]! - largest);
    for (let i = from; i < to; i += 1) probabilities[i]! /= sum;
  }
  return probabilities;
}

/** Writes into `target` [L] what the views of `node` say together. */
function sharpen(
  probabilities: Float64Array,
  node: number,
  nodes: number,
  target: Float64Array,
  temperature: number,
): void {
  const labels = target.length;
  target.fill(0);
  for (let from = node * labels; from < probabilities.length; from += nodes * labels) {
    for (let l = 0; l < labels; l += 1) target[l]! += probabilities[from + l]!;
  }
  const largest = target.reduce((most, value) => Math.max(most, value), 0);
  let sum = 0;
  for (let l = 0; l < labels; l += 1) sum += target[l] = (target[l]! / largest) ** (1 / temperature);
  for (let l = 0; l < labels; l += 1) target[l]! /= sum;
}
