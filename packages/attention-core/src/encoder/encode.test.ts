import fc from "fast-check";
import { expect, test } from "vitest";
import { readGolden } from "../../test/golden.ts";
import { drawValues, largestDifference, smallEncoder, uploadEncoder } from "../../test/models.ts";
import { dispose } from "../disposal.ts";
import type { AttentionPattern } from "../pattern.ts";
import { offsetsOf } from "../ragged.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { checkWeights, uploadWeights } from "../weights.ts";
import { encode, type EncodeOptions } from "./encode.ts";
import type { EncoderConfig } from "./encoder-config.ts";
import { describeEncoderWeights, layoutEncoder } from "./encoder-weights.ts";

const full: AttentionPattern = { kind: "full" };

/** Hidden rows of sets with these lengths, each of width W. */
async function hiddenRows(
  config: EncoderConfig,
  values: Float32Array,
  lengths: readonly number[],
  pattern: AttentionPattern = full,
  options: EncodeOptions = {},
): Promise<Float32Array> {
  const backend = createReferenceBackend();
  const weights = uploadEncoder(backend, config);
  const offsets = offsetsOf(lengths);
  const workspace = backend.workspace();
  const rows = workspace.upload(values, [offsets.at(-1) ?? 0, config.width]);
  const plan = backend.plan(offsets, offsets, pattern);
  return workspace.read((await encode(workspace, config, weights, rows, plan, options)).rows);
}

test.each(await readGolden("encoder"))("encode() gives what jax-js gives: $name", async (golden) => {
  const { config, weights, rows, expected, pattern } = golden;
  checkWeights(describeEncoderWeights(config), weights);
  const backend = createReferenceBackend();
  const uploaded = layoutEncoder(config, uploadWeights(backend, weights).find);
  const offsets = offsetsOf(golden.lengths);
  const workspace = backend.workspace();
  const x = workspace.upload(Float32Array.from(rows.values), rows.shape);
  const hidden = await encode(workspace, config, uploaded, x, backend.plan(offsets, offsets, pattern));
  expect(hidden.rows.shape).toEqual(expected.shape);
  expect(largestDifference(await workspace.read(hidden.rows), expected.values)).toBeLessThan(2e-6);
});

const configs: readonly EncoderConfig[] = [
  smallEncoder,
  { ...smallEncoder, placement: "post", norm: "rms", gated: true, activation: "silu", kvHeads: 1 },
  { ...smallEncoder, rotary: {}, positions: { kind: "sinusoidal" }, positionBias: { kind: "relative", reach: 3 } },
  { ...smallEncoder, positions: { kind: "learned", count: 12 }, positionBias: { kind: "alibi" }, biases: false },
  {
    ...smallEncoder,
    positions: { kind: "sinusoidalGrid", columns: 3 },
    positionBias: { kind: "relative2d", columns: 3, reach: [2, 2] },
  },
];

test.each(configs)("encode() of a ragged batch is that of each set alone (%#)", async (config) => {
  const lengths = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 4 });
  const patterns = fc.constantFrom<AttentionPattern>(full, { kind: "causal" }, { kind: "window", left: 2, right: 1 });
  await fc.assert(
    fc.asyncProperty(lengths, patterns, fc.integer(), async (sizes, pattern, seed) => {
      const offsets = offsetsOf(sizes);
      const values = drawValues(seed, (offsets.at(-1) ?? 0) * config.width);
      const together = await hiddenRows(config, values, sizes, pattern);
      for (const [set, size] of sizes.entries()) {
        const [from, to] = [(offsets[set] ?? 0) * config.width, (offsets[set + 1] ?? 0) * config.width];
        const alone = await hiddenRows(config, values.slice(from, to), [size], pattern);
        expect(alone).toEqual(together.slice(from, to));
      }
    }),
    { numRuns: 15 },
  );
});

test("encode() without positions permutes its output as its input is permuted", async () => {
  const { width } = smallEncoder;
  const permutation = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 });
  const permuted = (values: Float32Array, order: readonly number[]): Float32Array =>
    Float32Array.from(order.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));
  await fc.assert(
    fc.asyncProperty(permutation, fc.integer(), async (order, seed) => {
      const values = drawValues(seed, 6 * width);
      const before = permuted(await hiddenRows(smallEncoder, values, [6]), order);
      const after = await hiddenRows(smallEncoder, permuted(values, order), [6]);
      expect(largestDifference(after, before)).toBeLessThan(1e-5);
    }),
    { numRuns: 30 },
  );
});

test.each(configs.slice(2))(
  "encode() with positions tells equal rows apart by where they stand (%#)",
  async (config) => {
    const row = drawValues(5, config.width);
    const values = Float32Array.from([...drawValues(6, config.width), ...row, ...row]);
    const hidden = await hiddenRows(config, values, [3]);
    expect(
      largestDifference(hidden.slice(config.width, 2 * config.width), hidden.slice(2 * config.width)),
    ).toBeGreaterThan(1e-3);
  },
);

test("encode() does not see the padding of a padded batch", async () => {
  // A padded batch as one would run it elsewhere: every set five rows long, the pattern forbidding the padding.
  const { width } = smallEncoder;
  const lengths = [2, 5, 1];
  const rows = lengths.map((length, set) => drawValues(set, length * width));
  const padded = new Float32Array(3 * 5 * width).fill(Number.NaN);
  for (const [set, values] of rows.entries()) padded.set(values, set * 5 * width);
  const hidden = await hiddenRows(smallEncoder, padded, [5, 5, 5], {
    kind: "rule",
    permits: (_, key, set) => key < (lengths[set] ?? 0),
  });
  const ragged = await hiddenRows(smallEncoder, Float32Array.from(rows.flatMap((values) => [...values])), lengths);
  const unpadded = lengths.flatMap((length, set) => [...hidden.subarray(set * 5 * width, (set * 5 + length) * width)]);
  expect(largestDifference(unpadded, ragged)).toBeLessThan(1e-6);
});

