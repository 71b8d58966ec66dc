import fc from "fast-check";
import { expect, test } from "vitest";
import { createReferenceBackend } from "../reference/index.ts";
import { initialWeights, uploadWeights } from "../weights.ts";
import { checkModelConfig, type ModelConfig } from "./model-config.ts";
import { describeModelWeights, layoutModel } from "./model-weights.ts";
import { readScores, runModel } from "./run-model.ts";
import type { Features } from "./features.ts";

const encoder: ModelConfig["encoder"] = {
  layers: 2,
  width: 12,
  heads: 2,
  feedForwardWidth: 16,
  activation: "gelu",
  norm: "layer",
  placement: "pre",
  epsilon: 1e-5,
  positions: { kind: "none" },
  positionBias: { kind: "relative", reach: 3 },
  convolution: { left: 2, right: 1, activation: "gelu" },
};

const tagger: ModelConfig = {
  input: { kind: "embeddings", rows: 20, columns: 3, norm: true },
  encoder,
  head: { kind: "position-labels", labels: 5 },
};

const classifier: ModelConfig = {
  input: { kind: "values", width: 4 },
  encoder,
  head: { kind: "set-label", labels: 3, pooling: { kind: "attention", heads: 2 } },
};

async function score(config: ModelConfig, features: Features): Promise<Float32Array> {
  const backend = createReferenceBackend();
  const specs = describeModelWeights(config);
  const drawn = initialWeights(specs, 3);
  // Tables of zeros would hide positions.
  for (const { name, role } of specs) {
    if (role === "table" || role === "bias") drawn.get(name)?.values.forEach((_, i, all) => (all[i] = Math.sin(i + 1)));
  }
  const uploaded = uploadWeights(backend, drawn);
  const workspace = backend.workspace();
  const result = await runModel(backend, workspace, config, layoutModel(config, uploaded.find), features);
  const { values } = await readScores(workspace, config, result, features.offsets);
  workspace[Symbol.dispose]();
  uploaded[Symbol.dispose]();
  expect(backend.liveTensors).toBe(0);
  return values;
}

function featuresOf(config: ModelConfig, offsets: Int32Array, seed: number): Features {
  const positions = offsets.at(-1) ?? 0;
  const pattern = { kind: "full" } as const;
  const wave = (i: number): number => Math.sin(seed + i * 7.3);
  return config.input.kind === "embeddings"
    ? {
        offsets,
        pattern,
        values: Int32Array.from({ length: positions * 3 }, (_, i) => Math.floor((wave(i) + 1) * 11) - 1),
      }
    : { offsets, pattern, values: Float32Array.from({ length: positions * 4 }, (_, i) => wave(i)) };
}

test.each([
  ["tagger", tagger, 3, 5],
  ["classifier", classifier, 4, 0],
] as const)("runModel() of a ragged batch is that of each set alone: %s", async (_, config, columns, labels) => {
  const lengths = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 0, max: 99 }), async (sizes, seed) => {
      const offsets = new Int32Array(sizes.length + 1);
      sizes.forEach((size, set) => (offsets[set + 1] = offsets[set]! + size));
      const features = featuresOf(config, offsets, seed);
      const together = await score(config, features);
      for (const [set, size] of sizes.entries()) {
        const values = features.values.slice(offsets[set]! * columns, offsets[set + 1]! * columns);
        const alone = await score(config, { ...features, offsets: Int32Array.of(0, size), values });
        const from = labels > 0 ? offsets[set]! * labels : set * 3;
        expect(together.slice(from, from + alone.length)).toEqual(alone);
      }
    }),
    { numRuns: 12 },
  );
});

test("runModel() sums the rows of the table and leaves -1 out", async () => {
  const offsets = Int32Array.of(0, 2);
  const some = await score(tagger, { offsets, pattern: { kind: "full" }, values: Int32Array.of(4, -1, 7, 3, 3, -1) });
  const same = await score(tagger, { offsets, pattern: { kind: "full" }, values: Int32Array.of(7, 4, -1, 3, -1, 3) });
  const other = await score(tagger, { offsets, pattern: { kind: "full" }, values: Int32Array.of(7, 4, 5, 3, -1, 3) });
  same.forEach((value, i) => expect(value).toBeCloseTo(some[i]!, 5));
  expect(other).not.toEqual(some);
});

test("a window of 0 and a convolution of one row make a model that cannot tell equal positions apart", async () => {
  const alone: ModelConfig = {
    ...tagger,
    encoder: { ...encoder, convolution: { left: 0, right: 0, activation: "gelu" } },
  };
  const values = Int32Array.of(1, 2, 3, 4, 5, 6, 1, 2, 3);
  const scores = await score(alone, {
    offsets: Int32Array.of(0, 3),
    pattern: { kind: "window", left: 0, right: 0 },
    values,
  });
  expect(scores.slice(0, 5)).toEqual(scores.slice(10));
  const mixed = await score(tagger, { offsets: Int32Array.of(0, 3), pattern: { kind: "full" }, values });
  expect(mixed.slice(0, 5)).not.toEqual(mixed.slice(10));
});

test("runModel() asks a head that attends for maps, but not for rows of the encoder", async () => {
  const backend = createReferenceBackend();
  const uploaded = uploadWeights(backend, initialWeights(describeModelWeights(classifier), 3));
  using workspace = backend.workspace();
  const features = featuresOf(classifier, Int32Array.of(0, 4, 6), 1);
  const weights = layoutModel(classifier, uploaded.find);
  const options = { maps: { rows: Int32Array.of(5), columnSums: true } };
  const { maps, plan } = await runModel(backend, workspace, classifier, weights, features, options);
  expect(maps.map((layer) => Object.keys(layer).toSorted().join(" "))).toEqual([
    "columnSums rows",
    "columnSums rows",
    "columnSums",
  ]);
  expect(plan.pairs).toBe(20);
});

test("runModel() refuses features that are not those of its input", async () => {
  const offsets = Int32Array.of(0, 2);
  const full = { kind: "full" } as const;
  await expect(score(tagger, { offsets, pattern: full, values: new Float32Array(6) })).rejects.toThrow(TypeError);
  await expect(score(tagger, { offsets, pattern: full, values: new Int32Array(5) })).rejects.toThrow(
    "3 for each of 2 positions",
  );
});

test.each([
  [{ input: { kind: "constructor" } }, "model.input: kind"],
  [{ input: { kind: "embeddings", rows: 0, columns: 1 } }, "rows"],
  [{ input: { kind: "values", width: "3" } }, "width"],
  [{ head: { kind: "generate", labels: 3 } }, "model.head: kind"],
  [{ head: { kind: "position-labels", labels: 1.5 } }, "labels"],
  [{ head: { kind: "set-label", labels: 2, pooling: { kind: "attention", heads: 5 } } }, "heads"],
  [{ encoder: null }, "encoder"],
  [{ encoder: { ...encoder, convolution: { left: -1, right: 0, activation: "gelu" } } }, "convolution.left"],
])("checkModelConfig() refuses %j", (change, field) => {
  expect(() => checkModelConfig({ ...tagger, ...change } as ModelConfig)).toThrow(field);
});
