import { asyncDispose, DisposedError } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createPipeline, InputError, type Pipeline, type PipelineOf, type Progress } from "@saccade/pipeline";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { filesOf, letterModel, letters } from "../../pipeline/test/letters.ts";
import { connectPipeline, type ConnectOptions, WorkerCrashedError, WorkerVersionError } from "../src/index.ts";
import { letterWorker, type TestWorker, workerOf } from "./open-worker.ts";
import type { LettersRequest } from "./letters-worker.ts";

type Letters = PipelineOf<typeof letters>;

// A worker takes long to load where every module is a request: tests that do not break it share one.
let shared: TestWorker;
const started: TestWorker[] = [];
const timeoutMs = 50_000;
beforeAll(async () => {
  shared = await letterWorker();
});
afterAll(() => shared.terminate());
afterEach(() => {
  for (const worker of started.splice(0)) void worker.terminate();
});

async function start(): Promise<TestWorker> {
  const worker = await letterWorker();
  started.push(worker);
  return worker;
}

async function connect(request: LettersRequest = {}, options: ConnectOptions = {}): Promise<Letters> {
  const pipeline: Letters = await connectPipeline(shared, { request, timeoutMs, ...options });
  return pipeline;
}

async function openHere(): Promise<Pipeline<string, number[][]>> {
  return createPipeline(letters, { model: filesOf(letterModel), backends: [async () => createReferenceBackend()] });
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

/** What `promise` rejects with, or a text if it does not within ten seconds. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const late = new Promise((resolve) => setTimeout(() => resolve("nothing in ten seconds"), 10_000));
  return Promise.race([
    promise.then(
      () => "no rejection",
      (error: unknown) => error,
    ),
    late,
  ]);
}

const inputs = ["abc", "", "hgfedcbahgfedcba", "a", "bb", "ccc", "dddddddd", "ee"];

test("a pipeline in a worker gives what it gives here: run(), stream(), explain(), name and backend", async () => {
  const here = await openHere();
  const there = await connect();
  expect(there.name).toBe("test/letters");
  expect(there.backend).toEqual({ name: "reference", reasons: [] });
  expect(await there.run(inputs)).toEqual(await here.run(inputs));
  const many = Array.from({ length: 300 }, (_, i) => inputs[i % inputs.length]!);
  expect(await collect(there.stream(many))).toEqual(await here.run(many));
  const request = { full: true, topK: 2, entropy: true };
  expect(await there.explain(inputs, request)).toEqual(await here.explain(inputs, request));
  await there[asyncDispose]();
  await here[asyncDispose]();
});

test("several pipelines run at once in one worker and in several", async () => {
  const [one, other] = [shared, await start()];
  const pipelines: Letters[] = await Promise.all(
    [one, one, one, other].map(async (worker) =>
      connectPipeline<string, number[][]>(worker, { request: {}, timeoutMs }),
    ),
  );
  const results = await Promise.all(pipelines.flatMap((each) => [each.run(inputs), each.run(inputs)]));
  for (const result of results) expect(result).toEqual(results[0]);
  await pipelines[0]![asyncDispose]();
  expect(await pipelines[1]!.run(inputs)).toEqual(results[0]);
});

test("progress comes while a call runs and not after it, and that of loading before", async () => {
  const loading: number[] = [];
  const there = await connect({ loading: 3 }, { onProgress: ({ loadedBytes }) => loading.push(loadedBytes) });
  expect(loading).toEqual([1, 2, 3]);
  const seen: Progress[] = [];
  await there.run(Array(20).fill("abcdefgh"), { onProgress: (progress) => seen.push(progress) });
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.at(-1)).toEqual({ percent: 100, done: 20, total: 20 });
  const count = seen.length;
  await there.run(["a"]);
  expect(seen).toHaveLength(count);
  const failure = new Error("not here");
  const onProgress = (): never => {
    throw failure;
  };
  expect(await rejection(there.run(Array(200).fill("abcdefgh"), { onProgress }))).toBe(failure);
});

test("an abort rejects with its reason at once, whatever the worker does, and the worker goes on", async () => {
  const there = await connect();
  const reason = { stop: true };
  expect(await rejection(there.run(["a"], { signal: AbortSignal.abort(reason) }))).toBe(reason);
  const long = Array<string>(10_000).fill("abcdefgh");
  for (const call of [
    (signal: AbortSignal) => there.run(long, { signal }),
    (signal: AbortSignal) => there.explain(long, { topK: 1 }, { signal }),
    (signal: AbortSignal) => collect(there.stream(long, { signal })),
  ]) {
    const stop = new AbortController();
    const pending = rejection(call(stop.signal));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = performance.now();
    stop.abort(reason);
    expect(await pending).toBe(reason);
    expect(performance.now() - before).toBeLessThan(100);
  }
  const again = performance.now();
  expect(await there.run(["abc"])).toHaveLength(1);
  expect(performance.now() - again).toBeLessThan(1000);
});

test("a hanging source, a source that throws, and a loop that is left", async () => {
  const there = await connect();
  const hanging = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
  expect(await rejection(collect(there.stream(hanging, { signal: AbortSignal.timeout(20) })))).toMatchObject({
    name: "TimeoutError",
  });
  const failure = new Error("no more");
  let closed = 0;
  const source = async function* (): AsyncGenerator<string> {
    try {
      yield "abc";
      await new Promise((resolve) => setTimeout(resolve, 100));
      yield "de";
      throw failure;
    } finally {
      closed += 1;
    }
  };
  const streamed: unknown[] = [];
  const reading = async (): Promise<void> => {
    for await (const output of there.stream(source())) streamed.push(output);
  };
  expect(await rejection(reading())).toBe(failure);
  expect(streamed).toEqual(await there.run(["abc", "de"]));
  for await (const _ of there.stream(source())) break;
  expect(closed).toBe(2);
});

test("stream() reads no further ahead than a few messages", async () => {
  const there = await connect();
  let [given, taken] = [0, 0];
  const source = function* (): Generator<string> {
    for (; given < 2000;) {
      given += 1;
      yield "ab";
    }
  };
  for await (const _ of there.stream(source())) {
    taken += 1;
    expect(given - taken).toBeLessThanOrEqual(64 * 4);
  }
  expect(taken).toBe(2000);
});

test("errors keep class, fields, cause and place", async () => {
  const there = await connect();
  const mixed = [...Array<string>(70).fill("ab"), "no letters: 1", "de", "?"];
  const error = (await rejection(there.run(mixed))) as InputError;
  expect(error).toBeInstanceOf(InputError);
  expect(error).toMatchObject({ name: "InputError", code: "input", index: 70, task: "test/letters" });
  expect(error.cause).toBeInstanceOf(RangeError);
  expect(error.stack).toContain("featurize");
  const good = await there.run(["ab", "de"]);
  const replaced = [...Array(70).fill(good[0]), [[70]], good[1], [[72]]];
  const onInputError = ({ index, message }: InputError): number[][] => {
    expect(message).toContain(`on input ${index}:`);
    return [[index]];
  };
  expect(await there.run(mixed, { onInputError })).toEqual(replaced);
  expect(await collect(there.stream(mixed, { onInputError }))).toEqual(replaced);
  const streamed: unknown[] = [];
  const reading = async (): Promise<void> => {
    for await (const output of there.stream(mixed)) streamed.push(output);
  };
  expect(await rejection(reading())).toMatchObject({ code: "input", index: 70 });
  expect(streamed).toHaveLength(70);
  expect(await rejection(there.run(["throw an odd error"]))).toMatchObject({ name: "OddError", code: "odd" });
  expect(await rejection(there.run(["throw a text"]))).toBe("just a text");
  expect(await rejection(there.run("abc" as never))).toBeInstanceOf(TypeError);
});

test("what cannot be cloned is an error of ours on either side, and the line stays open", async () => {
  const there = await connect();
  const error = await rejection(there.run([(() => 1) as never]));
  expect(error).toBeInstanceOf(TypeError);
  expect((error as Error).message).toContain("plain data that can be cloned");
  expect(await rejection(there.run(["return a function"]))).toMatchObject({
    name: "TypeError",
    message: expect.stringContaining("Cannot send results") as string,
  });
  expect(await rejection(connectPipeline(shared, { request: Symbol("no"), timeoutMs }))).toBeInstanceOf(TypeError);
  expect(await there.run(["abc"])).toHaveLength(1);
});

test("a buffer moves when it is said so, and not twice", async () => {
  const there = (await connect()) as unknown as Pipeline<{ samples: Float32Array<ArrayBuffer> }, unknown>;
  const input = { samples: new Float32Array(1000) };
  await rejection(there.run([input]));
  expect(input.samples).toHaveLength(1000);
  const transfer = ({ samples }: typeof input): Transferable[] => [samples.buffer];
  await rejection(there.run([input, input], { transfer }));
  expect(input.samples).toHaveLength(0);
  expect(await rejection(there.run([input], { transfer }))).toMatchObject({ name: "TypeError" });
});

test("disposing rejects what runs and what comes after with DisposedError, and frees the worker's pipeline", async () => {
  const there = await connect();
  const running = [
    there.run(Array(5000).fill("abcdefgh")),
    collect(there.stream(Array(5000).fill("abcdefgh"))),
    there.explain(Array(500).fill("abcdefgh"), { topK: 1 }),
  ].map(rejection);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await Promise.all([there[asyncDispose](), there[asyncDispose]()]);
  for (const error of await Promise.all(running)) expect(error).toBeInstanceOf(DisposedError);
  expect(await rejection(there.run(["a"]))).toBeInstanceOf(DisposedError);
  expect(await rejection(collect(there.stream(["a"])))).toBeInstanceOf(DisposedError);
});

test("a worker that is terminated rejects everything, and says so from then on", async () => {
  const worker = await start();
  const there: Letters = await connectPipeline(worker, { request: { fault: "hang" }, timeoutMs });
  // A browser's worker that ends before it has said anything is one that does not answer in time.
  const connecting = connectPipeline(worker, { timeoutMs: 500 });
  const running = [there.run(["abc"]), collect(there.stream(["abc"])), connecting].map(rejection);
  void worker.terminate();
  for (const error of await Promise.all(running)) {
    expect(error).toBeInstanceOf(WorkerCrashedError);
    expect(error).toMatchObject({ code: "worker-crashed" });
  }
  expect(await rejection(there.run(["abc"]))).toBeInstanceOf(WorkerCrashedError);
  await there[asyncDispose]();
});

test("a script that throws, cannot be loaded, or never calls exposePipeline is an error in time", async () => {
  for (const code of ["throw new RangeError('at load')", "import 'nowhere:x'", "this is no script"]) {
    const worker = workerOf(code);
    started.push(worker);
    expect(await rejection(connectPipeline(worker, { timeoutMs }))).toBeInstanceOf(WorkerCrashedError);
  }
  const silent = workerOf("setInterval(() => {}, 1000)");
  started.push(silent);
  const before = performance.now();
  const error = await rejection(connectPipeline(silent, { timeoutMs: 200 }));
  expect(error).toMatchObject({ message: expect.stringContaining("within 200 ms") as string });
  expect(performance.now() - before).toBeLessThan(1000);
  const reason = new Error("no time");
  expect(await rejection(connectPipeline(silent, { signal: AbortSignal.abort(reason) }))).toBe(reason);
});

test("a worker of another version is refused, with both versions", async () => {
  const worker = workerOf(`
    const ready = { saccade: "ready", version: "99.0.0", lock: null };
    const port = globalThis.process?.getBuiltinModule("node:worker_threads").parentPort ?? globalThis;
    if (port.on) port.on("message", () => port.postMessage(ready));
    else port.onmessage = () => port.postMessage(ready);
  `);
  started.push(worker);
  const error = await rejection(connectPipeline(worker, { timeoutMs }));
  expect(error).toBeInstanceOf(WorkerVersionError);
  expect(error).toMatchObject({ code: "worker-version", there: "99.0.0" });
});

test("an abort while the worker opens ends the wait and the opening", async () => {
  const stop = new AbortController();
  const pending = rejection(connect({ fault: "hang", phase: "opening" }, { signal: stop.signal }));
  setTimeout(() => stop.abort("enough"), 300);
  expect(await pending).toBe("enough");
});
