// Operations that move rows and columns.

import type { Kernel } from "../kernel.ts";
import { elementsPerUnit } from "./elementwise.wgsl.ts";

/**
 * Rows of x [rows, width] at `ids` side by side, zeros for an id outside: embed and unfold. `size` is that of the result.
 * `halves`: x is float16.
 */
export function gatherKernel(halves: boolean): Kernel {
  return {
    key: halves ? "gather of halves" : "gather",
    threads: elementsPerUnit,
    bindings: [
      { name: "x", element: halves ? "u32" : "f32" },
      { name: "ids", element: "i32" },
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [
      ["size", "u32"],
      ["rows", "i32"],
      ["width", "u32"],
    ],
    body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    let id = ids[i / p.width];
    var value = 0.0;
    if (id >= 0 && id < p.rows) {
      let at = u32(id) * p.width + i % p.width;
      value = ${halves ? "unpack2x16float(x[at / 2u])[at % 2u]" : "x[at]"};
    }
    y[i] = value;
  }`,
  };
}

/** y = x, which is float16: a thread for each of `size` pairs. */
export const widenKernel: Kernel = {
  key: "widen",
  threads: elementsPerUnit,
  bindings: [
    { name: "x", element: "u32" },
    { name: "y", element: "f32", writes: true },
  ],
  parameters: [["size", "u32"]],
  body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    let pair = unpack2x16float(x[i]);
    y[2u * i] = pair.x;
    y[2u * i + 1u] = pair.y;
  }`,
};

/** Columns of x [rows, fromWidth] from `from` on into those of y [rows, toWidth] from `to` on, `width` of them. */
export const copyColumnsKernel: Kernel = {
  key: "copyColumns",
  threads: elementsPerUnit,
  bindings: [
    { name: "x", element: "u32" },
    { name: "y", element: "u32", writes: true },
  ],
  parameters: [
    ["size", "u32"],
    ["fromWidth", "u32"],
    ["first", "u32"],
    ["toWidth", "u32"],
    ["toColumn", "u32"],
    ["width", "u32"],
  ],
  body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    let row = i / p.width;
    let column = i % p.width;
    y[row * p.toWidth + p.toColumn + column] = x[row * p.fromWidth + p.first + column];
  }`,
};

/** Column pairs turned by the angles of their rows' positions; `size` is that of x [P, H · D]. */
export function rotateKernel(interleaved: boolean): Kernel {
  return {
    key: interleaved ? "rotate interleaved" : "rotate",
    threads: elementsPerUnit,
    bindings: [
      { name: "x", element: "f32" },
      { name: "positions", element: "i32" },
      { name: "cosines", element: "f32" },
      { name: "sines", element: "f32" },
      { name: "y", element: "f32", writes: true },
    ],
    parameters: [
      ["size", "u32"],
      ["rowWidth", "u32"],
      ["headWidth", "u32"],
      ["turning", "u32"],
      ["rows", "i32"],
    ],
    body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    let d = (i % p.rowWidth) % p.headWidth;
    if (d >= p.turning) {
      y[i] = x[i];
    } else {
      let half = p.turning / 2u;
      ${
        interleaved
          ? "let pair = d / 2u; let isFirst = d % 2u == 0u; let other = select(i - 1u, i + 1u, isFirst);"
          : "let pair = d % half; let isFirst = d < half; let other = select(i - half, i + half, isFirst);"
      }
      let position = positions[i / p.rowWidth];
      var c = 0.0;
      var s = 0.0;
      if (position >= 0 && position < p.rows) {
        c = cosines[u32(position) * half + pair];
        s = sines[u32(position) * half + pair];
      }
      if (isFirst) { y[i] = x[i] * c - x[other] * s; } else { y[i] = x[other] * s + x[i] * c; }
    }
  }`,
  };
}
