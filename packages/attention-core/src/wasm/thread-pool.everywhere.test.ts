// What becomes of a backend and of calls that are under way when a thread dies, traps or never starts.

import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { asyncDispose, dispose } from "../disposal.ts";
import { BackendUnavailableError, DeviceLostError, DisposedError } from "../errors.ts";
import { killableThread, type KillableThread, threadOf, threadsWork } from "../../test/threads.ts";
import { recordBytes, recordingModule, trappingModule } from "../../test/tiny-wasm.ts";
import {
  delay,
  differingBits,
  executorOf,
  runLayer,
  sharedLayer,
  submitLong,
  withWorkspace,
} from "../../test/wasm-work.ts";
import { createThread } from "./create-thread.ts";
import { createWasmBackend, type Thread, type WasmBackend, type WasmBackendOptions } from "./index.ts";
import { kernelNames } from "./kernels.ts";
import { ThreadPool } from "./thread-pool.ts";

const opened: WasmBackend[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const backend of opened.splice(0)) await backend[asyncDispose]();
});

async function open(options: WasmBackendOptions): Promise<WasmBackend> {
  const backend = await createWasmBackend(options);
  opened.push(backend);
  return backend;
}

/** What `promise` rejects with. Fails if that takes longer than `bound` ms. */
async function rejection(promise: Promise<unknown>, bound = 5000): Promise<unknown> {
  const late = new Error(`not settled within ${bound} ms`);
  const outcome = await Promise.race([
    promise.then(
      () => new Error("did not reject"),
      (error: unknown) => error,
    ),
    delay(bound).then(() => late),
  ]);
  if (outcome === late) throw late;
  return outcome;
}

/** The reason of the loss, or null while there is none. */
function lostOf(backend: WasmBackend): Promise<string | null> {
  return Promise.race([backend.lost, delay(2000).then(() => null)]);
}

/** All that a lost backend may still be asked, each of which must say that it is lost. */
async function expectLost(backend: WasmBackend): Promise<void> {
  expect(() => backend.upload(Float32Array.of(1), [1])).toThrow(DeviceLostError);
  expect(() => backend.workspace()).toThrow(DeviceLostError);
}

async function bitsOfNewBackend(options: WasmBackendOptions = {}): Promise<Float32Array[]> {
  return runLayer(await open(options), sharedLayer);
}

let expected: Float32Array[];
beforeAll(async () => {
  expected = await bitsOfNewBackend();
});

describe.skipIf(!threadsWork)("createWasmBackend() with threads, where memory can be shared", () => {
  it("rejects with BackendUnavailableError when createThread throws, and ends the threads that were started", async () => {
    const started: KillableThread[] = [];
    const cause = new Error("no more threads");
    const error = await rejection(
      createWasmBackend({
        threads: 4,
        createThread: () => {
          if (started.length === 2) throw cause;
          started.push(killableThread());
          return started.at(-1)!;
        },
      }),
    );
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect(error).toMatchObject({ cause, reasons: ["Error: no more threads"] });
    expect(started.map(({ ended }) => ended)).toEqual([true, true]);
  });

  it("rejects with BackendUnavailableError when a thread throws at load", async () => {
    const started: KillableThread[] = [];
    const error = await rejection(
      createWasmBackend({
        threads: 3,
        createThread: () => {
          if (started.length > 0) return threadOf("throw new Error('broken at load')");
          started.push(killableThread());
          return started[0]!;
        },
      }),
    );
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect((error as BackendUnavailableError).reasons.join()).toContain("broken at load");
    expect(started[0]!.ended).toBe(true);
  });

  it("rejects with BackendUnavailableError when the binary cannot be instantiated on a thread", async () => {
    const other = await WebAssembly.compile(trappingModule(false)); // wants a memory that is not shared
    const error = await rejection(
      createWasmBackend({
        threads: 2,
        createThread: () => killableThread((message) => ({ ...(message as object), module: other })),
      }),
    );
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect((error as BackendUnavailableError).reasons.join()).toMatch(/LinkError|memory/);
  });

  it("rejects with BackendUnavailableError when a thread dies while others are still starting", async () => {
    const started: KillableThread[] = [];
    const slow = async (message: unknown): Promise<void> => {
      await delay(150);
      started[1]!.postMessage(message);
    };
    const promise = createWasmBackend({
      threads: 3,
      createThread: () => {
        const thread = killableThread();
        started.push(thread);
        const delayed: Thread = { ...thread, postMessage: (message) => void slow(message) };
        return started.length === 2 ? delayed : thread;
      },
    });
    const outcome = rejection(promise);
    await delay(75);
    started[0]!.kill();
    expect(await outcome).toBeInstanceOf(BackendUnavailableError);
    expect(started[1]!.ended || started[0]!.ended).toBe(true);
  });

  it("rejects with BackendUnavailableError when a thread is not ready within ten seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let ended = false;
    let listening = (): void => {};
    const listens = new Promise<void>((resolve) => (listening = resolve));
    const silent: Thread = { postMessage: () => {}, terminate: () => (ended = true), listen: () => listening() };
    const promise = createWasmBackend({ threads: 2, createThread: () => silent });
    const outcome = promise.catch((error: unknown) => error);
    await listens;
    vi.advanceTimersByTime(9999);
    await Promise.resolve();
    expect(ended).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await outcome).toBeInstanceOf(BackendUnavailableError);
    expect(await outcome).toMatchObject({ reasons: ["it was not ready within 10000 ms"] });
    expect(ended).toBe(true);
  });

  it("opens after each of those failures", async () => {
    await rejection(createWasmBackend({ threads: 2, createThread: () => threadOf("throw new Error('broken')") }));
    expect(differingBits(await bitsOfNewBackend({ threads: 2 }), expected)).toEqual([]);
  });
});

