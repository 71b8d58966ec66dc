// A request that does not fit is refused at the call, and everything goes on as if it had not been made.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../disposal.ts";
import type { Tensor, Workspace } from "../index.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { largestDifference } from "../../test/models.ts";
import {
  differingBits,
  executorOf,
  type LayerSize,
  runLayer,
  smallLayer,
  submitLayer,
  withWorkspace,
} from "../../test/wasm-work.ts";
import { OutOfMemoryError } from "../errors.ts";
import { Arena } from "./arena.ts";
import type { Executor } from "./executor.ts";
import { createWasmBackend, type WasmBackend } from "./index.ts";

const maximumBytes = 4 * 2 ** 20;
const tooMany = maximumBytes / 4 + 1;

/** A request for more than there is, from small arguments. */
interface Request {
  readonly name: string;
  readonly leastBytes: number;
  readonly make: (workspace: Workspace, backend: WasmBackend) => unknown;
}

const offsets = Int32Array.of(0, 1000);
const column = (workspace: Workspace): Tensor => workspace.upload(new Float32Array(1000), [1000, 1]);

const requests: readonly Request[] = [
  {
    name: "upload() to the backend",
    leastBytes: maximumBytes,
    make: (_, backend) => backend.upload(new Float32Array(tooMany), [tooMany]),
  },
  {
    name: "upload() to a workspace",
    leastBytes: maximumBytes,
    make: (workspace) => workspace.upload(new Int32Array(tooMany), [tooMany]),
  },
  {
    name: "embed()",
    leastBytes: 2000 * 1000 * 4,
    make: (workspace) => {
      const table = workspace.upload(new Float32Array(2000), [1, 2000]);
      return workspace.embed(table, workspace.upload(new Int32Array(1000), [1000]));
    },
  },
  {
    name: "unfold()",
    leastBytes: 2000 * 1000 * 4,
    make: (workspace) => {
      const x = workspace.upload(new Float32Array(100), [1, 100]);
      return workspace.unfold(x, workspace.upload(new Int32Array(20_000), [1000, 20]));
    },
  },
  {
    name: "linear() whose result is too large",
    leastBytes: 2000 * 1000 * 4,
    make: (workspace) => workspace.linear(column(workspace), workspace.upload(new Float32Array(2000), [1, 2000])),
  },
  {
    name: "linear() whose weight is too large to be packed",
    leastBytes: 550 * 1024 * 4,
    make: (workspace, backend) => {
      const weight = backend.upload(new Float32Array(550 * 1024), [550, 1024]);
      try {
        return workspace.linear(workspace.upload(new Float32Array(550), [1, 550]), weight);
      } finally {
        weight[dispose]();
      }
    },
  },
  {
    name: "attention() whose map is too large",
    leastBytes: 2 * 1000 * 1000 * 4,
    make: (workspace, backend) => {
      const x = workspace.upload(new Float32Array(2000), [1000, 2]);
      const plan = backend.plan(offsets, offsets, { kind: "full" });
      return workspace.attention(x, x, x, plan, { heads: 2, maps: { full: "weights" } });
    },
  },
  {
    name: "attention() over neighbours whose scratch is too large",
    leastBytes: 2 ** 20,
    make: (workspace, backend) => {
      // One query over 30,000 edges, of 64 heads.
      const keys = Int32Array.of(0, 10);
      const graph = { offsets: Int32Array.of(0, 30_000), indices: new Int32Array(30_000) };
      const plan = backend.plan(Int32Array.of(0, 1), keys, { kind: "neighbors", ...graph });
      const x = workspace.upload(new Float32Array(64), [1, 64]);
      const y = workspace.upload(new Float32Array(640), [10, 64]);
      return workspace.attention(x, y, y, plan, { heads: 64 });
    },
  },
  {
    name: "concatenate()",
    leastBytes: 1200 * 1000 * 4,
    make: (workspace) => {
      const x = column(workspace);
      return workspace.concatenate(Array.from({ length: 1200 }, () => x));
    },
  },
  {
    name: "append()",
    leastBytes: 1200 * 1000 * 4,
    make: (workspace) => {
      const part = { rows: column(workspace), offsets };
      return workspace.append(Array.from({ length: 1200 }, () => part));
    },
  },
  {
    name: "keep()",
    leastBytes: 600_000 * 4,
    make: (workspace) => workspace.keep(workspace.upload(new Float32Array(600_000), [600_000])),
  },
];

