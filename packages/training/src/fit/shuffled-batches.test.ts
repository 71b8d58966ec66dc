import fc from "fast-check";
import { expect, test } from "vitest";
import { shuffledBatches } from "../index.ts";

const options = fc.record({
  positions: fc.integer({ min: 1, max: 40 }),
  sets: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 5 })),
  bucket: fc.constantFrom(1, 3, 10),
  seed: fc.integer(),
});
const someLengths = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 });

test("shuffledBatches() has every set once an epoch, within the limits", () => {
  fc.assert(
    fc.property(someLengths, options, (lengths, given) => {
      const batches = shuffledBatches(lengths, given)(2);
      expect(batches.flatMap((batch) => [...batch]).toSorted((a, b) => a - b)).toEqual(lengths.map((_, set) => set));
      for (const batch of batches) {
        const rows = batch.reduce((sum, set) => sum + lengths[set]!, 0);
        expect(batch.length === 1 || (rows <= given.positions && batch.length <= given.sets)).toBe(true);
      }
    }),
  );
});

test("shuffledBatches() is the same for a seed and an epoch, and another for others", () => {
  const lengths = Array.from({ length: 200 }, (_, i) => i % 17);
  for (const bucket of [1, 4]) {
    const batches = (seed: number, epoch: number) => shuffledBatches(lengths, { positions: 50, seed, bucket })(epoch);
    expect(batches(1, 3)).toEqual(batches(1, 3));
    expect(batches(1, 3)).not.toEqual(batches(1, 4));
    expect(batches(1, 3)).not.toEqual(batches(2, 3));
  }
});

test("shuffledBatches() brings sets of like length together in buckets", () => {
  const lengths = Array.from({ length: 400 }, (_, i) => (i * 7) % 29);
  const spread = (bucket: number): number => {
    const batches = shuffledBatches(lengths, { positions: 100, seed: 1, bucket })(0);
    const spans = batches.map((batch) => {
      const own = [...batch].map((set) => lengths[set]!);
      return Math.max(...own) - Math.min(...own);
    });
    return spans.reduce((sum, span) => sum + span, 0) / spans.length;
  };
  expect(spread(1)).toBeGreaterThan(15);
  expect(spread(10)).toBeLessThan(8);
});

test("shuffledBatches() refuses limits below one", () => {
  expect(() => shuffledBatches([1], { positions: 0, seed: 1 })).toThrow("positions must be >= 1, it is 0");
  expect(() => shuffledBatches([1], { positions: 1, seed: 1, sets: Number.NaN })).toThrow(
    "sets must be >= 1, it is NaN",
  );
});
