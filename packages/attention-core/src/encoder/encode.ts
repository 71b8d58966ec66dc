// Rows through an encoder, layer by layer, with a checkpoint between layers: there a call is aborted, progress told,
// and the event loop let in.

import type { AttentionMaps, MapRequest, Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import { addRowPositions, batchPositions, releasePositions } from "../layers/batch-positions.ts";
import { encoderLayer } from "../layers/encoder-layer.ts";
import { applyNorm } from "../layers/norm.ts";
import type { BranchHook } from "../layers/residual.ts";
import type { AttentionPlan } from "../plan.ts";
import type { Tensor } from "../tensor.ts";
import type { EncoderConfig } from "./encoder-config.ts";
import type { EncoderWeights } from "./encoder-weights.ts";

/** Maps of which layers. */
export interface LayerMapRequest extends MapRequest {
  /** Counted from 0; default: all. */
  readonly layers?: readonly number[];
}

/** How to encode. */
export interface EncodeOptions {
  readonly maps?: LayerMapRequest | undefined;
  /** Called after each layer with the layers that have run and how many there are. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** See `BranchHook`. */
  readonly onBranch?: BranchHook | undefined;
}

/** Hidden rows and maps, all of the workspace. */
export interface Encoded {
  /** [P, W]. */
  readonly rows: Tensor;
  /** One entry per layer, empty where none were asked for. */
  readonly maps: readonly AttentionMaps[];
}

/**
 * Encodes `rows` [P, W] of the sets that `plan` was made for. Each intermediate is freed as soon as it is not needed,
 * so that memory does not grow with layers; `rows` and the weights stay the caller's. Rejects with the reason of the
 * workspace's signal at the first checkpoint after it aborts, with `RangeError` for rows that are not [P, W].
 *
 * @example
 * const plan = backend.plan(offsets, offsets, { kind: "full" });
 * const workspace = backend.workspace(signal);
 * const { rows: hidden } = await encode(workspace, config, weights, rows, plan);
 */
export async function encode(
  workspace: Workspace,
  config: EncoderConfig,
  weights: EncoderWeights,
  rows: Tensor,
  plan: AttentionPlan,
  { maps: request, onProgress, onBranch }: EncodeOptions = {},
): Promise<Encoded> {
  const positions = batchPositions(workspace, config, plan.queryOffsets);
  let x = addRowPositions(workspace, config.positions, weights.positions, rows, plan.queryOffsets);
  const replace = (next: Tensor): void => {
    if (x !== rows) x[dispose]();
    x = next;
  };
  const maps: AttentionMaps[] = [];
  await workspace.checkpoint();
  for (const [layer, layerWeights] of weights.layers.entries()) {
    const wanted = mapsOf(request, layer);
    const { output, maps: made } = encoderLayer(workspace, config, layerWeights, x, {
      plan,
      positions,
      maps: wanted,
      onBranch,
    });
    replace(output);
    maps.push(made);
    await workspace.checkpoint();
    onProgress?.(layer + 1, weights.layers.length);
  }
  if (weights.finalNorm) replace(applyNorm(workspace, config, weights.finalNorm, x));
  releasePositions(positions);
  return { rows: x, maps };
}

/** What of `request` concerns one layer. */
export function mapsOf(request: LayerMapRequest | undefined, layer: number): MapRequest | undefined {
  if (!request) return undefined;
  const { layers, ...maps } = request;
  return layers && !layers.includes(layer) ? undefined : maps;
}
