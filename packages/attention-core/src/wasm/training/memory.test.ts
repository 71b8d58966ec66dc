// No growth over many steps of training: gradients, and weights that are new at each step.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../../disposal.ts";
import type { Tensor, TrainingWorkspace } from "../../index.ts";
import { type GradientSize, submitGradients } from "../../../test/gradient-work.ts";
import { delay, repeatedValues, withWorkspace } from "../../../test/wasm-work.ts";
import { createWasmTrainingBackend, type WasmTrainingBackend } from "./index.ts";

const reason = new Error("stopped");

/** A step of a network of two layers: new weights, forward, backward, gradients read into the host's arrays. */
async function step(backend: WasmTrainingBackend, rows: number, gradients: readonly Float32Array[]): Promise<void> {
  const [I, O] = [64, 96];
  const first = backend.upload(repeatedValues(I * O), [I, O]);
  const second = backend.upload(repeatedValues(O * I), [O, I]);
  await work(backend, async (workspace) => {
    const x = workspace.upload(repeatedValues(rows * I), [rows, I]);
    const hidden = workspace.linear(x, first);
    const dy = workspace.linear(workspace.activate(hidden, "gelu"), second);
    const dHidden = workspace.activateGradient(hidden, "gelu", workspace.linearInputGradient(dy, second));
    const ofSecond = workspace.linearWeightGradient(workspace.activate(hidden, "gelu"), dy);
    const ofFirst = workspace.linearWeightGradient(x, dHidden);
    await Promise.all([workspace.read(ofFirst, gradients[0]), workspace.read(ofSecond, gradients[1])]);
  });
  first[dispose]();
  second[dispose]();
}

function work<T>(
  backend: WasmTrainingBackend,
  body: (workspace: TrainingWorkspace) => T | Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return withWorkspace(backend, (workspace) => body(workspace as TrainingWorkspace), signal);
}

describe.each([
  { threads: 1, scale: 1, runs: 1000 },
  { threads: 2, scale: 20, runs: 100 },
])("WasmTrainingBackend with $threads threads", ({ threads, scale, runs }) => {
  const size: GradientSize = {
    lengths: [9, 0, 20 * scale],
    width: 24,
    columns: 17,
    tableRows: 40 * scale,
    side: 2,
    heads: 2,
    seed: 1,
  };
  let backend: WasmTrainingBackend;
  beforeAll(async () => {
    backend = await createWasmTrainingBackend({ threads });
  });
  afterAll(() => backend[asyncDispose]());

  async function backward(): Promise<void> {
    await work(backend, async (workspace) => {
      submitGradients(workspace, size);
      await workspace.checkpoint();
    });
  }

  async function aborted(): Promise<void> {
    const controller = new AbortController();
    await work(
      backend,
      async (workspace) => {
        submitGradients(workspace, size);
        await workspace.checkpoint();
        submitGradients(workspace, size);
        controller.abort(reason);
        await expect(workspace.checkpoint()).rejects.toBe(reason);
      },
      controller.signal,
    );
  }

  it(`memoryBytes and liveBytes are the same after ${runs} backward passes, some of them aborted or dropped`, async () => {
    for (let i = 0; i < 3; i += 1) {
      await backward();
      await aborted();
    }
    const [live, memory] = [backend.liveBytes, backend.memoryBytes];
    for (let i = 0; i < runs; i += 1) {
      await backward();
      if (i % 20 === 0) await aborted();
      if (i % 20 === 10) await work(backend, (workspace) => submitGradients(workspace, size));
      expect(backend.liveBytes, `after pass ${i}`).toBe(live);
    }
    expect([backend.liveBytes, backend.memoryBytes]).toEqual([live, memory]);
  });

  it(`memoryBytes and liveBytes are the same after ${runs} steps with new weights, packed anew each time`, async () => {
    const gradients = [new Float32Array(64 * 96), new Float32Array(64 * 96)];
    for (let i = 0; i < 3; i += 1) await step(backend, 30 * scale, gradients);
    const [live, memory] = [backend.liveBytes, backend.memoryBytes];
    for (let i = 0; i < runs; i += 1) {
      await step(backend, 30 * scale, gradients);
      expect(backend.liveBytes, `after step ${i}`).toBe(live);
    }
    expect([backend.liveBytes, backend.memoryBytes]).toEqual([live, memory]);
  });

  it("liveBytes stays within one workspace whose gradients are disposed", async () => {
    await work(backend, async (workspace) => {
      const [P, W] = [2200, 64]; // for every piece to be a large one, which goes before its workspace
      const x = workspace.upload(repeatedValues(P * W), [P, W]);
      const gain = workspace.upload(repeatedValues(W), [W]);
      const ids = workspace.upload(new Int32Array(P), [P]);
      const weight = workspace.upload(repeatedValues(W * 256), [W, 256]);
      const lives: number[] = [];
      for (let i = 0; i < 20; i += 1) {
        const dy = workspace.linear(x, weight);
        const made: Tensor[] = [
          dy,
          workspace.linearInputGradient(dy, weight),
          workspace.linearWeightGradient(x, dy),
          workspace.activateGradient(x, "gelu", x),
          workspace.softmaxGradient(x, x),
          workspace.embedGradient(ids, x, 5000),
          workspace.dropout(x, { rate: 0.1, seed: i }),
          ...Object.values(workspace.layerNormGradient(x, gain, 1e-5, x)),
        ];
        for (const gradient of made) gradient[dispose]();
        await workspace.checkpoint();
        lives.push(backend.liveBytes);
      }
      // Small pieces come from a chunk, of which a few more may have been taken.
      expect(lives.at(-1)! - lives[1]!).toBeLessThanOrEqual(2 * 262_144);
    });
  });

  it("an abort while a large gradient is under way ends it, and gives its memory back", async () => {
    const live = backend.liveBytes;
    const controller = new AbortController();
    const workspace = backend.workspace(controller.signal);
    const x = workspace.upload(repeatedValues(20_000 * 512), [20_000, 512]);
    const outcome = workspace.read(workspace.linearWeightGradient(x, x)).catch((error: unknown) => error);
    await delay(5);
    controller.abort(reason);
    workspace[dispose]();
    expect(await outcome).toBe(reason);
    for (let turn = 0; turn < 500 && backend.liveBytes > live; turn += 1) await delay(1);
    expect(backend.liveBytes).toBeLessThanOrEqual(live + 2 ** 20); // scratch may have grown
  });
});
