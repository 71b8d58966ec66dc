// The same bits whatever the number of threads, and whatever else is in the batch: for any shape.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose, dispose } from "../disposal.ts";
import type {
  Activation,
  AttentionBias,
  AttentionOptions,
  AttentionPattern,
  AttentionScore,
  MapRequest,
  Tensor,
  Workspace,
} from "../index.ts";
import { offsetsOf } from "../ragged.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { distance } from "../../test/distance.ts";
import { drawValues } from "../../test/models.ts";
import { differingBits, executorOf, repeatedValues, withWorkspace } from "../../test/wasm-work.ts";
import { createWasmBackend, type WasmBackend } from "./index.ts";
import { probeSimd } from "./loader.ts";

const threadCounts = [1, 2, 3, 4];
const instructionSets = ["plain", "relaxed"] as const;
type InstructionSet = (typeof instructionSets)[number];

const backends = new Map<InstructionSet, WasmBackend[]>();
/** How many jobs went to the threads. */
let shared = 0;

async function open(simd: InstructionSet, threads: number): Promise<WasmBackend> {
  const backend = await createWasmBackend({ simd, threads });
  const { pool } = executorOf(backend);
  const start = pool?.start.bind(pool);
  if (pool !== null) {
    pool.start = (...job) => {
      shared += 1;
      start!(...job);
    };
  }
  return backend;
}

/** One backend for each number of threads, new ones for those that were lost; none where the engine has no such SIMD. */
async function openAll(simd: InstructionSet): Promise<WasmBackend[]> {
  const opened = backends.get(simd)!;
  for (const [place, backend] of opened.entries()) {
    if (executorOf(backend).lostReason === null) continue;
    await backend[asyncDispose]();
    opened[place] = await open(simd, threadCounts[place]!);
  }
  return opened;
}

beforeAll(async () => {
  const { relaxed } = probeSimd();
  if (!relaxed) console.warn("Skipped: relaxed SIMD: this engine has none");
  for (const simd of instructionSets) {
    const opened = simd === "relaxed" && !relaxed ? [] : threadCounts.map((threads) => open(simd, threads));
    backends.set(simd, await Promise.all(opened));
  }
});
afterAll(async () => {
  for (const opened of backends.values()) for (const backend of opened) await backend[asyncDispose]();
});

/** What is random about a call of attention; patterns and biases follow from it and the lengths of the sets. */
interface Call {
  readonly pattern: "full" | "causal" | "window" | "neighbors" | "blocks" | "rule" | "both";
  readonly heads: number;
  readonly kvHeads: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly reach: number;
  readonly score: "dot" | "tanh" | "leakyRelu";
  readonly normalizer: "softmax" | "relu" | "hard";
  readonly bias: "none" | "alibi" | "relative" | "relative2d";
  readonly softcap: number;
  readonly maps: readonly string[];
  readonly seed: number;
}

const calls: fc.Arbitrary<Call> = fc
  .record({
    pattern: fc.constantFrom("full", "causal", "window", "neighbors", "blocks", "rule", "both"),
    kvHeads: fc.integer({ min: 1, max: 3 }),
    sharedBy: fc.integer({ min: 1, max: 3 }),
    width: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom(8, 32, 64)),
    valueWidth: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom(8, 32, 64)),
    reach: fc.nat(30),
    score: fc.constantFrom("dot", "dot", "dot", "tanh", "leakyRelu"),
    normalizer: fc.constantFrom("softmax", "softmax", "softmax", "relu", "hard"),
    bias: fc.constantFrom("none", "none", "alibi", "relative", "relative2d"),
    softcap: fc.constantFrom(0, 0, 2.5),
    maps: fc.subarray(["topK", "columnSums", "rows", "entropy", "logSumExp", "meanOverHeads", "edges", "full"]),
    seed: fc.nat(1000),
  })
  .map(({ sharedBy, ...call }) => ({ ...call, heads: call.kvHeads * sharedBy }) as Call);

