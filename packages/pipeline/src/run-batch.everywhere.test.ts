// Inputs that go wrong among many that do not: the others get their outputs, and the error names the one to blame.

import {
  asyncDispose,
  type Backend,
  BackendUnavailableError,
  DeviceLostError,
  ModelMismatchError,
  OutOfMemoryError,
} from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { expect, test } from "vitest";
import { filesOf, letterModel, letters, type LetterSettings } from "../test/letters.ts";
import { type Fault, faultyBackend } from "../test/lossy-backend.ts";
import { createPipeline, type InputError, type Modality, type ModalityFeatures, type Processor } from "./index.ts";

type Letters = Modality<string, number[][], "position-labels", LetterSettings>;
type LettersProcessor = Processor<string, number[][], "position-labels">;

/** The letters with another processor. */
function changed(change: (original: LettersProcessor) => Partial<LettersProcessor>): Letters {
  return {
    ...letters,
    async open(files, settings, signal) {
      const original = await letters.open(files, settings, signal);
      return { ...original, ...change(original) };
    },
  };
}

const open = (
  modality: Letters = letters,
  backends: readonly (() => Backend)[] = [createReferenceBackend],
  maxPositionsPerBatch = 64,
) => createPipeline(modality, { model: filesOf(letterModel), backends, maxPositionsPerBatch });

/** 200 inputs, those of `poison` at places 7, 70 and 71. */
function inputsWith(poison: string): string[] {
  return Array.from({ length: 200 }, (_, i) => ([7, 70, 71].includes(i) ? poison : "abcd".slice(i % 3)));
}

/** A backend that fails whenever a batch holds a letter z, and only then. */
function poisoned(fault: Fault): () => Backend {
  return () => faultyBackend("poisoned", { fault: (_, ids) => (ids?.includes(25) === true ? fault : null) });
}

const ways: readonly (readonly [string, Parameters<typeof open>, string])[] = [
  ["refused by featurize", [letters], "NO!"],
  [
    "refused by decode",
    [
      changed((original) => ({
        decode(scores, inputs, features) {
          if (inputs.includes("zzz")) throw new RangeError("Cannot decode z");
          return original.decode(scores, inputs, features);
        },
      })),
    ],
    "zzz",
  ],
  [
    "with scores that are not finite",
    [
      letters,
      [
        () =>
          faultyBackend("nan", { fault: () => null, score: (ids) => (ids?.includes(25) === true ? Number.NaN : null) }),
      ],
    ],
    "zzz",
  ],
  ["that do not fit into memory", [letters, [poisoned("memory")]], "zzz"],
  ["under which every backend is lost", [letters, [poisoned("lost")]], "zzz"],
];

test.each(ways)("inputs %s are left out, and the others get their outputs", async (_, parts, poison) => {
  const pipeline = await open(...parts);
  const inputs = inputsWith(poison);
  const errors: InputError[] = [];
  const onInputError = (error: InputError): number[][] => {
    errors.push(error);
    return [];
  };
  const expected = await (await open()).run(inputs.map((text) => (text === poison ? "" : text)));
  expect(await pipeline.run(inputs, { onInputError })).toEqual(expected);
  expect(errors.map(({ index }) => index)).toEqual([7, 70, 71]);
  for (const error of errors) expect(error).toMatchObject({ code: "input", task: "test/letters" });
  const streamed: number[][][] = [];
  for await (const output of pipeline.stream(inputs, { onInputError })) streamed.push(output);
  expect(streamed).toEqual(expected);
  await pipeline[asyncDispose]();
});

test("without onInputError the fault of a device is what the call rejects with", async () => {
  for (const [fault, type] of [
    ["memory", OutOfMemoryError],
    ["lost", DeviceLostError],
  ] as const) {
    const pipeline = await open(letters, [poisoned(fault)]);
    await expect(pipeline.run(inputsWith("z"))).rejects.toThrow(type);
    const streamed: unknown[] = [];
    const reading = async (): Promise<void> => {
      for await (const output of pipeline.stream(inputsWith("z"))) streamed.push(output);
    };
    await expect(reading()).rejects.toThrow(type);
    expect(streamed).toHaveLength(7);
    expect(await pipeline.run(["abc"])).toHaveLength(1);
    await pipeline[asyncDispose]();
  }
});

test("a device that is always lost is not taken for a fault of the inputs", async () => {
  let calls = 0;
  const fault = (): Fault => {
    calls += 1;
    return "lost";
  };
  const pipeline = await open(letters, [() => faultyBackend("dead", { fault })]);
  await expect(pipeline.run(inputsWith("z"), { onInputError: () => [] })).rejects.toThrow(DeviceLostError);
  expect(calls).toBeLessThan(100);
  await pipeline[asyncDispose]();
});

test("what a listener throws ends the call with that, and is no fault of an input", async () => {
  const pipeline = await open();
  const failure = new Error("not here");
  const onProgress = (): never => {
    throw failure;
  };
  await expect(pipeline.run(["abc"], { onProgress, onInputError: () => [] })).rejects.toBe(failure);
  await expect(pipeline.stream(["abc"], { onProgress }).next()).rejects.toBe(failure);
  await pipeline[asyncDispose]();
});

