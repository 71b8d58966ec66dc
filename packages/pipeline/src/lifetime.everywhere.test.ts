// Calls that are ended at any moment on the WASM backend: they settle soon, tell nothing afterwards, and leave nothing.

import { asyncDispose } from "@saccade/attention-core";
import { createWasmBackend, type WasmBackend } from "@saccade/attention-core/wasm";
import { expect, test } from "vitest";
import { filesOf, letterModel, letters } from "../test/letters.ts";
import { createPipeline, type PipelineOf } from "./index.ts";

/** Wide enough that a call takes a while. */
const model = {
  ...letterModel,
  encoder: { ...letterModel.encoder, layers: 3, width: 96, feedForwardWidth: 192 },
};
const inputs = Array.from({ length: 3000 }, (_, i) => "abcdefghijklmnopqrstuvwxyz".slice(i % 20));

interface Opened {
  readonly pipeline: PipelineOf<typeof letters>;
  readonly backends: WasmBackend[];
}

async function open(): Promise<Opened> {
  const backends: WasmBackend[] = [];
  const pipeline = await createPipeline(letters, {
    model: filesOf(model),
    backends: [
      async () => {
        backends.push(await createWasmBackend());
        return backends.at(-1)!;
      },
    ],
    maxPositionsPerBatch: 1024,
  });
  return { pipeline, backends };
}

const rest = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("a call that is aborted at any moment settles soon, tells nothing afterwards and gives its memory back", async () => {
  const { pipeline, backends } = await open();
  const [backend] = backends;
  await pipeline.run(inputs.slice(0, 200));
  const before = backend!.liveBytes;
  for (let i = 0; i < 24; i += 1) {
    const stop = new AbortController();
    let [settled, late] = [false, 0];
    const onProgress = (): void => {
      if (settled) late += 1;
    };
    const calls = [
      pipeline.run(inputs, { signal: stop.signal, onProgress }),
      pipeline.explain(inputs.slice(0, 500), { topK: 3, full: true }, { signal: stop.signal, onProgress }),
    ].map(async (call) =>
      call.then(
        () => "done",
        (error: unknown) => error,
      ),
    );
    await rest((i % 8) * 7);
    const from = performance.now();
    stop.abort("enough");
    expect(await calls[0]).toBe("enough");
    expect(["enough", "done"]).toContain(await calls[1]);
    settled = true;
    // The promise is 100 ms on a machine of its own; tests share theirs.
    expect(performance.now() - from).toBeLessThan(500);
    await rest(5);
    expect(late).toBe(0);
    expect(backend!.liveBytes).toBe(before);
  }
  await pipeline[asyncDispose]();
});

test("an instance that is lost under a call is replaced, and the call gives the same bits", async () => {
  const { pipeline, backends } = await open();
  const expected = await pipeline.run(inputs.slice(0, 400));
  let told = 0;
  const again = await pipeline.run(inputs.slice(0, 400), {
    onProgress: () => {
      told += 1;
      // What a trap does.
      if (told === 4) (backends[0] as unknown as { executor: { lose(why: string): void } }).executor.lose("a test");
    },
  });
  expect(again).toEqual(expected);
  expect(backends).toHaveLength(2);
  expect(pipeline.backend.reasons.join()).toContain("wasm was lost");
  await pipeline[asyncDispose]();
});

test("disposing while calls run frees everything, and calls that come later say so", async () => {
  const { pipeline } = await open();
  const calls = [pipeline.run(inputs), pipeline.stream(inputs).next()].map(async (call) =>
    (call as Promise<unknown>).then(
      () => "done",
      (error: unknown) => (error as { code?: string }).code,
    ),
  );
  await rest(20);
  await pipeline[asyncDispose]();
  expect(await calls[0]).toBe("disposed");
  expect(["disposed", "done"]).toContain(await calls[1]);
  await expect(pipeline.run(["a"])).rejects.toMatchObject({ code: "disposed" });
});