describe.skipIf(!threadsWork)("WasmBackend whose thread dies, where memory can be shared", () => {
  it("read() under way rejects with DeviceLostError, lost tells the reason, and later calls throw", async () => {
    const started: KillableThread[] = [];
    const backend = await open({
      threads: 3,
      createThread: () => {
        started.push(killableThread());
        return started.at(-1)!;
      },
    });
    const [first, second] = [backend.workspace(), backend.workspace()];
    const reads = [
      first.read(submitLong(backend, first, 8000)),
      second.read(submitLong(backend, second, 3000, 2)),
      first.checkpoint(),
    ];
    const weight = backend.upload(Float32Array.of(1), [1]);
    const outcomes = reads.map((read) => rejection(read));
    await delay(20);
    const killed = performance.now();
    started[1]!.kill();
    for (const outcome of outcomes) expect(await outcome).toBeInstanceOf(DeviceLostError);
    console.log(`3 threads: rejected ${(performance.now() - killed).toFixed(1)} ms after a thread was ended`);
    expect(await lostOf(backend)).toMatch(/thread (was )?ended/);
    await expectLost(backend);
    expect(() => first.add(weight, weight)).toThrow(DeviceLostError);
    await expect(second.checkpoint()).rejects.toBeInstanceOf(DeviceLostError);
    for (const workspace of [first, second]) workspace[dispose]();
    weight[dispose]();
    await backend[asyncDispose]();
    expect(() => backend.workspace()).toThrow(DisposedError);
    const opening = performance.now();
    expect(differingBits(await bitsOfNewBackend({ threads: 3 }), expected)).toEqual([]);
    console.log(
      `a new backend of 3 threads gave its first results after ${(performance.now() - opening).toFixed(1)} ms`,
    );
  });

  it("lost tells the reason also when nothing is under way, and the next call throws", async () => {
    const started: KillableThread[] = [];
    const backend = await open({
      threads: 2,
      createThread: () => {
        started.push(killableThread());
        return started[0]!;
      },
    });
    const workspace = backend.workspace();
    const x = workspace.upload(Float32Array.of(1), [1]);
    started[0]!.kill();
    expect(await lostOf(backend)).toMatch(/thread (was )?ended/);
    await expectLost(backend);
    expect(() => workspace.add(x, x)).toThrow(DeviceLostError);
    await expect(workspace.read(x)).rejects.toBeInstanceOf(DeviceLostError);
    workspace[dispose]();
  });

  it("every call settles, whenever a thread is ended", async () => {
    let slowest = 0;
    for (let fault = 0; fault < 10; fault += 1) {
      const started: KillableThread[] = [];
      const backend = await open({
        threads: 2,
        createThread: () => {
          started.push(killableThread());
          return started[0]!;
        },
      });
      const workspace = backend.workspace();
      const kept = workspace.keep(submitLong(backend, workspace, 2000, 2));
      const calls = [
        workspace.checkpoint(),
        withWorkspace(backend, (other) => other.read(other.add(kept, kept))),
        runLayer(backend, sharedLayer),
      ];
      const outcomes = Promise.allSettled(calls);
      await delay(fault);
      const killed = performance.now();
      started[0]!.kill();
      const settled = await Promise.race([outcomes, delay(5000).then(() => null)]);
      slowest = Math.max(slowest, performance.now() - killed);
      expect(settled).not.toBeNull();
      const errors = settled!.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
      expect(errors.filter((error) => !(error instanceof DeviceLostError))).toEqual([]);
      expect(await lostOf(backend)).not.toBeNull();
      workspace[dispose]();
    }
    console.log(`all calls settled at most ${slowest.toFixed(1)} ms after a thread was ended`);
  });
});

