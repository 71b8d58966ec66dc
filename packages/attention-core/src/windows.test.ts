import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distance } from "../test/distance.ts";
import { offsetsOf } from "./ragged.ts";
import { createReferenceBackend } from "./reference/index.ts";
import {
  type ConvolutionSettings,
  convolutionWindows,
  type Grid,
  type GridSettings,
  gridWindows,
  type Windows,
} from "./windows.ts";

const wave = (size: number, frequency: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(1 + frequency * i));

/** unfold and linear: x [P, I], weight [T · I, O]. */
async function convolve(
  x: Float32Array,
  I: number,
  weight: Float32Array,
  O: number,
  { windows, taps }: Windows,
): Promise<Float32Array> {
  await using backend = createReferenceBackend();
  using workspace = backend.workspace();
  const rows = workspace.unfold(
    workspace.upload(x, [x.length / I, I]),
    workspace.upload(windows, [windows.length / taps, taps]),
  );
  return await workspace.read(workspace.linear(rows, workspace.upload(weight, [taps * I, O])));
}

/** The definition: y[r, o] = Σ over taps and i of x[r · stride - left + tap · dilation, i] · weight[tap, i, o]. */
function convolveDirectly(
  x: Float32Array,
  I: number,
  weight: Float32Array,
  O: number,
  length: number,
  settings: ConvolutionSettings,
): number[] {
  const { size, stride = 1, left = 0, right = 0, dilation = 1 } = settings;
  const y: number[] = [];
  for (let start = -left; start + dilation * (size - 1) < length + right; start += stride) {
    for (let o = 0; o < O; o += 1) {
      let sum = 0;
      for (let tap = 0; tap < size; tap += 1) {
        const row = start + tap * dilation;
        if (row < 0 || row >= length) continue;
        for (let i = 0; i < I; i += 1) sum += x[row * I + i]! * weight[(tap * I + i) * O + o]!;
      }
      y.push(sum);
    }
  }
  return y;
}

function convolveGridDirectly(
  x: Float32Array,
  I: number,
  weight: Float32Array,
  O: number,
  [rows, columns]: Grid,
  settings: GridSettings,
): number[] {
  const { size, stride = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1] } = settings;
  const [top, left, bottom, right] = padding;
  const y: number[] = [];
  for (let row = -top; row + dilation[0] * (size[0] - 1) < rows + bottom; row += stride[0]) {
    for (let column = -left; column + dilation[1] * (size[1] - 1) < columns + right; column += stride[1]) {
      for (let o = 0; o < O; o += 1) {
        let sum = 0;
        for (let a = 0; a < size[0]; a += 1) {
          for (let b = 0; b < size[1]; b += 1) {
            const r = row + a * dilation[0];
            const c = column + b * dilation[1];
            if (r < 0 || r >= rows || c < 0 || c >= columns) continue;
            for (let i = 0; i < I; i += 1)
              sum += x[(r * columns + c) * I + i]! * weight[((a * size[1] + b) * I + i) * O + o]!;
          }
        }
        y.push(sum);
      }
    }
  }
  return y;
}

describe("convolutionWindows()", () => {
  it("makes unfold and linear a convolution of each set alone", async () => {
    const small = fc.integer({ min: 0, max: 4 });
    const positive = fc.integer({ min: 1, max: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(9), { maxLength: 4 }),
        fc.record({ size: positive, stride: positive, left: small, right: small, dilation: positive }),
        async (lengths, settings) => {
          const [I, O] = [2, 3];
          const offsets = offsetsOf(lengths);
          const x = wave(offsets.at(-1)! * I, 0.7);
          const weight = wave(settings.size * I * O, 1.3);
          const windows = convolutionWindows(offsets, settings);
          const expected = lengths.map((length, n) =>
            convolveDirectly(x.subarray(offsets[n]! * I, offsets[n + 1]! * I), I, weight, O, length, settings),
          );
          expect([...windows.offsets]).toEqual([...offsetsOf(expected.map((y) => y.length / O))]);
          expect(distance(await convolve(x, I, weight, O, windows), expected.flat())).toBeLessThan(1e-5);
        },
      ),
    );
  });

  it("cuts patches where the stride is the size", () => {
    expect(convolutionWindows(offsetsOf([4, 3]), { size: 2, stride: 2 })).toEqual({
      windows: Int32Array.of(0, 1, 2, 3, 4, 5),
      taps: 2,
      offsets: Int32Array.of(0, 2, 3),
    });
  });

  it("refuses settings outside their range", () => {
    const offsets = offsetsOf([4]);
    expect(() => convolutionWindows(offsets, { size: 0 })).toThrow(
      "Cannot make windows: size must be an integer >= 1, it is 0",
    );
    expect(() => convolutionWindows(offsets, { size: 1, left: -1 })).toThrow("left must be an integer >= 0, it is -1");
    expect(() => convolutionWindows(Int32Array.of(1), { size: 1 })).toThrow("offsets must start with 0");
  });
});

describe("gridWindows()", () => {
  it("makes unfold and linear a 2-D convolution of each grid alone", async () => {
    const small = fc.integer({ min: 0, max: 2 });
    const positive = fc.integer({ min: 1, max: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 3 }),
        fc.record({
          size: fc.tuple(positive, positive),
          stride: fc.tuple(positive, positive),
          padding: fc.tuple(small, small, small, small),
          dilation: fc.tuple(positive, positive),
        }),
        async (grids, settings) => {
          const [I, O] = [2, 2];
          const offsets = offsetsOf(grids.map(([rows, columns]) => rows * columns));
          const x = wave(offsets.at(-1)! * I, 0.7);
          const weight = wave(settings.size[0] * settings.size[1] * I * O, 1.3);
          const windows = gridWindows(grids, settings);
          const expected = grids.map((grid, n) =>
            convolveGridDirectly(x.subarray(offsets[n]! * I, offsets[n + 1]! * I), I, weight, O, grid, settings),
          );
          expect([...windows.offsets]).toEqual([...offsetsOf(windows.grids.map(([rows, columns]) => rows * columns))]);
          expect(distance(await convolve(x, I, weight, O, windows), expected.flat())).toBeLessThan(1e-5);
        },
      ),
    );
  });

  it("cuts patches row by row", () => {
    const { windows, grids, taps } = gridWindows([[2, 4]], { size: [2, 2], stride: [2, 2] });
    expect(windows).toEqual(Int32Array.of(0, 1, 4, 5, 2, 3, 6, 7));
    expect([grids, taps]).toEqual([[[1, 2]], 4]);
  });

  it("refuses grids and settings outside their range", () => {
    expect(() =>
      gridWindows(
        [
          [2, 2],
          [1, -1],
        ],
        { size: [1, 1] },
      ),
    ).toThrow("columns of grid 1 must be an integer >= 0, it is -1");
    expect(() => gridWindows([[2, 2]], { size: [1, 1], stride: [0, 1] })).toThrow(
      "stride rows must be an integer >= 1, it is 0",
    );
  });
});
