import {
  asyncDispose,
  type Backend,
  BackendUnavailableError,
  DeviceLostError,
  DisposedError,
  ModelMismatchError,
  OutOfMemoryError,
} from "@saccade/attention-core";
import { createReferenceBackend, type ReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { filesOf, letterModel, letters, wordModel, words } from "../test/letters.ts";
import { type Faults, faultyBackend } from "../test/lossy-backend.ts";
import { createPipeline, InputError, type Pipeline, type Progress } from "./index.ts";

const open = (
  backends: readonly (() => Promise<Backend>)[] = [async () => createReferenceBackend()],
  maxPositionsPerBatch = 16,
) => createPipeline(letters, { model: filesOf(letterModel), backends, maxPositionsPerBatch });

const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), maxLength: 20 });

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

test("run() gives each input the output that it has alone, however batches are cut", async () => {
  const pipeline = await open();
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 8 }), async (inputs) => {
      const together = await pipeline.run(inputs);
      for (const [i, input] of inputs.entries()) expect((await pipeline.run([input]))[0]).toEqual(together[i]);
    }),
    { numRuns: 20 },
  );
  await pipeline[asyncDispose]();
});

test("stream() gives what run() gives, from a list, a generator and a slow source", async () => {
  const pipeline = await open();
  const inputs = ["abc", "", "hgfedcbahgfedcba", "a", "bb", "ccc", "dddddddd", "ee"];
  const expected = await pipeline.run(inputs);
  const slow = async function* (): AsyncGenerator<string> {
    for (const [i, input] of inputs.entries()) {
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 40));
      yield input;
    }
  };
  expect(await collect(pipeline.stream(inputs))).toEqual(expected);
  expect(await collect(pipeline.stream(inputs.values()))).toEqual(expected);
  expect(await collect(pipeline.stream(slow()))).toEqual(expected);
  await pipeline[asyncDispose]();
});

test("stream() reads no further ahead than a batch, and closes its source when the loop is left", async () => {
  const pipeline = await open();
  let [given, closed] = [0, false];
  const source = function* (): Generator<string> {
    try {
      for (;;) {
        given += 1;
        yield "abcd";
      }
    } finally {
      closed = true;
    }
  };
  let taken = 0;
  for await (const _ of pipeline.stream(source())) {
    taken += 1;
    expect(given - taken).toBeLessThanOrEqual(8);
    if (taken === 20) break;
  }
  expect(closed).toBe(true);
  await pipeline[asyncDispose]();
});

test("a slow source gets the outputs of what it has given", async () => {
  const pipeline = await open(undefined, 1000);
  let release = (): void => {};
  const waiting = new Promise<void>((resolve) => (release = resolve));
  const source = async function* (): AsyncGenerator<string> {
    yield "abc";
    await waiting;
    yield "de";
  };
  const outputs = pipeline.stream(source());
  expect((await outputs.next()).value).toHaveLength(3);
  release();
  expect((await outputs.next()).value).toHaveLength(2);
  await pipeline[asyncDispose]();
});

test("progress ascends to 100 percent and counts outputs", async () => {
  const pipeline = await open();
  const seen: Progress[] = [];
  await pipeline.run(["abcdefgh", "abcdefgh", "abc", "hgfedcba"], { onProgress: (progress) => seen.push(progress) });
  expect(seen.length).toBeGreaterThan(5);
  seen.slice(1).forEach(({ percent }, i) => expect(percent).toBeGreaterThanOrEqual(seen[i]!.percent));
  expect(seen.at(-1)).toEqual({ percent: 100, done: 4, total: 4 });
  await pipeline[asyncDispose]();
});

test("an input that is none rejects with its number; onInputError puts something in its place", async () => {
  const pipeline = await open();
  const inputs = ["abc", "no letters: 1", "de", "?"];
  const error = await pipeline.run(inputs).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(error).toMatchObject({ code: "input", index: 1 });
  expect((error as Error).message).toContain("they must be a to z");
  const good = await pipeline.run(["abc", "de"]);
  const outputs = await pipeline.run(inputs, { onInputError: ({ index }) => [[index]] });
  expect(outputs).toEqual([good[0], [[1]], good[1], [[3]]]);
  const streamed: unknown[] = [];
  const failure = await (async () => {
    for await (const output of pipeline.stream(inputs)) streamed.push(output);
  })().catch((reason: unknown) => reason);
  expect(failure).toMatchObject({ code: "input", index: 1 });
  expect(streamed).toEqual([good[0]]);
  await pipeline[asyncDispose]();
});

