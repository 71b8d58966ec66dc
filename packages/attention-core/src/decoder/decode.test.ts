import fc from "fast-check";
import { expect, test } from "vitest";
import { readGolden } from "../../test/golden.ts";
import { drawValues, largestDifference, smallEncoder, uploadDecoder } from "../../test/models.ts";
import type { Backend, Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { AttentionPattern } from "../pattern.ts";
import { offsetsOf } from "../ragged.ts";
import { createReferenceBackend } from "../reference/index.ts";
import type { Tensor } from "../tensor.ts";
import { checkWeights, uploadWeights } from "../weights.ts";
import { decode, type Decoded, type DecodeOptions, planSelfAttention } from "./decode.ts";
import { type DecoderCache, emptyCache, gatherCache, keepCache, projectMemory } from "./decoder-cache.ts";
import type { DecoderConfig } from "./decoder-config.ts";
import { type DecoderWeights, describeDecoderWeights, layoutDecoder } from "./decoder-weights.ts";

const plain: DecoderConfig = { ...smallEncoder, rotary: {} };
const configs: readonly DecoderConfig[] = [
  plain,
  { ...smallEncoder, memoryWidth: 5, positions: { kind: "sinusoidal" }, placement: "post", kvHeads: 1 },
  {
    ...smallEncoder,
    memoryWidth: 8,
    positions: { kind: "learned", count: 16 },
    positionBias: { kind: "relative", reach: 2 },
  },
  { ...smallEncoder, positionBias: { kind: "alibi" }, norm: "rms", gated: true },
];

test.each(await readGolden("decoder"))("decode() gives what jax-js gives: $name", async (golden) => {
  const { config, weights, rows, expected, memory } = golden;
  checkWeights(describeDecoderWeights(config), weights);
  const backend = createReferenceBackend();
  const uploaded = layoutDecoder(config, uploadWeights(backend, weights).find);
  const offsets = offsetsOf(golden.lengths);
  const memoryOffsets = offsetsOf(memory?.lengths ?? []);
  const workspace = backend.workspace();
  const source = workspace.upload(Float32Array.from(memory?.rows.values ?? []), memory?.rows.shape ?? [0, 0]);
  const keysValues = projectMemory(workspace, config, uploaded, source, memoryOffsets);
  const x = workspace.upload(Float32Array.from(rows.values), rows.shape);
  const decoded = await decode(workspace, config, uploaded, x, planSelfAttention(backend, offsets), {
    memory: { keysValues, plan: backend.plan(offsets, memoryOffsets, { kind: "full" }) },
  });
  expect(largestDifference(await workspace.read(decoded.rows), expected.values)).toBeLessThan(2e-6);
});

interface Setting {
  readonly backend: Backend;
  readonly config: DecoderConfig;
  readonly weights: DecoderWeights;
  readonly memory: { readonly rows: Tensor; readonly offsets: Int32Array } | null;
}

function open(
  config: DecoderConfig,
  sets: number,
): Setting & { readonly backend: ReturnType<typeof createReferenceBackend> } {
  const backend = createReferenceBackend();
  const weights = uploadDecoder(backend, config);
  if (config.memoryWidth === undefined) return { backend, config, weights, memory: null };
  const offsets = offsetsOf(Array.from({ length: sets }, (_, set) => (set * 2) % 5));
  const total = offsets.at(-1) ?? 0;
  const rows = backend.upload(drawValues(77, total * config.memoryWidth), [total, config.memoryWidth]);
  return { backend, config, weights, memory: { rows, offsets } };
}

async function run(
  { backend, config, weights, memory }: Setting,
  workspace: Workspace,
  values: Float32Array,
  lengths: readonly number[],
  options: DecodeOptions = {},
  pattern?: AttentionPattern,
): Promise<Decoded> {
  const offsets = offsetsOf(lengths);
  const rows = workspace.upload(values, [offsets.at(-1) ?? 0, config.width]);
  const context = memory && {
    keysValues: projectMemory(workspace, config, weights, memory.rows, memory.offsets),
    plan: backend.plan(offsets, memory.offsets, { kind: "full" }),
  };
  const plan = planSelfAttention(backend, offsets, options.cache ?? null, pattern);
  return decode(workspace, config, weights, rows, plan, { ...options, ...(context && { memory: context }) });
}

/** Rows `from .. to)` of each set, one after another. */
function rowsOfSets(
  values: Float32Array,
  lengths: readonly number[],
  width: number,
  from: number,
  to: number,
): Float32Array {
  const offsets = offsetsOf(lengths);
  return Float32Array.from(
    lengths.flatMap((length, set) => {
      const first = offsets[set] ?? 0;
      return [...values.subarray((first + Math.min(from, length)) * width, (first + Math.min(to, length)) * width)];
    }),
  );
}

test.each(configs)("decode() step by step gives what the whole sequences at once give (%#)", async (config) => {
  const lengths = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 3 });
  const steps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 7, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(lengths, steps, fc.integer(), async (sizes, strides, seed) => {
      const setting = open(config, sizes.length);
      const values = drawValues(seed, (offsetsOf(sizes).at(-1) ?? 0) * config.width);
      const whole = setting.backend.workspace();
      const expected = await whole.read((await run(setting, whole, values, sizes)).rows);
      let cache: DecoderCache = emptyCache(sizes.length);
      let from = 0;
      for (const stride of strides) {
        const to = from + stride;
        const counts = sizes.map((size) => Math.min(to, size) - Math.min(from, size));
        const workspace = setting.backend.workspace();
        const decoded = await run(setting, workspace, rowsOfSets(values, sizes, config.width, from, to), counts, {
          cache,
        });
        const longer = keepCache(workspace, decoded.cache as DecoderCache);
        const got = await workspace.read(decoded.rows);
        expect(largestDifference(got, rowsOfSets(expected, sizes, config.width, from, to))).toBeLessThan(1e-5);
        cache[dispose]();
        workspace[dispose]();
        cache = longer;
        from = to;
      }
      expect([...cache.offsets]).toEqual([...offsetsOf(sizes)]);
    }),
    { numRuns: 12 },
  );
});

