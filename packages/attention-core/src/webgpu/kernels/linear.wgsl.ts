// act(x · weight + bias) by tiles: a workgroup makes a tile of the result, whose operands pass through its memory a stretch
// of depth at a time; a thread keeps a block of rows × columns in registers. Every sum runs along the depth in order,
// whichever tile computes it, so that the bits of a row do not depend on the rows beside it.

import type { Activation } from "../../backend.ts";
import type { Binding, Kernel } from "../kernel.ts";
import { activationText } from "./functions.wgsl.ts";

/** A tile, and how its threads stand: `down` rows of threads by `across` columns of them. */
export interface LinearTile {
  readonly rows: number;
  readonly columns: number;
  /** Inputs that pass through the workgroup's memory at a time. */
  readonly depth: number;
  readonly down: number;
  readonly across: number;
}

/**
 * The tiles to choose from, not yet tuned on a device. Multiply-adds for each word from global memory, rows · columns /
 * (rows + columns): 64, 32 and 13; words from the workgroup's memory for each multiply-add, 1 / rows + 1 / columns of
 * a thread's block: 1/4, 1/4 and 1/2, where a GPU delivers about one. Bytes of workgroup memory: 16,384, 8,192, 5,120.
 */
export const linearTiles = {
  large: { rows: 128, columns: 128, depth: 16, down: 16, across: 16 },
  medium: { rows: 64, columns: 64, depth: 16, down: 8, across: 8 },
  flat: { rows: 16, columns: 64, depth: 16, down: 4, across: 16 },
} as const satisfies Record<string, LinearTile>;

/** What a program is made for: widths that are multiples of four are read and written four numbers at a time. */
export interface LinearForm {
  readonly biased: boolean;
  readonly activation: Activation | null;
  readonly wideInputs: boolean;
  readonly wideOutputs: boolean;
  /** Whether the weight is float16; outputs are then wide. */
  readonly halves: boolean;
}

const parameters: Kernel["parameters"] = [
  ["rows", "u32"],
  ["inputs", "u32"],
  ["outputs", "u32"],
  ["across", "u32"],
];

function keyOf({ biased, activation, wideInputs, wideOutputs, halves }: LinearForm): string {
  return `${biased ? " bias" : ""} ${activation ?? ""} ${wideInputs ? 4 : 1} ${wideOutputs ? 4 : 1}${halves ? " f16" : ""}`;
}

function bindingsOf({ biased, wideInputs, wideOutputs, halves }: LinearForm): Binding[] {
  const output = wideOutputs ? "vec4f" : "f32";
  return [
    { name: "x", element: wideInputs ? "vec4f" : "f32" },
    { name: "weight", element: !halves ? output : wideOutputs ? "vec2u" : "u32" },
    ...(biased ? [{ name: "bias", element: output } as const] : []),
    { name: "y", element: output, writes: true },
  ];
}

/** `fn loadX(row, column) -> vec4<f32>`: four numbers of a row of x, zeros beyond its end. */
function loadRowsText(wide: boolean): string {
  return loadText("loadX", "x", "p.rows", "p.inputs", wide);
}

/** The same of the weight. */
function loadWeightText({ wideOutputs, halves }: LinearForm): string {
  if (!halves) return loadText("loadWeight", "weight", "p.inputs", "p.outputs", wideOutputs);
  return `
fn loadWeight(row: u32, column: u32) -> vec4<f32> {
  if (row >= p.inputs || column >= p.outputs) { return vec4<f32>(); }
  let four = weight[(row * p.outputs + column) / 4u];
  return vec4<f32>(unpack2x16float(four.x), unpack2x16float(four.y));
}`;
}

function loadText(name: string, buffer: string, rows: string, width: string, wide: boolean): string {
  const parts = [0, 1, 2, 3].map(
    (i) => `
  if (column + ${i}u < ${width}) { found[${i}] = ${buffer}[at + ${i}u]; }`,
  );
  return wide
    ? `
fn ${name}(row: u32, column: u32) -> vec4<f32> {
  if (row >= ${rows} || column >= ${width}) { return vec4<f32>(); }
  return ${buffer}[(row * ${width} + column) / 4u];
}`
    : `
fn ${name}(row: u32, column: u32) -> vec4<f32> {
  var found = vec4<f32>();
  if (row >= ${rows}) { return found; }
  let at = row * ${width} + column;${parts.join("")}
  return found;
}`;
}

/** `fn store(row, column, sums)`: bias, activation, and what lies within the result. */
function storeText({ biased, activation, wideOutputs }: LinearForm): string {
  const each = activation === null ? "" : "for (var i = 0u; i < 4u; i += 1u) { sum[i] = act(sum[i]); }";
  return `
${activationText(activation)}
fn store(row: u32, column: u32, sums: vec4<f32>) {
  if (row >= p.rows${wideOutputs ? " || column >= p.outputs" : ""}) { return; }
  ${
    wideOutputs
      ? `var sum = sums${biased ? " + bias[column / 4u]" : ""};
  ${each}
  y[(row * p.outputs + column) / 4u] = sum;`
      : `for (var i = 0u; i < 4u && column + i < p.outputs; i += 1u) {
    y[row * p.outputs + column + i] = act(sums[i]${biased ? " + bias[column + i]" : ""});
  }`
  }
}`;
}