/** Awkward lengths: empty sets, single rows, one more and one less than a block. */
const lengths = fc.array(fc.oneof(fc.nat(70), fc.constantFrom(0, 1, 7, 8, 9, 95, 96, 97, 190)), {
  minLength: 1,
  maxLength: 5,
});

/** A number from three, evenly spread, for patterns that must be the same for a set wherever it stands. */
function mix(a: number, b: number, c: number): number {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 7, 0x85ebca6b) ^ Math.imul(c + 13, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 12)) >>> 0;
}

/** The pattern over `sets`, each of which is told by its length and its number in the batch. */
function patternOf(call: Call, sets: readonly SetOfBatch[]): AttentionPattern {
  const { seed, reach } = call;
  switch (call.pattern) {
    case "full":
    case "causal":
      return { kind: call.pattern };
    case "window":
      return { kind: "window", left: reach, right: mix(seed, 1, 2) % 20 };
    case "neighbors":
      return {
        kind: "neighbors",
        ...rowsOf(
          sets,
          (set) => set.length,
          1,
          (set, row) => mix(seed, set.number, row) % (reach + 2),
          seed,
        ),
      };
    case "blocks": {
      const size = 1 + (reach % 17);
      return {
        kind: "blocks",
        size,
        ...rowsOf(
          sets,
          (set) => Math.ceil(set.length / size),
          size,
          () => 2,
          seed,
        ),
      };
    }
    case "rule":
      return { kind: "rule", permits: (query, key, set) => mix(query, key, sets[set]!.number) % 3 !== 0 };
    case "both":
      return { kind: "all", of: [{ kind: "causal" }, patternOf({ ...call, pattern: "rule" }, sets)] };
  }
}

interface SetOfBatch {
  readonly number: number;
  readonly length: number;
}

/** Compressed sparse rows: `count` columns for each row of each set. */
function rowsOf(
  sets: readonly SetOfBatch[],
  rows: (set: SetOfBatch) => number,
  size: number,
  count: (set: SetOfBatch, row: number) => number,
  seed: number,
): { offsets: Int32Array; indices: Int32Array } {
  const lists = sets.flatMap((set) =>
    Array.from({ length: rows(set) }, (_, row) =>
      Array.from(
        { length: count(set, row) },
        (_unused, i) => mix(seed + i, row, set.number) % Math.ceil(set.length / size),
      ),
    ),
  );
  return { offsets: offsetsOf(lists.map((list) => list.length)), indices: Int32Array.from(lists.flat()) };
}

function optionsOf(call: Call, workspace: Workspace, rows: Int32Array): AttentionOptions {
  const { heads, kvHeads, width, seed, softcap } = call;
  const upload = (salt: number, shape: readonly number[]): Tensor =>
    workspace.upload(
      drawValues(
        seed + salt,
        shape.reduce((a, b) => a * b, 1),
      ),
      shape,
    );
  const softmax = call.normalizer === "softmax";
  const edges = call.pattern === "neighbors";
  const wanted = new Set(call.maps);
  const bias: Record<Call["bias"], () => AttentionBias | null> = {
    none: () => null,
    alibi: () => ({ kind: "alibi", slopes: upload(11, [heads]) }),
    relative: () => ({ kind: "relative", table: upload(12, [heads, 2 * 9 + 1]) }),
    relative2d: () => ({ kind: "relative2d", table: upload(13, [heads, 5 * 7]), columns: 6, reach: [2, 3] }),
  };
  const score: AttentionScore =
    call.score === "dot"
      ? { kind: "dot" }
      : { kind: "additive", vector: upload(14, [heads, width]), activation: call.score };
  const maps: MapRequest = {
    meanOverHeads: wanted.has("meanOverHeads"),
    columnSums: wanted.has("columnSums"),
    entropy: softmax && wanted.has("entropy"),
    logSumExp: softmax && wanted.has("logSumExp"),
    edges: edges && wanted.has("edges"),
    ...(wanted.has("topK") ? { topK: 1 + (seed % 4) } : {}),
    ...(wanted.has("rows") ? { rows } : {}),
    ...(wanted.has("full") ? { full: (["weights", "scores", "capped", "biased"] as const)[seed % 4]! } : {}),
  };
  const made = bias[call.bias]();
  return {
    heads,
    kvHeads,
    score,
    normalizer: call.normalizer,
    softcap,
    maps,
    ...(made === null ? {} : { bias: made }),
  };
}

