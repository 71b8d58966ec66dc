// A page whose pipeline runs on a GPU, here or in a worker, while the checks end the browser's GPU process.

import { asyncDispose } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { type BackendChoice, createPipeline, type PipelineOf } from "@saccade/pipeline";
import { connectPipeline } from "@saccade/worker-bridge";
import { differenceOf, looks, looksFiles } from "../../../packages/pipeline/test/looks.ts";
import { endGpuProcess, type Loss, openLossyPipeline } from "./lossy-pipeline.ts";

/** What became of a pipeline that lost its GPU. */
export interface LossReport {
  readonly choice: BackendChoice;
  /** The largest difference to what WASM says, over all runs; Infinity for outputs of another shape. */
  readonly difference: number;
  /** The longest that opening, a run, a stream or disposal took. */
  readonly slowestMs: number;
}

declare global {
  /** Opens a pipeline, runs it, three times at once and as a stream, and disposes it, while the GPU's process ends. */
  var runThroughLoss: (loss: Loss, where: "page" | "worker") => Promise<LossReport>;
}

type Looks = PipelineOf<typeof looks>;

const inputs = Array.from({ length: 12 }, (_, i) => "seeingthroughattention".slice(i % 7, 8 + i));

globalThis.runThroughLoss = async (loss, where) => {
  const expected = await wasmOutputs();
  let [slowestMs, difference] = [0, 0];
  const timed = async <T>(work: PromiseLike<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await work;
    } finally {
      slowestMs = Math.max(slowestMs, performance.now() - start);
    }
  };
  const compare = (outputs: readonly number[][][]): void => {
    difference = Math.max(difference, differenceOf(outputs, expected));
  };
  const worker =
    where === "worker" ? new Worker(new URL("./gpu.worker.ts", import.meta.url), { type: "module" }) : null;
  const opening: Promise<Looks> = worker ? connectPipeline(worker, { request: loss }) : openLossyPipeline(loss);
  const pipeline = await timed(opening);
  const runs = [pipeline.run(inputs), pipeline.run(inputs), collect(pipeline.stream(inputs))];
  for (const outputs of await Promise.all(runs.map(timed))) compare(outputs);
  if (loss.phase === "idle") {
    for (let i = 0; i < loss.times; i += 1) {
      endGpuProcess();
      // "during": the page has heard of it before it runs again.
      if (loss.moment === "during") await new Promise((resolve) => setTimeout(resolve, 500));
      compare(await timed(pipeline.run(inputs)));
    }
  }
  const choice = pipeline.backend;
  await timed(pipeline[asyncDispose]());
  worker?.terminate();
  return { choice, difference, slowestMs };
};

async function wasmOutputs(): Promise<number[][][]> {
  const pipeline = await createPipeline(looks, { model: looksFiles(), backends: [createWasmBackend] });
  const outputs = await pipeline.run(inputs);
  await pipeline[asyncDispose]();
  return outputs;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

document.querySelector("output")!.textContent = "ready";