test("decode() with a window after a cache gives what the window gives over whole sequences", async () => {
  const setting = open(plain, 1);
  const pattern: AttentionPattern = { kind: "window", left: 2, right: 0 };
  const values = drawValues(3, 6 * plain.width);
  const workspace = setting.backend.workspace();
  const whole = await workspace.read((await run(setting, workspace, values, [6], {}, pattern)).rows);
  const first = await run(setting, workspace, values.slice(0, 4 * plain.width), [4], { cache: emptyCache(1) }, pattern);
  const cache = first.cache as DecoderCache;
  const second = await run(setting, workspace, values.slice(4 * plain.width), [2], { cache }, pattern);
  expect(largestDifference(await workspace.read(second.rows), whole.subarray(4 * plain.width))).toBeLessThan(1e-5);
});

test("decode() does not change the cache it is given: hypotheses may branch", async () => {
  const setting = open(plain, 1);
  const workspace = setting.backend.workspace();
  const start = await run(setting, workspace, drawValues(1, 2 * plain.width), [2], { cache: emptyCache(1) });
  const cache = start.cache as DecoderCache;
  const next = drawValues(2, plain.width);
  const before = await workspace.read((await run(setting, workspace, next, [1], { cache })).rows);
  await run(setting, workspace, drawValues(3, plain.width), [1], { cache });
  expect(await workspace.read((await run(setting, workspace, next, [1], { cache })).rows)).toEqual(before);
  expect([...cache.offsets]).toEqual([0, 2]);
});

