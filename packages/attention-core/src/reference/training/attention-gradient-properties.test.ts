import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Batch,
  batches,
  batchesWithPattern,
  neighbors,
  permittedByDefinition,
  setsOf,
} from "../../../test/arbitraries.ts";
import { evenNumbers } from "../../../test/central-differences.ts";
import { distance } from "../../../test/distance.ts";
import type { AttentionNormalizer } from "../../backend.ts";
import type { AttentionPattern } from "../../pattern.ts";
import { lengthsOf, offsetsOf } from "../../ragged.ts";
import type { Tensor } from "../../tensor.ts";
import type { TrainingAttentionOptions, TrainingWorkspace } from "../../training.ts";
import { createReferenceTrainingBackend } from "../index.ts";

const H = 2;
const D = 3;
const valueWidth = 2;

interface Call extends Batch {
  readonly pattern: AttentionPattern;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly dy: Float32Array;
}

interface Gradients {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  readonly bias: Float64Array | null;
}

function callOf(batch: Batch, pattern: AttentionPattern): Call {
  const { queries, keys } = batch;
  return {
    queries,
    keys,
    pattern,
    q: evenNumbers(queries.at(-1)! * H * D, 1),
    k: evenNumbers(keys.at(-1)! * H * D, 2),
    v: evenNumbers(keys.at(-1)! * H * valueWidth, 3),
    dy: evenNumbers(queries.at(-1)! * H * valueWidth, 4),
  };
}

type Options = Omit<TrainingAttentionOptions, "heads">;

async function gradientsOf(
  { queries, keys, pattern, q, k, v, dy }: Call,
  optionsOf: (workspace: TrainingWorkspace) => Options = () => ({}),
): Promise<Gradients> {
  await using backend = createReferenceTrainingBackend({ precision: "f64" });
  using workspace = backend.workspace();
  const plan = backend.plan(queries, keys, pattern);
  const [P, keyRows] = [queries.at(-1)!, keys.at(-1)!];
  const [queryRows, keyTensor, values] = [
    workspace.upload(q, [P, H * D]),
    workspace.upload(k, [keyRows, H * D]),
    workspace.upload(v, [keyRows, H * valueWidth]),
  ];
  const options: TrainingAttentionOptions = { heads: H, ...optionsOf(workspace) };
  const maps = (options.normalizer ?? "softmax") === "softmax" ? { maps: { logSumExp: true } } : {};
  const attended = workspace.attention(queryRows, keyTensor, values, plan, { ...options, ...maps });
  const found = workspace.attentionGradient(
    queryRows,
    keyTensor,
    values,
    plan,
    options,
    { output: attended.output, logSumExp: attended.maps.logSumExp ?? null },
    workspace.upload(dy, [P, H * valueWidth]),
  );
  const peek = (x: Tensor): Float64Array => backend.peek(x);
  return { q: peek(found.q), k: peek(found.k), v: peek(found.v), bias: found.bias && peek(found.bias) };
}

const normalizers = fc.constantFrom<AttentionNormalizer>("softmax", "relu", "hard");
const close = 1e-12;

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
  const { queries, keys } = call;
  const sets = setsOf(call);
  const set = sets[n]!;
  const before = sets.slice(0, n).reduce((sum, { queries: count, keys: others }) => sum + count * others, 0);
  const permitted = permittedByDefinition(call, call.pattern);
  const rows = (values: Float32Array, offsets: Int32Array, width: number): Float32Array =>
    values.slice(offsets[n]! * width, offsets[n + 1]! * width);
  return {
    queries: offsetsOf([set.queries]),
    keys: offsetsOf([set.keys]),
    pattern: { kind: "rule", permits: (query, key) => permitted[before + query * set.keys + key] === 1 },
    q: rows(call.q, queries, H * D),
    k: rows(call.k, keys, H * D),
    v: rows(call.v, keys, H * valueWidth),
    dy: rows(call.dy, queries, H * valueWidth),
  };
}

