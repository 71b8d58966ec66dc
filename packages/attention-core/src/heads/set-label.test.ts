import fc from "fast-check";
import { expect, test } from "vitest";
import { drawValues, drawWeights, largestDifference } from "../../test/models.ts";
import { dispose } from "../disposal.ts";
import { offsetsOf } from "../ragged.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { uploadWeights } from "../weights.ts";
import { describePositionLabelsWeights, layoutPositionLabels, scorePositions } from "./position-labels.ts";
import {
  checkSetLabelConfig,
  describeSetLabelWeights,
  layoutSetLabel,
  scoreSets,
  type SetLabelConfig,
} from "./set-label.ts";

const width = 6;
const poolings: readonly SetLabelConfig["pooling"][] = [
  { kind: "mean" },
  { kind: "max" },
  { kind: "first" },
  { kind: "sum" },
  { kind: "attention", heads: 2 },
  { kind: "attention", heads: 1, queries: 3 },
  { kind: "attention", heads: 2, queries: 2, projections: false },
];

async function scores(config: SetLabelConfig, values: Float32Array, lengths: readonly number[]): Promise<Float32Array> {
  const backend = createReferenceBackend();
  const weights = layoutSetLabel(config, uploadWeights(backend, drawWeights(describeSetLabelWeights(config), 1)).find);
  const offsets = offsetsOf(lengths);
  const workspace = backend.workspace();
  const rows = workspace.upload(values, [offsets.at(-1) ?? 0, width]);
  const live = backend.liveTensors;
  const labelled = scoreSets(backend, workspace, config, weights, rows, offsets);
  expect(backend.liveTensors).toBe(live + 1);
  expect(labelled.scores.shape).toEqual([lengths.length, config.labels]);
  return workspace.read(labelled.scores);
}

test.each(poolings)("scoreSets() of a ragged batch is that of each set alone: %j", async (pooling) => {
  const config: SetLabelConfig = { width, labels: 3, pooling };
  const lengths = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer(), async (sizes, seed) => {
      const offsets = offsetsOf(sizes);
      const values = drawValues(seed, (offsets.at(-1) ?? 0) * width);
      const together = await scores(config, values, sizes);
      for (const [set, size] of sizes.entries()) {
        const own = values.slice((offsets[set] ?? 0) * width, (offsets[set + 1] ?? 0) * width);
        expect(await scores(config, own, [size])).toEqual(together.slice(set * 3, set * 3 + 3));
      }
    }),
    { numRuns: 10 },
  );
});

test.each(poolings)("scoreSets() scores an empty set by the bias alone: %j", async (pooling) => {
  const config: SetLabelConfig = { width, labels: 2, pooling };
  const bias = drawWeights(describeSetLabelWeights(config), 1).get("label.output.bias")?.values ?? [];
  expect(largestDifference(await scores(config, new Float32Array(), [0]), bias)).toBeLessThan(1e-6);
});

test("scoreSets() by attention is the weighted mean of the values, and tells the weights", async () => {
  const config: SetLabelConfig = { width: 2, labels: 2, pooling: { kind: "attention", heads: 1 } };
  const identity = { shape: [2, 2], values: Float32Array.of(1, 0, 0, 1) };
  const zero = { shape: [2], values: new Float32Array(2) };
  const backend = createReferenceBackend();
  const tensors = new Map([
    ["label.pooling.queries", { shape: [1, 2], values: Float32Array.of(Math.SQRT2, 0) }],
    ...["pooling.key", "pooling.value", "output"].flatMap((name) => [
      [`label.${name}.weight`, identity] as const,
      [`label.${name}.bias`, zero] as const,
    ]),
  ]);
  const weights = layoutSetLabel(config, uploadWeights(backend, tensors).find);
  const workspace = backend.workspace();
  const rows = workspace.upload(Float32Array.of(0, 1, Math.log(3), 5), [2, 2]);
  const labelled = scoreSets(backend, workspace, config, weights, rows, offsetsOf([2]), {
    maps: { full: "weights" },
  });
  // Scores are the first column of the rows, so that the weights are 1/4 and 3/4.
  const weightsFound = labelled.maps.full ? await workspace.read(labelled.maps.full) : [];
  expect(largestDifference(weightsFound, [0.25, 0.75])).toBeLessThan(1e-6);
  expect(largestDifference(await workspace.read(labelled.scores), [0.75 * Math.log(3), 0.25 + 0.75 * 5])).toBeLessThan(
    1e-6,
  );
  workspace[dispose]();
});

