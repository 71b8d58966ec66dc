// The operations on rows: matrix products, norms, activations, gathers and moves, at awkward sizes.

import { type Activation, offsetsOf, type Tensor, type Workspace } from "@saccade/attention-core";
import { type BackendCase, type CaseContext, withWorkspace } from "../backend-case.ts";
import type { Checker } from "../check/checker.ts";
import {
  denseActivation,
  denseGather,
  denseLayerNorm,
  denseLinear,
  densePool,
  denseRmsNorm,
  denseRotate,
  denseSoftmax,
  eachRow,
} from "../dense/rows.ts";
import { type Random, seeded } from "../random.ts";

const activations: readonly Activation[] = ["gelu", "geluTanh", "relu", "silu", "tanh", "sigmoid"];
const edges: readonly number[] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 31, 33, 47, 48, 49, 64, 65, 95, 96, 97, 127, 129, 200,
];

type Body = (
  tools: { readonly workspace: Workspace; readonly check: Checker; readonly random: Random } & CaseContext,
) => Promise<void>;

function rowCase(group: string, name: string, body: Body): BackendCase {
  return {
    group,
    name,
    run: (context) =>
      withWorkspace(context.backend, (workspace) =>
        body({ ...context, workspace, random: seeded(`${group}/${name}`) }),
      ),
  };
}

function linearCases(): BackendCase[] {
  const group = "rows: linear";
  const of = (P: number, I: number, O: number, activation: Activation | null, withBias: boolean): BackendCase =>
    rowCase(
      group,
      `[${P}, ${I}] · [${I}, ${O}]${withBias ? " + bias" : ""}${activation ? `, ${activation}` : ""}`,
      async ({ workspace, check, random }) => {
        const x = random.normals(P * I);
        const weight = random.normals(I * O, 1 / Math.sqrt(Math.max(I, 1)));
        const bias = withBias ? random.normals(O) : null;
        const y = workspace.linear(
          workspace.upload(x, [P, I]),
          workspace.upload(weight, [I, O]),
          bias && workspace.upload(bias, [O]),
          activation,
        );
        check.shape("linear", y.shape, [P, O]);
        check.close("linear", await workspace.read(y), denseLinear(x, weight, bias, activation, [P, I, O]));
      },
    );
  return [
    ...edges.flatMap((size) => [
      of(size, 7, 5, null, false),
      of(5, size, 9, null, true),
      of(6, 17, size, null, true),
      of(size, size, size, null, false),
    ]),
    of(97, 257, 513, null, true),
    of(193, 300, 70, null, false),
    of(0, 5, 3, null, true),
    of(4, 5, 0, null, false),
    ...activations.flatMap((activation) => [
      of(13, 11, 10, activation, true),
      of(1, 64, 48, activation, false),
      of(50, 3, 1, activation, true),
    ]),
  ];
}

function activationCases(): BackendCase[] {
  const group = "rows: activate";
  const extremes = [-1e-8, 1e-8, -0, 30, -30, 88, -88, 100, -100, 1e4, -1e4];
  const values = Float32Array.from([...Array.from({ length: 401 }, (_, i) => (i - 200) / 20), ...extremes]);
  return activations.map((activation) =>
    rowCase(group, activation, async ({ workspace, check }) => {
      const y = workspace.activate(workspace.upload(values, [values.length, 1]), activation);
      const expected = Array.from(values, (value) => denseActivation(activation, value));
      const actual = await workspace.read(y);
      // The middle alone as well: what is a small error beside 1e4 is a large one beside 0.5.
      for (const bound of [0.5, 1, 2, 4, 10, Infinity]) {
        const within = (_: number, i: number): boolean => Math.abs(values[i]!) <= bound;
        check.close(`${activation} within ${bound}`, actual.filter(within), expected.filter(within));
      }
    }),
  );
}

function elementwiseCases(): BackendCase[] {
  return (["add", "multiply"] as const).flatMap((operation) => {
    const combine = (a: number, b: number): number => (operation === "add" ? a + b : a * b);
    return [1, 3, 4, 7, 16, 65].flatMap((width) => [
      rowCase(`rows: ${operation}`, `same shape, width ${width}`, async ({ workspace, check, random }) => {
        const a = random.normals(9 * width);
        const b = random.normals(9 * width);
        const y = workspace[operation](workspace.upload(a, [9, width]), workspace.upload(b, [9, width]));
        check.shape(operation, y.shape, [9, width]);
        check.close(
          operation,
          await workspace.read(y),
          a.map((value, i) => combine(value, b[i]!)),
        );
      }),
      rowCase(`rows: ${operation}`, `one row to each, width ${width}`, async ({ workspace, check, random }) => {
        const a = random.normals(9 * width);
        const b = random.normals(width);
        const y = workspace[operation](workspace.upload(a, [9, width]), workspace.upload(b, [width]));
        check.close(
          operation,
          await workspace.read(y),
          a.map((value, i) => combine(value, b[i % width]!)),
        );
      }),
    ]);
  });
}