describe("WasmBackend whose kernel traps", () => {
  it("read() rejects with DeviceLostError that names the kernel, and lost tells the reason", async () => {
    const backend = await open({ binary: async () => trappingModule(false) });
    const workspace = backend.workspace();
    const x = workspace.upload(new Float32Array(8), [2, 4]);
    const error = await rejection(workspace.read(workspace.softmax(x)));
    expect(error).toBeInstanceOf(DeviceLostError);
    expect((error as Error).message).toContain("softmax");
    expect((error as Error).cause).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(await lostOf(backend)).toContain('kernel "softmax" trapped');
    await expectLost(backend);
    workspace[dispose]();
    x[dispose]();
    expect(differingBits(await bitsOfNewBackend(), expected)).toEqual([]);
  });

  it("linear() of a weight of the backend throws DeviceLostError, where the weight is packed at the call", async () => {
    const backend = await open({ binary: async () => trappingModule(false) });
    const weight = backend.upload(new Float32Array(16), [4, 4]);
    const workspace = backend.workspace();
    const x = workspace.upload(new Float32Array(8), [2, 4]);
    expect(() => workspace.linear(x, weight)).toThrow(DeviceLostError);
    await expectLost(backend);
    weight[dispose]();
    workspace[dispose]();
  });

  it("a pointer out of bounds in a kernel of ours loses that backend alone, and a new one gives the same bits", async () => {
    for (let fault = 0; fault < 5; fault += 1) {
      const backend = await open({});
      const executor = executorOf(backend);
      const parameters = executor.heap.allocate(64);
      executor.heap.integers.fill(-16, parameters >>> 2, (parameters >>> 2) + 16);
      expect(() => executor.runNow("pool", parameters, 1)).toThrow(DeviceLostError);
      expect(await lostOf(backend)).toContain('kernel "pool" trapped');
      const opening = performance.now();
      expect(differingBits(await bitsOfNewBackend(), expected)).toEqual([]);
      if (fault === 4)
        console.log(`a new backend gave its first results after ${(performance.now() - opening).toFixed(1)} ms`);
    }
  });

  it.skipIf(!threadsWork)(
    "read() rejects with DeviceLostError when only the other thread's kernel traps, where memory can be shared",
    async () => {
      const trapping = await WebAssembly.compile(trappingModule(true));
      const backend = await open({
        threads: 2,
        createThread: () => killableThread((message) => ({ ...(message as object), module: trapping })),
      });
      const workspace = backend.workspace();
      const error = await rejection(workspace.read(submitLong(backend, workspace, 2000, 2)));
      expect(error).toBeInstanceOf(DeviceLostError);
      expect(await lostOf(backend)).toContain("a kernel trapped on a thread");
      await expectLost(backend);
      workspace[dispose]();
    },
  );
});