test("scoreSets() by attention without projections is projections that change nothing, and has no weights for them", async () => {
  const config = (projections: boolean): SetLabelConfig => ({
    width: 2,
    labels: 2,
    pooling: { kind: "attention", heads: 1, projections },
  });
  const names = describeSetLabelWeights(config(false)).map((spec) => spec.name);
  expect(names).toEqual(["label.pooling.queries", "label.output.weight", "label.output.bias"]);
  const tensors = new Map(drawWeights(describeSetLabelWeights(config(true)), 4));
  for (const name of ["key", "value"]) {
    tensors.set(`label.pooling.${name}.weight`, { shape: [2, 2], values: Float32Array.of(1, 0, 0, 1) });
    tensors.set(`label.pooling.${name}.bias`, { shape: [2], values: new Float32Array(2) });
  }
  const found = await Promise.all(
    [true, false].map(async (projections) => {
      const backend = createReferenceBackend();
      const workspace = backend.workspace();
      const weights = layoutSetLabel(config(projections), uploadWeights(backend, tensors).find);
      const rows = workspace.upload(drawValues(5, 10), [5, 2]);
      return workspace.read(
        scoreSets(backend, workspace, config(projections), weights, rows, offsetsOf([2, 3])).scores,
      );
    }),
  );
  expect(found[0]).toEqual(found[1]);
});

test("scoreSets() maps to scores what onPooled returns for the pooled rows, and holds no other", async () => {
  const config: SetLabelConfig = { width: 2, labels: 2, pooling: { kind: "mean" } };
  const backend = createReferenceBackend();
  const tensors = new Map([
    ["label.output.weight", { shape: [2, 2], values: Float32Array.of(1, 0, 0, 1) }],
    ["label.output.bias", { shape: [2], values: new Float32Array(2) }],
  ]);
  const weights = layoutSetLabel(config, uploadWeights(backend, tensors).find);
  const workspace = backend.workspace();
  const rows = workspace.upload(Float32Array.of(1, 2, 3, 4), [2, 2]);
  const live = backend.liveTensors;
  const { scores: found } = scoreSets(backend, workspace, config, weights, rows, offsetsOf([2]), {
    onPooled: (pooled) => {
      const doubled = workspace.add(pooled, pooled);
      pooled[dispose]();
      return doubled;
    },
  });
  expect(backend.liveTensors).toBe(live + 1);
  expect([...(await workspace.read(found))]).toEqual([4, 6]);
});

test("checkSetLabelConfig() names the field that is wrong", () => {
  const good: SetLabelConfig = { width, labels: 3, pooling: { kind: "mean" } };
  expect(() => checkSetLabelConfig(good)).not.toThrow();
  expect(() => checkSetLabelConfig({ ...good, labels: 0 })).toThrow("labels must be an integer from 1");
  expect(() => checkSetLabelConfig({ ...good, pooling: { kind: "attention", heads: 4 } })).toThrow(
    "heads must divide width",
  );
  expect(() => checkSetLabelConfig({ ...good, pooling: { kind: "attention", heads: 1, queries: 0 } })).toThrow(
    "pooling.queries",
  );
  expect(() =>
    checkSetLabelConfig({ ...good, pooling: { kind: "attention", heads: 1, projections: 1 as never } }),
  ).toThrow("pooling.projections");
  expect(() => checkSetLabelConfig({ ...good, pooling: { kind: "last" } as never })).toThrow("pooling.kind");
  expect(() => checkSetLabelConfig({ ...good, pooling: "mean" as never })).toThrow(TypeError);
});

test("scorePositions() is one linear map over the rows", async () => {
  const config = { width: 2, labels: 3 };
  const backend = createReferenceBackend();
  const tensors = drawWeights(describePositionLabelsWeights(config), 2);
  const weights = layoutPositionLabels(config, uploadWeights(backend, tensors).find);
  const workspace = backend.workspace();
  const rows = workspace.upload(Float32Array.of(0, 0, 1, 0), [2, 2]);
  const found = await workspace.read(scorePositions(workspace, weights, rows));
  const bias = tensors.get("labels.bias")?.values ?? new Float32Array();
  const first = tensors.get("labels.weight")?.values.subarray(0, 3) ?? new Float32Array();
  expect(largestDifference(found, [...bias, ...bias.map((value, i) => value + (first[i] ?? 0))])).toBeLessThan(1e-6);
  expect(() => layoutPositionLabels({ width: 2, labels: 1.5 }, () => 0)).toThrow("labels must be an integer");
});
