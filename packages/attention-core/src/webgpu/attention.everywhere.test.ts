// The kernels of attention against the reference backend and one another.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asyncDispose } from "../disposal.ts";
import type { AttentionPattern } from "../pattern.ts";
import type { AttentionChoice } from "./attention.ts";
import { type AttentionTrial, runAttentionTrial } from "../../test/attention-trial.ts";
import { lacksGpu } from "../../test/gpu.ts";
import { createWebgpuBackend } from "./index.ts";
import type { Webgpu } from "./webgpu-backend.ts";

const noGpu = await lacksGpu("attention on WebGPU");

let backend: Webgpu;
beforeAll(async () => {
  backend = (await createWebgpuBackend({ software: true })) as Webgpu;
});
afterAll(async () => backend[asyncDispose]());

const tiles: AttentionChoice = { kernel: "tiles" };
const tilesOfMuchMemory: AttentionChoice = { kernel: "tiles", workgroupBytes: 32_768 };
const tilesOfDefaultLimits: AttentionChoice = { kernel: "tiles", workgroupBytes: 16_384 };
const rows: AttentionChoice = { kernel: "rows" };

/** Block rows of sets of these lengths, each with a diagonal and every third block before it. */
function someBlocks(size: number, lengths: readonly number[]): AttentionPattern {
  const offsets = [0];
  const indices: number[] = [];
  for (const length of lengths) {
    for (let row = 0; row < Math.ceil(length / size); row += 1) {
      for (let column = row % 3; column <= row; column += 3) indices.push(column);
      offsets.push(indices.length);
    }
  }
  return { kind: "blocks", size, offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) };
}

// A software adapter takes a second to compile such a program, and more where others share the processor.
const patience = { timeout: 180_000 };

describe.skipIf(noGpu)("attention by tiles", patience, () => {
  const trials: Readonly<Record<string, AttentionTrial>> = {
    "full, ragged, some sets empty": {
      queries: [70, 3, 0, 20],
      pattern: { kind: "full" },
      heads: 2,
      width: 8,
      maps: true,
    },
    "more keys than queries, causal, grouped heads, softcap, ALiBi": {
      queries: [5, 40, 9],
      keys: [70, 90, 4],
      pattern: { kind: "causal" },
      heads: 4,
      kvHeads: 2,
      width: 40,
      valueWidth: 24,
      softcap: 3,
      bias: "alibi",
      maps: true,
    },
    "window, odd widths, relative bias": {
      queries: [150, 1],
      pattern: { kind: "window", left: 9, right: 4 },
      heads: 1,
      width: 5,
      valueWidth: 35,
      bias: "relative",
    },
    "blocks, bias in two dimensions": {
      queries: [100, 17],
      pattern: someBlocks(10, [100, 17]),
      heads: 2,
      width: 12,
      bias: "relative2d",
      maps: true,
    },
    "a rule, wide heads, dense bias that forbids": {
      queries: [75],
      pattern: { kind: "rule", permits: (query, key) => (query * 7 + key * 3) % 5 !== 0 && query !== 70 },
      heads: 1,
      width: 100,
      bias: "dense",
      maps: true,
      change: ({ bias }) => bias.fill(-Infinity, 40, 75).fill(-Infinity, 200, 220),
    },
    "the widest heads": { queries: [20], keys: [67], pattern: { kind: "full" }, heads: 1, width: 256 },
  };
  for (const [name, trial] of Object.entries(trials)) {
    it(`gives what the reference gives: ${name}`, async () => {
      const { results, differences } = await runAttentionTrial(backend, trial, [
        tiles,
        tilesOfDefaultLimits,
        tilesOfMuchMemory,
        rows,
      ]);
      expect(differences).toEqual([]);
      // Bits do not depend on the tile.
      for (const result of results.slice(1, -1)) expect(result["output"]).toEqual(results[0]!["output"]);
    });
  }

  it("gives what the reference gives for any sets and windows", async () => {
    const length = fc.integer({ min: 0, max: 90 });
    const reach = fc.integer({ min: -1, max: 70 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(length, length), { maxLength: 4 }),
        reach,
        reach,
        async (sets, left, right) => {
          const [queries, keys] = [sets.map(([q]) => q), sets.map(([, k]) => k)];
          const pattern: AttentionPattern = { kind: "window", left, right };
          const trial: AttentionTrial = { queries, keys, pattern, heads: 2, width: 8, maps: true };
          expect((await runAttentionTrial(backend, trial, [tiles, tilesOfMuchMemory])).differences).toEqual([]);
        },
      ),
      { numRuns: 12, seed: 1 },
    );
  });

  it("keeps what is not finite behind a mask, and in the rows that see it", async () => {
    for (const value of [NaN, Infinity, 3e38]) {
      const trial: AttentionTrial = {
        queries: [40],
        pattern: { kind: "window", left: 5, right: 3 },
        heads: 2,
        width: 8,
        maps: true,
        // Key 20 of head 0; a value of key 30 of head 1, in one column.
        change: ({ k, v }) => {
          if (value !== 3e38) k.fill(value, 20 * 16, 20 * 16 + 8);
          v[30 * 16 + 11] = value;
        },
      };
      expect((await runAttentionTrial(backend, trial, [tiles, rows])).differences).toEqual([]);
    }
  });
});