/** Output and maps of the call over some sets of a batch; row r of the batch has the values of its number. */
async function attend(
  backend: WasmBackend,
  call: Call,
  sets: readonly SetOfBatch[],
  firstRow = 0,
): Promise<(Float32Array | Int32Array)[]> {
  const offsets = offsetsOf(sets.map(({ length }) => length));
  const P = offsets.at(-1)!;
  return withWorkspace(backend, async (workspace) => {
    const [q, k, v] = [
      [21, call.heads * call.width],
      [22, call.kvHeads * call.width],
      [23, call.kvHeads * call.valueWidth],
    ].map(([salt, W]) => {
      const values = drawValues(call.seed + salt!, (firstRow + P) * W!).subarray(firstRow * W!);
      return workspace.upload(values, [P, W!]);
    });
    const rows = Int32Array.from([...new Set([0, P >> 1, P - 1])].filter((row) => row >= 0 && row < P));
    const { output, maps } = workspace.attention(
      q!,
      k!,
      v!,
      backend.plan(offsets, offsets, patternOf(call, sets)),
      optionsOf(call, workspace, rows),
    );
    const { topK, ...others } = maps;
    const results: Tensor[] = [output, ...Object.values(others)];
    const reads: Promise<Float32Array | Int32Array>[] = results.map((x) => workspace.read(x));
    if (topK !== undefined) reads.push(workspace.read(topK.keys), workspace.read(topK.weights));
    return Promise.all(reads);
  });
}

const setsOf = (list: readonly number[]): SetOfBatch[] => list.map((length, number) => ({ length, number }));

