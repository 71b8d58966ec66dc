// A batch through a model: features in, scores out. Training takes the same steps one by one.

import type { AttentionMaps, Backend, MapRequest, Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import { encode, type EncodeOptions, mapsOf } from "../encoder/encode.ts";
import type { HeadScores } from "../heads/head-scores.ts";
import { scorePositions } from "../heads/position-labels.ts";
import { scoreSets, type ScoreSetsOptions } from "../heads/set-label.ts";
import type { AttentionPlan } from "../plan.ts";
import type { Tensor } from "../tensor.ts";
import { embedFeatures, type Features } from "./features.ts";
import type { ModelConfig } from "./model-config.ts";
import type { ModelWeights } from "./model-weights.ts";

/** How to run a model. */
export interface RunModelOptions extends EncodeOptions {
  /** Given the rows [P, W] before the encoder; returns those to encode, and disposes the given ones if they are others. */
  readonly onInput?: ((rows: Tensor) => Tensor) | undefined;
  /** The same for the hidden rows [P, W] before the head. */
  readonly onHidden?: ((rows: Tensor) => Tensor) | undefined;
  /** The same for the pooled rows [N, Q · W] of a head that labels sets. */
  readonly onPooled?: ((rows: Tensor) => Tensor) | undefined;
  /**
   * Maps of a head that attends. By default those of the encoder, if the layer after its last one is among theirs, but for
   * `rows` and `edges`, which count what the head does not have.
   */
  readonly headMaps?: MapRequest | undefined;
}

/** What a batch gave, on the device. */
export interface ModelResult {
  /** [P, W], what the head read. */
  readonly hidden: Tensor;
  /** [P, L], or [N, L] where sets are labelled. */
  readonly scores: Tensor;
  /** One entry per layer, then one of the head if it attends. Empty where none were asked for. */
  readonly maps: readonly AttentionMaps[];
  /** What the layers attended by. */
  readonly plan: AttentionPlan;
}

/**
 * Scores of a batch. Rejects as `encode` and `embedFeatures` do; the weights and features stay the caller's, the results
 * are the workspace's.
 *
 * @example
 * const weights = layoutModel(config, uploaded.find);
 * const { scores } = await runModel(backend, workspace, config, weights, features);
 */
export async function runModel(
  backend: Backend,
  workspace: Workspace,
  config: ModelConfig,
  weights: ModelWeights,
  features: Features,
  options: RunModelOptions = {},
): Promise<ModelResult> {
  const plan = backend.plan(features.offsets, features.offsets, features.pattern);
  const embedded = embedFeatures(workspace, config.input, config.encoder, weights.input, features);
  const rows = options.onInput ? options.onInput(embedded) : embedded;
  const encoded = await encode(workspace, config.encoder, weights.encoder, rows, plan, options);
  if (encoded.rows !== rows) rows[dispose]();
  const hidden = options.onHidden ? options.onHidden(encoded.rows) : encoded.rows;
  const scored = scoreHidden(backend, workspace, config, weights, hidden, features.offsets, {
    maps: options.headMaps ?? headMapsOf(options.maps, config.encoder.layers),
    onPooled: options.onPooled,
  });
  return { hidden, scores: scored.scores, maps: [...encoded.maps, ...scored.maps], plan };
}

function headMapsOf(request: EncodeOptions["maps"], layers: number): MapRequest | undefined {
  const { rows: _rows, edges: _edges, ...maps } = mapsOf(request, layers) ?? {};
  return Object.keys(maps).length === 0 ? undefined : maps;
}

/** Scores of hidden rows [P, W], and the maps of a head that attends. */
export function scoreHidden(
  backend: Backend,
  workspace: Workspace,
  { head, encoder }: Pick<ModelConfig, "head" | "encoder">,
  weights: Pick<ModelWeights, "head">,
  hidden: Tensor,
  offsets: Int32Array,
  options: ScoreSetsOptions = {},
): { readonly scores: Tensor; readonly maps: readonly AttentionMaps[] } {
  if (head.kind === "position-labels" && weights.head.kind === "position-labels") {
    return { scores: scorePositions(workspace, weights.head.labels, hidden), maps: [] };
  }
  if (head.kind === "set-label" && weights.head.kind === "set-label") {
    const config = { ...head, width: encoder.width };
    const labelled = scoreSets(backend, workspace, config, weights.head.label, hidden, offsets, options);
    return { scores: labelled.scores, maps: head.pooling.kind === "attention" ? [labelled.maps] : [] };
  }
  throw new TypeError(
    `Cannot score: the weights must be those of a head for ${head.kind}, they are for ${weights.head.kind}`,
  );
}

/** The scores of `result` on the host, as the head's kind has them. Rejects as `Workspace.read` does. */
export async function readScores(
  workspace: Workspace,
  { head }: { readonly head: { readonly kind: "position-labels" | "set-label"; readonly labels: number } },
  { scores }: Pick<ModelResult, "scores">,
  offsets: Int32Array,
): Promise<HeadScores["position-labels"] | HeadScores["set-label"]> {
  const values = await workspace.read(scores);
  return head.kind === "position-labels" ? { values, labels: head.labels, offsets } : { values, labels: head.labels };
}