describe("attentionGradient()", () => {
  it("gives for a ragged batch what it gives for each set alone", async () => {
    const calls = batchesWithPattern(8)
      .filter(({ pattern }) => !hasDoubledEdges(pattern))
      .map((batch) => callOf(batch, batch.pattern));
    await fc.assert(
      fc.asyncProperty(calls, normalizers, async (call, normalizer) => {
        const whole = await gradientsOf(call, () => ({ normalizer }));
        for (let n = 0; n < call.queries.length - 1; n += 1) {
          const alone = await gradientsOf(setAlone(call, n), () => ({ normalizer }));
          const rows = (values: Float64Array, offsets: Int32Array, width: number): Float64Array =>
            values.subarray(offsets[n]! * width, offsets[n + 1]! * width);
          expect(distance(alone.q, rows(whole.q, call.queries, H * D))).toBeLessThan(close);
          expect(distance(alone.k, rows(whole.k, call.keys, H * D))).toBeLessThan(close);
          expect(distance(alone.v, rows(whole.v, call.keys, H * valueWidth))).toBeLessThan(close);
        }
      }),
    );
  });

  it("permutes gradients where nodes and edges are permuted", async () => {
    const cases = fc.integer({ min: 1, max: 8 }).chain((P) =>
      fc.tuple(
        neighbors({ queries: offsetsOf([P]), keys: offsetsOf([P]) }),
        fc.shuffledSubarray(
          Array.from({ length: P }, (_, i) => i),
          { minLength: P },
        ),
        normalizers,
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([graph, order, normalizer]) => {
        const offsets = offsetsOf([order.length]);
        const call = callOf({ queries: offsets, keys: offsets }, graph);
        const E = graph.indices.length;
        const biasValues = evenNumbers(E * H, 5);
        const optionsWith =
          (values: Float32Array) =>
          (workspace: TrainingWorkspace): Options => ({
            normalizer,
            bias: { kind: "edges", values: workspace.upload(values, [E, H]) },
          });
        const first = await gradientsOf(call, optionsWith(biasValues));
        // Node i of the permuted graph is node order[i] of the first, its edges reversed as well; doubled edges have
        // biases of their own, so that reversing them matters.
        const edges = order.flatMap((node) =>
          Array.from(
            { length: graph.offsets[node + 1]! - graph.offsets[node]! },
            (_, i) => graph.offsets[node + 1]! - 1 - i,
          ),
        );
        const pick = <A extends Float32Array | Float64Array>(
          values: A,
          from: readonly number[],
          width: number,
        ): number[] => from.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]);
        const rows = (values: Float32Array, width: number): Float32Array =>
          Float32Array.from(pick(values, order, width));
        const permuted = await gradientsOf(
          {
            ...call,
            pattern: {
              kind: "neighbors",
              offsets: offsetsOf(order.map((node) => graph.offsets[node + 1]! - graph.offsets[node]!)),
              indices: Int32Array.from(edges, (edge) => order.indexOf(graph.indices[edge]!)),
            },
            q: rows(call.q, H * D),
            k: rows(call.k, H * D),
            v: rows(call.v, H * valueWidth),
            dy: rows(call.dy, H * valueWidth),
          },
          optionsWith(Float32Array.from(pick(biasValues, edges, H))),
        );
        expect(distance(permuted.q, pick(first.q, order, H * D))).toBeLessThan(close);
        expect(distance(permuted.k, pick(first.k, order, H * D))).toBeLessThan(close);
        expect(distance(permuted.v, pick(first.v, order, H * valueWidth))).toBeLessThan(close);
        expect(distance(permuted.bias!, pick(first.bias!, edges, H))).toBeLessThan(close);
      }),
    );
  });

  it("gives for a window as long as the sets, a complete graph, a rule that permits all, what full gives", async () => {
    await fc.assert(
      fc.asyncProperty(batches(8), normalizers, async (batch, normalizer) => {
        const complete = setsOf(batch).flatMap((set) =>
          Array.from({ length: set.queries }, () => Array.from({ length: set.keys }, (_, key) => key)),
        );
        const full = await gradientsOf(callOf(batch, { kind: "full" }), () => ({ normalizer }));
        const patterns: AttentionPattern[] = [
          { kind: "window", left: 8, right: 8 },
          { kind: "rule", permits: () => true },
          {
            kind: "neighbors",
            offsets: offsetsOf(complete.map((list) => list.length)),
            indices: Int32Array.from(complete.flat()),
          },
        ];
        for (const pattern of patterns) {
          expect(await gradientsOf(callOf(batch, pattern), () => ({ normalizer }))).toEqual(full);
        }
      }),
    );
  });

  it("takes an edge that appears twice as two, each with its share", async () => {
    const offsets = offsetsOf([2]);
    const once = { kind: "neighbors", offsets: Int32Array.of(0, 2, 3), indices: Int32Array.of(0, 1, 1) } as const;
    const twice = { kind: "neighbors", offsets: Int32Array.of(0, 3, 4), indices: Int32Array.of(0, 1, 1, 1) } as const;
    // Two edges of weight w are one whose score is larger by ln 2.
    const bias =
      (values: readonly number[]) =>
      (workspace: TrainingWorkspace): Options => ({
        bias: { kind: "edges", values: workspace.upload(Float32Array.from(values), [values.length, 1]) },
      });
    const batch = { queries: offsets, keys: offsets };
    const one = await gradientsOf(callOf(batch, once), bias([0, Math.fround(Math.LN2), 0]));
    const two = await gradientsOf(callOf(batch, twice), bias([0, 0, 0, 0]));
    expect(distance(one.q, two.q)).toBeLessThan(1e-7);
    expect(distance(one.k, two.k)).toBeLessThan(1e-7);
    expect(distance(one.v, two.v)).toBeLessThan(1e-7);
    expect(two.bias![1]).toBe(two.bias![2]);
    expect(two.bias![1]! * 2).toBeCloseTo(one.bias![1]!, 7);
  });

  it("gives zeros to queries without a key, and to keys that nobody attends to", async () => {
    const offsets = offsetsOf([3]);
    const pattern = { kind: "neighbors", offsets: Int32Array.of(0, 2, 2, 3), indices: Int32Array.of(0, 2, 0) } as const;
    for (const normalizer of ["softmax", "relu", "hard"] as const) {
      const { q, k, v } = await gradientsOf(callOf({ queries: offsets, keys: offsets }, pattern), () => ({
        normalizer,
      }));
      expect(q.subarray(H * D, 2 * H * D)).toEqual(new Float64Array(H * D));
      expect(k.subarray(H * D, 2 * H * D)).toEqual(new Float64Array(H * D));
      expect(v.subarray(H * valueWidth, 2 * H * valueWidth)).toEqual(new Float64Array(H * valueWidth));
    }
  });

  it("gives zeros where a bias forbids every key", async () => {
    const offsets = offsetsOf([3]);
    for (const normalizer of ["softmax", "relu", "hard"] as const) {
      const found = await gradientsOf(callOf({ queries: offsets, keys: offsets }, { kind: "full" }), (workspace) => ({
        normalizer,
        bias: { kind: "dense", values: workspace.upload(new Float32Array(9).fill(-Infinity), [9]), heads: 1 },
      }));
      for (const gradient of [found.q, found.k, found.v, found.bias!]) {
        expect(gradient).toEqual(new Float64Array(gradient.length));
      }
    }
  });

  it.each([NaN, Infinity, -Infinity])("lets no %s through a mask", async (value) => {
    const offsets = offsetsOf([6]);
    const patterns: AttentionPattern[] = [
      { kind: "causal", offset: -1 },
      { kind: "rule", permits: (_, key) => key !== 5 },
      { kind: "blocks", size: 5, offsets: Int32Array.of(0, 1, 2), indices: Int32Array.of(0, 0) },
      { kind: "neighbors", offsets: Int32Array.of(0, 2, 3, 4, 4, 6, 7), indices: Int32Array.of(0, 4, 1, 2, 3, 0, 4) },
    ];
    for (const pattern of patterns) {
      for (const normalizer of ["softmax", "relu", "hard"] as const) {
        const call = callOf({ queries: offsets, keys: offsets }, pattern);
        const clean = await gradientsOf(call, () => ({ normalizer }));
        call.k.fill(value, 5 * H * D);
        call.v.fill(value, 5 * H * valueWidth);
        expect(await gradientsOf(call, () => ({ normalizer }))).toEqual(clean);
      }
    }
  });

  it("gives scores nothing where the normalizer is hard, and all of dy to the value that it chose", async () => {
    const offsets = offsetsOf([4]);
    const call = callOf({ queries: offsets, keys: offsets }, { kind: "full" });
    call.k.fill(0);
    call.k.fill(1, 2 * H * D, 3 * H * D);
    call.q.fill(1);
    const { q, k, v } = await gradientsOf(call, () => ({ normalizer: "hard" }));
    expect([...q, ...k].every((value) => value === 0)).toBe(true);
    for (let column = 0; column < H * valueWidth; column += 1) {
      const sum = [0, 1, 2, 3].reduce((total, row) => total + call.dy[row * H * valueWidth + column]!, 0);
      const rows = [0, 1, 2, 3].map((row) => v[row * H * valueWidth + column]!);
      expect(rows).toEqual([0, 0, sum, 0]);
    }
  });
});
