// What a tagger says of sentences while it is trained, and afterwards.

import {
  describeModelWeights,
  dispose,
  type Features,
  layoutModel,
  type ModelConfig,
  runModel,
  type Tensor,
  type Weights,
} from "@saccade/attention-core";
import { type DifferentiableBackend, uploadParameters } from "@saccade/training";
import { gather, inOrder } from "./tagger-batches.ts";
import type { TaggedSentence } from "./tagger-data.ts";

/** Probabilities [P, L] of the first kind of labels for each of `sentences`, by a network on the host. */
export async function teach(
  backend: DifferentiableBackend,
  model: ModelConfig,
  pattern: Features["pattern"],
  weights: Weights,
  sentences: readonly TaggedSentence[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const parameters = uploadParameters(backend, describeModelWeights(model), weights);
  try {
    const layout = layoutModel(model, parameters.find);
    const all: Float32Array[] = [];
    for (const numbers of inOrder(sentences)) {
      const { features } = gather(sentences, numbers, pattern);
      const workspace = backend.workspace(signal);
      const { scores } = await runModel(backend, workspace, model, layout, features);
      const values = await workspace.read(workspace.softmax(scores));
      workspace[dispose]();
      for (let n = 0; n < numbers.length; n += 1) {
        const { labels } = model.head;
        all.push(values.slice(features.offsets[n]! * labels, features.offsets[n + 1]! * labels));
      }
    }
    return all;
  } finally {
    parameters[dispose]();
  }
}

/** The most probable label of the first kind for each word [P] of each of `sentences`. */
export async function labelsFound(
  backend: DifferentiableBackend,
  model: ModelConfig,
  weights: ReturnType<typeof layoutModel<Tensor>>,
  sentences: readonly TaggedSentence[],
  pattern: Features["pattern"],
  signal: AbortSignal,
): Promise<Int32Array[]> {
  const all: Int32Array[] = [];
  for (const numbers of inOrder(sentences)) {
    const { features } = gather(sentences, numbers, pattern);
    const workspace = backend.workspace(signal);
    const { scores } = await runModel(backend, workspace, model, weights, features);
    const values = await workspace.read(scores);
    workspace[dispose]();
    const L = model.head.labels;
    const { offsets } = features;
    numbers.forEach((_, n) => {
      all.push(
        Int32Array.from({ length: offsets[n + 1]! - offsets[n]! }, (__, i) => {
          const own = values.subarray((offsets[n]! + i) * L, (offsets[n]! + i + 1) * L);
          return own.indexOf(Math.max(...own));
        }),
      );
    });
  }
  return all;
}
