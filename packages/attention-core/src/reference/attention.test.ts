import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batches, batchesWithPattern, neighbors, permittedByDefinition, setsOf } from "../../test/arbitraries.ts";
import { distance } from "../../test/distance.ts";
import type { Attended, AttentionBias, AttentionOptions, Workspace } from "../backend.ts";
import type { AttentionPattern } from "../pattern.ts";
import { lengthsOf, offsetsOf } from "../ragged.ts";
import type { Tensor } from "../tensor.ts";
import { createReferenceBackend } from "./index.ts";

/** Numbers in -1.5 .. 1.5 that look random and are the same in every run. */
function numbers(size: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 12345;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 3 - 1.5;
  });
}

interface Sizes {
  readonly H: number;
  readonly kvHeads: number;
  readonly D: number;
  readonly valueWidth: number;
}

interface Call {
  readonly queries: Int32Array;
  readonly keys: Int32Array;
  readonly pattern: AttentionPattern;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly sizes: Sizes;
}

function callOf(queries: Int32Array, keys: Int32Array, pattern: AttentionPattern, sizes: Sizes, seed = 1): Call {
  const { H, kvHeads, D, valueWidth } = sizes;
  return {
    queries,
    keys,
    pattern,
    q: numbers(queries.at(-1)! * H * D, seed),
    k: numbers(keys.at(-1)! * kvHeads * D, seed + 1),
    v: numbers(keys.at(-1)! * kvHeads * valueWidth, seed + 2),
    sizes,
  };
}

type Options = Omit<AttentionOptions, "heads" | "kvHeads">;

interface Read {
  readonly output: Float32Array;
  readonly maps: Readonly<Record<string, Float32Array | Int32Array>>;
}

async function run(call: Call, optionsOf: Options | ((workspace: Workspace) => Options) = {}): Promise<Read> {
  await using backend = createReferenceBackend();
  using workspace = backend.workspace();
  const { queries, keys, pattern, q, k, v, sizes } = call;
  const { H, kvHeads, D, valueWidth } = sizes;
  const plan = backend.plan(queries, keys, pattern);
  const options = typeof optionsOf === "function" ? optionsOf(workspace) : optionsOf;
  const attended = workspace.attention(
    workspace.upload(q, [plan.queryOffsets.at(-1)!, H * D]),
    workspace.upload(k, [plan.keyOffsets.at(-1)!, kvHeads * D]),
    workspace.upload(v, [plan.keyOffsets.at(-1)!, kvHeads * valueWidth]),
    plan,
    { heads: H, kvHeads, ...options },
  );
  return { output: await workspace.read(attended.output), maps: await readMaps(workspace, attended) };
}

async function readMaps(workspace: Workspace, { maps }: Attended): Promise<Record<string, Float32Array | Int32Array>> {
  const values: Record<string, Float32Array | Int32Array> = {};
  for (const [name, map] of Object.entries(maps) as [string, Tensor | { keys: Tensor<"i32">; weights: Tensor }][]) {
    if ("keys" in map) {
      values["topKeys"] = await workspace.read(map.keys);
      values["topWeights"] = await workspace.read(map.weights);
    } else values[name] = await workspace.read(map);
  }
  return values;
}

const sizesOf: fc.Arbitrary<Sizes> = fc
  .record({
    kvHeads: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 3 }),
    D: fc.integer({ min: 1, max: 5 }),
    valueWidth: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ kvHeads, group, D, valueWidth }) => ({ H: kvHeads * group, kvHeads, D, valueWidth }));

const small: Sizes = { H: 2, kvHeads: 2, D: 3, valueWidth: 2 };

