// Who owns what, and for how long; and what an abort does.

import { asyncDispose, type Backend, dispose, type Workspace } from "@saccade/attention-core";
import { type BackendCase, type CaseContext, liveOf, withWorkspace } from "../backend-case.ts";
import { denseLinear } from "../dense/rows.ts";
import { seeded } from "../random.ts";

const group = "lifetime";
const disposed = ["DisposedError"];

/** Attention over a set of 200, some work for any backend. */
function submitWork(backend: Backend, workspace: Workspace): ReturnType<Workspace["attention"]>["output"] {
  const x = workspace.upload(seeded("work").normals(200 * 32), [200, 32]);
  return workspace.attention(x, x, x, backend.plan(Int32Array.of(0, 200), Int32Array.of(0, 200), { kind: "full" }), {
    heads: 2,
  }).output;
}

/** A promise that is awaited only later: should it reject before, that is no unhandled rejection. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** How often work must be submitted for a checkpoint to have at least so much of it before it. */
export async function workThatTakes<W extends Workspace>(
  backend: { readonly workspace: () => W },
  leastMs: number,
  submit: (workspace: W) => unknown,
): Promise<number> {
  for (let count = 4; ; count *= 2) {
    const start = performance.now();
    await withWorkspace(backend, (workspace) => {
      for (let i = 0; i < count; i++) submit(workspace);
      return workspace.checkpoint();
    });
    if (performance.now() - start >= leastMs || count >= 1024) return count;
  }
}

/** The backend still computes: a small product comes out right. */
async function checkUsable({ backend, check }: CaseContext): Promise<void> {
  await withWorkspace(backend, async (workspace) => {
    const [x, weight] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)];
    const y = workspace.linear(workspace.upload(x, [2, 2]), workspace.upload(weight, [2, 2]));
    check.close("the backend stays usable", await workspace.read(y), denseLinear(x, weight, null, null, [2, 2, 2]));
  });
}

function lifetimeCase(name: string, run: (context: CaseContext) => Promise<void>): BackendCase {
  return { group, name, run };
}

