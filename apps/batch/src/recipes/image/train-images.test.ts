import { randomStream } from "@saccade/attention-core";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { imageFeaturizer } from "@saccade/image-patches";
import { type Checkpoint, differentiable } from "@saccade/training";
import { expect, test } from "vitest";
import type { ImageSet } from "./image-data.ts";
import { imageNetwork } from "./image-network.ts";
import { imageSource } from "./image-source.ts";
import { type ImageSettings, type TrainedImages, trainImages } from "./train-images.ts";

const { signal } = new AbortController();
const shape = { rows: 8, columns: 8, channels: 1 };

/** A bar two pixels thick across the image, lying or standing, anywhere, in noise. */
function bars(count: number, seed: number): ImageSet {
  const random = randomStream(seed);
  const values = Float32Array.from({ length: 64 * count }, () => random.uniform() - 0.5);
  const labels = Uint8Array.from({ length: count }, (_, n) => {
    const standing = random.uniform() < 0.5;
    const first = Math.floor(random.uniform() * 7);
    for (let i = 0; i < 16; i += 1) {
      const [along, across] = [Math.floor(i / 2), first + (i % 2)];
      values[64 * n + (standing ? 8 * along + across : 8 * across + along)]! += 1;
    }
    return standing ? 1 : 0;
  });
  return { values, shape, labels };
}

const network = {
  stages: [{ width: 8, stride: 2 } as const, { width: 16, stride: 2 } as const],
  layers: 1,
  heads: 2,
  feedForward: 1,
};
const config = imageNetwork(
  "bars",
  network,
  { kind: "set-label", labels: 2, pooling: { kind: "attention", heads: 1, projections: false } },
  ["lying", "standing"],
  { ...shape, channels: 1, mean: [0], scale: [1], background: [0, 0, 0] },
);
const settings: ImageSettings = {
  epochs: 20,
  images: 16,
  rate: 1e-2,
  warmup: 0.1,
  beta2: 0.99,
  decay: 0.01,
  averaging: 0.9,
  smoothing: 0.1,
  dropout: { branches: 0.05, pooled: 0.1 },
};

async function train(save: (checkpoint: Checkpoint) => void = () => {}, resume?: Checkpoint): Promise<TrainedImages> {
  await using backend = differentiable(await createWasmTrainingBackend({ threads: 1 }));
  const featurizer = imageFeaturizer(config);
  const sourceOf = (set: ImageSet) => imageSource(featurizer, set, shape, [0], { mirror: true, shift: 1, erase: 0.1 });
  return await trainImages({
    name: "bars",
    model: config.model,
    train: sourceOf(bars(160, 1)),
    dev: sourceOf(bars(100, 2)),
    settings,
    seed: 1,
    backend,
    checkpoints: { load: async () => resume, save: async (_, checkpoint) => save(checkpoint) },
    onProgress: () => {},
    signal,
  });
}

test("trainImages() learns what lies and what stands, and is the same for a seed", async () => {
  const saved: Checkpoint[] = [];
  const { weights, metric } = await train((checkpoint) => saved.push(checkpoint));
  expect(metric).toBeGreaterThan(0.95);
  // From its last checkpoint it has nothing left to do, and the same to return.
  const again = await train(() => {}, saved.at(-1)!);
  expect(again.metric).toBe(metric);
  for (const [name, { values }] of weights) expect(again.weights.get(name)!.values).toEqual(values);
});

test("imageSource() gives images as they are to be measured, and changed ones to learn from", () => {
  const set = bars(3, 3);
  const featurizer = imageFeaturizer(config);
  const source = imageSource(featurizer, set, shape, [0], { mirror: true, shift: 1, erase: 0 });
  const measured = source.batch(Int32Array.of(2, 0));
  expect(measured.features.values).toEqual(Float32Array.from([...set.values.slice(128), ...set.values.slice(0, 64)]));
  expect(measured.labels).toEqual(Int32Array.of(set.labels[2]!, set.labels[0]!));
  const noise = () => ({ epoch: 3, random: randomStream(5) });
  const learned = source.batch(Int32Array.of(2, 0), noise());
  expect(learned.features.values).not.toEqual(measured.features.values);
  expect(learned.labels).toEqual(measured.labels);
  expect(source.batch(Int32Array.of(2, 0), noise()).features.values).toEqual(learned.features.values);
});
