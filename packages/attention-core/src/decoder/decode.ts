// Rows through a decoder: whole sequences at once (training, scoring), or the next rows of each set after a cache
// (generation). Both run the same layers, and give the same numbers.

import type { AttentionMaps, Backend, Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import { type EncodeOptions, type LayerMapRequest, mapsOf } from "../encoder/encode.ts";
import { type KeysValues, releaseKeysValues } from "../layers/attention-block.ts";
import { addRowPositions, batchPositions, releasePositions } from "../layers/batch-positions.ts";
import { decoderLayer } from "../layers/decoder-layer.ts";
import { applyNorm } from "../layers/norm.ts";
import type { AttentionPattern } from "../pattern.ts";
import type { AttentionPlan } from "../plan.ts";
import { lengthsOf } from "../ragged.ts";
import type { Tensor } from "../tensor.ts";
import { cacheOf, type DecoderCache, extendKeysValues } from "./decoder-cache.ts";
import type { DecoderConfig } from "./decoder-config.ts";
import type { DecoderWeights } from "./decoder-weights.ts";

/** How to decode. */
export interface DecodeOptions extends EncodeOptions {
  /** From `projectMemory`, and which row reads which set of it: required where the decoder has cross-attention. */
  readonly memory?: { readonly keysValues: DecoderCache; readonly plan: AttentionPlan } | undefined;
  /** What each set has seen; given (if only an `emptyCache`), the longer cache comes back. */
  readonly cache?: DecoderCache | undefined;
  /** Maps of cross-attention; `maps` are those of self-attention. */
  readonly crossMaps?: LayerMapRequest | undefined;
}

/** What decoding returns, all of the workspace. */
export interface Decoded {
  /** [P, W]. */
  readonly rows: Tensor;
  /** Everything seen so far, the new rows included; `null` where no cache was given. See `keepCache`. */
  readonly cache: DecoderCache | null;
  /** One entry per layer, empty where none were asked for. */
  readonly maps: readonly AttentionMaps[];
  readonly crossMaps: readonly AttentionMaps[];
}

/**
 * The plan of self-attention for new rows at `offsets` [N + 1] that come after `cache`: causal, or another pattern
 * whose positions count from the start of the cache.
 */
export function planSelfAttention(
  backend: Backend,
  offsets: Int32Array,
  cache: DecoderCache | null = null,
  pattern: AttentionPattern = { kind: "causal" },
): AttentionPlan {
  return backend.plan(offsets, cache ? addOffsets(cache.offsets, offsets) : offsets, pattern);
}

/**
 * Decodes new `rows` [P, W]; `plan` is that of self-attention (`planSelfAttention`), whose keys are the cache's rows
 * and the new ones. Checkpoints, progress and ownership are those of `encode`; the given cache stays as it is. Throws
 * `RangeError` where a memory is missing or not wanted, or the cache does not fit the plan.
 */
export async function decode(
  workspace: Workspace,
  config: DecoderConfig,
  weights: DecoderWeights,
  rows: Tensor,
  plan: AttentionPlan,
  options: DecodeOptions = {},
): Promise<Decoded> {
  const { cache: past, memory, onProgress, onBranch } = options;
  checkContext(config, plan, options);
  const offsets = plan.queryOffsets;
  const lengths = past && lengthsOf(past.offsets);
  const positions = batchPositions(workspace, config, offsets, lengths);
  let x = addRowPositions(workspace, config.positions, weights.positions, rows, offsets, lengths);
  const replace = (next: Tensor): void => {
    if (x !== rows) x[dispose]();
    x = next;
  };
  const grown: KeysValues[] = [];
  const maps: AttentionMaps[] = [];
  const crossMaps: AttentionMaps[] = [];
  await workspace.checkpoint();
  for (const [layer, layerWeights] of weights.layers.entries()) {
    const before = past?.layers[layer];
    const memoryLayer = memory?.keysValues.layers[layer];
    const result = decoderLayer(workspace, config, layerWeights, x, {
      plan,
      positions,
      extend: before && past && ((added) => extendKeysValues(workspace, before, past.offsets, added, offsets)),
      memory: memory && memoryLayer && { keysValues: memoryLayer, plan: memory.plan },
      maps: mapsOf(options.maps, layer),
      crossMaps: mapsOf(options.crossMaps, layer),
      onBranch,
    });
    replace(result.output);
    if (past) grown.push(result.keysValues);
    else releaseKeysValues(result.keysValues);
    maps.push(result.maps);
    crossMaps.push(result.crossMaps);
    await workspace.checkpoint();
    onProgress?.(layer + 1, weights.layers.length);
  }
  if (weights.finalNorm) replace(applyNorm(workspace, config, weights.finalNorm, x));
  releasePositions(positions);
  return { rows: x, cache: past ? cacheOf(plan.keyOffsets, grown) : null, maps, crossMaps };
}

function checkContext(config: DecoderConfig, plan: AttentionPlan, { cache, memory }: DecodeOptions): void {
  if ((config.memoryWidth === undefined) !== (memory === undefined)) {
    const needs =
      memory === undefined
        ? "a memory for a decoder with memoryWidth, there is none"
        : "no memory for a decoder without memoryWidth, there is one";
    throw new RangeError(`Cannot decode: there must be ${needs}`);
  }
  const expected = cache ? addOffsets(cache.offsets, plan.queryOffsets) : plan.queryOffsets;
  if (expected.length !== plan.keyOffsets.length || expected.some((row, set) => row !== plan.keyOffsets[set])) {
    throw new RangeError(
      "Cannot decode: the keys of the plan must be the rows of the cache and the new ones (see planSelfAttention)",
    );
  }
  if (cache && cache.layers.length !== 0 && cache.layers.length !== config.layers) {
    throw new RangeError(`Cannot decode: the cache must have ${config.layers} layers, it has ${cache.layers.length}`);
  }
}

function addOffsets(a: Int32Array, b: Int32Array): Int32Array {
  if (a.length !== b.length) {
    throw new RangeError(
      `Cannot decode: cache and rows must have the same number of sets, they have ${a.length - 1} and ${b.length - 1}`,
    );
  }
  return a.map((row, set) => row + (b[set] ?? 0));
}