const reads: readonly BackendCase[] = [
  lifetimeCase("a read that was called settles after its workspace is disposed", async ({ backend, check }) => {
    const expected = await withWorkspace(backend, (workspace) => workspace.read(submitWork(backend, workspace)));
    const workspace = backend.workspace();
    const promise = handled(workspace.read(submitWork(backend, workspace)));
    workspace[dispose]();
    // Work of another workspace, which may be given the same memory.
    await withWorkspace(backend, (other) => other.read(other.upload(new Float32Array(50_000).fill(7), [50_000])));
    check.close("values read before disposal", await promise, expected);
  }),
  lifetimeCase("a read captures the values of its call", async ({ backend, check }) => {
    await withWorkspace(backend, async (workspace) => {
      const x = workspace.upload(Float32Array.of(1, 2, 3), [1, 3]);
      const first = handled(workspace.read(x));
      const second = handled(workspace.read(workspace.add(x, x)));
      check.same("the first read", await first, [1, 2, 3]);
      check.same("the second read", await second, [2, 4, 6]);
      check.that("two reads give two arrays", (await workspace.read(x)) !== (await workspace.read(x)));
    });
  }),
  lifetimeCase("a read into the caller's array fills that array", async ({ backend, check }) => {
    await withWorkspace(backend, async (workspace) => {
      const [values, ids] = [new Float32Array(3), new Int32Array(2)];
      const x = workspace.upload(Float32Array.of(1, 2, 3), [3]);
      const read = workspace.read(workspace.add(x, x), values);
      check.that("what comes back is the array", (await read) === values);
      check.same("values read into the array", values, [2, 4, 6]);
      await workspace.read(workspace.upload(Int32Array.of(5, 6), [2]), ids);
      check.same("integers read into the array", ids, [5, 6]);
      const part = new Float32Array(5).fill(9);
      await workspace.read(x, part.subarray(1, 4));
      check.same("a part of a longer array", part, [9, 1, 2, 3, 9]);
      await check.throws("too short an array", ["RangeError"], () => workspace.read(x, new Float32Array(2)));
      await check.throws("too long an array", ["RangeError"], () => workspace.read(x, new Float32Array(4)));
      const integers = new Int32Array(3) as unknown as Float32Array;
      await check.throws("an array of another kind", ["TypeError"], () => workspace.read(x, integers));
    });
  }),
  lifetimeCase("what a read returned is the caller's own", async ({ backend, check }) => {
    await withWorkspace(backend, async (workspace) => {
      const x = workspace.upload(Float32Array.of(1, 2, 3), [3]);
      (await workspace.read(x)).fill(9);
      check.same("the tensor", await workspace.read(x), [1, 2, 3]);
    });
  }),
  lifetimeCase("keep() outlives its workspace, and copies", async ({ backend, check }) => {
    const { kept, ids } = await withWorkspace(backend, (workspace) => ({
      kept: workspace.keep(
        workspace.add(workspace.upload(Float32Array.of(1, 2), [1, 2]), workspace.upload(Float32Array.of(3, 4), [1, 2])),
      ),
      ids: workspace.keep(workspace.upload(Int32Array.of(5, 6), [2])),
    }));
    await withWorkspace(backend, async (workspace) => {
      await workspace.read(workspace.upload(new Float32Array(4096).fill(7), [4096]));
      check.same("what was kept", await workspace.read(kept), [4, 6]);
      check.same("integers that were kept", await workspace.read(ids), [5, 6]);
      check.same("what is computed from it", await workspace.read(workspace.add(kept, kept)), [8, 12]);
    });
    kept[dispose]();
    ids[dispose]();
  }),
  lifetimeCase("keep() of work that has not run yet is there for another workspace", async ({ backend, check }) => {
    const expected = await withWorkspace(backend, (workspace) => workspace.read(submitWork(backend, workspace)));
    const first = backend.workspace();
    for (let i = 0; i < 20; i++) submitWork(backend, first);
    const kept = first.keep(submitWork(backend, first));
    await withWorkspace(backend, async (second) => {
      check.close("while the first workspace is open", await second.read(second.slice(kept, 0, 32)), expected);
    });
    const last = first.keep(submitWork(backend, first));
    first[dispose]();
    await withWorkspace(backend, async (second) => {
      check.close("after it is disposed", await second.read(second.slice(last, 0, 32)), expected);
    });
    kept[dispose]();
    last[dispose]();
  }),
  lifetimeCase("an uploaded tensor serves several workspaces", async ({ backend, check }) => {
    const weight = backend.upload(Float32Array.of(1, 2, 3, 4), [2, 2]);
    for (let i = 0; i < 3; i++) {
      await withWorkspace(backend, async (workspace) => {
        check.same(
          "x · weight",
          await workspace.read(workspace.linear(workspace.upload(Float32Array.of(1, 1), [1, 2]), weight)),
          [4, 6],
        );
      });
    }
    weight[dispose]();
  }),
  lifetimeCase("a tensor that is disposed early leaves later work alone", async ({ backend, check }) => {
    await withWorkspace(backend, async (workspace) => {
      const x = workspace.upload(Float32Array.of(1, 2, 3), [1, 3]);
      const doubled = workspace.add(x, x);
      x[dispose]();
      const others = [1, 2, 3].map((value) => workspace.upload(Float32Array.of(value, value, value), [1, 3]));
      check.same("what was computed from it", await workspace.read(doubled), [2, 4, 6]);
      check.same("what came after it", await workspace.read(others[1]!), [2, 2, 2]);
    });
  }),
  lifetimeCase("two workspaces at once do not disturb one another", async ({ backend, check }) => {
    const [first, second] = [backend.workspace(), backend.workspace()];
    const a = first.upload(Float32Array.of(1, 2), [1, 2]);
    const b = second.upload(Float32Array.of(3, 4), [1, 2]);
    const sum = first.add(a, a);
    first[dispose]();
    check.same("the second workspace", await second.read(second.add(b, b)), [6, 8]);
    await check.throws("a result of the first, used in the second", ["DisposedError", "TypeError"], async () =>
      second.read(second.add(sum, sum)),
    );
    second[dispose]();
  }),
];

const afterDisposal: readonly BackendCase[] = [
  lifetimeCase("a disposed workspace throws", async ({ backend, check }) => {
    const workspace = backend.workspace();
    const x = workspace.upload(Float32Array.of(1, 2), [1, 2]);
    workspace[dispose]();
    workspace[dispose]();
    await check.throws("upload", disposed, () => workspace.upload(Float32Array.of(1), [1]));
    await check.throws("add", disposed, () => workspace.add(x, x));
    await check.throws("read", disposed, () => workspace.read(x));
    await check.throws("checkpoint", disposed, () => workspace.checkpoint());
  }),
  lifetimeCase("a disposed tensor throws", async ({ backend, check }) => {
    const weight = backend.upload(Float32Array.of(1, 2), [1, 2]);
    weight[dispose]();
    weight[dispose]();
    await withWorkspace(backend, async (workspace) => {
      await check.throws("add of an uploaded tensor", disposed, () => workspace.add(weight, weight));
      await check.throws("read of an uploaded tensor", disposed, () => workspace.read(weight));
      const x = workspace.upload(Float32Array.of(1, 2), [1, 2]);
      x[dispose]();
      await check.throws("add of a tensor of the workspace", disposed, () => workspace.add(x, x));
      const kept = workspace.keep(workspace.upload(Float32Array.of(1, 2), [1, 2]));
      kept[dispose]();
      await check.throws("add of a kept tensor", disposed, () => workspace.add(kept, kept));
    });
  }),
  lifetimeCase("a disposed backend throws", async ({ createBackend, check }) => {
    const backend = await createBackend();
    const workspace = backend.workspace();
    const x = workspace.upload(Float32Array.of(1, 2), [1, 2]);
    await backend[asyncDispose]();
    await backend[asyncDispose]();
    await check.throws("workspace()", disposed, () => backend.workspace());
    await check.throws("upload()", disposed, () => backend.upload(Float32Array.of(1), [1]));
    await check.throws("an operation of its workspace", disposed, () => workspace.add(x, x));
    workspace[dispose]();
    x[dispose]();
  }),
  lifetimeCase("a result that does not fit is refused, and the next one made", async (context) => {
    const { backend, check } = context;
    const width = 2 ** 20;
    const rows = Math.ceil((2 * backend.limits.maxBufferBytes) / (4 * width));
    if (!(rows < 2 ** 24)) return; // no limit to speak of
    await withWorkspace(backend, async (workspace) => {
      const table = workspace.upload(new Float32Array(width), [1, width]);
      const ids = workspace.upload(new Int32Array(rows), [rows]);
      for (let i = 0; i < 3; i++) await check.throws("embed", ["OutOfMemoryError"], () => workspace.embed(table, ids));
      check.same("the workspace stays usable", await workspace.read(workspace.slice(table, 0, 2)), [0, 0]);
    });
    await checkUsable(context);
  }),
  lifetimeCase("memory is given back", async ({ backend, check }) => {
    const before = liveOf(backend);
    for (let i = 0; i < 3; i++) {
      await withWorkspace(backend, async (workspace) => {
        submitWork(backend, workspace);
        await workspace.checkpoint();
        workspace.keep(workspace.upload(new Float32Array(100), [100]))[dispose]();
      });
      const weight = backend.upload(new Float32Array(1000), [1000]);
      check.that("an uploaded tensor counts", liveOf(backend)! > before!);
      weight[dispose]();
    }
    // Memory is given back once the work before the disposal has run.
    await withWorkspace(backend, (workspace) => workspace.checkpoint());
    check.same("what is alive", [liveOf(backend)!], [before!]);
  }),
];