test("encode() under a causal pattern does not let a later row change an earlier one", async () => {
  const config = { ...smallEncoder, rotary: {} };
  const values = drawValues(9, 6 * config.width);
  const changed = values.slice();
  changed.fill(3, 4 * config.width);
  const before = await hiddenRows(config, values, [6], { kind: "causal" });
  const after = await hiddenRows(config, changed, [6], { kind: "causal" });
  expect(after.slice(0, 4 * config.width)).toEqual(before.slice(0, 4 * config.width));
  expect(after.slice(4 * config.width)).not.toEqual(before.slice(4 * config.width));
});

test("encode() returns the maps that were asked for, of the layers that were asked for", async () => {
  const backend = createReferenceBackend();
  const config = { ...smallEncoder, layers: 3 };
  const weights = uploadEncoder(backend, config);
  const offsets = offsetsOf([3, 2]);
  const workspace = backend.workspace();
  const rows = workspace.upload(drawValues(1, 5 * config.width), [5, config.width]);
  const { maps } = await encode(workspace, config, weights, rows, backend.plan(offsets, offsets, full), {
    maps: { layers: [0, 2], entropy: true, full: "weights" },
  });
  expect(maps.map((map) => Object.keys(map).toSorted())).toEqual([["entropy", "full"], [], ["entropy", "full"]]);
  const last = maps[2]?.full;
  const values = last ? await workspace.read(last) : new Float32Array();
  expect(values.length).toBe(config.heads * (9 + 4));
  expect(values.subarray(0, 3).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
});

test("encode() reports each layer, and lets go of intermediates between layers", async () => {
  const backend = createReferenceBackend();
  const config = { ...smallEncoder, layers: 5, rotary: {} };
  const weights = uploadEncoder(backend, config);
  const uploaded = backend.liveTensors;
  const offsets = offsetsOf([4]);
  const workspace = backend.workspace();
  const rows = workspace.upload(drawValues(1, 4 * config.width), [4, config.width]);
  const progress: number[][] = [];
  const live: number[] = [];
  const onProgress = (...step: number[]): void => {
    progress.push(step);
    live.push(backend.liveTensors);
  };
  await encode(workspace, config, weights, rows, backend.plan(offsets, offsets, full), { onProgress });
  expect(progress).toEqual([1, 2, 3, 4, 5].map((done) => [done, 5]));
  expect(new Set(live).size).toBe(1);
  // The rows that were given and those that came out; what stood between is gone.
  expect(backend.liveTensors).toBe(uploaded + 2);
  workspace[dispose]();
  expect(backend.liveTensors).toBe(uploaded);
});

test("encode() rejects with the signal's reason between layers, and leaves nothing behind", async () => {
  const backend = createReferenceBackend();
  const config = { ...smallEncoder, layers: 6 };
  const weights = uploadEncoder(backend, config);
  const uploaded = backend.liveTensors;
  const offsets = offsetsOf([4]);
  const controller = new AbortController();
  const workspace = backend.workspace(controller.signal);
  const rows = workspace.upload(drawValues(1, 4 * config.width), [4, config.width]);
  const reason = new Error("enough");
  const seen: number[] = [];
  const encoding = encode(workspace, config, weights, rows, backend.plan(offsets, offsets, full), {
    onProgress: (done) => {
      seen.push(done);
      if (done === 2) controller.abort(reason);
    },
  });
  await expect(encoding).rejects.toBe(reason);
  expect(seen).toEqual([1, 2]);
  workspace[dispose]();
  expect(backend.liveTensors).toBe(uploaded);
});

test("encode() passes every branch through onBranch before the sum", async () => {
  const seen: (readonly number[])[] = [];
  const values = drawValues(2, 3 * smallEncoder.width);
  const plain = await hiddenRows(smallEncoder, values, [3]);
  const hooked = await hiddenRows(smallEncoder, values, [3], full, {
    onBranch: (branch) => {
      seen.push(branch.shape);
      return branch;
    },
  });
  expect(seen).toEqual([1, 2, 3, 4].map(() => [3, smallEncoder.width]));
  expect(hooked).toEqual(plain);
});

test("encode() refuses a set that is longer than the learned positions", async () => {
  const config: EncoderConfig = { ...smallEncoder, positions: { kind: "learned", count: 3 } };
  await expect(hiddenRows(config, drawValues(1, 4 * config.width), [4])).rejects.toThrow(
    "the learned table has 3 positions, a set has 4",
  );
});

test("encode() of no rows, and of empty sets alone, is empty", async () => {
  for (const config of configs) {
    expect(await hiddenRows(config, new Float32Array(), [0, 0])).toEqual(new Float32Array());
    expect(await hiddenRows(config, new Float32Array(), [])).toEqual(new Float32Array());
  }
});

test("encode() without layers returns the rows, normalised where norms come before blocks", async () => {
  const rows = drawValues(3, 2 * smallEncoder.width);
  const none = { ...smallEncoder, layers: 0 } as const;
  expect(await hiddenRows({ ...none, placement: "post" }, rows, [2])).toEqual(rows);
  const normed = await hiddenRows({ ...none, placement: "pre" }, rows, [2]);
  expect(largestDifference(normed, rows)).toBeGreaterThan(0.1);
  const longer = await hiddenRows(
    { ...none, placement: "pre" },
    rows.map((value) => 1000 * value),
    [2],
  );
  expect(largestDifference(longer, normed)).toBeLessThan(1e-3);
});
