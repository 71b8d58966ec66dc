// A worker of the tests: the letters of the pipeline's tests, and faults to order.

import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createPipeline, type Pipeline } from "@saccade/pipeline";
import { filesOf, letterModel, letters } from "../../pipeline/test/letters.ts";
import { exposePipeline } from "../src/index.ts";
import { breakDown, type Fault, type Phase } from "./faults.ts";

/** What the tests ask for. */
export interface LettersRequest {
  readonly fault?: Fault;
  readonly phase?: Phase;
  /** How often progress of loading is told before the pipeline is there. */
  readonly loading?: number;
}

class OddError extends Error {
  override readonly name = "OddError";
  readonly code = "odd";
  readonly callback = (): void => {};
}

exposePipeline(async (request, { signal, onProgress }) => {
  const { fault, phase, loading = 0 } = request as LettersRequest;
  for (let i = 0; i < loading; i += 1) onProgress({ path: "weights", loadedBytes: i + 1, totalBytes: loading });
  if (fault && phase === "opening") await breakDown(fault);
  const pipeline = await createPipeline(letters, {
    model: filesOf(letterModel),
    backends: [async () => createReferenceBackend()],
    maxPositionsPerBatch: 64,
    signal,
  });
  return fault === undefined ? oddOnes(pipeline) : faulty(pipeline, fault, phase ?? "running");
});

/** Inputs with a meaning of their own. */
function oddOnes(pipeline: Pipeline<string, number[][]>): Pipeline<string, number[][]> {
  const original = pipeline.run.bind(pipeline);
  const run: typeof original = async (inputs, options) => {
    if (inputs[0] === "throw an odd error") throw new OddError("Cannot go on", { cause: new RangeError("too odd") });
    if (inputs[0] === "throw a text") throw "just a text"; // oxlint-disable-line typescript/only-throw-error
    if (inputs[0] === "return a function") return [(() => 1) as never];
    return original(inputs, options);
  };
  return Object.defineProperties(pipeline, { run: { value: run } });
}

function faulty(pipeline: Pipeline<string, number[][]>, fault: Fault, phase: Phase): Pipeline<string, number[][]> {
  const original = pipeline.run.bind(pipeline);
  const value: typeof original = async (inputs, options) => {
    if (phase === "running") await breakDown(fault);
    const outputs = await original(inputs, options);
    if (phase === "returning") await breakDown(fault);
    return outputs;
  };
  return Object.defineProperty(pipeline, "run", { value });
}
