// Workers that end in every way at every time, with calls on the way: each call settles, with the right error.

import type { EventEmitter } from "node:events";
import { asyncDispose } from "@saccade/attention-core";
import type { PipelineOf } from "@saccade/pipeline";
import { expect, test } from "vitest";
import type { letters } from "../../pipeline/test/letters.ts";
import { connectPipeline, WorkerCrashedError } from "../src/index.ts";
import type { Fault, Phase } from "./faults.ts";
import { letterWorker } from "./open-worker.ts";

type Letters = PipelineOf<typeof letters>;

/** `hang` and `loop` end only when the app terminates the worker. */
const faults: readonly Fault[] = ["throw", "exit", "reject", "hang", "loop"];
const phases: readonly Phase[] = ["opening", "running", "returning"];
const callsPerWorker = 25;
const workers = 40;
const timeoutMs = 60_000;

type Outcome = "settled" | "crashed" | "hangs" | `odd: ${string}`;

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Outcome>((resolve) => (timer = setTimeout(() => resolve("hangs"), 60_000)));
  const settled = call.then(
    (): Outcome => "settled",
    (error: unknown): Outcome => (error instanceof WorkerCrashedError ? "crashed" : `odd: ${String(error)}`),
  );
  const outcome = await Promise.race([settled, late]);
  clearTimeout(timer);
  return outcome;
}

async function collect(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

/** What becomes of the calls on a worker that breaks down. */
async function breakOne(number: number): Promise<Outcome[]> {
  const fault = faults[number % faults.length]!;
  const phase = phases[Math.floor(number / faults.length) % phases.length]!;
  const worker = await letterWorker();
  const request = { fault, phase };
  const terminateSoon = (): void => {
    if (fault === "hang" || fault === "loop") setTimeout(() => void worker.terminate(), number % 30);
  };
  try {
    if (phase === "opening") {
      const connecting = Array.from({ length: callsPerWorker }, () => connectPipeline(worker, { request, timeoutMs }));
      setTimeout(terminateSoon, 200);
      return await Promise.all(connecting.map(outcomeOf));
    }
    const pipeline: Letters = await connectPipeline(worker, { request, timeoutMs });
    const calls = Array.from({ length: callsPerWorker }, (_, i) => {
      if (i % 3 === 0) return collect(pipeline.stream(Array(200).fill("abc")));
      return pipeline.run(["abc", "de"], i % 3 === 1 ? { onProgress: () => {} } : {});
    });
    terminateSoon();
    const outcomes = await Promise.all(calls.map(outcomeOf));
    await pipeline[asyncDispose]();
    return outcomes;
  } finally {
    await worker.terminate();
  }
}

test("1,000 calls on workers that end: none hangs, and each that rejects says that the worker is gone", async () => {
  const counts = new Map<Outcome, number>();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < workers) {
      next += 1;
      for (const outcome of await breakOne(next)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  expect(Object.fromEntries(counts)).toEqual({ crashed: callsPerWorker * workers });
}, 180_000);

test("a worker that is out of memory rejects its calls", async () => {
  const worker = await letterWorker({ resourceLimits: { maxOldGenerationSizeMb: 24 } });
  const pipeline: Letters = await connectPipeline(worker, { request: { fault: "memory" }, timeoutMs });
  const error: unknown = await pipeline.run(["abc"]).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkerCrashedError);
  expect((error as Error).cause).toMatchObject({ code: "ERR_WORKER_OUT_OF_MEMORY" });
});

test("an uncaught error of the worker is the cause, and the code of an exit is named", async () => {
  for (const [fault, words, cause] of [
    ["throw", "it threw: a fault of the tests", "a fault of the tests"],
    ["exit", "it ended with code 3", undefined],
  ] as const) {
    const pipeline: Letters = await connectPipeline(await letterWorker(), { request: { fault }, timeoutMs });
    const error: unknown = await pipeline.run(["abc"]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "worker-crashed", message: expect.stringContaining(words) as string });
    expect((error as { cause?: Error }).cause?.message).toBe(cause);
  }
});

test("a message that cannot be read rejects what is pending", async () => {
  const worker = await letterWorker();
  const pipeline: Letters = await connectPipeline(worker, { request: { fault: "hang" }, timeoutMs });
  const running = outcomeOf(pipeline.run(["abc"]));
  (worker as unknown as EventEmitter).emit("messageerror", new Error("cannot be read"));
  expect(await running).toBe("crashed");
  await worker.terminate();
});

test("many pipelines of one worker are no leak, and a connection that is given up is not waited for", async () => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error): number => warnings.push(name);
  process.on("warning", onWarning);
  const worker = await letterWorker();
  const pipelines: Letters[] = [];
  for (let i = 0; i < 15; i += 1) pipelines.push(await connectPipeline(worker, { request: {}, timeoutMs }));
  for (const pipeline of pipelines) await pipeline[asyncDispose]();
  expect((worker as unknown as EventEmitter).listenerCount("exit")).toBe(0);
  const stop = new AbortController();
  const hanging = connectPipeline(worker, { request: { fault: "loop", phase: "opening" }, signal: stop.signal });
  setTimeout(() => stop.abort("enough"), 300);
  const before = performance.now();
  await expect(hanging).rejects.toBe("enough");
  expect(performance.now() - before).toBeLessThan(1500);
  await worker.terminate();
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});

test("a worker that has ended is known by that", async () => {
  const worker = await letterWorker();
  await worker.terminate();
  await expect(connectPipeline(worker)).rejects.toThrow("it has ended");
});
