// A training step: forward, the loss, and the gradients of all weights, over a batch of sentences as long as real ones are.
// No optimiser on either side. What is checked are gradients of the same weights on the same batch, of a loss to which a
// few sentences count; the reference backend computes them from these sentences alone.
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import type { PeerFactory, Prepared } from "../contestant.ts";
import type { BenchmarkCase } from "../shapes.ts";
import {
  chooseSentences,
  config,
  drawBatch,
  labels,
  type LabelledBatch,
  sampleGradients,
  taggerWeights,
  weightsOfSentences,
} from "../training/encoder-problem.ts";
import { ourSteps } from "../training/our-step.ts";
import { bucketsOf, packed, type PaddedBatch } from "../training/padded-batches.ts";
import { sentenceLengths } from "../training/sentence-lengths.ts";

/** The sentences that count where gradients are checked. */
const checked: readonly number[] = [3, 40, 77, 127];

/** One step over the batch of `sentenceLengths`. */
export function prepareTraining({ threads }: BenchmarkCase & { kind: "training" }): Prepared {
  const lengths = sentenceLengths(5);
  const batch = drawBatch(lengths, 1);
  const weights = taggerWeights(1);
  const counts = weightsOfSentences(batch, checked);
  const nothing = new Float32Array(0);
  const peer = (form: string, parts: readonly PaddedBatch[]): PeerFactory => ({
    name: `jax-js ${form}`,
    create: async ({ jaxTraining }) => jaxTraining(form, weights, batch, parts, counts),
  });
  const longest = Math.ceil(Math.max(...lengths) / 8) * 8;
  return {
    work: { operations: stepOperations(batch), positions: batch.labels.length },
    tolerance: 1e-4,
    expected: async () => {
      const steps = ourSteps(createReferenceTrainingBackend(), weights, chooseSentences(batch, checked));
      return sampleGradients(await steps.gradients());
    },
    ours: async () => {
      const backend = await createWasmTrainingBackend({ threads });
      const steps = ourSteps(backend, weights, batch);
      return {
        library: "saccade",
        name: "saccade",
        async run() {
          await steps.step();
          return nothing;
        },
        check: async () => steps.gradients(counts),
        memoryBytes: () => backend.peakBytes,
        dispose: async () => steps.dispose(),
      };
    },
    peers: [
      peer(`valueAndGrad, sentences packed into rows of ${longest}`, [packed(batch, longest)]),
      peer("valueAndGrad, in buckets by length", bucketsOf(batch, [8, 16, 24, 40, longest])),
    ],
  };
}

/** Forward once, and twice that for the gradients: each product has two. What is computed twice counts once. */
function stepOperations({ offsets, labels: { length: positions } }: LabelledBatch): number {
  const { layers, width, feedForwardWidth } = config;
  let pairs = 0;
  for (let n = 0; n + 1 < offsets.length; n++) pairs += (offsets[n + 1]! - offsets[n]!) ** 2;
  const layer = 2 * positions * (4 * width * width + 2 * width * feedForwardWidth) + 4 * pairs * width;
  return 3 * (layers * layer + 2 * positions * width * labels);
}
