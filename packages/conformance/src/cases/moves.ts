// Columns turned, cut and joined; sets joined; values in and out; and every operation on no rows at all.

import { offsetsOf, type Tensor } from "@saccade/attention-core";
import type { BackendCase } from "../backend-case.ts";
import { denseRotate } from "../dense/rows.ts";
import { rowCase } from "./row-case.ts";

/** The cases of this file. */
export function moveCases(): BackendCase[] {
  return [...rotateCases(), ...rearrangeCases()];
}

function rotateCases(): BackendCase[] {
  const settings: readonly (readonly [heads: number, headWidth: number, width: number | undefined])[] = [
    [1, 2, undefined],
    [4, 8, undefined],
    [2, 6, undefined],
    [3, 64, undefined],
    [2, 8, 4],
    [2, 7, 4],
    [1, 10, 2],
    [2, 8, 0],
  ];
  return settings.flatMap(([heads, headWidth, width]) =>
    [false, true].map((interleaved) => {
      const name = `${heads} heads of ${headWidth}${width === undefined ? "" : `, ${width} turn`}${interleaved ? ", interleaved" : ""}`;
      return rowCase("rows: rotate", name, async ({ workspace, check, random }) => {
        const turning = width ?? headWidth;
        const half = turning / 2;
        const positions = Int32Array.of(0, 1, 2, 0, 5, 5, 3);
        const angles = random.normals(6 * half, 2);
        const [cos, sin] = [angles.map(Math.cos), angles.map(Math.sin)];
        const x = random.normals(positions.length * heads * headWidth);
        const y = workspace.rotate(
          workspace.upload(x, [positions.length, heads * headWidth]),
          workspace.upload(positions, [positions.length]),
          workspace.upload(cos, [6, half]),
          workspace.upload(sin, [6, half]),
          { heads, ...(interleaved ? { interleaved } : {}), ...(width === undefined ? {} : { width }) },
        );
        check.close(
          "rotate",
          await workspace.read(y),
          denseRotate(x, { positions, cos, sin, heads, interleaved, width: turning }),
        );
      });
    }),
  );
}