describe.each(instructionSets)("WasmBackend, %s SIMD", (simd) => {
  it("attention() gives the same bits with 1, 2, 3 and 4 threads, maps included", async () => {
    const before = shared;
    await fc.assert(
      fc.asyncProperty(lengths, calls, async (list, call) => {
        const results = await Promise.all((await openAll(simd)).map((backend) => attend(backend, call, setsOf(list))));
        for (const result of results.slice(1)) expect(differingBits(result, results[0]!)).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(shared - before).toBeGreaterThanOrEqual(backends.get(simd)!.length === 0 ? 0 : 50);
  });

  it("linear() gives the same bits with 1, 2, 3 and 4 threads", async () => {
    const before = shared;
    const sizes = fc.record({
      P: fc.integer({ min: 64, max: 400 }),
      I: fc.integer({ min: 33, max: 90 }),
      O: fc.integer({ min: 128, max: 600 }),
    });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.constantFrom(null, "gelu", "tanh"),
        fc.boolean(),
        async ({ P, I, O }, activation, lasting) => {
          const results = await Promise.all(
            (await openAll(simd)).map((backend) =>
              linear(backend, drawValues(1, P * I), { I, O, activation: activation as Activation | null, lasting }),
            ),
          );
          for (const result of results.slice(1)) expect(differingBits([result], [results[0]!])).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
    expect(shared - before).toBeGreaterThanOrEqual(backends.get(simd)!.length === 0 ? 0 : 50);
  });

  it("attention() of a set alone gives the bits that it has in a batch, with one thread and with two", async () => {
    await fc.assert(
      fc.asyncProperty(lengths, calls, async (list, drawn) => {
        // The rows of a map are chosen by their place in the batch: other tests compare those.
        const call = { ...drawn, maps: drawn.maps.filter((name) => !["rows", "full", "edges"].includes(name)) };
        const sets = setsOf(list);
        const P = offsetsOf(list).at(-1)!;
        const [one, two] = await openAll(simd);
        if (one === undefined || P === 0) return;
        const batch = await attend(one, call, sets);
        let row = 0;
        for (const set of sets) {
          const alone = await attend(set.number % 2 === 0 ? two! : one, call, [set], row);
          const ofBatch = batch.map((values) =>
            values.slice((row * values.length) / P, ((row + set.length) * values.length) / P),
          );
          expect(differingBits(alone, ofBatch), `set ${set.number}`).toEqual([]);
          row += set.length;
        }
      }),
      { numRuns: 40 },
    );
  });

  it("linear() of a row alone gives the bits that it has in any batch", async () => {
    const sizes = fc.record({
      P: fc.integer({ min: 1, max: 250 }),
      I: fc.integer({ min: 1, max: 70 }),
      O: fc.integer({ min: 1, max: 90 }),
    });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.constantFrom(null, "gelu", "silu", "sigmoid"),
        fc.nat(),
        async ({ P, I, O }, activation, pick) => {
          const [one, two] = await openAll(simd);
          if (one === undefined) return;
          const x = drawValues(7, P * I);
          const options = { I, O, activation: activation as Activation | null, lasting: true };
          const batch = await linear(two!, x, options);
          const to = 1 + (pick % P);
          const from = pick % to;
          for (const [first, last] of [
            [to - 1, to],
            [from, to],
          ] as const) {
            const some = await linear(one, x.slice(first * I, last * I), options);
            expect(differingBits([some], [batch.slice(first * O, last * O)])).toEqual([]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("linear() of so many columns that they are cut into units gives the same bits with 1, 2, 3 and 4 threads, and for a row alone", async () => {
    const [P, I, O] = [10, 512, 6001];
    const options = { I, O, activation: null, lasting: true };
    const x = drawValues(9, P * I);
    const results = await Promise.all((await openAll(simd)).map((backend) => linear(backend, x, options)));
    for (const result of results.slice(1)) expect(differingBits([result], [results[0]!])).toEqual([]);
    for (const backend of await openAll(simd)) {
      const alone = await linear(backend, x.slice(7 * I, 8 * I), options);
      expect(differingBits([alone], [results[0]!.slice(7 * O, 8 * O)])).toEqual([]);
    }
  });

  it("attention() of random calls is close to the reference", async () => {
    const reference = createReferenceBackend() as unknown as WasmBackend;
    const short = fc.array(fc.nat(20), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(short, calls, async (list, drawn) => {
        const [one] = await openAll(simd);
        if (one === undefined) return;
        // Which keys are among the largest, and which one is the largest, may hang on the last bit.
        const call = {
          ...drawn,
          normalizer: drawn.normalizer === "hard" ? "relu" : drawn.normalizer,
          maps: drawn.maps.filter((name) => name !== "topK"),
        } as Call;
        const [actual, exact] = [await attend(one, call, setsOf(list)), await attend(reference, call, setsOf(list))];
        actual.forEach((values, i) => {
          const scale = Math.max(1, ...[...exact[i]!].filter(Number.isFinite).map(Math.abs));
          expect(distance(values, exact[i]!) / scale).toBeLessThan(3e-5);
        });
      }),
      { numRuns: 40 },
    );
  });
});

interface LinearOptions {
  readonly I: number;
  readonly O: number;
  readonly activation: Activation | null;
  /** Whether the weight stays on the backend. */
  readonly lasting: boolean;
}

/** Rows times a weight that depends on its sizes alone. */
async function linear(
  backend: WasmBackend,
  x: Float32Array,
  { I, O, activation, lasting }: LinearOptions,
): Promise<Float32Array> {
  return withWorkspace(backend, async (workspace) => {
    const values = repeatedValues(I * O);
    const weight = lasting ? backend.upload(values, [I, O]) : workspace.upload(values, [I, O]);
    const bias = workspace.upload(drawValues(4, O), [O]);
    const y = await workspace.read(workspace.linear(workspace.upload(x, [x.length / I, I]), weight, bias, activation));
    if (lasting) weight[dispose]();
    return y;
  });
}