describe("WasmBackend disposed while calls are under way", () => {
  it.skipIf(!threadsWork)("ends its threads, where memory can be shared", async () => {
    const started: KillableThread[] = [];
    const backend = await open({
      threads: 3,
      createThread: () => {
        started.push(killableThread());
        return started.at(-1)!;
      },
    });
    expect(started.map(({ ended }) => ended)).toEqual([false, false]);
    await backend[asyncDispose]();
    expect(started.map(({ ended }) => ended)).toEqual([true, true]);
    expect(await Promise.race([backend.lost, delay(50).then(() => "not lost")])).toBe("not lost");
  });

  it.each([1, 2])("read() rejects with DisposedError, with %i threads", async (threads) => {
    const backend = await open({ threads });
    const workspace = backend.workspace();
    const kept = workspace.keep(submitLong(backend, workspace, 8000));
    const other = backend.workspace();
    const outcomes = [workspace.checkpoint(), other.read(other.add(kept, kept))].map((promise) => rejection(promise));
    await delay(10);
    await backend[asyncDispose]();
    for (const outcome of outcomes) expect(await outcome).toBeInstanceOf(DisposedError);
    workspace[dispose]();
    other[dispose]();
    kept[dispose]();
  });
});

describe.skipIf(!threadsWork)("ThreadPool, where memory can be shared", () => {
  it("tells of a trap when the job is finished, before the thread's message comes", async () => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
    const pool = await ThreadPool.open(
      2,
      await WebAssembly.compile(trappingModule(true)),
      kernelNames,
      memory,
      createThread,
    );
    const reasons: string[] = [];
    pool.onLoss((reason) => reasons.push(reason));
    pool.start({ kernel: "pool", parameters: 4096, units: 10, unitCost: 1 }, 1, 8192, 1024);
    const late = performance.now() + 5000;
    while (!pool.settle() && performance.now() < late); // without a turn of the event loop
    expect(reasons).toEqual([]);
    pool.finish();
    expect(reasons).toEqual(["a kernel trapped on a thread"]);
    const others: string[] = [];
    pool.onLoss((reason) => others.push(reason)); // who asks late is told at once
    expect(others).toEqual(reasons);
    pool.end();
  });

  it("hands each unit to one thread, once, with the kernel, the parameters and the thread's own scratch", async () => {
    const [parameters, scratch, scratchBytes, units, grab] = [4096, 131_072, 1024, 50, 3];
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
    const integers = new Int32Array(memory.buffer);
    const module = await WebAssembly.compile(recordingModule(true));
    const pool = await ThreadPool.open(2, module, kernelNames, memory, createThread);
    for (const kernel of ["rotate", "attention", "pool"] as const) {
      integers.fill(-1);
      expect([pool.idle, pool.quiet]).toEqual([true, true]);
      pool.start({ kernel, parameters, units, unitCost: 1 }, grab, scratch, scratchBytes);
      expect(pool.idle).toBe(false);
      for (let turn = 0; turn < 400 && !pool.quiet; turn += 1) await delay(5);
      expect([pool.quiet, pool.settle()]).toEqual([true, true]);
      expect(pool.grab()).toBeGreaterThanOrEqual(units); // nothing is left for the caller
      pool.finish();
      const ends = new Map<number, number>();
      for (let unit = 0; unit <= units; unit += 1) {
        const at = (parameters + recordBytes * unit) >>> 2;
        const [number, given, from, to, where] = integers.subarray(at, at + 5);
        if (number === -1) continue;
        expect([kernelNames[number! - 1], given, from]).toEqual([kernel, parameters, unit]);
        expect([scratch + scratchBytes, scratch + 2 * scratchBytes]).toContain(where);
        ends.set(unit, to!);
      }
      const starts = Array.from({ length: Math.ceil(units / grab) }, (_, i) => i * grab);
      expect([...ends]).toEqual(starts.map((from) => [from, Math.min(units, from + grab)]));
      // What an earlier job left at the start of a thread's scratch is not this one's; the caller's is not touched.
      expect([0, 1, 2].map((place) => integers[(scratch + place * scratchBytes) >>> 2])).toEqual([-1, 0, 0]);
    }
    pool.end();
    expect(pool.quiet).toBe(true);
  });
});
