// Several workspaces at once: who waits for whom, and what each is told.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../disposal.ts";
import type { Tensor, Workspace } from "../index.ts";
import {
  delay,
  differingBits,
  executorOf,
  leastWaits,
  repeatedValues,
  type LayerSize,
  runLayer,
  sharedLayer,
  smallLayer,
  submitLayer,
  submitLong,
  watchEventLoop,
  withWorkspace,
} from "../../test/wasm-work.ts";
import { createWasmBackend, type WasmBackend } from "./index.ts";

const reason = new Error("no longer wanted");
const sizes: readonly LayerSize[] = [
  smallLayer,
  sharedLayer,
  { lengths: [1], heads: 1, width: 4 },
  { lengths: [97, 3, 96], heads: 3, width: 20 },
  { lengths: [400], heads: 2, width: 32 },
  { lengths: [5, 5, 5, 5, 5], heads: 2, width: 5 },
  { lengths: [64, 128], heads: 8, width: 16 },
  { lengths: [33, 0, 0, 250], heads: 1, width: 64 },
];

/** A tensor of one number, and its number. */
const one = (workspace: Workspace, value: number): Tensor => workspace.upload(Float32Array.of(value), [1]);

/** A workspace's promise that is looked at later: should it reject before, that is no unhandled rejection. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

describe.each([1, 2])("Workspaces of a WasmBackend asked for %i threads", (threads) => {
  let backend: WasmBackend;
  beforeAll(async () => {
    backend = await createWasmBackend({ threads });
  });
  afterAll(() => backend[asyncDispose]());

  it("read() gives the same bits for eight batches at once as for one after another", async () => {
    const expected: Float32Array[][] = [];
    for (const size of sizes) expected.push(await runLayer(backend, size));
    for (let round = 0; round < 2; round += 1) {
      const order = round === 0 ? sizes : sizes.toReversed();
      const results = await Promise.all(order.map((size) => runLayer(backend, size)));
      results.forEach((result, i) => {
        expect(differingBits(result, expected[sizes.indexOf(order[i]!)]!), `batch ${i}`).toEqual([]);
      });
    }
  });

  it("read() gives what a tensor holds whatever the order of reads, between other workspaces' long work", async () => {
    const expected = await runLayer(backend, sharedLayer);
    const other = backend.workspace();
    const long = other.read(submitLong(backend, other, 1500, 2));
    await withWorkspace(backend, async (workspace) => {
      const results = submitLayer(backend, workspace, sharedLayer);
      const last = await workspace.read(results.at(-1)!);
      const backwards = await Promise.all(results.toReversed().map((x) => workspace.read(x)));
      expect(differingBits([last, ...backwards.toReversed()], [expected.at(-1)!, ...expected])).toEqual([]);
    });
    await long;
    other[dispose]();
  });

  it("read() gives what programs over several workspaces compute, wherever a slice ends", async () => {
    const executor = executorOf(backend);
    const step = fc.record({
      workspace: fc.nat(3),
      what: fc.constantFrom("add", "add", "keep", "keep", "read", "reopen"),
      a: fc.nat(1000),
      b: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40, size: "max" }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
        async (steps, ends) => {
          let turn = 0;
          const next = (): boolean => ends[(turn += 1) % ends.length]!;
          Object.defineProperties(executor, {
            due: { configurable: true, get: next },
            starving: { configurable: true, get: () => turn < 500 && next() },
          });
          try {
            const spaces = [0, 1, 2, 3].map(() => backend.workspace());
            const own = spaces.map((workspace, i) => [{ x: one(workspace, i + 1), value: i + 1 }]);
            const kept: { x: Tensor; value: number }[] = [];
            const reads: { read: Promise<Float32Array>; value: number }[] = [];
            for (const { workspace: w, what, a, b } of steps) {
              const workspace = spaces[w]!;
              const known = [...own[w]!, ...kept];
              const [first, second] = [known[a % known.length]!, known[b % known.length]!];
              if (what === "add")
                own[w]!.push({ x: workspace.add(first.x, second.x), value: Math.fround(first.value + second.value) });
              if (what === "keep") kept.push({ x: workspace.keep(first.x), value: first.value });
              if (what === "read") reads.push({ read: handled(workspace.read(first.x)), value: first.value });
              if (what === "reopen") {
                workspace[dispose]();
                spaces[w] = backend.workspace();
                own[w] = [{ x: one(spaces[w], b), value: b }];
              }
            }
            const values = await Promise.all(reads.map(({ read }) => read));
            expect(values.map(([value]) => value)).toEqual(reads.map(({ value }) => value));
            for (const workspace of spaces.toReversed()) workspace[dispose]();
            await withWorkspace(backend, async (workspace) => {
              const all = await Promise.all(kept.map(({ x }) => workspace.read(x)));
              expect(all.map(([value]) => value)).toEqual(kept.map(({ value }) => value));
            });
            for (const { x } of kept) x[dispose]();
          } finally {
            Reflect.deleteProperty(executor, "due");
            Reflect.deleteProperty(executor, "starving");
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("read() of ten thousand small operations does not overflow the stack", async () => {
    await withWorkspace(backend, async (workspace) => {
      const unit = one(workspace, 1);
      let sum = one(workspace, 0);
      for (let i = 0; i < 10_000; i += 1) sum = workspace.add(sum, unit);
      expect([...(await workspace.read(sum))]).toEqual([10_000]);
    });
  });

  it("read() of a tensor kept through a chain of five thousand workspaces does not overflow the stack", async () => {
    const chain = 5000;
    const first = backend.workspace();
    const spaces: Workspace[] = [first];
    const kept: Tensor[] = [first.keep(one(first, 7))];
    for (let i = 1; i < chain; i += 1) {
      const workspace = backend.workspace();
      spaces.push(workspace);
      kept.push(workspace.keep(kept.at(-1)!));
    }
    expect([...(await withWorkspace(backend, (workspace) => workspace.read(kept.at(-1)!)))]).toEqual([7]);
    for (const workspace of spaces) workspace[dispose]();
    for (const tensor of kept) tensor[dispose]();
  });

  it("keep() serves another workspace before its maker has run, and after its maker was disposed", async () => {
    for (const early of [true, false]) {
      const maker = backend.workspace();
      const kept = maker.keep(submitLayer(backend, maker, sharedLayer)[1]!);
      if (early) maker[dispose]();
      const values = await withWorkspace(backend, (workspace) => workspace.read(workspace.add(kept, kept)));
      const [, expected] = await runLayer(backend, sharedLayer);
      expect(differingBits([values], [expected!.map((value) => 2 * value)])).toEqual([]);
      maker[dispose]();
      kept[dispose]();
    }
  });

  it.each(["before it ran", "while it ran"] as const)(
    "read() of what was kept by a workspace that was aborted %s rejects with the reason",
    async (when) => {
      const before = backend.liveBytes;
      const controller = new AbortController();
      const maker = backend.workspace(controller.signal);
      const kept = maker.keep(submitLong(backend, maker, 4000, 2));
      const user = backend.workspace();
      if (when === "before it ran") controller.abort(reason);
      const read = handled(user.read(user.add(kept, kept)));
      await delay(5);
      controller.abort(reason);
      await expect(read).rejects.toBe(reason);
      await expect(user.read(kept)).rejects.toBe(reason);
      // The workspace that only used it goes on without it.
      expect([...(await user.read(user.add(one(user, 1), one(user, 2))))]).toEqual([3]);
      for (const workspace of [maker, user]) workspace[dispose]();
      kept[dispose]();
      await withWorkspace(backend, (workspace) => workspace.checkpoint());
      expect(backend.liveBytes).toBeLessThanOrEqual(before + 2 ** 20); // the threads' scratch may have grown
    },
  );

  it("read() that waits for another workspace's values rejects soon after its own abort, and the other goes on", async () => {
    const maker = backend.workspace();
    const long = submitLong(backend, maker, 4000, 4);
    const kept = maker.keep(maker.slice(long, 0, 8));
    const controller = new AbortController();
    const user = backend.workspace(controller.signal);
    const read = handled(user.read(user.add(kept, kept)));
    await delay(5);
    const aborted = performance.now();
    controller.abort(reason);
    await expect(read).rejects.toBe(reason);
    const waited = performance.now() - aborted;
    user[dispose]();
    const stillRunning = await Promise.race([handled(maker.checkpoint()).then(() => false), delay(0).then(() => true)]);
    expect(stillRunning).toBe(true); // otherwise nothing was shown
    expect(waited).toBeLessThanOrEqual(150);
    maker[dispose]();
    await expect(withWorkspace(backend, (workspace) => workspace.read(kept))).resolves.toHaveLength(4000 * 8);
    kept[dispose]();
  });

  it("checkpoint() of hundreds of short jobs keeps the event loop waiting for no more than 60 ms", async () => {
    const { longest, usual } = await leastWaits(60, async () => {
      const workspace = backend.workspace();
      const offsets = Int32Array.of(0, 256);
      const plan = backend.plan(offsets, offsets, { kind: "full" });
      const x = workspace.upload(repeatedValues(256 * 64), [256, 64]);
      for (let i = 0; i < 600; i += 1) workspace.attention(x, x, x, plan, { heads: 1 });
      await delay(5);
      const loop = watchEventLoop();
      await workspace.checkpoint();
      const waits = loop.stop();
      workspace[dispose]();
      return waits;
    });
    console.log(
      `${backend.binary}, ${backend.threads} threads: short jobs keep the event loop waiting ${usual.toFixed(1)} ms as a rule, ${longest.toFixed(1)} ms at most`,
    );
    expect(usual).toBeLessThanOrEqual(60);
  });

  it("read() of twenty workspaces at once keeps the event loop waiting for no more than 60 ms", async () => {
    const { longest, usual } = await leastWaits(60, async () => {
      const controller = new AbortController();
      const spaces = Array.from({ length: 20 }, () => backend.workspace(controller.signal));
      const results = spaces.map((workspace) => submitLong(backend, workspace, 2000, 1));
      await delay(5);
      const loop = watchEventLoop();
      const reads = spaces.map((workspace, i) => handled(workspace.read(results[i]!)));
      await delay(50);
      controller.abort(reason);
      await Promise.allSettled(reads);
      const waits = loop.stop();
      for (const workspace of spaces) workspace[dispose]();
      return waits;
    });
    console.log(
      `${backend.binary}, ${backend.threads} threads: twenty reads at once keep the event loop waiting ${usual.toFixed(1)} ms as a rule, ${longest.toFixed(1)} ms at most`,
    );
    expect(usual).toBeLessThanOrEqual(60);
  });
});
