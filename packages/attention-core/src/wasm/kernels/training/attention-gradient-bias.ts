// From the gradients of scores to those of biases: a value per pair goes to its place, those of tables and slopes into
// the sums of the group.

import { Attention } from "../attention-parameters";
import { Keys, padded } from "../attention-rows";
import { Row } from "../collect";
import { denseRow, shiftOf, tableEntry } from "../score-terms";
import { AttentionGradient, biasPartialsOf } from "./attention-gradient-parameters";

/** Takes the gradients at `grads` [keys][heads padded to four] of heads `from .. to` in. */
export function addBiasGradients(g: AttentionGradient, a: Attention, row: Row, keys: Keys, grads: usize, group: i32, from: i32, to: i32): void {
  const stride = padded(a.heads) << 2;
  if (a.bias == 2) {
    addEdges(g, a, keys, grads);
    return;
  }
  const shift = shiftOf(a, row.set);
  const partials = biasPartialsOf(g, group);
  for (let head = from; head < to; head++) {
    const dense = a.bias == 1 ? denseRow(a, g.bias, row.set, head, row.position, row.keys) : 0;
    let at = grads + (<usize>head << 2);
    for (let i: usize = 0; i < <usize>keys.count; i++) {
      const key = load<i32>(keys.positions + (i << 2));
      const x = f32.load(at);
      at += stride;
      if (a.bias == 1) {
        addTo(dense + (<usize>key << 2), x);
      } else {
        const query = row.position + shift;
        if (a.bias == 3) addTo(partials + (<usize>head << 2), -x * <f32>abs(key - query));
        else addTo(partials + (<usize>tableEntry(a, head, key - query, key, query) << 2), x);
      }
    }
  }
}

/** An edge has its value to itself: [E, heads], or the sum over heads [E, 1]. */
function addEdges(g: AttentionGradient, a: Attention, keys: Keys, grads: usize): void {
  const stride = padded(a.heads) << 2;
  for (let i: usize = 0; i < <usize>keys.count; i++) {
    const edge = keys.edges != 0 ? load<i32>(keys.edges + (i << 2)) : keys.firstEdge + <i32>i;
    const to = g.bias + ((<usize>edge * <usize>a.biasHeads) << 2);
    for (let head: usize = 0; head < <usize>a.heads; head++) {
      const x = f32.load(grads + i * stride + (head << 2));
      if (a.biasHeads == 1) addTo(to, x);
      else f32.store(to + (head << 2), x);
    }
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, x: f32): void {
  f32.store(at, f32.load(at) + x);
}
