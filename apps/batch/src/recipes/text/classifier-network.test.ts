import {
  describeModelWeights,
  dispose,
  layoutModel,
  runModel,
  uploadWeights,
  type Weights,
} from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { expect, test } from "vitest";
import { classifierModel, joinClassifiers, startWeights } from "./classifier-network.ts";
import type { ClassifierSettings, LabelledIds } from "./train-classifier.ts";

const [rows, columns, width] = [5, 2, 4];
const settings: ClassifierSettings = {
  width,
  epochs: 1,
  texts: 2,
  rate: 1e-3,
  decay: 0,
  averaging: 0.9,
  smoothing: 0,
  dropout: { input: 0, pooled: 0, ids: 0 },
  counts: { ratios: 0.3, output: 0.5 },
};
const train: readonly LabelledIds[] = [
  { ids: Int32Array.of(0, 1, 2, -1), positions: 2, label: 1 },
  { ids: Int32Array.of(3, -1), positions: 1, label: 0 },
  { ids: Int32Array.of(2, 2, 4, 0, 3, 1), positions: 3, label: 1 },
];

/** Scores [N, 2] of `train`. */
async function scoresOf(weights: Weights, heads: number): Promise<Float32Array> {
  const model = classifierModel(rows, columns, width, heads);
  await using backend = createReferenceBackend();
  const uploaded = uploadWeights(backend, weights);
  const workspace = backend.workspace();
  const { scores } = await runModel(backend, workspace, model, layoutModel(model, uploaded.find), {
    offsets: Int32Array.of(0, 2, 3, 6),
    values: Int32Array.from(train.flatMap(({ ids }) => [...ids])),
    pattern: { kind: "full" },
  });
  const values = await workspace.read(scores);
  workspace[dispose]();
  uploaded[dispose]();
  return values;
}

const networks = [1, 2, 3].map((seed) =>
  startWeights(classifierModel(rows, columns, width), rows, { train, settings, seed }),
);

test("joinClassifiers() makes one network whose scores are the mean of those of all", async () => {
  const joined = joinClassifiers(networks);
  const specs = describeModelWeights(classifierModel(rows, columns, width, networks.length));
  expect(specs.map(({ name, shape }) => [name, shape])).toEqual([...joined].map(([name, { shape }]) => [name, shape]));
  const each = await Promise.all(networks.map((weights) => scoresOf(weights, 1)));
  const found = await scoresOf(joined, networks.length);
  found.forEach((score, i) => {
    expect(score).toBeCloseTo(each.reduce((sum, own) => sum + own[i]!, 0) / networks.length, 6);
  });
});

test("startWeights() begins where counts lead: rows of good texts score as good before any training", () => {
  const table = networks[0]!.get("input.table")!.values;
  const firstColumn = Array.from({ length: rows }, (_, row) => table[row * width]!);
  // Row 3 stands in one text of each label, of which those with label 1 have more rows; row 0 in good texts alone.
  expect(firstColumn[0]).toBeGreaterThan(0);
  expect(firstColumn[3]).toBeLessThan(0);
  expect(networks[0]!.get("head.output.weight")!.values.slice(0, 2)).toEqual(Float32Array.of(-0.5, 0.5));
});