/** Softmax attention by the textbook, one dense matrix per set and head, forbidden pairs left out of the sums. */
function byTheTextbook({ queries, keys, pattern, q, k, v, sizes }: Call, softcap = 0): number[] {
  const { H, kvHeads, D, valueWidth } = sizes;
  const permitted = permittedByDefinition({ queries, keys }, pattern);
  const output: number[] = [];
  let place = 0;
  setsOf({ queries, keys }).forEach((set, n) => {
    for (let i = 0; i < set.queries; i += 1, place += set.keys) {
      for (let h = 0; h < H; h += 1) {
        const kv = Math.floor(h / (H / kvHeads));
        const weights = Array.from({ length: set.keys }, (_, j) => {
          if (permitted[place + j] === 0) return 0;
          let dot = 0;
          for (let d = 0; d < D; d += 1) {
            dot += q[((queries[n]! + i) * H + h) * D + d]! * k[((keys[n]! + j) * kvHeads + kv) * D + d]!;
          }
          const score = dot / Math.sqrt(D);
          return Math.exp(softcap > 0 ? softcap * Math.tanh(score / softcap) : score);
        });
        const sum = weights.reduce((total, weight) => total + weight, 0);
        for (let d = 0; d < valueWidth; d += 1) {
          let value = 0;
          weights.forEach((weight, j) => {
            if (weight > 0) value += (weight / sum) * v[((keys[n]! + j) * kvHeads + kv) * valueWidth + d]!;
          });
          output.push(value);
        }
      }
    }
  });
  return output;
}

const calls = fc
  .tuple(batchesWithPattern(8), sizesOf)
  .filter(([{ pattern }]) => !hasDoubledEdges(pattern))
  .map(([{ queries, keys, pattern }, sizes]) => callOf(queries, keys, pattern, sizes));

/** Doubled edges count twice, which a matrix of permitted pairs cannot say. */
function hasDoubledEdges(pattern: AttentionPattern): boolean {
  if (pattern.kind === "all") return pattern.of.some(hasDoubledEdges);
  if (pattern.kind !== "neighbors") return false;
  return lengthsOf(pattern.offsets).some(
    (length, row) => new Set(pattern.indices.subarray(pattern.offsets[row], pattern.offsets[row + 1])).size < length,
  );
}

/** Set n of a call, alone. */
function setAlone(call: Call, n: number): Call {
  const { queries, keys, q, k, v, sizes } = call;
  const { H, kvHeads, D, valueWidth } = sizes;
  const rows = (values: Float32Array, offsets: Int32Array, width: number): Float32Array =>
    values.slice(offsets[n]! * width, offsets[n + 1]! * width);
  const set = setsOf(call)[n]!;
  const before = setsOf(call)
    .slice(0, n)
    .reduce((sum, { queries: count, keys: others }) => sum + count * others, 0);
  const permitted = permittedByDefinition(call, call.pattern);
  return {
    queries: offsetsOf([set.queries]),
    keys: offsetsOf([set.keys]),
    pattern: { kind: "rule", permits: (query, key) => permitted[before + query * set.keys + key] === 1 },
    q: rows(q, queries, H * D),
    k: rows(k, keys, kvHeads * D),
    v: rows(v, keys, kvHeads * valueWidth),
    sizes,
  };
}

