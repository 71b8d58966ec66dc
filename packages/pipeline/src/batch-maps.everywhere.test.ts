// Maps cut by input and set, against those of each input alone and against the whole map.

import { type AttentionPattern, asyncDispose, type ModelConfig } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { expect, test } from "vitest";
import { filesOf, letterModel, letters, wordModel, words } from "../test/letters.ts";
import { createPipeline, type ExplainRequest, type Modality } from "./index.ts";

const inputs = ["abcdefghab", "", "cde", "hgfedcba"];
const everything: ExplainRequest = { full: true, rows: [0, 2, 9], topK: 2, columnSums: true, entropy: true };

test.each([
  ["reference", createReferenceBackend],
  ["wasm", createWasmBackend],
] as const)("explain() on %s gives each input the maps that it has alone", async (_, open) => {
  const options = { backends: [open], maxPositionsPerBatch: 100 };
  for (const [modality, model] of [
    [letters, letterModel],
    [words, wordModel],
  ] as const) {
    const pipeline = await createPipeline(modality as Modality<string, unknown, never, object>, {
      model: filesOf(model),
      ...options,
    });
    for (const request of [everything, { ...everything, meanOverHeads: true, layers: [1] }]) {
      const together = await pipeline.explain(inputs, request);
      for (const [i, each] of together.entries()) {
        expect((await pipeline.explain([inputs[i]!], request))[0]).toEqual(each);
      }
    }
    await pipeline[asyncDispose]();
  }
});

test("rows, topK, columnSums and entropy are those of the full map", async () => {
  const pipeline = await createPipeline(letters, { model: filesOf(letterModel), backends: [createReferenceBackend] });
  const [explained] = await pipeline.explain(["abcdefghab"], everything);
  const { sets } = explained!;
  expect(sets.map(({ layers }) => layers.map(({ layer, queries, keys }) => [layer, queries, keys]))).toEqual([
    [
      [0, 8, 8],
      [1, 8, 8],
    ],
    [
      [0, 2, 2],
      [1, 2, 2],
    ],
  ]);
  const { full, rows, topK, columnSums, entropy } = sets[0]!.layers[1]!;
  const weight = (head: number, query: number, key: number): number => full![(head * 8 + query) * 8 + key]!;
  expect(rows!.positions).toEqual(Int32Array.of(0, 2));
  for (let head = 0; head < 2; head += 1) {
    for (const [r, query] of [0, 2].entries()) {
      const start = (r * 2 + head) * 8;
      const row = Array.from({ length: 8 }, (_, key) => weight(head, query, key));
      expect(Array.from(rows!.weights.subarray(start, start + 8))).toEqual(row);
      const [first, second] = row.map((value, key) => ({ value, key })).toSorted((a, b) => b.value - a.value);
      const place = (query * 2 + head) * 2;
      expect(Array.from(topK!.keys.subarray(place, place + 2))).toEqual([first!.key, second!.key]);
      const nats = -row.reduce((sum, value) => sum + value * Math.log(value), 0);
      expect(entropy![query * 2 + head]).toBeCloseTo(nats, 4);
    }
    for (let key = 0; key < 8; key += 1) {
      const sum = Array.from({ length: 8 }, (_, query) => weight(head, query, key)).reduce((a, b) => a + b);
      expect(columnSums![key * 2 + head]).toBeCloseTo(sum, 5);
    }
  }
  await pipeline[asyncDispose]();
});

test("edges are cut by set, also where something else forbids some of them", async () => {
  // Each letter attends to itself and to the one before; of those a window leaves only itself.
  const graph = (offsets: Int32Array): AttentionPattern => {
    const [starts, indices] = [[0], [] as number[]];
    for (let set = 0; set + 1 < offsets.length; set += 1) {
      for (let p = 0; p < offsets[set + 1]! - offsets[set]!; p += 1) {
        indices.push(...(p === 0 ? [0] : [p, p - 1]));
        starts.push(indices.length);
      }
    }
    return { kind: "neighbors", offsets: Int32Array.from(starts), indices: Int32Array.from(indices) };
  };
  const withPattern = (pattern: (offsets: Int32Array) => AttentionPattern): typeof letters => ({
    ...letters,
    async open(files, settings, signal) {
      const original = await letters.open(files, settings, signal);
      return {
        ...original,
        featurize(texts) {
          const features = original.featurize(texts);
          return { ...features, pattern: pattern(features.offsets) };
        },
      };
    },
  });
  const own = (offsets: Int32Array): AttentionPattern => ({
    kind: "all",
    of: [
      { kind: "window", left: 0, right: 0 },
      { kind: "all", of: [graph(offsets)] },
    ],
  });
  for (const [pattern, some] of [
    [graph, null],
    [own, [1, 1, 0]],
  ] as const) {
    const pipeline = await createPipeline(withPattern(pattern), {
      model: filesOf(letterModel),
      backends: [createWasmBackend],
    });
    const explained = await pipeline.explain(["abc", "d", "ef"], { edges: true, meanOverHeads: true, layers: [0] });
    const edges = explained.map(({ sets }) => sets[0]!.layers[0]!.edges!);
    expect(edges.map((each) => each.length)).toEqual([5, 1, 3]);
    expect(edges[1]).toEqual(Float32Array.of(1));
    const last = [...edges[2]!];
    expect(last[0]).toBe(1);
    expect(last[1]! + last[2]!).toBeCloseTo(1, 5);
    if (some) expect(last).toEqual(some); // oxlint-disable-line vitest/no-conditional-expect
    await pipeline[asyncDispose]();
  }
});

test("the head's pooling is the layer after the last, with rows for all its queries", async () => {
  const model: ModelConfig = {
    ...wordModel,
    head: { kind: "set-label", labels: 3, pooling: { kind: "attention", heads: 2, queries: 3 } },
  };
  const pipeline = await createPipeline(words, { model: filesOf(model), backends: [createReferenceBackend] });
  const [first, second] = await pipeline.explain(["abcde", "ab"], { rows: [4], layers: [1, 2] });
  const [encoder, head] = first!.sets[0]!.layers;
  expect(encoder!.rows!.positions).toEqual(Int32Array.of(4));
  expect(head).toMatchObject({ layer: 2, queries: 3, keys: 5 });
  expect(head!.rows!.positions).toEqual(Int32Array.of(0, 1, 2));
  expect(head!.rows!.weights).toHaveLength(3 * 2 * 5);
  expect(second!.sets[0]!.layers[0]!.rows!.positions).toHaveLength(0);
  await pipeline[asyncDispose]();
});

test.each([
  [{ topK: 0 }, "topK"],
  [{ rows: [-1] }, "a row"],
  [{ layers: [2] }, "from 0 to 1"],
  [null, "object"],
])("explain() refuses %o", async (request, words) => {
  const pipeline = await createPipeline(letters, { model: filesOf(letterModel), backends: [createReferenceBackend] });
  await expect(pipeline.explain(["a"], request as ExplainRequest)).rejects.toThrow(words);
  await pipeline[asyncDispose]();
});