describe("WasmBackend of 4 MiB", () => {
  let backend: WasmBackend;
  let expected: Float32Array[];
  beforeAll(async () => {
    backend = await createWasmBackend({ maximumBytes });
    expected = await runLayer(backend, smallLayer);
  });
  afterAll(() => backend[asyncDispose]());

  it("computes what the reference computes", async () => {
    const reference = createReferenceBackend() as unknown as WasmBackend;
    const exact = await runLayer(reference, smallLayer);
    expect(backend.limits.maxBufferBytes).toBe(maximumBytes);
    expected.forEach((values, i) => expect(largestDifference(values, exact[i]!)).toBeLessThan(1e-4));
  });

  for (const { name, leastBytes, make } of requests) {
    it(`${name} throws OutOfMemoryError with the bytes at the call, and leaves nothing behind`, async () => {
      const before = backend.liveBytes;
      await withWorkspace(backend, async (workspace) => {
        let thrown: unknown;
        try {
          make(workspace, backend);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(OutOfMemoryError);
        const { requestedBytes, limitBytes } = thrown as OutOfMemoryError;
        expect(limitBytes).toBe(maximumBytes);
        expect(requestedBytes).toBeGreaterThanOrEqual(leastBytes);
        // The same workspace goes on.
        const sum = workspace.add(workspace.upload(Float32Array.of(1), [1]), workspace.upload(Float32Array.of(2), [1]));
        expect([...(await workspace.read(sum))]).toEqual([3]);
      });
      expect(backend.liveBytes).toBe(before);
      expect(differingBits(await runLayer(backend, smallLayer), expected)).toEqual([]);
    });
  }

  it("takes requests again and again after a hundred refusals", async () => {
    for (let i = 0; i < 100; i += 1) {
      await withWorkspace(backend, (workspace) => {
        expect(() => requests[i % requests.length]!.make(workspace, backend)).toThrow(OutOfMemoryError);
      });
    }
    expect(differingBits(await runLayer(backend, smallLayer), expected)).toEqual([]);
    // Nearly all of it in one piece: nothing of the refused requests is left in between.
    const most = backend.upload(new Float32Array(700_000), [700_000]);
    most[dispose]();
  });
});

/** With pieces that the arena takes from its chunks, and larger ones. */
const mixedLayer: LayerSize = { lengths: [120, 0, 160], heads: 2, width: 32 };

/** A layer, and a weight of the backend that it uses and gives back. */
async function runWithWeight(backend: WasmBackend): Promise<Float32Array[]> {
  const weight = backend.upload(new Float32Array(64 * 24).fill(0.5), [64, 24]);
  try {
    return await withWorkspace(backend, async (workspace) => {
      const results = submitLayer(backend, workspace, mixedLayer);
      const kept = workspace.keep(workspace.linear(results[0]!, weight));
      const reads = Promise.all([...results, kept].map((x) => workspace.read(x)));
      kept[dispose]();
      return reads;
    });
  } finally {
    weight[dispose]();
  }
}

/** Makes the allocation number `place` of the heap and of all arenas fail, until the returned function is called. */
function refuse(place: number, { heap }: Executor): () => void {
  const ofHeap = heap.allocate.bind(heap);
  const { value: ofArena } = Object.getOwnPropertyDescriptor(Arena.prototype, "allocate") as {
    value: Arena["allocate"];
  };
  let count = 0;
  const admit = (bytes: number): void => {
    count += 1;
    if (count - 1 === place) throw new OutOfMemoryError("refused", bytes, 0);
  };
  heap.allocate = (bytes) => {
    admit(bytes);
    return ofHeap(bytes);
  };
  Arena.prototype.allocate = function (bytes) {
    admit(bytes);
    return ofArena.call(this, bytes);
  };
  return () => {
    heap.allocate = ofHeap;
    Arena.prototype.allocate = ofArena;
  };
}

it("WasmBackend survives that any one of its allocations is refused: the same bits and no byte more afterwards", async () => {
  const untouched = await createWasmBackend();
  const expected = await runWithWeight(untouched);
  const live = untouched.liveBytes;
  await untouched[asyncDispose]();
  let refusals = 0;
  for (let place = 0; ; place += 1) {
    const backend = await createWasmBackend();
    const admitAll = refuse(place, executorOf(backend));
    const outcome = await runWithWeight(backend)
      .then(
        () => "done",
        (error: unknown) => (error instanceof OutOfMemoryError ? "refused" : String(error)),
      )
      .finally(admitAll);
    if (outcome === "done") break;
    expect(outcome).toBe("refused");
    refusals += 1;
    expect(differingBits(await runWithWeight(backend), expected), `after refusal ${place}`).toEqual([]);
    expect(backend.liveBytes, `after refusal ${place}`).toBe(live);
    await backend[asyncDispose]();
  }
  expect(refusals).toBeGreaterThan(50);
});
