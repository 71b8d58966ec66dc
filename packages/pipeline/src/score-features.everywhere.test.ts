// Inputs of many sets: they go through the network in parts, which nobody can tell from what comes out.

import { asyncDispose, type Backend, type Network } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { filesOf, letterModel, letters, wordModel, words } from "../test/letters.ts";
import { type Fault, faultyBackend } from "../test/lossy-backend.ts";
import { createPipeline, type ExplainRequest, type Modality, type OpenBackend, type Pipeline } from "./index.ts";

type LettersPipeline = Pipeline<string, number[][]>;

const open = async (
  maxPositionsPerBatch: number,
  backends: readonly OpenBackend[] = [createReferenceBackend],
  modality: typeof letters = letters,
): Promise<LettersPipeline> =>
  createPipeline(modality, { model: filesOf(letterModel), backends, maxPositionsPerBatch });

/** 100 letters: twelve sets of eight and one of four. */
const long = "abcdefghijklmnopqrst".repeat(5);

/** All scores of a batch, whichever input they are of. */
const wholeScores: Modality<string, number[], "set-label", { readonly longest: number }> = {
  ...words,
  async open(files, settings, signal) {
    const original = await words.open(files, settings, signal);
    return { ...original, decode: ({ values }, inputs) => inputs.map(() => Array.from(values)) };
  },
};

const everything: ExplainRequest = { full: true, rows: [0, 2, 9], topK: 2, columnSums: true, entropy: true };

test.each([
  ["reference", createReferenceBackend, 8],
  ["wasm", createWasmBackend, 8],
  ["wasm, long sets", createWasmBackend, 300],
] as const)("on %s parts give the bits and the maps that one batch gives", async (_, backend, longest) => {
  for (const [modality, model] of [
    [letters, letterModel],
    [wholeScores, wordModel],
  ] as const) {
    const openWith = async (maxPositionsPerBatch: number): Promise<Pipeline<string, unknown>> =>
      createPipeline(modality as Modality<string, unknown, never, { readonly longest: number }>, {
        model: filesOf(model),
        backends: [backend],
        settings: { longest },
        maxPositionsPerBatch,
      });
    const whole = await openWith(1e6);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12 * longest }),
        fc.integer({ min: 1, max: 5 * longest }),
        async (length, most) => {
          const inputs = ["abcdefghijklmnopqrstuvw".repeat(Math.ceil(length / 23)).slice(0, length)];
          const parts = await openWith(most);
          expect(await parts.run(inputs)).toEqual(await whole.run(inputs));
          const request = longest > 8 ? { topK: 2, meanOverHeads: true } : everything;
          expect(await parts.explain(inputs, request)).toEqual(await whole.explain(inputs, request));
          await parts[asyncDispose]();
        },
      ),
      { numRuns: longest > 8 ? 4 : 12 },
    );
    await whole[asyncDispose]();
  }
});

/** A backend that says how many positions each part had, and is lost or out of memory where `fault` says so. */
function watched(parts: number[], fault: (part: number) => Fault = () => null): () => Backend {
  return () => {
    let seen: Int32Array | undefined;
    return faultyBackend("watched", {
      fault(_, ids) {
        if (ids !== seen) {
          seen = ids;
          parts.push(ids!.length);
          return fault(parts.length);
        }
        return null;
      },
    });
  };
}

test("a part holds as many sets as stay within maxPositionsPerBatch, and one at least", async () => {
  for (const [most, expected] of [
    [30, [24, 24, 24, 28]],
    [16, [16, 16, 16, 16, 16, 16, 4]],
    [99, [96, 4]],
    [100, [100]],
    [3, [...Array<number>(12).fill(8), 4]],
  ] as const) {
    const parts: number[] = [];
    const pipeline = await open(most, [watched(parts)]);
    await pipeline.run([long]);
    expect(parts).toEqual(expected);
    await pipeline[asyncDispose]();
  }
});

test("progress ascends through parts, layer by layer, and counts the input when all of it is there", async () => {
  const pipeline = await open(16);
  const seen: { percent: number; done: number }[] = [];
  await pipeline.run([long, "abc"], { onProgress: ({ percent, done }) => seen.push({ percent, done }) });
  expect(seen.length).toBeGreaterThan(20);
  seen.slice(1).forEach(({ percent }, i) => expect(percent).toBeGreaterThanOrEqual(seen[i]!.percent));
  expect(new Set(seen.filter(({ done }) => done === 0).map(({ percent }) => Math.round(percent))).size).toBeGreaterThan(
    15,
  );
  expect(seen.at(-1)).toEqual({ percent: 100, done: 2 });
  await pipeline[asyncDispose]();
});

test("an abort ends a call between parts, and those that are left do not run", async () => {
  const parts: number[] = [];
  const pipeline = await open(16, [watched(parts)]);
  const stop = new AbortController();
  const onProgress = (): void => {
    if (parts.length === 3) stop.abort("enough");
  };
  await expect(pipeline.run([long], { signal: stop.signal, onProgress })).rejects.toBe("enough");
  expect(parts).toEqual([16, 16, 16]);
  await pipeline[asyncDispose]();
});

test("a backend that is lost repeats the part that it was lost under, and no other", async () => {
  const parts: number[] = [];
  const pipeline = await open(30, [watched(parts, (part) => (part === 3 ? "lost" : null))]);
  const whole = await open(1000);
  expect(await pipeline.run([long])).toEqual(await whole.run([long]));
  expect(parts).toEqual([24, 24, 24, 24, 28]);
  for (const each of [pipeline, whole]) await each[asyncDispose]();
});

test("an input of which a part fails is the one to blame", async () => {
  const parts: number[] = [];
  const pipeline = await open(16, [watched(parts, (part) => (part === 3 ? "memory" : null))]);
  const errors: number[] = [];
  const outputs = await pipeline.run([long, "abc"], { onInputError: ({ index }) => (errors.push(index), []) });
  expect(errors).toEqual([0]);
  expect(outputs.map((output) => output.length)).toEqual([0, 3]);
  await pipeline[asyncDispose]();
});

test("a network that cannot take features apart runs them whole; features that it does not read are told of the whole", async () => {
  const changed = (change: (original: Awaited<ReturnType<typeof letters.open>>) => object): typeof letters => ({
    ...letters,
    async open(files, settings, signal) {
      const original = await letters.open(files, settings, signal);
      return { ...original, ...change(original) };
    },
  });
  const parts: number[] = [];
  const whole = changed((original) => {
    const { head, layers, poolingQueries } = original.network;
    const network: Network = {
      head,
      layers,
      poolingQueries,
      describeWeights: () => original.network.describeWeights(),
      checkFeatures: (features) => original.network.checkFeatures(features),
      bind: (find) => original.network.bind(find),
    };
    return { network };
  });
  const pipeline = await open(16, [watched(parts)], whole);
  await pipeline.run([long]);
  expect(parts).toEqual([100]);
  await pipeline[asyncDispose]();
  const short = changed((original) => ({
    featurize(inputs: readonly string[]) {
      const features = original.featurize(inputs);
      return { ...features, values: features.values.subarray(1) };
    },
  }));
  const mistaken = await open(16, undefined, short);
  await expect(mistaken.run([long])).rejects.toThrow("values must be 1 for each of 100 positions, there are 99");
  await mistaken[asyncDispose]();
});
