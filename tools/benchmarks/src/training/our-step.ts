// Our training step: what `fit` of @saccade/training does for a batch, without the optimiser. Weights and gradients stay
// on the device, as they do in the peer's step; they are read where they are checked.
import {
  asyncDispose,
  dispose,
  encode,
  scorePositions,
  type TrainingBackend,
  type Weights,
} from "@saccade/attention-core";
import { crossEntropy, differentiable, type NamedValues, uploadParameters } from "@saccade/training";
import type { HostArray } from "../contestant.ts";
import { config, type LabelledBatch, layoutTagger, taggerSpecs } from "./encoder-problem.ts";

/** Steps over one batch. */
export interface TrainingSteps {
  /** The gradients of all weights, which are dropped. */
  step(): Promise<void>;
  /** A step whose gradients are read, in the order of `taggerSpecs`, in an array that every call reuses. `counts` [P]: how much a position counts, by default 1. */
  gradients(counts?: Float32Array): Promise<HostArray>;
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
  const step = async (counts?: Float32Array, into?: NamedValues): Promise<void> => {
    const tape = backend.tape();
    try {
      const plan = backend.plan(offsets, offsets, { kind: "full" });
      const x = tape.upload(rows, [labels.length, config.width]);
      const hidden = await encode(tape, config, tagger.encoder, x, plan);
      const scores = scorePositions(tape, tagger.head, hidden.rows);
      const { gradient } = crossEntropy(await tape.read(scores), labels, counts && { weights: counts });
      const gradients = await tape.backward([{ tensor: scores, gradient }]);
      if (into) await parameters.readGradients(tape, gradients, into);
    } finally {
      tape[dispose]();
    }
  };
  return {
    step: async () => step(),
    async gradients(counts) {
      await step(counts, views);
      return flat;
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
