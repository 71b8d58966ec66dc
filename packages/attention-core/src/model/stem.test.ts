import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../reference/index.ts";
import { initialWeights, uploadWeights } from "../weights.ts";
import { convolutionWindows, type Grid, gridWindows } from "../windows.ts";
import type { Features } from "./features.ts";
import { checkModelConfig, type ModelConfig } from "./model-config.ts";
import { modelNetwork } from "./network.ts";
import { readScores } from "./run-model.ts";

const encoder: ModelConfig["encoder"] = {
  layers: 1,
  width: 8,
  heads: 2,
  feedForwardWidth: 8,
  activation: "gelu",
  norm: "layer",
  placement: "pre",
  epsilon: 1e-5,
  positions: { kind: "none" },
};

/** Two convolutions of stride 2 over rows of three numbers. */
const config: ModelConfig = {
  input: {
    kind: "convolutions",
    width: 3,
    stages: [
      { taps: 3, width: 5, activation: "relu", norm: true },
      { taps: 2, width: 8, activation: "gelu" },
    ],
    norm: true,
  },
  encoder,
  head: { kind: "position-labels", labels: 2 },
};

/** Sets of `lengths` rows of waves. */
function features(lengths: readonly number[], first = 0): Features {
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, n) => (offsets[n + 1] = offsets[n]! + length));
  const one = convolutionWindows(offsets, { size: 3, stride: 2, left: 1, right: 1 });
  const two = convolutionWindows(one.offsets, { size: 2, stride: 2, right: 1 });
  return {
    offsets: two.offsets,
    values: Float32Array.from({ length: 3 * offsets.at(-1)! }, (_, i) => Math.sin(1 + 7.3 * (first * 3 + i))),
    convolutions: [one.windows, two.windows],
    pattern: { kind: "window", left: 1, right: 1 },
  };
}

async function score(model: ModelConfig, batch: Features): Promise<Float32Array> {
  const backend = createReferenceBackend();
  const network = modelNetwork(model);
  const uploaded = uploadWeights(backend, initialWeights(network.describeWeights(), 3));
  const workspace = backend.workspace();
  network.checkFeatures(batch);
  const result = await network.bind(uploaded.find)(backend, workspace, batch);
  const { values } = await readScores(workspace, network, result, batch.offsets);
  workspace[Symbol.dispose]();
  uploaded[Symbol.dispose]();
  expect(backend.liveTensors).toBe(0);
  return values;
}

describe("a model that begins with convolutions", () => {
  it("scores each set of a batch as it scores it alone", async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(lengths, async (sizes) => {
        const together = await score(config, features(sizes));
        let [first, at] = [0, 0];
        for (const size of sizes) {
          const alone = await score(config, features([size], first));
          expect(together.slice(at, at + alone.length)).toEqual(alone);
          [first, at] = [first + size, at + alone.length];
        }
        expect(at).toBe(together.length);
      }),
      { numRuns: 20 },
    );
  });

  it("is the convolution that one would write out", async () => {
    const stages = [{ taps: 9, width: 8 }];
    const plain: ModelConfig = {
      input: { kind: "convolutions", width: 2, stages },
      encoder: { ...encoder, layers: 0, placement: "post" },
      head: { kind: "position-labels", labels: 3 },
    };
    const grid: Grid = [4, 5];
    const { windows } = gridWindows([grid], { size: [3, 3], padding: [1, 1, 1, 1] });
    const values = Float32Array.from({ length: 40 }, (_, i) => Math.sin(3 * i));
    const weights = initialWeights(modelNetwork(plain).describeWeights(), 3);
    const kernel = weights.get("input.stages.0.linear.weight")!.values;
    const out = weights.get("head.weight")!.values;
    const expected: number[] = [];
    for (let y = 0; y < 4; y += 1) {
      for (let x = 0; x < 5; x += 1) {
        const hidden = Array.from({ length: 8 }, (_, o) => {
          let sum = 0;
          for (let dy = -1; dy <= 1; dy += 1) {
            for (let dx = -1; dx <= 1; dx += 1) {
              if (y + dy < 0 || y + dy > 3 || x + dx < 0 || x + dx > 4) continue;
              const tap = 3 * (dy + 1) + dx + 1;
              for (let c = 0; c < 2; c += 1) {
                sum += values[2 * (5 * (y + dy) + x + dx) + c]! * kernel[8 * (2 * tap + c) + o]!;
              }
            }
          }
          return sum;
        });
        for (let l = 0; l < 3; l += 1) expected.push(hidden.reduce((sum, h, o) => sum + h * out[3 * o + l]!, 0));
      }
    }
    const found = await score(plain, {
      offsets: Int32Array.of(0, 20),
      values,
      convolutions: [windows],
      pattern: { kind: "full" },
    });
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });
});

describe("what is no stem, or not its features", () => {
  const input = config.input as Extract<ModelConfig["input"], { kind: "convolutions" }>;
  it.each([
    ["no stages", { ...input, stages: [] }, "stages must be a list of one or more"],
    [
      "another width at the end",
      { ...input, stages: [{ taps: 1, width: 5 }] },
      "must have the encoder's width 8, it has 5",
    ],
    ["no taps", { ...input, stages: [{ taps: 0, width: 8 }] }, "taps must be an integer"],
  ])("%s", (_, wrong, message) => {
    expect(() => checkModelConfig({ ...config, input: wrong })).toThrow(message);
  });

  it.each<[string, Partial<Features>, string]>([
    ["no tables", { convolutions: [] }, "convolutions must be 2 tables, one for each stage, there are 0"],
    ["values that are no rows", { values: new Float32Array(4) }, "values must be a multiple of 3, there are 4"],
    [
      "a table of other positions",
      { convolutions: [features([4]).convolutions![0]!, new Int32Array(6)] },
      "convolutions of stage 1 must be 2 for each of 1 positions, there are 6",
    ],
  ])("%s", (_, change, message) => {
    expect(() => modelNetwork(config).checkFeatures({ ...features([4]), ...change })).toThrow(message);
  });
});
