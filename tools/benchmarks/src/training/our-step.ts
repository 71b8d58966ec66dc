// Our training step: what `fit` of @saccade/training does for a batch, without the optimiser. That one works on the host,
// so a step brings the weights to the device and the gradients back, both within its time.
import {
  asyncDispose,
  dispose,
  encode,
  scorePositions,
  type TrainingBackend,
  type Weights,
} from "@saccade/attention-core";
import { crossEntropy, differentiable, uploadParameters } from "@saccade/training";
import type { HostArray } from "../contestant.ts";
import { config, type LabelledBatch, layoutTagger, taggerSpecs } from "./encoder-problem.ts";

/** Steps over one batch. */
export interface TrainingSteps {
  /** Gradients of all weights in the order of `taggerSpecs`, in an array that every step reuses. `counts` [P]: how much a position counts, by default 1. */
  step(counts?: Float32Array): Promise<HostArray>;
  dispose(): Promise<void>;
}

/** Steps of ours on `inner`, which is taken over. */
export function ourSteps(inner: TrainingBackend, weights: Weights, batch: LabelledBatch): TrainingSteps {
  const backend = differentiable(inner);
  const specs = taggerSpecs();
  const parameters = uploadParameters(backend, specs, weights);
  const tagger = layoutTagger(parameters.find);
  const { flat, views } = gradientArrays(weights);
  const { offsets, rows, labels } = batch;
  return {
    async step(counts) {
      parameters.upload();
      const tape = backend.tape();
      try {
        const plan = backend.plan(offsets, offsets, { kind: "full" });
        const x = tape.upload(rows, [labels.length, config.width]);
        const hidden = await encode(tape, config, tagger.encoder, x, plan);
        const scores = scorePositions(tape, tagger.head, hidden.rows);
        const { gradient } = crossEntropy(await tape.read(scores), labels, counts && { weights: counts });
        const gradients = await tape.backward([{ tensor: scores, gradient }]);
        await parameters.readGradients(tape, gradients, views);
        return flat;
      } finally {
        tape[dispose]();
      }
    },
    async dispose() {
      parameters[dispose]();
      await backend[asyncDispose]();
    },
  };
}

/** One array for all gradients, and the part of each weight. */
function gradientArrays(weights: Weights): { readonly flat: HostArray; readonly views: Map<string, Float32Array> } {
  const specs = taggerSpecs();
  const flat = new Float32Array(specs.reduce((sum, { name }) => sum + weights.get(name)!.values.length, 0));
  const views = new Map<string, Float32Array>();
  let first = 0;
  for (const { name } of specs) {
    const { length } = weights.get(name)!.values;
    views.set(name, flat.subarray(first, first + length));
    first += length;
  }
  return { flat, views };
}
