// Opening the backend for training, where binaries for inference would not do, and what it shares with that for inference.

import { afterEach, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../../disposal.ts";
import { BackendUnavailableError, DisposedError } from "../../errors.ts";
import { createReferenceTrainingBackend } from "../../reference/index.ts";
import { distance } from "../../../test/distance.ts";
import { type GradientSize, readAll, submitGradients } from "../../../test/gradient-work.ts";
import { threadsWork } from "../../../test/threads.ts";
import { trappingModule } from "../../../test/tiny-wasm.ts";
import { differingBits, runLayer, sharedLayer } from "../../../test/wasm-work.ts";
import { createWasmBackend } from "../index.ts";
import { probeSimd } from "../loader.ts";
import {
  type BinaryName,
  createWasmTrainingBackend,
  type WasmTrainingBackend,
  type WasmBackendOptions,
} from "./index.ts";

const opened: WasmTrainingBackend[] = [];
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend[asyncDispose]();
});

async function open(options?: WasmBackendOptions): Promise<WasmTrainingBackend> {
  const backend = await createWasmTrainingBackend(options);
  opened.push(backend);
  return backend;
}

const kind = probeSimd().relaxed ? "relaxed" : "simd";
const size: GradientSize = {
  lengths: [40, 0, 90, 3],
  width: 33,
  columns: 17,
  tableRows: 50,
  side: 2,
  heads: 2,
  seed: 3,
};

describe("createWasmTrainingBackend()", () => {
  it("tells what it came to be as createWasmBackend() does", async () => {
    const several = await open({ threads: 2, maximumBytes: 64 * 2 ** 20 });
    expect(several).toMatchObject({
      name: "wasm",
      binary: threadsWork ? `${kind}-shared` : kind,
      threads: threadsWork ? 2 : 1,
      reason: threadsWork ? null : "no-cross-origin-isolation",
      limits: { maxBufferBytes: 64 * 2 ** 20, dtypes: ["f32", "i32"] },
    });
    expect(await open({ simd: "plain" })).toMatchObject({ binary: "simd", threads: 1, reason: null });
  });

  it("asks the caller's source by the names of the four kinds, and refuses a binary for inference", async () => {
    const asked: BinaryName[] = [];
    const error: unknown = await createWasmTrainingBackend({
      binary: async (name) => {
        asked.push(name);
        return trappingModule(false);
      },
    }).catch((thrown: unknown) => thrown);
    expect(asked).toEqual([kind]);
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect((error as BackendUnavailableError).reasons[0]).toMatch(/it lacks .*linearWeightGradient/);
  });

  it.each([1, 2])("with %d threads computes what inference does, bit for bit, and the gradients", async (threads) => {
    const training = await open({ threads });
    const inference = await createWasmBackend({ threads });
    expect(differingBits(await runLayer(training, sharedLayer), await runLayer(inference, sharedLayer))).toEqual([]);
    await inference[asyncDispose]();
    const reference = createReferenceTrainingBackend();
    const [ours, theirs] = [training.workspace(), reference.workspace()];
    const expected = await readAll(theirs, submitGradients(theirs, size));
    const actual = await readAll(ours, submitGradients(ours, size));
    expect([...actual.keys()]).toEqual([...expected.keys()]);
    for (const [name, values] of actual) expect(distance(values, expected.get(name)!), `of ${name}`).toBeLessThan(1e-4);
    ours[dispose]();
  });

  it("refuses tensors of others, and all work once a workspace or the backend is disposed", async () => {
    const [backend, other] = [await open(), await open()];
    const foreign = other.upload(new Float32Array(6), [2, 3]);
    const workspace = backend.workspace();
    const own = workspace.upload(new Float32Array(6), [2, 3]);
    expect(() => workspace.linearWeightGradient(own, foreign)).toThrow(TypeError);
    expect(() => workspace.activateGradient(foreign, "gelu", own)).toThrow(/it must have been made by this workspace/);
    workspace[dispose]();
    expect(() => workspace.dropout(own, { rate: 0.5, seed: 1 })).toThrow(DisposedError);
    const late = backend.workspace();
    await backend[asyncDispose]();
    expect(() => late.dropout(own, { rate: 0.5, seed: 1 })).toThrow(DisposedError);
  });
});
