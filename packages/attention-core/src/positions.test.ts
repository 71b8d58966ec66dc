import { expect, test } from "vitest";
import { alibiSlopes, rotaryTables, sinusoidalGridPositions, sinusoidalPositions } from "./positions.ts";

test("sinusoidalPositions() has sines in even columns, cosines in odd ones", () => {
  const table = sinusoidalPositions(3, 4);
  const expected = [0, 1, 2].flatMap((p) => [Math.sin(p), Math.cos(p), Math.sin(p / 100), Math.cos(p / 100)]);
  expect([...table]).toEqual(expected.map(Math.fround));
});

test("sinusoidalPositions() from a start are the later rows of those from 0", () => {
  expect([...sinusoidalPositions(2, 6, 500, 3)]).toEqual([...sinusoidalPositions(5, 6, 500).subarray(3 * 6)]);
});

test("a shift of sinusoidalPositions() is one rotation for all positions", () => {
  // What Vaswani et al. chose them for: the product of two rows depends on their distance alone.
  const width = 16;
  const table = sinusoidalPositions(20, width);
  const product = (a: number, b: number): number => {
    let sum = 0;
    for (let i = 0; i < width; i += 1) sum += (table[a * width + i] ?? 0) * (table[b * width + i] ?? 0);
    return sum;
  };
  expect(product(2, 5)).toBeCloseTo(product(14, 17), 5);
  expect(product(2, 5)).not.toBeCloseTo(product(2, 6), 2);
});

test("sinusoidalGridPositions() has the row in the first half, the column in the second", () => {
  const [rows, columns, width] = [2, 3, 8];
  const table = sinusoidalGridPositions(rows, columns, width);
  const line = sinusoidalPositions(3, width / 2);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const at = (row * columns + column) * width;
      expect(table.subarray(at, at + 4)).toEqual(line.subarray(row * 4, row * 4 + 4));
      expect(table.subarray(at + 4, at + 8)).toEqual(line.subarray(column * 4, column * 4 + 4));
    }
  }
});

test("rotaryTables() has the angle p · base^(-2i / width)", () => {
  const { cos, sin } = rotaryTables(3, 4, 100);
  const angles = [0, 1, 2].flatMap((p) => [p, p / 10]);
  expect([...cos]).toEqual(angles.map((angle) => Math.fround(Math.cos(angle))));
  expect([...sin]).toEqual(angles.map((angle) => Math.fround(Math.sin(angle))));
  expect([...rotaryTables(1, 4, 100, 2).cos]).toEqual([...cos.subarray(4)]);
});

test("alibiSlopes() are the geometric sequence of the paper for a power of two", () => {
  expect([...alibiSlopes(8)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((k) => 2 ** -k));
  expect([...alibiSlopes(1)]).toEqual([2 ** -8]);
});

test("alibiSlopes() fill up with every second slope of twice as many heads", () => {
  const slopes = alibiSlopes(12);
  expect([...slopes.subarray(0, 8)]).toEqual([...alibiSlopes(8)]);
  expect([...slopes.subarray(8)]).toEqual([0, 2, 4, 6].map((i) => alibiSlopes(16)[i]));
});

test("positions refuse sizes and bases that make no sense", () => {
  expect(() => sinusoidalPositions(3, 5)).toThrow("width must be a positive multiple of 2, it is 5");
  expect(() => sinusoidalPositions(-1, 4)).toThrow(RangeError);
  expect(() => sinusoidalPositions(1, 4, 0)).toThrow("base must be a finite number above 0, it is 0");
  expect(() => sinusoidalGridPositions(2, 2, 6)).toThrow("multiple of 4");
  expect(() => rotaryTables(2, 3)).toThrow(RangeError);
  expect(() => rotaryTables(2, 4, Number.NaN)).toThrow(RangeError);
  expect(() => alibiSlopes(0)).toThrow(RangeError);
});