const aborts: readonly BackendCase[] = [
  lifetimeCase("a signal aborted before the workspace rejects checkpoint and read", async (context) => {
    const { backend, check } = context;
    const reason = new Error("stopped before");
    const workspace = backend.workspace(AbortSignal.abort(reason));
    await check.rejects("checkpoint", reason, workspace.checkpoint());
    await check.rejects("read", reason, (async () => workspace.read(workspace.upload(Float32Array.of(1), [1])))());
    workspace[dispose]();
    await checkUsable(context);
  }),
  lifetimeCase("an abort between operations rejects the next checkpoint", async (context) => {
    const { backend, check } = context;
    const controller = new AbortController();
    const workspace = backend.workspace(controller.signal);
    submitWork(backend, workspace);
    await workspace.checkpoint();
    const reason = { why: "any value may be a reason" };
    submitWork(backend, workspace);
    controller.abort(reason);
    await check.rejects("checkpoint", reason, workspace.checkpoint());
    await check.rejects("the checkpoint after that", reason, workspace.checkpoint());
    workspace[dispose]();
    await checkUsable(context);
  }),
  lifetimeCase("an abort while a checkpoint runs rejects it", async (context) => {
    const { backend, check } = context;
    const count = await workThatTakes(backend, 80, (workspace) => submitWork(backend, workspace));
    const controller = new AbortController();
    const workspace = backend.workspace(controller.signal);
    for (let i = 0; i < count; i++) submitWork(backend, workspace);
    const promise = workspace.checkpoint();
    const reason = new Error("stopped at");
    controller.abort(reason);
    await check.rejects("checkpoint", reason, promise);
    workspace[dispose]();
    await checkUsable(context);
  }),
  lifetimeCase("an abort without a reason rejects with an AbortError", async (context) => {
    const { backend, check } = context;
    const controller = new AbortController();
    const workspace = backend.workspace(controller.signal);
    controller.abort();
    await check.rejects("checkpoint", controller.signal.reason, workspace.checkpoint());
    await check.throws("checkpoint", ["AbortError"], () => workspace.checkpoint());
    workspace[dispose]();
    await checkUsable(context);
  }),
  lifetimeCase("an abort leaves other workspaces alone", async ({ backend, check }) => {
    const controller = new AbortController();
    const aborted = backend.workspace(controller.signal);
    const other = backend.workspace();
    const expected = await other.read(submitWork(backend, other));
    submitWork(backend, aborted);
    const promise = handled(other.read(submitWork(backend, other)));
    controller.abort(new Error("stopped"));
    await check.throws("checkpoint", ["Error"], () => aborted.checkpoint());
    aborted[dispose]();
    check.close("the other workspace", await promise, expected);
    other[dispose]();
  }),
  lifetimeCase("checkpoint() yields to the event loop", async ({ backend, check }) => {
    await withWorkspace(backend, async (workspace) => {
      let turned = false;
      setTimeout(() => (turned = true), 0);
      for (let i = 0; i < 50 && !turned; i++) {
        submitWork(backend, workspace);
        await workspace.checkpoint();
      }
      check.that("a timer of 0 ms must fire within 50 checkpoints", turned);
    });
  }),
];

/** The cases of this file. */
export function lifetimeCases(): BackendCase[] {
  return [...reads, ...afterDisposal, ...aborts].map((each) =>
    each.name === "memory is given back" ? { ...each, requires: "live" } : each,
  );
}