const mistakes: readonly (readonly [string, (original: LettersProcessor) => Partial<LettersProcessor>])[] = [
  ["inputOfSet has 0", () => ({ featurize: () => featuresOf({ inputOfSet: new Int32Array(0) }) })],
  ["set 0 to 5", () => ({ featurize: () => featuresOf({ inputOfSet: Int32Array.of(5) }) })],
  ["they have 1 sets", () => ({ featurize: () => featuresOf({}) })],
  [
    "decode must give one output for each of 1 inputs, it gave 0 outputs",
    (original) => ({ decode: (...all) => original.decode(...all).slice(1) }),
  ],
  [
    "values must be a Int32Array",
    () => ({ featurize: () => featuresOf({ values: new Float32Array(1), inputOfSet: Int32Array.of(0) }) }),
  ],
];

function featuresOf(change: Partial<ModalityFeatures>): ModalityFeatures {
  return { offsets: Int32Array.of(0, 1), values: Int32Array.of(1), pattern: { kind: "full" }, ...change };
}

test.each(mistakes)("a mistake of a plugin is said: %s", async (words, change) => {
  const pipeline = await open(changed(change));
  await expect(pipeline.run(["a", "b"])).rejects.toThrow(words);
  await pipeline[asyncDispose]();
});

test("createPipeline() refuses a model with another head", async () => {
  const other = { ...letters, head: "set-label" } as unknown as Letters;
  const opening = createPipeline(other, { model: filesOf(letterModel), backends: [createReferenceBackend] });
  await expect(opening).rejects.toThrow(ModelMismatchError);
  await expect(opening).rejects.toThrow("must be for set-label, that of the network is for position-labels");
});

test("an abort ends opening at once, whatever hangs, and what comes later is let go", async () => {
  const hanging = new Promise<never>(() => {});
  const reason = new Error("enough");
  const backends = [createReferenceBackend];
  const model = filesOf(letterModel);
  const never: Letters = { ...letters, open: () => hanging };
  for (const start of [
    (signal: AbortSignal) => createPipeline(letters, { model: hanging, backends, signal }),
    (signal: AbortSignal) => createPipeline(never, { model, backends, signal }),
    (signal: AbortSignal) => createPipeline(letters, { model: { ...model, weights: () => hanging }, backends, signal }),
    (signal: AbortSignal) => createPipeline(letters, { model, backends: [() => hanging], signal }),
  ]) {
    const stop = new AbortController();
    const opening = start(stop.signal).catch((error: unknown) => error);
    setTimeout(() => stop.abort(reason), 10);
    const before = performance.now();
    expect(await opening).toBe(reason);
    expect(performance.now() - before).toBeLessThan(100);
  }
});

test("a call that is aborted while a lost backend opens again does not take others with it", async () => {
  let calls = 0;
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const original = filesOf(letterModel);
  let readings = 0;
  const model = filesOf(letterModel, {
    async weights(signal) {
      readings += 1;
      if (readings === 2) await gate;
      signal?.throwIfAborted();
      return original.weights();
    },
  });
  const backends = [() => faultyBackend("once", { fault: () => ((calls += 1) === 3 ? "lost" : null) })];
  const pipeline = await createPipeline(letters, { model, backends });
  const stop = new AbortController();
  const aborted = pipeline.run(["abc"], { signal: stop.signal }).catch((error: unknown) => error);
  const other = pipeline.run(["abc"]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort("enough");
  expect(await aborted).toBe("enough");
  release();
  expect(await other).toHaveLength(1);
  await pipeline[asyncDispose]();
});

test("a backend that opens after the abort is disposed", async () => {
  const backend = createReferenceBackend();
  let disposed = 0;
  let open: (backend: Backend) => void = () => {};
  const late = new Promise<Backend>((resolve) => (open = resolve));
  const opening = createPipeline(letters, {
    model: filesOf(letterModel),
    backends: [() => late],
    signal: AbortSignal.timeout(10),
  });
  await expect(opening).rejects.toMatchObject({ name: "TimeoutError" });
  open(Object.defineProperty(backend, asyncDispose, { value: async () => void (disposed += 1) }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(disposed).toBe(1);
  expect(backend.liveTensors).toBe(0);
});

test("a backend says why it is less than was asked for, and an opening that failed is tried again", async () => {
  const reason = "one thread, since there is no shared memory";
  const pipeline = await open(letters, [
    () => Object.defineProperty(createReferenceBackend(), "reason", { value: reason }),
  ]);
  expect(pipeline.backend).toEqual({ name: "reference", reasons: [`reference: ${reason}`] });
  await pipeline[asyncDispose]();
  let fail = false;
  let lose = false;
  const again = await open(letters, [
    () => {
      if (fail) throw new BackendUnavailableError("Cannot open it", ["busy"]);
      return faultyBackend("shy", { fault: () => (lose ? "lost" : null) });
    },
  ]);
  [fail, lose] = [true, true];
  await expect(again.run(["abc"])).rejects.toMatchObject({
    code: "backend-unavailable",
    reasons: ["Cannot open it: busy"],
  });
  [fail, lose] = [false, false];
  expect(await again.run(["abc"])).toHaveLength(1);
  await again[asyncDispose]();
});