function normCases(): BackendCase[] {
  return [1, 2, 3, 4, 5, 8, 15, 16, 17, 64, 100, 257].flatMap((width) => {
    const draw = (random: Random): { x: Float32Array; gain: Float32Array; bias: Float32Array } => ({
      x: random.normals(7 * width, 3).map((value) => value + 2),
      gain: random.normals(width),
      bias: random.normals(width),
    });
    const put = (workspace: Workspace, values: Float32Array): Tensor => workspace.upload(values, [values.length]);
    return [
      ...[1e-5, 0.1].flatMap((epsilon) => [
        rowCase("rows: layerNorm", `width ${width}, epsilon ${epsilon}`, async ({ workspace, check, random }) => {
          const { x, gain, bias } = draw(random);
          const y = workspace.layerNorm(
            workspace.upload(x, [7, width]),
            put(workspace, gain),
            put(workspace, bias),
            epsilon,
          );
          check.close(
            "layerNorm",
            await workspace.read(y),
            eachRow(x, width, (row) => denseLayerNorm(row, gain, bias, epsilon)),
          );
        }),
        rowCase("rows: rmsNorm", `width ${width}, epsilon ${epsilon}`, async ({ workspace, check, random }) => {
          const { x, gain } = draw(random);
          const y = workspace.rmsNorm(workspace.upload(x, [7, width]), put(workspace, gain), epsilon);
          check.close(
            "rmsNorm",
            await workspace.read(y),
            eachRow(x, width, (row) => denseRmsNorm(row, gain, epsilon)),
          );
        }),
      ]),
      rowCase("rows: layerNorm", `width ${width}, no bias`, async ({ workspace, check, random }) => {
        const { x, gain } = draw(random);
        const y = workspace.layerNorm(workspace.upload(x, [7, width]), put(workspace, gain), null, 1e-5);
        check.close(
          "layerNorm",
          await workspace.read(y),
          eachRow(x, width, (row) => denseLayerNorm(row, gain, null, 1e-5)),
        );
      }),
      ...[false, true].map((log) =>
        rowCase("rows: softmax", `width ${width}${log ? ", log" : ""}`, async ({ workspace, check, random }) => {
          const x = random.normals(7 * width, 4);
          x.subarray(0, width).forEach((value, i, row) => (row[i] = value + 1e4));
          const y = workspace.softmax(workspace.upload(x, [7, width]), ...(log ? [{ log }] : []));
          check.close(
            "softmax",
            await workspace.read(y),
            eachRow(x, width, (row) => denseSoftmax(row, log)),
          );
        }),
      ),
    ];
  });
}

function poolCases(): BackendCase[] {
  return (["mean", "max", "first", "sum"] as const).flatMap((how) =>
    [1, 3, 4, 17, 64].map((width) =>
      rowCase("rows: pool", `${how}, width ${width}`, async ({ workspace, check, random }) => {
        const offsets = offsetsOf([3, 0, 1, 40, 0, 2]);
        // All negative, so that a maximum that starts from zero shows.
        const x = random.normals(46 * width).map((value) => value - 8);
        const y = workspace.pool(workspace.upload(x, [46, width]), offsets, how);
        check.shape("pool", y.shape, [6, width]);
        check.close("pool", await workspace.read(y), densePool(x, width, offsets, how));
      }),
    ),
  );
}

function gatherCases(): BackendCase[] {
  return [1, 3, 4, 7, 16, 65].flatMap((width) => [
    rowCase("rows: embed", `ids [P], width ${width}`, async ({ workspace, check, random }) => {
      const table = random.normals(11 * width);
      const ids = Int32Array.of(0, 10, 3, 3, -1, 11, 2147483647, -2147483648, 5);
      const y = workspace.embed(workspace.upload(table, [11, width]), workspace.upload(ids, [9]));
      check.shape("embed", y.shape, [9, width]);
      check.same("embed", await workspace.read(y), denseGather(table, width, ids));
    }),
    rowCase("rows: embed", `ids [P, T], width ${width}`, async ({ workspace, check, random }) => {
      const table = random.normals(11 * width);
      const ids = Int32Array.of(0, 10, -1, 3, 3, 3, 7, 11, 2, 1, 0, 9);
      const y = workspace.embed(workspace.upload(table, [11, width]), workspace.upload(ids, [4, 3]));
      check.shape("embed", y.shape, [4, 3 * width]);
      check.same("embed", await workspace.read(y), denseGather(table, width, ids));
    }),
    rowCase("rows: unfold", `3 rows side by side, width ${width}`, async ({ workspace, check, random }) => {
      const x = random.normals(5 * width);
      const windows = Int32Array.of(-1, 0, 1, 0, 1, 2, 2, 3, 4, 4, -1, -1, -1, -1, -1, 1, 1, 0);
      const y = workspace.unfold(workspace.upload(x, [5, width]), workspace.upload(windows, [6, 3]));
      check.shape("unfold", y.shape, [6, 3 * width]);
      check.same("unfold", await workspace.read(y), denseGather(x, width, windows));
    }),
  ]);
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

function moveCases(): BackendCase[] {
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

/** The cases of this file. */
export function rowCases(): BackendCase[] {
  return [
    ...linearCases(),
    ...activationCases(),
    ...elementwiseCases(),
    ...normCases(),
    ...poolCases(),
    ...gatherCases(),
    ...rotateCases(),
    ...moveCases(),
  ];
}