test("gatherCache() takes sets in another order, and several times", async () => {
  const setting = open(plain, 2);
  const workspace = setting.backend.workspace();
  const values = drawValues(1, 5 * plain.width);
  const { cache } = await run(setting, workspace, values, [2, 3], { cache: emptyCache(2) });
  const gathered = gatherCache(workspace, cache as DecoderCache, Int32Array.of(1, 0, 1));
  expect([...gathered.offsets]).toEqual([0, 3, 5, 8]);
  const next = drawValues(4, plain.width);
  const three = Float32Array.from([...next, ...next, ...next]);
  const after = await workspace.read((await run(setting, workspace, three, [1, 1, 1], { cache: gathered })).rows);
  const two = Float32Array.from([...next, ...next]);
  const direct = await workspace.read(
    (await run(setting, workspace, two, [1, 1], { cache: cache as DecoderCache })).rows,
  );
  const [first, second] = [direct.slice(0, plain.width), direct.slice(plain.width)];
  expect([...after]).toEqual([...second, ...first, ...second]);
});

test("decode() returns maps of both attentions, and those of cross-attention cover the memory", async () => {
  const config: DecoderConfig = { ...smallEncoder, memoryWidth: 5 };
  const setting = open(config, 3);
  const workspace = setting.backend.workspace();
  const { maps, crossMaps } = await run(setting, workspace, drawValues(1, 6 * config.width), [1, 2, 3], {
    maps: { layers: [1], entropy: true },
    crossMaps: { full: "weights", meanOverHeads: true },
  });
  expect(maps.map((map) => Object.keys(map))).toEqual([[], ["entropy"]]);
  // Memories of 0, 2 and 4 rows.
  expect(crossMaps.map((map) => map.full?.shape)).toEqual([[2 * 2 + 3 * 4], [2 * 2 + 3 * 4]]);
});

test("decode() aborted half way leaves cache and memory as they were", async () => {
  const setting = open(configs[1] ?? plain, 2);
  const values = drawValues(1, 3 * setting.config.width);
  const outer = setting.backend.workspace();
  const start = await run(setting, outer, values, [1, 2], { cache: emptyCache(2) });
  const cache = keepCache(outer, start.cache as DecoderCache);
  outer[dispose]();
  const live = setting.backend.liveTensors;
  const controller = new AbortController();
  const workspace = setting.backend.workspace(controller.signal);
  const step = run(setting, workspace, drawValues(2, 2 * setting.config.width), [1, 1], {
    cache,
    onProgress: () => controller.abort(),
  });
  await expect(step).rejects.toThrow(DOMException);
  workspace[dispose]();
  expect(setting.backend.liveTensors).toBe(live);
});

test("decode() without a cache frees keys and values, and returns none", async () => {
  const setting = open(plain, 1);
  const live = setting.backend.liveTensors;
  const workspace = setting.backend.workspace();
  const decoded = await run(setting, workspace, drawValues(1, 4 * plain.width), [4]);
  expect(decoded.cache).toBeNull();
  expect(setting.backend.liveTensors).toBe(live + 2);
});

test("decode() refuses a memory that is missing or not wanted, and a cache that does not fit", async () => {
  const crossed: DecoderConfig = { ...smallEncoder, memoryWidth: 5 };
  const without: Setting = { ...open(crossed, 1), memory: null };
  const workspace = without.backend.workspace();
  await expect(run(without, workspace, drawValues(1, crossed.width), [1])).rejects.toThrow("a memory for a decoder");
  const setting = open(plain, 1);
  const other = setting.backend.workspace();
  const { cache } = await run(setting, other, drawValues(1, plain.width), [1], { cache: emptyCache(1) });
  expect(() => planSelfAttention(setting.backend, offsetsOf([1, 1]), cache)).toThrow("same number of sets");
  const rows = other.upload(drawValues(1, plain.width), [1, plain.width]);
  const tooShort = planSelfAttention(setting.backend, offsetsOf([1]));
  await expect(decode(other, plain, setting.weights, rows, tooShort, { cache: cache as DecoderCache })).rejects.toThrow(
    "the keys of the plan must be the rows of the cache and the new ones",
  );
  const empty = offsetsOf([0]);
  expect(() => projectMemory(other, plain, setting.weights, rows, empty)).toThrow("must have a memoryWidth");
});
