// What the kernels of attention's gradient are told beyond `Attention`. The host writes it field by field:
// `../../training/attention-gradient-parameters.ts` is the same list, and must stay so.

import { Attention } from "../attention-parameters";

/** Parameters of one call of the gradient. Pointers are byte addresses, 0 where there is nothing. */
// @ts-ignore: decorator
@unmanaged
export class AttentionGradient {
  attention: usize; // Attention: inputs, plan and options; its `logSumExp` is read
  output: usize; // [P, heads · valueWidth]
  dy: usize; // of the output, in its shape
  dq: usize;
  dk: usize;
  dv: usize;
  bias: usize; // of dense or edge biases, cleared before
  biasPartials: usize; // of slopes or a table: [groups, heads, biasSize]
  biasSize: i32; // entries of a head
  vectorPartials: usize; // of the vector of an additive score: [groups, heads, width]
  delta: usize; // [P, heads]: dy · output
  statistics: usize; // [P, heads]: relu: 1 / permitted keys; hard: the chosen key; or 0
  items: usize; // see Item
  groupItems: usize; // [groups + 1] the items of each group
  groupsBefore: i32; // groups of earlier jobs, whose sums come before those of this one
  headsPerUnit: i32; // of the tiled kernel: key heads that a unit takes
  keysPerWindow: i32; // of the tiled kernel: keys that are packed at a time, a multiple of 48
  careful: i32; // of the tiled kernel: some pair of an item may be forbidden
  pairWeights: usize; // edges: [edges of the plan, heads] weights after dropout
  pairScores: usize; // edges: [edges of the plan, heads] gradients of q·k, or of the additive sum
  incoming: usize; // edges: [keyRows + 1] places in the next two
  incomingRows: usize; // query rows
  incomingPlaces: usize; // edges of the plan
}

/** Pass of the gradients of queries, biases and vector. */
export const QUERIES: i32 = 1;
/** Pass of the gradients of keys and values. */
export const KEYS: i32 = 2;

/** A rectangle of one set's pairs, in positions, and the passes that it is for. */
// @ts-ignore: decorator
@unmanaged
export class Item {
  set: i32;
  passes: i32;
  queryFrom: i32;
  queryTo: i32;
  keyFrom: i32;
  keyTo: i32;
}

export const ITEM_BYTES: usize = 24;

/** Item `index`. */
// @ts-ignore: decorator
@inline
export function itemAt(g: AttentionGradient, index: i32): Item {
  return changetype<Item>(g.items + <usize>index * ITEM_BYTES);
}

/** The parameters of the forward pass. */
// @ts-ignore: decorator
@inline
export function forwardOf(g: AttentionGradient): Attention {
  return changetype<Attention>(g.attention);
}

/** Where a group adds up the gradients of slopes or a table. */
// @ts-ignore: decorator
@inline
export function biasPartialsOf(g: AttentionGradient, group: i32): usize {
  return g.biasPartials + ((<usize>((g.groupsBefore + group) * forwardOf(g).heads) * <usize>g.biasSize) << 2);
}

/** Clears what a group adds up for heads `from .. to`. */
export function clearPartials(g: AttentionGradient, group: i32, from: i32, to: i32): void {
  const a = forwardOf(g);
  const first = <usize>((g.groupsBefore + group) * a.heads + from), heads = <usize>(to - from);
  if (g.biasPartials != 0) memory.fill(g.biasPartials + ((first * <usize>g.biasSize) << 2), 0, (heads * <usize>g.biasSize) << 2);
  if (g.vectorPartials != 0) memory.fill(g.vectorPartials + ((first * <usize>a.width) << 2), 0, (heads * <usize>a.width) << 2);
}

/** Clears columns `column .. column + width` of rows `from .. to` of a matrix of rows of `stride` floats. */
export function clearColumns(matrix: usize, from: i32, to: i32, stride: i32, column: i32, width: i32): void {
  for (let row = from; row < to; row++) {
    memory.fill(matrix + ((<usize>row * <usize>stride + <usize>column) << 2), 0, <usize>width << 2);
  }
}

// @ts-ignore: decorator
@unmanaged
class Partials {
  from: usize; // [count, size]
  to: usize; // [size]
  count: i32;
  size: i32;
}

/** Partial sums added up in their order. A unit is 1,024 elements. */
export function attentionGradientSums(params: usize, from: i32, to: i32, scratch: usize): void {
  const p = changetype<Partials>(params);
  for (let i = from << 10, last = min(p.size, to << 10); i < last; i++) {
    let sum: f32 = 0;
    let at = p.from + (<usize>i << 2);
    for (let n = 0; n < p.count; n++) {
      sum += f32.load(at);
      at += <usize>p.size << 2;
    }
    f32.store(p.to + (<usize>i << 2), sum);
  }
}
