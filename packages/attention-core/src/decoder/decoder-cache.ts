// What a decoder remembers from step to step: the keys and values of the positions it has seen, and those of the
// encoder's output. A step does not change a cache, it returns a longer one, so that a step that is aborted half way
// leaves nothing torn, and that hypotheses may branch.

import type { Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import { gatherRows } from "../layers/gather.ts";
import { type KeysValues, projectKeysValues, releaseKeysValues } from "../layers/attention-block.ts";
import type { Tensor } from "../tensor.ts";
import type { DecoderConfig } from "./decoder-config.ts";
import type { DecoderWeights } from "./decoder-weights.ts";

/** Keys and values of every layer for rows at `offsets` [N + 1]. Disposing it frees them. */
export interface DecoderCache extends Disposable {
  readonly offsets: Int32Array;
  /** One entry per layer; none in an empty cache. */
  readonly layers: readonly KeysValues[];
}

/** A cache of `sets` sets that have seen nothing yet. */
export function emptyCache(sets: number): DecoderCache {
  return cacheOf(new Int32Array(sets + 1), []);
}

/** A cache over keys and values that are already there. */
export function cacheOf(offsets: Int32Array, layers: readonly KeysValues[]): DecoderCache {
  return {
    offsets,
    layers,
    [dispose]: () => {
      for (const layer of layers) releaseKeysValues(layer);
    },
  };
}

/** A copy of `cache` that outlives the workspace, until it is disposed. */
export function keepCache(workspace: Workspace, cache: DecoderCache): DecoderCache {
  return cacheOf(
    cache.offsets,
    cache.layers.map(({ keys, values }) => ({ keys: workspace.keep(keys), values: workspace.keep(values) })),
  );
}

/** The cache of sets `sets` of `cache` [M], in that order; a set may come several times. A result of the workspace. */
export function gatherCache(workspace: Workspace, cache: DecoderCache, sets: Int32Array): DecoderCache {
  const offsets = new Int32Array(sets.length + 1);
  const rows: number[] = [];
  for (const [at, set] of sets.entries()) {
    const from = cache.offsets[set] ?? 0;
    const to = cache.offsets[set + 1] ?? from;
    for (let row = from; row < to; row += 1) rows.push(row);
    offsets[at + 1] = rows.length;
  }
  const numbers = Int32Array.from(rows);
  return cacheOf(
    offsets,
    cache.layers.map(({ keys, values }) => ({
      keys: gatherRows(workspace, keys, numbers),
      values: gatherRows(workspace, values, numbers),
    })),
  );
}

/** Adds `added` rows at `offsets` to the end of the sets of `past`; takes `added` over, leaves `past`. */
export function extendKeysValues(
  workspace: Workspace,
  past: KeysValues,
  pastOffsets: Int32Array,
  added: KeysValues,
  offsets: Int32Array,
): KeysValues {
  const grow = (old: Tensor, rows: Tensor): Tensor =>
    workspace.append([
      { rows: old, offsets: pastOffsets },
      { rows, offsets },
    ]);
  const grown = { keys: grow(past.keys, added.keys), values: grow(past.values, added.values) };
  releaseKeysValues(added);
  return grown;
}

/**
 * Keys and values of an encoder's output for every layer's cross-attention: computed once, read at each step.
 * `rows` is [memory rows, S] at `offsets` [N + 1]. A result of the workspace; `keepCache` makes it outlive it.
 * Throws `RangeError` for a decoder that has no cross-attention.
 */
export function projectMemory(
  workspace: Workspace,
  config: DecoderConfig,
  weights: DecoderWeights,
  rows: Tensor,
  offsets: Int32Array,
): DecoderCache {
  const layers = weights.layers.map(({ cross }) => {
    if (!cross) throw new RangeError("Cannot project a memory: the decoder must have a memoryWidth, it has none");
    return projectKeysValues(workspace, config, cross.attention, rows);
  });
  return cacheOf(offsets, layers);
}
