import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { patterns } from "../../test/arbitraries.ts";
import type { Backend } from "../backend.ts";
import { asyncDispose, dispose } from "../disposal.ts";
import { offsetsOf } from "../ragged.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { createWasmBackend } from "../wasm/index.ts";
import { initialWeights, uploadWeights } from "../weights.ts";
import { convolutionWindows } from "../windows.ts";
import type { Features } from "./features.ts";
import type { ModelConfig } from "./model-config.ts";
import { modelNetwork } from "./network.ts";
import { readScores } from "./run-model.ts";
import { sliceFeatures } from "./slice-features.ts";

const encoder: ModelConfig["encoder"] = {
  layers: 2,
  width: 8,
  heads: 2,
  feedForwardWidth: 8,
  activation: "gelu",
  norm: "layer",
  placement: "pre",
  epsilon: 1e-5,
  positions: { kind: "sinusoidal" },
  convolution: { left: 1, right: 1, activation: "gelu" },
};
const positionLabels: ModelConfig["head"] = { kind: "position-labels", labels: 3 };

const models = {
  embeddings: { input: { kind: "embeddings", rows: 11, columns: 2, norm: true }, encoder, head: positionLabels },
  values: {
    input: { kind: "values", width: 3 },
    encoder,
    head: { kind: "set-label", labels: 3, pooling: { kind: "attention", heads: 2 } },
  },
  convolutions: {
    input: {
      kind: "convolutions",
      width: 3,
      stages: [
        { taps: 3, width: 5, activation: "relu", norm: true },
        { taps: 2, width: 8, activation: "gelu" },
      ],
    },
    encoder,
    head: positionLabels,
  },
} satisfies Readonly<Record<string, ModelConfig>>;

type Kind = keyof typeof models;

const wave = (i: number): number => Math.sin(1 + 7.3 * i);

/** Sets of `lengths` rows, of which convolutions of stride 2 make fewer positions. */
function batchOf(kind: Kind, lengths: readonly number[]): Omit<Features, "pattern"> {
  const offsets = offsetsOf(lengths);
  const rows = offsets.at(-1)!;
  if (kind === "embeddings") return { offsets, values: Int32Array.from({ length: 2 * rows }, (_, i) => (i * 7) % 11) };
  const values = Float32Array.from({ length: 3 * rows }, (_, i) => wave(i));
  if (kind === "values") return { offsets, values };
  const one = convolutionWindows(offsets, { size: 3, stride: 2, left: 1, right: 1 });
  const two = convolutionWindows(one.offsets, { size: 2, stride: 2, right: 1 });
  return { offsets: two.offsets, values, convolutions: [one.windows, two.windows] };
}

/** A batch with any pattern, and the set at which it is cut. */
const cases = (kind: Kind): fc.Arbitrary<{ readonly features: Features; readonly cut: number }> =>
  fc
    .array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 })
    .map((lengths) => batchOf(kind, lengths))
    .chain((batch) =>
      fc.record({
        features: patterns({ queries: batch.offsets, keys: batch.offsets }).map((pattern) => ({ ...batch, pattern })),
        cut: fc.integer({ min: 0, max: batch.offsets.length - 1 }),
      }),
    );

const backends: readonly Backend[] = [createReferenceBackend(), await createWasmBackend()];
afterAll(async () => {
  for (const backend of backends) await backend[asyncDispose]();
});

describe("sliceFeatures()", () => {
  it.each(Object.keys(models) as Kind[])("gives parts whose scores are the bits of the whole: %s", async (kind) => {
    const network = modelNetwork(models[kind]);
    for (const backend of backends) {
      const uploaded = uploadWeights(backend, initialWeights(network.describeWeights(), 3));
      const run = network.bind(uploaded.find);
      const score = async (features: Features): Promise<number[]> => {
        const workspace = backend.workspace();
        try {
          const result = await run(backend, workspace, features);
          return Array.from((await readScores(workspace, network, result, features.offsets)).values);
        } finally {
          workspace[dispose]();
        }
      };
      await fc.assert(
        fc.asyncProperty(cases(kind), async ({ features, cut }) => {
          const sets = features.offsets.length - 1;
          const [before, after] = [
            network.sliceFeatures!(features, 0, cut),
            network.sliceFeatures!(features, cut, sets),
          ];
          expect([...(await score(before)), ...(await score(after))]).toEqual(await score(features));
        }),
        { numRuns: 60 },
      );
      uploaded[dispose]();
    }
  });

  it("takes the rows along that a part's convolutions see, and no others", () => {
    const features: Features = { ...batchOf("convolutions", [9, 0, 7, 5]), pattern: { kind: "full" } };
    const { offsets, values, convolutions } = sliceFeatures(models.convolutions.input, features, 2, 3);
    expect(offsets).toEqual(Int32Array.of(0, 2));
    expect(values).toEqual(features.values.subarray(9 * 3, 16 * 3));
    expect(convolutions!.map((table) => Math.max(...table))).toEqual([6, 3]);
  });

  it("takes the features of a part's edges along, also where other patterns forbid some of them", () => {
    const graph = {
      kind: "neighbors",
      offsets: Int32Array.of(0, 1, 3, 4, 6),
      indices: Int32Array.of(1, 0, 1, 0, 0, 1),
    } as const;
    for (const pattern of [graph, { kind: "all", of: [{ kind: "causal" }, { kind: "all", of: [graph] }] }] as const) {
      const features: Features = {
        offsets: Int32Array.of(0, 2, 4),
        values: Float32Array.from({ length: 12 }, (_, i) => i),
        edges: Float32Array.from({ length: 12 }, (_, i) => i),
        pattern,
      };
      expect(sliceFeatures(models.values.input, features, 1, 2)).toMatchObject({
        offsets: Int32Array.of(0, 2),
        values: Float32Array.of(6, 7, 8, 9, 10, 11),
        edges: Float32Array.of(6, 7, 8, 9, 10, 11),
      });
    }
  });

  it("refuses sets that there are not, and rows of a pattern that are not as many", () => {
    const features: Features = { ...batchOf("values", [2, 3]), pattern: { kind: "full" } };
    const { input } = models.values;
    expect(() => sliceFeatures(input, features, 1, 3)).toThrow(
      "Cannot slice features: sets must be from .. end) within 2 sets, they are 1 .. 3)",
    );
    expect(() => sliceFeatures(input, features, 1, 0)).toThrow(RangeError);
    const pattern = { kind: "neighbors", offsets: Int32Array.of(0, 0), indices: new Int32Array(0) } as const;
    expect(() => sliceFeatures(input, { ...features, pattern }, 0, 1)).toThrow(
      "Cannot slice a pattern: offsets of neighbors must be 6 for this batch, there are 2",
    );
  });
});