describe("attention()", () => {
  it("agrees with the textbook for any pattern, grouping and widths", async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.constantFrom(0, 0.7), async (call, softcap) => {
        expect(distance((await run(call, { softcap })).output, byTheTextbook(call, softcap))).toBeLessThan(1e-6);
      }),
      { numRuns: 200 },
    );
  });

  it("gives for a ragged batch what it gives for each set alone, bit for bit", async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (call) => {
        const { output } = await run(call);
        const { H, valueWidth } = call.sizes;
        for (let n = 0; n < call.queries.length - 1; n += 1) {
          const alone = await run(setAlone(call, n));
          const rows = output.slice(call.queries[n]! * H * valueWidth, call.queries[n + 1]! * H * valueWidth);
          // The sum over edges goes in another order than that over ascending keys.
          expect(distance(rows, alone.output)).toBeLessThan(
            call.pattern.kind === "neighbors" || call.pattern.kind === "all" ? 1e-6 : 1e-30,
          );
        }
      }),
    );
  });

  it("permutes the outputs where nodes and edges are permuted", async () => {
    const cases = fc.integer({ min: 1, max: 8 }).chain((P) =>
      fc.tuple(
        neighbors({ queries: offsetsOf([P]), keys: offsetsOf([P]) }),
        fc.shuffledSubarray(
          Array.from({ length: P }, (_, i) => i),
          { minLength: P },
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([graph, order]) => {
        const P = order.length;
        const offsets = offsetsOf([P]);
        const call = callOf(offsets, offsets, graph, small);
        const { output } = await run(call);
        // Node i of the permuted graph is node order[i] of the first, its edges reversed as well.
        const lists = order.map((node) =>
          [...graph.indices.subarray(graph.offsets[node]!, graph.offsets[node + 1]!)]
            .reverse()
            .map((key) => order.indexOf(key)),
        );
        const rows = (values: Float32Array, width: number): Float32Array =>
          Float32Array.from(order.flatMap((node) => [...values.subarray(node * width, (node + 1) * width)]));
        const permuted = await run({
          ...call,
          pattern: {
            kind: "neighbors",
            offsets: offsetsOf(lists.map((list) => list.length)),
            indices: Int32Array.from(lists.flat()),
          },
          q: rows(call.q, 6),
          k: rows(call.k, 6),
          v: rows(call.v, 4),
        });
        expect(distance(permuted.output, rows(output, 4))).toBeLessThan(1e-6);
      }),
    );
  });

  it("gives for a complete graph, and for blocks that cover all, what full gives", async () => {
    await fc.assert(
      fc.asyncProperty(batches(8), fc.integer({ min: 1, max: 9 }), async (batch, size) => {
        const full = await run(callOf(batch.queries, batch.keys, { kind: "full" }, small));
        const sets = setsOf(batch);
        const complete = sets.flatMap((set) =>
          Array.from({ length: set.queries }, () => Array.from({ length: set.keys }, (_, key) => key)),
        );
        const covered = sets.flatMap((set) =>
          Array.from({ length: Math.ceil(set.queries / size) }, () =>
            Array.from({ length: Math.ceil(set.keys / size) }, (_, column) => column),
          ),
        );
        const graph = (lists: number[][]): { offsets: Int32Array; indices: Int32Array } => ({
          offsets: offsetsOf(lists.map((list) => list.length)),
          indices: Int32Array.from(lists.flat()),
        });
        const patterns: AttentionPattern[] = [
          { kind: "neighbors", ...graph(complete) },
          { kind: "blocks", size, ...graph(covered) },
          { kind: "window", left: 8, right: 8 },
          { kind: "rule", permits: () => true },
        ];
        for (const pattern of patterns)
          expect((await run(callOf(batch.queries, batch.keys, pattern, small))).output).toEqual(full.output);
      }),
    );
  });

  it("gives with key and value groups what it gives with heads repeated", async () => {
    await fc.assert(
      fc.asyncProperty(batchesWithPattern(6), sizesOf, async ({ queries, keys, pattern }, sizes) => {
        const call = callOf(queries, keys, pattern, sizes);
        const { H, kvHeads, D, valueWidth } = sizes;
        const repeat = (values: Float32Array, width: number): Float32Array => {
          const repeated: number[] = [];
          for (let row = 0; row < values.length / (kvHeads * width); row += 1) {
            for (let h = 0; h < H; h += 1) {
              const from = (row * kvHeads + Math.floor((h * kvHeads) / H)) * width;
              repeated.push(...values.subarray(from, from + width));
            }
          }
          return Float32Array.from(repeated);
        };
        const repeated = await run({
          ...call,
          k: repeat(call.k, D),
          v: repeat(call.v, valueWidth),
          sizes: { ...sizes, kvHeads: H },
        });
        expect((await run(call)).output).toEqual(repeated.output);
      }),
    );
  });

  it("gives zeros for a row with no permitted key, whichever the normalizer", async () => {
    const offsets = offsetsOf([3, 2]);
    const pattern: AttentionPattern = {
      kind: "neighbors",
      offsets: Int32Array.of(0, 1, 1, 3, 3, 3),
      indices: Int32Array.of(0, 1, 2),
    };
    for (const normalizer of ["softmax", "relu", "hard"] as const) {
      const { output } = await run(callOf(offsets, offsets, pattern, { H: 1, kvHeads: 1, D: 2, valueWidth: 2 }), {
        normalizer,
      });
      expect([...output.slice(2, 4), ...output.slice(6)]).toEqual([0, 0, 0, 0, 0, 0]);
    }
    const noKeys = await run(callOf(offsetsOf([2]), offsetsOf([0]), { kind: "full" }, small), {
      maps: { logSumExp: true, entropy: true, topK: 2 },
    });
    expect(noKeys.output).toEqual(new Float32Array(8));
    expect(noKeys.maps["logSumExp"]).toEqual(new Float32Array(4).fill(-Infinity));
    expect(noKeys.maps["entropy"]).toEqual(new Float32Array(4));
    expect(noKeys.maps["topKeys"]).toEqual(new Int32Array(8).fill(-1));
  });

  it("lets no NaN or infinity behind the pattern or a bias of -Infinity into the output", async () => {
    await fc.assert(
      fc.asyncProperty(
        calls,
        fc.constantFrom(NaN, Infinity, -Infinity),
        fc.constantFrom("softmax" as const, "relu" as const, "hard" as const),
        async (call, poison, normalizer) => {
          const { H, kvHeads, D, valueWidth } = call.sizes;
          const permitted = permittedByDefinition(call, call.pattern);
          const clean = await run(call, { normalizer });
          // Key rows that no query may attend to are poisoned; so is every other key, and forbidden by the bias.
          for (const byBias of [false, true]) {
            const bias = new Float32Array(permitted.length);
            const k = call.k.slice();
            const v = call.v.slice();
            const expected = byBias
              ? {
                  ...call,
                  pattern: {
                    kind: "all",
                    of: [call.pattern, { kind: "rule", permits: (_: number, key: number) => key % 2 === 0 }],
                  } as AttentionPattern,
                }
              : call;
            let place = 0;
            setsOf(call).forEach((set, n) => {
              for (let key = 0; key < set.keys; key += 1) {
                const seen = Array.from(
                  { length: set.queries },
                  (_, query) => permitted[place + query * set.keys + key],
                ).includes(1);
                const forbidden = byBias && key % 2 === 1;
                if (seen && !forbidden) continue;
                const row = call.keys[n]! + key;
                k.fill(poison, row * kvHeads * D, (row + 1) * kvHeads * D);
                v.fill(poison, row * kvHeads * valueWidth, (row + 1) * kvHeads * valueWidth);
                if (forbidden)
                  for (let query = 0; query < set.queries; query += 1) bias[place + query * set.keys + key] = -Infinity;
              }
              place += set.queries * set.keys;
            });
            const poisoned = await run({ ...call, k, v }, (workspace) => ({
              normalizer,
              ...(byBias && { bias: { kind: "dense", values: workspace.upload(bias, [bias.length]), heads: 1 } }),
            }));
            expect(poisoned.output).toEqual(byBias ? (await run(expected, { normalizer })).output : clean.output);
            expect(poisoned.output.length).toBe(call.queries.at(-1)! * H * valueWidth);
          }
        },
      ),
    );
  });

  it("keeps a NaN that is not masked in its own row and head", async () => {
    const offsets = offsetsOf([3]);
    const call = callOf(offsets, offsets, { kind: "causal" }, small);
    const q = call.q.slice();
    q[1 * 6 + 3] = NaN;
    for (const normalizer of ["softmax", "relu", "hard"] as const) {
      const clean = await run(call, { normalizer });
      const { output } = await run({ ...call, q }, { normalizer });
      expect([...output.subarray(6, 8)].every(Number.isNaN)).toBe(true);
      expect([...output.subarray(0, 6), ...output.subarray(8)]).toEqual([
        ...clean.output.subarray(0, 6),
        ...clean.output.subarray(8),
      ]);
    }
  });

  it("is not changed by a constant that is added to all scores of a row", async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.double({ min: -50, max: 50, noNaN: true }), async (call, constant) => {
        const shifted = await run(call, (workspace) => {
          const size = setsOf(call).reduce((sum, set) => sum + set.queries * set.keys, 0);
          return {
            bias: { kind: "dense", values: workspace.upload(new Float32Array(size).fill(constant), [size]), heads: 1 },
          };
        });
        expect(distance((await run(call)).output, shifted.output)).toBeLessThan(1e-6);
      }),
    );
  });

  it("stays finite for scores of ten thousand", async () => {
    const offsets = offsetsOf([4]);
    const { output, maps } = await run(callOf(offsets, offsets, { kind: "full" }, small), {
      scale: 1e4,
      maps: { logSumExp: true, entropy: true },
    });
    for (const value of [...output, ...maps["logSumExp"]!, ...maps["entropy"]!])
      expect(Number.isFinite(value)).toBe(true);
  });

  it("gives with the normalizer hard the value of the first largest score", async () => {
    const one: Sizes = { H: 1, kvHeads: 1, D: 1, valueWidth: 1 };
    const call: Call = {
      queries: offsetsOf([1]),
      keys: offsetsOf([4]),
      pattern: { kind: "full" },
      q: Float32Array.of(1),
      k: Float32Array.of(1, 3, 3, 2),
      v: Float32Array.of(5, 6, 7, Infinity),
      sizes: one,
    };
    expect((await run(call, { normalizer: "hard" })).output).toEqual(Float32Array.of(6));
  });

  it("gives with the normalizer relu scores over the count of permitted keys", async () => {
    const one: Sizes = { H: 1, kvHeads: 1, D: 1, valueWidth: 1 };
    const call: Call = {
      queries: offsetsOf([1]),
      keys: offsetsOf([4]),
      pattern: { kind: "rule", permits: (_, key) => key !== 3 },
      q: Float32Array.of(1),
      k: Float32Array.of(1, -3, 2, 9),
      v: Float32Array.of(3, 100, 6, 100),
      sizes: one,
    };
    expect(await run(call, { normalizer: "relu", maps: { full: "weights" } })).toEqual({
      output: Float32Array.of((1 * 3 + 2 * 6) / 3),
      maps: { full: Float32Array.of(1 / 3, 0, 2 / 3, 0) },
    });
  });

  it("scores additively: a · tanh(q + k), and a · leakyRelu(q + k)", async () => {
    const one: Sizes = { H: 1, kvHeads: 1, D: 2, valueWidth: 1 };
    const call: Call = {
      queries: offsetsOf([1]),
      keys: offsetsOf([2]),
      pattern: { kind: "full" },
      q: Float32Array.of(1, -2),
      k: Float32Array.of(0.5, 1, -3, 4),
      v: Float32Array.of(1, 2),
      sizes: one,
    };
    const scores = async (
      activation: "tanh" | "leakyRelu",
      more: { readonly slope?: number },
      scale?: number,
    ): Promise<number[]> => {
      const { maps } = await run(call, (workspace) => ({
        score: { kind: "additive", vector: workspace.upload(Float32Array.of(0.7, -0.3), [1, 2]), activation, ...more },
        ...(scale !== undefined && { scale }),
        maps: { full: "scores" },
      }));
      return [...maps["full"]!];
    };
    const expected = (act: (x: number) => number): number[] => [
      0.7 * act(1.5) - 0.3 * act(-1),
      0.7 * act(-2) - 0.3 * act(2),
    ];
    expect(distance(await scores("tanh", {}), expected(Math.tanh))).toBeLessThan(1e-6);
    expect(
      distance(
        await scores("leakyRelu", {}),
        expected((x) => (x < 0 ? 0.2 * x : x)),
      ),
    ).toBeLessThan(1e-6);
    expect(
      distance(
        await scores("leakyRelu", { slope: 0.01 }, 2),
        expected((x) => 2 * (x < 0 ? 0.01 * x : x)),
      ),
    ).toBeLessThan(1e-6);
  });

  describe("bias", () => {
    const cases = fc.tuple(batches(7), fc.boolean());
    /** How far the output with a bias is from that with the dense bias that `valueOf` describes. */
    async function distanceFromDense(
      call: Call,
      biasOf: (workspace: Workspace) => AttentionBias,
      valueOf: (
        query: number,
        key: number,
        head: number,
        set: { readonly queries: number; readonly keys: number },
      ) => number,
    ): Promise<number> {
      const dense = setsOf(call).flatMap((set) =>
        Array.from({ length: call.sizes.H * set.queries * set.keys }, (_, i) => {
          const key = i % set.keys;
          const query = Math.floor(i / set.keys) % set.queries;
          return valueOf(query, key, Math.floor(i / (set.keys * set.queries)), set);
        }),
      );
      const expected = await run(call, (workspace) => ({
        bias: {
          kind: "dense",
          values: workspace.upload(Float32Array.from(dense), [dense.length]),
          heads: call.sizes.H,
        },
      }));
      return distance((await run(call, (workspace) => ({ bias: biasOf(workspace) }))).output, expected.output);
    }

    it("alibi takes the distance from the aligned query", async () => {
      await fc.assert(
        fc.asyncProperty(cases, async ([{ queries, keys }]) => {
          const slopes = Float32Array.of(0.5, 0.25);
          const far = await distanceFromDense(
            callOf(queries, keys, { kind: "full" }, small),
            (workspace) => ({ kind: "alibi", slopes: workspace.upload(slopes, [2]) }),
            (query, key, head, set) => -slopes[head]! * Math.abs(key - (query + set.keys - set.queries)),
          );
          expect(far).toBeLessThan(1e-6);
        }),
      );
    });

    it("relative reads its table at the distance, cut to its reach", async () => {
      await fc.assert(
        fc.asyncProperty(cases, fc.nat(4), async ([{ queries, keys }], R) => {
          const table = numbers(2 * (2 * R + 1), 9);
          const far = await distanceFromDense(
            callOf(queries, keys, { kind: "full" }, small),
            (workspace) => ({ kind: "relative", table: workspace.upload(table, [2, 2 * R + 1]) }),
            (query, key, head, set) => {
              const cut = Math.max(-R, Math.min(R, key - (query + set.keys - set.queries)));
              return table[head * (2 * R + 1) + cut + R]!;
            },
          );
          expect(far).toBeLessThan(1e-6);
        }),
      );
    });

    it("relative2d reads its table at the distances on the grid", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.nat(9),
          fc.integer({ min: 1, max: 4 }),
          fc.nat(3),
          fc.nat(3),
          async (rows, columns, Y, X) => {
            const table = numbers(2 * (2 * Y + 1) * (2 * X + 1), 9);
            const offsets = offsetsOf([rows, 3]);
            const far = await distanceFromDense(
              callOf(offsets, offsets, { kind: "full" }, small),
              (workspace) => ({
                kind: "relative2d",
                table: workspace.upload(table, [2, table.length / 2]),
                columns,
                reach: [Y, X],
              }),
              (query, key, head) => {
                const y = Math.max(-Y, Math.min(Y, Math.floor(key / columns) - Math.floor(query / columns)));
                const x = Math.max(-X, Math.min(X, (key % columns) - (query % columns)));
                return table[head * (table.length / 2) + (y + Y) * (2 * X + 1) + x + X]!;
              },
            );
            expect(far).toBeLessThan(1e-6);
          },
        ),
      );
    });

    it("edges names edges by their place in the pattern, also in an intersection", async () => {
      const P = 3;
      const offsets = offsetsOf([P]);
      const graph: AttentionPattern = {
        kind: "neighbors",
        offsets: Int32Array.of(0, 3, 4, 6),
        indices: Int32Array.of(2, 0, 1, 1, 0, 2),
      };
      const values = numbers(6 * 2, 5);
      const dense = (query: number, key: number, head: number): number => {
        const edge = [...graph.indices].findIndex(
          (each, e) => each === key && e >= graph.offsets[query]! && e < graph.offsets[query + 1]!,
        );
        return edge === -1 ? 0 : values[edge * 2 + head]!;
      };
      for (const pattern of [graph, { kind: "all", of: [graph, { kind: "causal" }] } as AttentionPattern]) {
        const call = callOf(offsets, offsets, pattern, small);
        const far = await distanceFromDense(
          call,
          (workspace) => ({ kind: "edges", values: workspace.upload(values, [6, 2]) }),
          dense,
        );
        expect(far).toBeLessThan(1e-6);
      }
    });

    it("comes after the softcap", async () => {
      const offsets = offsetsOf([2]);
      const { maps } = await run(
        callOf(offsets, offsets, { kind: "full" }, { H: 1, kvHeads: 1, D: 1, valueWidth: 1 }),
        (workspace) => ({
          scale: 100,
          softcap: 1,
          bias: { kind: "dense", values: workspace.upload(Float32Array.of(10, 20, 30, 40), [4]), heads: 1 },
          maps: { full: "biased" },
        }),
      );
      maps["full"]!.forEach((score, i) => expect(Math.abs(score - 10 * (i + 1))).toBeLessThanOrEqual(1));
    });
  });

  describe("maps", () => {
    const all = { rows: Int32Array.of(), topK: 3, columnSums: true, entropy: true, logSumExp: true } as const;

    it("agree with the full map, for any pattern, with and without the mean over heads", async () => {
      await fc.assert(
        fc.asyncProperty(calls, fc.boolean(), fc.nat(100), async (call, meanOverHeads, pick) => {
          const P = call.queries.at(-1)!;
          const rows = P === 0 ? Int32Array.of() : Int32Array.of(pick % P, (pick * 7) % P, pick % P);
          const { maps, output } = await run(call, { maps: { ...all, rows, meanOverHeads, full: "weights" } });
          const perHead = await run(call, { maps: { full: "weights" } });
          expect(output).toEqual((await run(call)).output);
          const heads = meanOverHeads ? 1 : call.sizes.H;
          const weights = matrices(call, heads, maps["full"]!);
          const scores = matrices(call, call.sizes.H, (await run(call, { maps: { full: "biased" } })).maps["full"]!);
          const separate = matrices(call, call.sizes.H, perHead.maps["full"]!);
          const rowsOfMatrices = weights.flatMap((set) => set[0]!.map((_, i) => set.map((head) => head[i]!)));
          const closeTo = (actual: ArrayLike<number>, expected: ArrayLike<number>): void =>
            expect(distance(actual, expected)).toBeLessThan(1e-5);

          if (meanOverHeads) {
            closeTo(
              weights.flat(3),
              separate.flatMap((set) =>
                set[0]!.flatMap((row, i) =>
                  row.map((_, j) => set.reduce((sum, head) => sum + head[i]![j]! / call.sizes.H, 0)),
                ),
              ),
            );
          }
          closeTo(
            maps["rows"]!,
            [...rows].flatMap((row) => rowsOfMatrices[row]!.flat()),
          );
          closeTo(
            maps["columnSums"]!,
            weights.flatMap((set, n) =>
              Array.from({ length: setsOf(call)[n]!.keys }, (_, j) =>
                set.map((head) => head.reduce((sum, row) => sum + row[j]!, 0)),
              ).flat(),
            ),
          );
          closeTo(
            maps["topWeights"]!,
            rowsOfMatrices.flatMap((row) =>
              row.flatMap((head) => [...[...head].sort((a, b) => b - a), 0, 0, 0].slice(0, 3)),
            ),
          );
          maps["topKeys"]!.forEach((key, i) => {
            const row = Math.floor(i / (3 * heads));
            const weight = key === -1 ? 0 : rowsOfMatrices[row]![Math.floor(i / 3) % heads]![key];
            expect(maps["topWeights"]![i]).toBe(weight);
          });
          const scoreRows = scores.flatMap((set) => set[0]!.map((_, i) => set.map((head) => head[i]!)));
          closeTo(
            maps["logSumExp"]!,
            scoreRows.flatMap((row) =>
              row.map((head) => Math.log(head.reduce((sum, score) => sum + Math.exp(score), 0))),
            ),
          );
          const separateRows = separate.flatMap((set) => set[0]!.map((_, i) => set.map((head) => head[i]!)));
          closeTo(
            maps["entropy"]!,
            separateRows.flatMap((row) =>
              row.map((head) => head.reduce((sum, weight) => sum - (weight > 0 ? weight * Math.log(weight) : 0), 0)),
            ),
          );
        }),
      );
    });

    it("rows of weights sum to 1 where a key is permitted", async () => {
      await fc.assert(
        fc.asyncProperty(calls, async (call) => {
          const { maps } = await run(call, { maps: { full: "weights" } });
          const permitted = matrices(call, 1, permittedByDefinition(call, call.pattern));
          matrices(call, call.sizes.H, maps["full"]!).forEach((set, n) =>
            set.forEach((head) =>
              head.forEach((row, i) => {
                const sum = row.reduce((total, weight) => total + weight, 0);
                expect(sum).toBeCloseTo(permitted[n]![0]![i]!.includes(1) ? 1 : 0, 5);
              }),
            ),
          );
        }),
      );
    });

    it("edges are the weights along the pattern's edges, 0 for those that an intersection leaves out", async () => {
      const offsets = offsetsOf([3]);
      const graph: AttentionPattern = {
        kind: "neighbors",
        offsets: Int32Array.of(0, 3, 4, 6),
        indices: Int32Array.of(2, 0, 1, 1, 0, 0),
      };
      const whole = (await run(callOf(offsets, offsets, graph, small), { maps: { edges: true } })).maps["edges"]!;
      expect(whole.length).toBe(12);
      expect(whole[0]! + whole[2]! + whole[4]!).toBeCloseTo(1, 5);
      expect(whole[6]).toBe(1);
      // The last row has the same edge twice: both count.
      expect([...whole.subarray(8)]).toEqual([0.5, 0.5, 0.5, 0.5]);
      const part = (
        await run(callOf(offsets, offsets, { kind: "all", of: [graph, { kind: "causal" }] }, small), {
          maps: { edges: true, full: "weights" },
        })
      ).maps;
      expect([...part["edges"]!]).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 0.5, 0.5, 0.5, 0.5]);
      expect([...part["full"]!]).toEqual([1, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0]);
      const mean = (await run(callOf(offsets, offsets, graph, small), { maps: { edges: true, meanOverHeads: true } }))
        .maps["edges"]!;
      expect(
        distance(
          mean,
          Array.from({ length: 6 }, (_, e) => (whole[2 * e]! + whole[2 * e + 1]!) / 2),
        ),
      ).toBeLessThan(1e-6);
    });

    it("full gives the scores before and after softcap and bias", async () => {
      const call = callOf(
        offsetsOf([2]),
        offsetsOf([2]),
        { kind: "causal" },
        { H: 1, kvHeads: 1, D: 1, valueWidth: 1 },
      );
      const at = async (full: "scores" | "capped" | "biased"): Promise<number[]> => {
        const { maps } = await run(call, (workspace) => ({
          scale: 3,
          softcap: 2,
          bias: { kind: "dense", values: workspace.upload(Float32Array.of(1, 2, -Infinity, 4), [4]), heads: 1 },
          maps: { full },
        }));
        return [...maps["full"]!];
      };
      const scores = [0, 0, 1, 1].map((i, at2) => 3 * call.q[i]! * call.k[at2 % 2]!);
      const capped = scores.map((score) => 2 * Math.tanh(score / 2));
      expect(distance(await at("scores"), scores)).toBeLessThan(1e-6);
      expect(distance(await at("capped"), capped)).toBeLessThan(1e-6);
      expect(distance(await at("biased"), [capped[0]! + 1, -Infinity, -Infinity, capped[3]! + 4])).toBeLessThan(1e-6);
    });

    it("show nothing of a pair that the bias forbids, unless another head permits it", async () => {
      const call = callOf(offsetsOf([1]), offsetsOf([3]), { kind: "full" }, small);
      const forbids = [-Infinity, 0, 0, -Infinity, -Infinity, 0];
      const at = async (options: Options, bias = forbids): Promise<Read["maps"]> => {
        const { maps } = await run(call, (workspace) => ({
          ...options,
          bias: { kind: "dense", values: workspace.upload(Float32Array.from(bias), [6]), heads: 2 },
        }));
        return maps;
      };
      const separate = await at({ maps: { topK: 3 } });
      expect([...separate["topKeys"]!].sort((a, b) => a - b)).toEqual([-1, -1, -1, 1, 2, 2]);
      const mean = await at({ maps: { topK: 3, meanOverHeads: true } });
      expect([...mean["topKeys"]!].sort((a, b) => a - b)).toEqual([-1, 1, 2]);
      for (const normalizer of ["softmax", "relu", "hard"] as const) {
        const nothing = await at(
          { normalizer, maps: { topK: 1, full: "weights" } },
          forbids.map(() => -Infinity),
        );
        expect([...nothing["topKeys"]!, ...nothing["full"]!]).toEqual([-1, -1, 0, 0, 0, 0, 0, 0]);
      }
    });

    it("topK lists equal weights in the order of their keys", async () => {
      const call = callOf(offsetsOf([1]), offsetsOf([3]), { kind: "full" }, { H: 1, kvHeads: 1, D: 1, valueWidth: 1 });
      const { maps } = await run({ ...call, k: Float32Array.of(2, 2, 2) }, { maps: { topK: 2 } });
      expect([...maps["topKeys"]!]).toEqual([0, 1]);
    });
  });
});

/** A flat map [heads, queries, keys] of each set, as lists. */
function matrices(call: Call, heads: number, flat: ArrayLike<number>): number[][][][] {
  let at = 0;
  return setsOf(call).map((set) =>
    Array.from({ length: heads }, () =>
      Array.from({ length: set.queries }, () => Array.from({ length: set.keys }, () => flat[at++]!)),
    ),
  );
}
