import { convolutionWindows } from "@saccade/attention-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clipPart, clipParts, partTables, wholeClip } from "./clip-parts.ts";
import type { FrameConvolution } from "./subsampling.ts";

const stage = fc
  .record({
    size: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 3 }),
    left: fc.nat(4),
    right: fc.nat(4),
  })
  .map(({ size, stride, left, right }): FrameConvolution => {
    const before = Math.min(left, size - 1);
    return { size, stride, left: before, right: Math.min(size - 1, Math.max(right, size - 1 - before)) };
  });
const stem = fc.array(stage, { minLength: 1, maxLength: 3 });

test("partTables() of whole clips are those of convolutionWindows()", () => {
  fc.assert(
    fc.property(stem, fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 4 }), (stem, lengths) => {
      const { offsets, convolutions } = partTables(
        stem,
        lengths.map((length) => wholeClip(stem, length)),
      );
      let at = Int32Array.from([
        0,
        ...lengths.map((_, n) => lengths.slice(0, n + 1).reduce((sum, each) => sum + each, 0)),
      ]);
      stem.forEach((stage, i) => {
        const { windows, offsets: next } = convolutionWindows(at, stage);
        expect(convolutions[i]).toEqual(windows);
        at = next as Int32Array<ArrayBuffer>;
      });
      expect(offsets).toEqual(at);
    }),
  );
});

/** What each position of a part is made of: a tree of frame numbers, zeros as -1. */
function trees(stem: readonly FrameConvolution[], part: ReturnType<typeof wholeClip>): string[] {
  const { convolutions } = partTables(stem, [part]);
  const { from, to } = part.rows[0]!;
  let rows = Array.from({ length: to - from }, (_, i) => String(from + i));
  stem.forEach(({ size }, i) => {
    const table = convolutions[i]!;
    rows = Array.from({ length: table.length / size }, (_, row) => {
      const taps = Array.from(table.subarray(row * size, (row + 1) * size), (source) => rows[source] ?? "-");
      return `(${taps.join(" ")})`;
    });
  });
  return rows;
}

test("positions of parts are made of the same frames as in the whole, whatever the parts", () => {
  fc.assert(
    fc.property(
      stem,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(6),
      fc.nat(6),
      (stem, frames, size, left, right) => {
        const whole = trees(stem, wholeClip(stem, frames));
        const parts = clipParts(stem, frames, size, { left, right });
        expect(
          parts.flatMap(({ keep }) => Array.from({ length: keep.to - keep.from }, (_, i) => keep.from + i)),
        ).toEqual(whole.map((_, i) => i));
        for (const part of parts) {
          expect(trees(stem, part)).toEqual(whole.slice(part.positions.from, part.positions.to));
          expect(part.positions.from).toBe(Math.max(0, part.keep.from - left));
          expect(part.positions.to).toBe(Math.min(whole.length, part.keep.to + right));
        }
      },
    ),
  );
});

test("clipPart() of a clip whose end is not known asks for frames that it needs, without zeros after them", () => {
  const stem = [{ size: 3, stride: 2, left: 1, right: 1 }];
  const part = clipPart(stem, Infinity, { from: 4, to: 6 }, { left: 1, right: 2 });
  expect(part.rows).toEqual([
    { from: 5, to: 16 },
    { from: 3, to: 8 },
  ]);
  expect(partTables(stem, [part]).convolutions[0]!.every((row) => row >= 0)).toBe(true);
});
