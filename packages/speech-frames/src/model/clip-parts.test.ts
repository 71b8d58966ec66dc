import { convolutionWindows } from "@saccade/attention-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clipPart, clipParts, partTables, wholeClip } from "./clip-parts.ts";
import { bandRows, checkStemConvolutions, type FrameConvolution, positionCount } from "./subsampling.ts";

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

/** Convolutions along time and bands, whose last leaves one row. */
const bandStem = fc
  .record({ rows: fc.integer({ min: 2, max: 6 }), stride: fc.integer({ min: 1, max: 2 }) })
  .map(({ rows, stride }): FrameConvolution[] => {
    const first = {
      size: 3,
      stride: 2,
      left: 1,
      right: 1,
      bands: { rows, size: 3, stride, left: 1, right: 1 },
    };
    const left = bandRows(first);
    return [
      first,
      { size: 2, stride: 1, left: 1, right: 0, bands: { rows: left, size: left, stride: 1, left: 0, right: 0 } },
    ];
  });

test("partTables() along bands: each row sees the rows around its own time and band, and nothing beyond the clip", () => {
  fc.assert(
    fc.property(bandStem, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }), (stem, lengths) => {
      checkStemConvolutions(stem);
      const { offsets, convolutions } = partTables(
        stem,
        lengths.map((length) => wholeClip(stem, length)),
      );
      const [{ stride, bands }] = stem as [FrameConvolution, FrameConvolution];
      const after = bandRows(stem[0]!);
      let [row, first] = [0, 0];
      for (const length of lengths) {
        const times = positionCount(length, stem.slice(0, 1));
        for (let time = 0; time < times; time += 1) {
          for (let band = 0; band < after; band += 1, row += 1) {
            const seen = [-1, 0, 1].flatMap((t) =>
              [-1, 0, 1].map((b) => {
                const [at, own] = [time * stride + t, band * bands!.stride + b];
                return at < 0 || at >= length || own < 0 || own >= bands!.rows ? -1 : (first + at) * bands!.rows + own;
              }),
            );
            expect(Array.from(convolutions[0]!.subarray(9 * row, 9 * row + 9))).toEqual(seen);
          }
        }
        first += length;
      }
      expect(convolutions[0]!.length).toBe(9 * row);
      expect(convolutions[1]!.length).toBe(2 * after * offsets.at(-1)!);
    }),
  );
});

test("partTables() along bands has the rows of a part at the places that they have in the whole", () => {
  fc.assert(
    fc.property(bandStem, fc.integer({ min: 1, max: 20 }), (stem, length) => {
      const whole = partTables(stem, [wholeClip(stem, length)]);
      const parts = clipParts(stem, length, 3, { left: 1, right: 1 });
      const { rows } = stem[0]!.bands!;
      const width = convolutionWidth(whole, 1);
      for (const part of parts) {
        const tables = partTables(stem, [part]);
        const moved = Array.from(tables.convolutions[0]!, (row) => (row < 0 ? row : row + part.rows[0]!.from * rows));
        const from = part.rows[1]!.from * bandRows(stem[0]!) * 9;
        expect(moved).toEqual(Array.from(whole.convolutions[0]!.subarray(from, from + moved.length)));
        expect(tables.convolutions[1]!.length).toBe(width * (part.positions.to - part.positions.from));
      }
    }),
  );
});

function convolutionWidth({ convolutions, offsets }: ReturnType<typeof partTables>, stage: number): number {
  return convolutions[stage]!.length / offsets.at(-1)!;
}

test("checkStemConvolutions() refuses bands that do not follow one another, or do not end in one row", () => {
  const stage = (rows: number, size: number): FrameConvolution => ({
    size: 1,
    stride: 1,
    left: 0,
    right: 0,
    bands: { rows, size, stride: 1, left: 0, right: 0 },
  });
  expect(() => checkStemConvolutions([stage(4, 2), stage(3, 3)])).not.toThrow();
  expect(() => checkStemConvolutions([stage(4, 2), stage(4, 4)])).toThrow(/rows must be the 3 of the stage before/);
  expect(() => checkStemConvolutions([stage(4, 2)])).toThrow(/must leave one row, it leaves 3/);
  const { bands: _, ...plain } = stage(1, 1);
  expect(() => checkStemConvolutions([stage(4, 4), plain])).toThrow(/all convolutions must have them/);
});