/** A row of each of these degrees; the edges of a row go round the keys, so that many stand twice. */
function rowsOfDegrees(degrees: readonly number[], keys: number): AttentionPattern {
  const offsets = [0];
  const indices: number[] = [];
  for (const degree of degrees) {
    for (let e = 0; e < degree; e += 1) indices.push((e * 7 + indices.length) % keys);
    offsets.push(indices.length);
  }
  return { kind: "neighbors", offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) };
}

describe.skipIf(noGpu)("attention by neighbours", patience, () => {
  const neighbors: AttentionChoice = { kernel: "neighbors" };
  const trial: AttentionTrial = {
    queries: [9, 5],
    keys: [11, 11],
    // With 16 heads a row of more than 64 edges is a hub.
    pattern: rowsOfDegrees([0, 3, 70, 1, 64, 0, 0, 2, 5, 65, 30, 40, 10, 0], 11),
    heads: 16,
    width: 4,
  };
  const trials: Readonly<Record<string, AttentionTrial>> = {
    "dot scores, bias of edges, maps": { ...trial, kvHeads: 4, bias: "edges", maps: true },
    "leaky ReLU, one column a head, 18 heads": {
      ...trial,
      heads: 18,
      width: 1,
      valueWidth: 8,
      score: "leakyRelu",
      bias: "edges",
      maps: true,
    },
    "tanh, ReLU over the count": { ...trial, width: 3, score: "tanh", normalizer: "relu", maps: true },
    "the largest score alone": { ...trial, valueWidth: 6, normalizer: "hard", maps: true },
    "a hub of more than a part": {
      queries: [3],
      keys: [10],
      pattern: rowsOfDegrees([4, 9000, 2], 10),
      heads: 2,
      width: 4,
      valueWidth: 36,
      maps: true,
    },
    "NaN in the open and behind a bias": {
      ...trial,
      bias: "edges",
      change: ({ k, v, bias }) => {
        k[3 * 64 + 5] = NaN;
        v[6 * 64 + 9] = Infinity;
        bias.fill(-Infinity, 4 * 16, 40 * 16);
      },
    },
  };
  for (const [name, one] of Object.entries(trials)) {
    it(`gives what the reference gives: ${name}`, async () => {
      expect((await runAttentionTrial(backend, one, [neighbors])).differences).toEqual([]);
    });
  }

  it("gives what the reference gives for any degrees", async () => {
    const degree = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 100 }));
    await fc.assert(
      fc.asyncProperty(fc.array(degree, { minLength: 1, maxLength: 60 }), async (degrees) => {
        const pattern = rowsOfDegrees(degrees, 13);
        const one: AttentionTrial = { queries: [degrees.length], keys: [13], pattern, heads: 16, width: 4 };
        expect((await runAttentionTrial(backend, one, [neighbors])).differences).toEqual([]);
      }),
      { numRuns: 8, seed: 1 },
    );
  });
});