test("an abort rejects run() and stream() with its reason, before, between and while they wait for a source", async () => {
  const pipeline = await open();
  const reason = new Error("enough");
  await expect(pipeline.run(["a"], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const stop = new AbortController();
  const onProgress = ({ percent }: Progress): void => {
    if (percent > 30) stop.abort(reason);
  };
  await expect(pipeline.run(Array(50).fill("abcdefgh"), { signal: stop.signal, onProgress })).rejects.toBe(reason);
  const hanging = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  const later = new AbortController();
  const streaming = collect(pipeline.stream(hanging, { signal: later.signal }));
  setTimeout(() => later.abort(reason), 20);
  await expect(streaming).rejects.toBe(reason);
  expect(await pipeline.run(["a"])).toHaveLength(1);
  await pipeline[asyncDispose]();
});

test("disposing rejects what runs and what comes after, and frees all tensors", async () => {
  const backend = createReferenceBackend();
  const pipeline = await open([async () => backend]);
  const running = pipeline.run(Array(50).fill("abcdefgh"));
  await pipeline[asyncDispose]();
  await expect(running).rejects.toThrow(DisposedError);
  await expect(pipeline.run(["a"])).rejects.toThrow(DisposedError);
  await expect(collect(pipeline.stream(["a"]))).rejects.toThrow(DisposedError);
  await pipeline[asyncDispose]();
  expect(backend.liveTensors).toBe(0);
});

test("1,000 calls leave nothing but the weights on the device", async () => {
  const backend = createReferenceBackend();
  const pipeline = await open([async () => backend]);
  const before = backend.liveTensors;
  for (let i = 0; i < 1000; i += 1) await pipeline.run(["ab"]);
  expect(backend.liveTensors).toBe(before);
  await pipeline[asyncDispose]();
});

/** A pipeline over backends that fail at the given calls of linear. */
async function openLossy(
  first: Faults,
  ...others: readonly (() => Promise<Backend>)[]
): Promise<{ pipeline: Pipeline<string, number[][]>; opened: ReferenceBackend[] }> {
  const opened: ReferenceBackend[] = [];
  const again = async (): Promise<Backend> => {
    opened.push(faultyBackend("lossy", first));
    return opened.at(-1)!;
  };
  return { pipeline: await open([again, ...others]), opened };
}

test("a backend that is lost once is opened again, and the batch replayed", async () => {
  let calls = 0;
  const { pipeline, opened } = await openLossy({ fault: () => ((calls += 1) === 30 ? "lost" : null) });
  const inputs = Array.from({ length: 20 }, (_, i) => "abcdefgh".slice(i % 8));
  const expected = await (await open()).run(inputs);
  expect(await pipeline.run(inputs)).toEqual(expected);
  expect(opened).toHaveLength(2);
  expect(opened[0]!.liveTensors).toBe(0);
  expect(pipeline.backend.name).toBe("lossy");
  expect(pipeline.backend.reasons.join()).toContain("opened again");
  await pipeline[asyncDispose]();
});

test("a backend that is lost twice makes room for the next, with the reasons", async () => {
  const { pipeline, opened } = await openLossy({ fault: () => "lost" }, async () => createReferenceBackend());
  const both = await Promise.all([pipeline.run(["abc"]), pipeline.run(["hgf", "a"])]);
  expect(both.map((outputs) => outputs.length)).toEqual([1, 2]);
  expect(opened).toHaveLength(2);
  expect(pipeline.backend.name).toBe("reference");
  expect(pipeline.backend.reasons).toHaveLength(2);
  await pipeline[asyncDispose]();
});

test("with no backend left a call rejects with the loss, and the next one begins with the first of the list", async () => {
  let lost = true;
  const { pipeline, opened } = await openLossy({ fault: () => (lost ? "lost" : null) });
  await expect(pipeline.run(["abc"])).rejects.toThrow(DeviceLostError);
  await expect(collect(pipeline.stream(["abc"]))).rejects.toMatchObject({ code: "device-lost" });
  expect(opened).toHaveLength(4);
  lost = false;
  expect(await pipeline.run(["abc"])).toHaveLength(1);
  expect(pipeline.backend.reasons.length).toBeGreaterThan(1);
  await pipeline[asyncDispose]();
});

test("a backend that cannot be opened makes room for the next", async () => {
  const pipeline = await open([
    async () => {
      throw new BackendUnavailableError("Cannot open it", ["there is none"]);
    },
    async () => createReferenceBackend(),
  ]);
  expect(pipeline.backend).toEqual({ name: "reference", reasons: ["Cannot open it: there is none"] });
  await pipeline[asyncDispose]();
});

test("a batch that does not fit into memory runs in halves; one input that does not is an error", async () => {
  const { pipeline } = await openLossy({ fault: (positions) => (positions > 9 ? "memory" : null) });
  const inputs = ["abcdefgh", "abc", "defg", "a", "abcdefgh"];
  expect(await pipeline.run(inputs)).toEqual(await (await open()).run(inputs));
  await expect(pipeline.run(["abcdefghabcdefgh"])).rejects.toThrow(OutOfMemoryError);
  await pipeline[asyncDispose]();
});

test("createPipeline() refuses weights that are not those of the configuration, and leaves nothing behind", async () => {
  const backend = createReferenceBackend();
  const backends = [async () => backend];
  const weights = async (): Promise<ReadonlyMap<string, never>> => new Map<string, never>();
  await expect(createPipeline(letters, { model: filesOf(letterModel, { weights }), backends })).rejects.toThrow(
    ModelMismatchError,
  );
  expect(() => backend.upload(new Float32Array(1), [1])).toThrow(DisposedError);
  await expect(createPipeline(letters, { model: filesOf(letterModel), backends: [] })).rejects.toThrow(
    BackendUnavailableError,
  );
  await expect(open(undefined, 0)).rejects.toThrow("maxPositionsPerBatch must be an integer >= 1, it is 0");
  const reason = new Error("no");
  await expect(
    createPipeline(letters, { model: filesOf(letterModel), backends, signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason);
});

test("explain() cuts maps by input and set", async () => {
  const pipeline = await open([() => createWasmBackend()], 100);
  const inputs = ["abcdefghab", "", "cde"];
  const explained = await pipeline.explain(inputs, { full: true, topK: 2, entropy: true, columnSums: true });
  expect(explained.map(({ output }) => output)).toEqual(await pipeline.run(inputs));
  expect(explained.map(({ sets }) => sets.map(({ layers }) => layers[0]!.queries))).toEqual([[8, 2], [0], [3]]);
  for (const [i, { sets }] of explained.entries()) {
    const alone = await pipeline.explain([inputs[i]!], { full: true, topK: 2, entropy: true, columnSums: true });
    expect(sets).toEqual(alone[0]!.sets);
  }
  const [first] = explained[0]!.sets[0]!.layers;
  expect(first!.full).toHaveLength(2 * 8 * 8);
  const rowSum = first!.full!.slice(0, 8).reduce((a, b) => a + b);
  expect(rowSum).toBeCloseTo(1, 5);
  const columns = Array.from({ length: 8 }, (_, q) => first!.full![q * 8]!).reduce((a, b) => a + b);
  expect(first!.columnSums![0]).toBeCloseTo(columns, 5);
  expect(first!.topK!.keys).toHaveLength(8 * 2 * 2);
  expect(first!.entropy).toHaveLength(16);
  await pipeline[asyncDispose]();
});

test("explain() returns the maps of pooling by attention as the last layer", async () => {
  const pipeline = await createPipeline(words, { model: filesOf(wordModel), backends: [() => createWasmBackend()] });
  const [one] = await pipeline.explain(["abcde"], { full: true, layers: [2] });
  expect(one!.sets[0]!.layers).toHaveLength(1);
  expect(one!.sets[0]!.layers[0]).toMatchObject({ layer: 2, queries: 1, keys: 5 });
  expect(one!.sets[0]!.layers[0]!.full).toHaveLength(2 * 5);
  await pipeline[asyncDispose]();
});
