// Rows added to the rows that they were copied from, without atomics and in a fixed order: places are sorted by id (Batcher's
// bitonic network, 1968), so that each row of the result finds those that it sums side by side, in the order of their places.

import type { Kernel } from "../../kernel.ts";
import { elementsPerUnit } from "../../kernels/elementwise.wgsl.ts";

/** Pairs that a workgroup sorts in its memory. */
export const sortBlock = 512;
const threads = sortBlock / 2;

const compare = `
fn isAfter(a: vec2<i32>, b: vec2<i32>) -> bool { return a.x > b.x || (a.x == b.x && a.y > b.y); }`;

/** Steps `reach`, half of it and so on down to 1 of the stage `size`, over the block in the workgroup's memory. */
const steps = `
      for (var step = reach; step > 0u; step /= 2u) {
        let low = 2u * step * (thread / step) + thread % step;
        let one = block[low];
        let other = block[low + step];
        if (isAfter(one, other) == (((base + low) & size) == 0u)) {
          block[low] = other;
          block[low + step] = one;
        }
        workgroupBarrier();
      }`;

/** Ids and their places, sorted by blocks: up and down in turn. Ids outside 0 .. rows - 1 go to the end as `rows`. */
export const sortBlocksKernel: Kernel = {
  key: "sortBlocks",
  threads,
  bindings: [
    { name: "ids", element: "i32" },
    { name: "places", element: "i32", writes: true },
  ],
  parameters: [
    ["count", "u32"],
    ["rows", "i32"],
  ],
  declarations: `${compare}\nvar<workgroup> block: array<vec2<i32>, ${sortBlock}>;`,
  body: `
  let base = unit * ${sortBlock}u;
  for (var i = thread; i < ${sortBlock}u; i += ${threads}u) {
    var id = p.rows;
    if (base + i < p.count) { id = ids[base + i]; }
    if (id < 0 || id > p.rows) { id = p.rows; }
    block[i] = vec2<i32>(id, i32(base + i));
  }
  workgroupBarrier();
  for (var size = 2u; size <= ${sortBlock}u; size *= 2u) {
    let reach = size / 2u;${steps}
  }
  for (var i = thread; i < ${sortBlock}u; i += ${threads}u) {
    places[2u * (base + i)] = block[i].x;
    places[2u * (base + i) + 1u] = block[i].y;
  }`,
};

/** The steps of a stage that stay within blocks. */
export const sortMergeKernel: Kernel = {
  key: "sortMerge",
  threads,
  bindings: [{ name: "places", element: "i32", writes: true }],
  parameters: [["size", "u32"]],
  declarations: `${compare}\nvar<workgroup> block: array<vec2<i32>, ${sortBlock}>;`,
  body: `
  let base = unit * ${sortBlock}u;
  for (var i = thread; i < ${sortBlock}u; i += ${threads}u) {
    block[i] = vec2<i32>(places[2u * (base + i)], places[2u * (base + i) + 1u]);
  }
  workgroupBarrier();
  let size = p.size;
  let reach = ${threads}u;${steps}
  for (var i = thread; i < ${sortBlock}u; i += ${threads}u) {
    places[2u * (base + i)] = block[i].x;
    places[2u * (base + i) + 1u] = block[i].y;
  }`,
};

/** One step of a stage across blocks: a thread for each pair of places. */
export const sortStepKernel: Kernel = {
  key: "sortStep",
  threads,
  bindings: [{ name: "places", element: "i32", writes: true }],
  parameters: [
    ["size", "u32"],
    ["step", "u32"],
  ],
  declarations: compare,
  body: `
  let i = unit * ${threads}u + thread;
  let low = 2u * p.step * (i / p.step) + i % p.step;
  let high = low + p.step;
  let one = vec2<i32>(places[2u * low], places[2u * low + 1u]);
  let other = vec2<i32>(places[2u * high], places[2u * high + 1u]);
  if (isAfter(one, other) == ((low & p.size) == 0u)) {
    places[2u * low] = other.x;
    places[2u * low + 1u] = other.y;
    places[2u * high] = one.x;
    places[2u * high + 1u] = one.y;
  }`,
};

/** Sums of rows of dy [count, width] into y [rows, width]: a thread for each element; `size` is that of y. */
export const sumPlacesKernel: Kernel = {
  key: "sumPlaces",
  threads: elementsPerUnit,
  bindings: [
    { name: "dy", element: "f32" },
    { name: "places", element: "i32" },
    { name: "y", element: "f32", writes: true },
  ],
  parameters: [
    ["size", "u32"],
    ["width", "u32"],
    ["length", "u32"],
  ],
  body: `
  let i = unit * ${elementsPerUnit}u + thread;
  if (i < p.size) {
    let row = i32(i / p.width);
    var first = 0u;
    var end = p.length;
    while (first < end) {
      let middle = (first + end) / 2u;
      if (places[2u * middle] < row) { first = middle + 1u; } else { end = middle; }
    }
    var sum = 0.0;
    for (var at = first; at < p.length; at += 1u) {
      if (places[2u * at] != row) { break; }
      sum += dy[u32(places[2u * at + 1u]) * p.width + i % p.width];
    }
    y[i] = sum;
  }`,
};