function rearrangeCases(): BackendCase[] {
  return [
    rowCase("rows: concatenate", "parts of different widths", async ({ workspace, check, random }) => {
      const widths = [3, 1, 8, 5];
      const parts = widths.map((width) => random.normals(6 * width));
      const y = workspace.concatenate(parts.map((part, i) => workspace.upload(part, [6, widths[i]!])));
      check.shape("concatenate", y.shape, [6, 17]);
      const expected = Array.from({ length: 6 }, (_, row) =>
        parts.flatMap((part, i) => [...part.subarray(row * widths[i]!, (row + 1) * widths[i]!)]),
      ).flat();
      check.same("concatenate", await workspace.read(y), expected);
    }),
    rowCase("rows: concatenate", "one part", async ({ workspace, check, random }) => {
      const x = random.normals(12);
      check.same("concatenate", await workspace.read(workspace.concatenate([workspace.upload(x, [4, 3])])), x);
    }),
    ...(
      [
        [0, 9],
        [0, 1],
        [8, 9],
        [2, 7],
        [4, 4],
      ] as const
    ).map(([from, to]) =>
      rowCase("rows: slice", `columns ${from} .. ${to}`, async ({ workspace, check, random }) => {
        const x = random.normals(5 * 9);
        const y = workspace.slice(workspace.upload(x, [5, 9]), from, to);
        check.shape("slice", y.shape, [5, to - from]);
        check.same(
          "slice",
          await workspace.read(y),
          Array.from({ length: 5 }, (_, row) => [...x.subarray(row * 9 + from, row * 9 + to)]).flat(),
        );
      }),
    ),
    rowCase("rows: append", "sets end to end, empty ones among them", async ({ workspace, check, random }) => {
      const lengths = [
        [3, 0, 2, 0],
        [1, 4, 0, 0],
        [2, 2, 2, 0],
      ];
      const parts = lengths.map((of) => ({
        values: random.normals(of.reduce((a, b) => a + b, 0) * 5),
        offsets: offsetsOf(of),
      }));
      const y = workspace.append(
        parts.map(({ values, offsets }) => ({ rows: workspace.upload(values, [values.length / 5, 5]), offsets })),
      );
      const expected = [0, 1, 2, 3].flatMap((set) =>
        parts.flatMap(({ values, offsets }) => [...values.subarray(offsets[set]! * 5, offsets[set + 1]! * 5)]),
      );
      check.shape("append", y.shape, [16, 5]);
      check.same("append", await workspace.read(y), expected);
    }),
    rowCase("rows: reshape", "the same values", async ({ workspace, check, random }) => {
      const x = random.normals(24);
      const y = workspace.reshape(workspace.upload(x, [4, 6]), [2, 3, 4]);
      check.shape("reshape", y.shape, [2, 3, 4]);
      check.same("reshape", await workspace.read(y), x);
      check.same(
        "what was computed from it",
        await workspace.read(workspace.slice(workspace.reshape(y, [8, 3]), 1, 3)),
        [...x].filter((_, i) => i % 3 > 0),
      );
    }),
    rowCase("rows: upload and read", "integers and floats, any shape", async ({ workspace, check, backend }) => {
      const integers = Int32Array.of(0, -1, 2147483647, -2147483648, 7, 8);
      check.same("i32", await workspace.read(workspace.upload(integers, [6])), integers);
      check.same(
        "i32, reshaped",
        await workspace.read(workspace.reshape(workspace.upload(integers, [6]), [2, 3])),
        integers,
      );
      const floats = Float32Array.of(0, -0, 1e-45, 3.4e38, Infinity, -Infinity, NaN, 1);
      check.same("f32", await workspace.read(workspace.upload(floats, [2, 2, 2])), floats);
      check.same("scalar", await workspace.read(workspace.upload(Float32Array.of(5), [])), [5]);
      check.same("nothing", await workspace.read(workspace.upload(new Float32Array(0), [0, 4])), []);
      const changed = Float32Array.of(1, 2);
      const tensor = workspace.upload(changed, [2]);
      changed.fill(9);
      check.same("what was uploaded stays when the array changes", await workspace.read(tensor), [1, 2]);
      check.that(
        "limits.dtypes holds f32 and i32",
        backend.limits.dtypes.includes("f32") && backend.limits.dtypes.includes("i32"),
      );
    }),
    rowCase("rows: no rows", "every operation takes P = 0", async ({ workspace, check }) => {
      const x = workspace.upload(new Float32Array(0), [0, 4]);
      const gain = workspace.upload(Float32Array.of(1, 1, 1, 1), [4]);
      const none = workspace.upload(new Int32Array(0), [0]);
      const table = workspace.upload(new Float32Array(8), [2, 4]);
      const angles = workspace.upload(new Float32Array(2), [1, 2]);
      const results: Readonly<Record<string, Tensor>> = {
        linear: workspace.linear(x, workspace.upload(new Float32Array(8), [4, 2])),
        activate: workspace.activate(x, "gelu"),
        add: workspace.add(x, x),
        multiply: workspace.multiply(x, gain),
        layerNorm: workspace.layerNorm(x, gain, null, 1e-5),
        rmsNorm: workspace.rmsNorm(x, gain, 1e-5),
        softmax: workspace.softmax(x),
        embed: workspace.embed(table, none),
        unfold: workspace.unfold(x, workspace.upload(new Int32Array(0), [0, 3])),
        rotate: workspace.rotate(x, none, angles, angles, { heads: 1 }),
        concatenate: workspace.concatenate([x, x]),
        slice: workspace.slice(x, 1, 2),
        append: workspace.append([{ rows: x, offsets: Int32Array.of(0, 0) }]),
        pool: workspace.pool(x, Int32Array.of(0), "max"),
        reshape: workspace.reshape(x, [2, 0]),
      };
      for (const [operation, result] of Object.entries(results))
        check.same(operation, await workspace.read(result), []);
    }),
  ];
}
