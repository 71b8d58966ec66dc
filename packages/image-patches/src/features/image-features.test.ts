import { compilePlan, forEachKey } from "@saccade/attention-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gridPattern } from "./grid-pattern.ts";
import { imageFeaturizer, imageFeatures } from "./image-features.ts";
import { type StemGeometry, stemWindows } from "./stem-windows.ts";

const geometry = fc.record({
  size: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  padding: fc.constantFrom([0, 0, 0, 0] as const, [1, 1, 1, 1] as const, [0, 1, 2, 0] as const),
});

describe("imageFeatures()", () => {
  test("has tables that make the direct convolution of each image", () => {
    fc.assert(
      fc.property(geometry, geometry, fc.integer({ min: 1, max: 3 }), (first, second, count) => {
        const [rows, columns] = [8, 9];
        const stem = [first, second];
        const image = { rows, columns, channels: 1, mean: [0], scale: [1], background: [0, 0, 0] } as const;
        const images = Array.from({ length: count }, (_, n) =>
          Float32Array.from({ length: rows * columns }, (__, p) => ((p * 7 + n * 13) % 11) - 5),
        );
        const features = imageFeatures({ image, stem, pattern: { kind: "full" } }, images);
        let sums: ArrayLike<number> = features.values;
        stem.forEach(({ size }, stage) => {
          const taps = size[0] * size[1];
          const table = features.convolutions![stage]!;
          const before = sums;
          sums = Array.from({ length: table.length / taps }, (_, r) => {
            let sum = 0;
            for (let t = 0; t < taps; t += 1) {
              const row = table[r * taps + t]!;
              if (row >= 0) sum += before[row]! * weightOf(stage, t);
            }
            return sum;
          });
        });
        const expected = images.flatMap((values) => {
          let grid: DirectGrid = { values: [...values], rows, columns };
          stem.forEach((each, stage) => (grid = direct(grid, each, stage)));
          return grid.values;
        });
        expect([...(sums as number[])]).toEqual(expected);
        expect(features.offsets.at(-1)).toBe(expected.length);
      }),
      { numRuns: 200 },
    );
  });

  test("is the same when a featurizer has made more or fewer before", () => {
    const image = {
      rows: 4,
      columns: 4,
      channels: 3,
      mean: [0, 0, 0],
      scale: [1, 1, 1],
      background: [0, 0, 0],
    } as const;
    const config = {
      image,
      stem: [{ size: [2, 2], stride: [2, 2] }],
      pattern: { kind: "full" },
      classToken: true,
    } as const;
    const featurizer = imageFeaturizer(config);
    const images = [1, 2, 3].map((value) => new Float32Array(48).fill(value));
    const two = featurizer.featuresOf(images.slice(0, 2));
    expect(featurizer.featuresOf(images)).toEqual(imageFeatures(config, images));
    expect(featurizer.featuresOf(images.slice(0, 2))).toEqual(two);
    expect(featurizer.positions).toBe(5);
    // The class token sees nothing; what comes after it sees the patches of its own image.
    expect([...two.convolutions![0]!.subarray(20, 28)]).toEqual([-1, -1, -1, -1, 16, 17, 20, 21]);
    expect([...two.offsets]).toEqual([0, 5, 10]);
    expect(featurizer.featuresOf([]).values.length).toBe(0);
  });

  test("refuses numbers of another size or that are not finite", () => {
    const image = { rows: 1, columns: 2, channels: 1, mean: [0], scale: [1], background: [0, 0, 0] } as const;
    const config = { image, stem: [{ size: [1, 1] }], pattern: { kind: "full" } } as const;
    expect(() => imageFeatures(config, [new Float32Array(3)])).toThrow("each must have 2 numbers, image 0 has 3");
    expect(() => imageFeatures(config, [new Float32Array(2), Float32Array.of(0, NaN)])).toThrow("image 1 has NaN at 1");
    expect(() => stemWindows([2, 2], [{ size: [3, 3] }])).toThrow("stage 0 must fit into its grid");
  });
});

describe("gridPattern()", () => {
  test("permits patches within reach, and all of them where it holds the grid", () => {
    const side = fc.integer({ min: 1, max: 5 });
    const reach = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(side, side, reach, reach, fc.boolean(), (rows, columns, y, x, classToken) => {
        const first = classToken ? 1 : 0;
        const P = rows * columns + first;
        const offsets = Int32Array.of(0, P, 2 * P);
        const pattern = gridPattern({ kind: "grid-window", reach: [y, x] }, [rows, columns], classToken);
        const plan = compilePlan(offsets, offsets, pattern);
        const permitted = (query: number, key: number): boolean =>
          query < first ||
          key < first ||
          (Math.abs(Math.floor((query - first) / columns) - Math.floor((key - first) / columns)) <= y &&
            Math.abs(((query - first) % columns) - ((key - first) % columns)) <= x);
        for (let query = 0; query < 2 * P; query += 1) {
          const keys: number[] = [];
          forEachKey(plan, query, (key) => keys.push(key));
          const start = query < P ? 0 : P;
          const expected = Array.from({ length: P }, (_, key) => key).filter((key) => permitted(query - start, key));
          expect(keys).toEqual(expected);
        }
        expect(pattern.kind === "full").toBe(y >= rows - 1 && x >= columns - 1);
      }),
      { numRuns: 100 },
    );
  });
});

interface DirectGrid {
  readonly values: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

function weightOf(stage: number, tap: number): number {
  return ((tap * 5 + stage * 3) % 7) - 3;
}

/** A convolution as it is written in books. */
function direct(
  { values, rows, columns }: DirectGrid,
  { size, stride, padding }: StemGeometry,
  stage: number,
): DirectGrid {
  const [sy, sx] = stride!;
  const [top, left, bottom, right] = padding!;
  const outRows = Math.floor((rows + top + bottom - size[0]) / sy) + 1;
  const outColumns = Math.floor((columns + left + right - size[1]) / sx) + 1;
  const out: number[] = [];
  for (let r = 0; r < outRows; r += 1) {
    for (let c = 0; c < outColumns; c += 1) {
      let sum = 0;
      for (let dy = 0; dy < size[0]; dy += 1) {
        for (let dx = 0; dx < size[1]; dx += 1) {
          const y = r * sy + dy - top;
          const x = c * sx + dx - left;
          if (y < 0 || y >= rows || x < 0 || x >= columns) continue;
          sum += values[y * columns + x]! * weightOf(stage, dy * size[1] + dx);
        }
      }
      out.push(sum);
    }
  }
  return { values: out, rows: outRows, columns: outColumns };
}