/** x [P, I] · weight [I, O] (+ bias [O]): units row by row of the result's tiles, `across` in each. */
export function linearKernel(form: LinearForm, { rows, columns, depth, down, across }: LinearTile): Kernel {
  const threads = down * across;
  const ofThread = range(rows / down);
  const vectors = range(columns / 4 / across);
  const blocks = ofThread.length * vectors.length;
  const deep = depth / 4;
  const wide = columns / 4;
  const step = (c: number): string => `
      {
        ${vectors.map((j) => `let b${j} = right[(4u * d + ${c}u) * ${wide}u + column + ${j * across}u];`).join(" ")}
        ${ofThread.map((i) => vectors.map((j) => `s${i}_${j} = fma(vec4<f32>(a${i}[${c}]), b${j}, s${i}_${j});`).join(" ")).join("\n        ")}
      }`;
  return {
    key: `linear ${rows}x${columns}x${depth} ${down}x${across}${keyOf(form)}`,
    threads,
    bindings: bindingsOf(form),
    parameters,
    declarations: `
${storeText(form)}
${loadRowsText(form.wideInputs)}
${loadWeightText(form)}
var<workgroup> left: array<vec4<f32>, ${rows * deep}>;
var<workgroup> right: array<vec4<f32>, ${depth * wide}>;`,
    body: `
  let firstRow = (unit / p.across) * ${rows}u;
  let firstColumn = (unit % p.across) * ${columns}u;
  let row = (thread / ${across}u) * ${ofThread.length}u;
  let column = thread % ${across}u;
  ${ofThread.map((i) => vectors.map((j) => `var s${i}_${j} = vec4<f32>();`).join(" ")).join("\n  ")}
  for (var k = 0u; k < p.inputs; k += ${depth}u) {
    for (var i = thread; i < ${rows * deep}u; i += ${threads}u) {
      left[i] = loadX(firstRow + i / ${deep}u, k + 4u * (i % ${deep}u));
    }
    for (var i = thread; i < ${depth * wide}u; i += ${threads}u) {
      right[i] = loadWeight(k + i / ${wide}u, firstColumn + 4u * (i % ${wide}u));
    }
    workgroupBarrier();
    for (var d = 0u; d < ${deep}u; d += 1u) {
      ${ofThread.map((i) => `let a${i} = left[(row + ${i}u) * ${deep}u + d];`).join("\n      ")}${[0, 1, 2, 3].map(step).join("")}
    }
    workgroupBarrier();
  }
  // In a loop, so that the activation stands in the program once.
  var sums = array<vec4<f32>, ${blocks}>(${ofThread.flatMap((i) => vectors.map((j) => `s${i}_${j}`)).join(", ")});
  for (var i = 0u; i < ${blocks}u; i += 1u) {
    store(firstRow + row + i / ${vectors.length}u, firstColumn + 4u * (column + (i % ${vectors.length}u) * ${across}u), sums[i]);
  }`,
  };
}

/** Columns of a unit of `fewRowsKernel`, a thread for each. */
export const columnsOfFewRows = 64;
const stretch = 64;

/**
 * The same for at most `rows` rows, as when one token is decoded: a thread for each column, which reads its column of the
 * weight once for all rows. Units are `columnsOfFewRows` columns wide; `across` is not read.
 */
export function fewRowsKernel(form: LinearForm, rows: number): Kernel {
  const all = range(rows);
  const narrow = { ...form, wideOutputs: false };
  const step = (c: number): string => all.map((i) => `s${i} = fma(a${i}[${c}], b[${c}], s${i});`).join(" ");
  return {
    key: `linear of ${rows} rows${keyOf(narrow)}`,
    threads: columnsOfFewRows,
    bindings: bindingsOf(narrow),
    parameters,
    declarations: `
${activationText(form.activation)}
${loadRowsText(form.wideInputs)}
fn loadWeight(row: u32, column: u32) -> f32 {
  if (row >= p.inputs || column >= p.outputs) { return 0.0; }
  let at = row * p.outputs + column;
  return ${form.halves ? "unpack2x16float(weight[at / 2u])[at % 2u]" : "weight[at]"};
}
var<workgroup> left: array<vec4<f32>, ${(rows * stretch) / 4}>;`,
    body: `
  let column = unit * ${columnsOfFewRows}u + thread;
  ${all.map((i) => `var s${i} = 0.0;`).join(" ")}
  for (var k = 0u; k < p.inputs; k += ${stretch}u) {
    for (var i = thread; i < ${(rows * stretch) / 4}u; i += ${columnsOfFewRows}u) {
      left[i] = loadX(i / ${stretch / 4}u, k + 4u * (i % ${stretch / 4}u));
    }
    workgroupBarrier();
    let deep = (min(${stretch}u, p.inputs - k) + 3u) / 4u;
    for (var d = 0u; d < deep; d += 1u) {
      let at = k + 4u * d;
      let b = vec4<f32>(loadWeight(at, column), loadWeight(at + 1u, column), loadWeight(at + 2u, column), loadWeight(at + 3u, column));
      ${all.map((i) => `let a${i} = left[${(i * stretch) / 4}u + d];`).join(" ")}
      ${[0, 1, 2, 3].map(step).join("\n      ")}
    }
    workgroupBarrier();
  }
  if (column < p.outputs) {
    var sums = array<f32, ${rows}>(${all.map((i) => `s${i}`).join(", ")});
    for (var i = 0u; i < p.rows; i += 1u) {
      y[i * p.outputs + column] = act(sums[i]${form.biased ? " + bias[column]" : ""});
    }
  }`,
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
