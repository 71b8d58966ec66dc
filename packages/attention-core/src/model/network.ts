// A network from features to scores: what a modality gives and a pipeline runs. `modelNetwork` makes one of a
// configuration; a modality whose layers are of another kind builds its own of a workspace's operations.

import type { Backend, Workspace } from "../backend.ts";
import type { Tensor } from "../tensor.ts";
import type { WeightLeaf, WeightSpec } from "../weights.ts";
import { checkFeatures, type Features } from "./features.ts";
import { checkModelConfig, type ModelConfig } from "./model-config.ts";
import { describeModelWeights, layoutModel } from "./model-weights.ts";
import { type ModelResult, runModel, type RunModelOptions } from "./run-model.ts";
import { sliceFeatures } from "./slice-features.ts";

/** What a network scores: each position, or each set. */
export interface NetworkHead {
  readonly kind: "position-labels" | "set-label";
  /** L. */
  readonly labels: number;
}

/** A network on a device, its weights found. Rejects as the workspace's operations do, and as `Network.checkFeatures`. */
export type RunNetwork = (
  backend: Backend,
  workspace: Workspace,
  features: Features,
  options?: RunModelOptions,
) => Promise<ModelResult>;

/** A network, without its weights. */
export interface Network {
  readonly head: NetworkHead;
  /** Layers that attend, each of which has maps. */
  readonly layers: number;
  /** Q, the learned queries by which the head pools; 0 for a head that does not attend. */
  readonly poolingQueries: number;
  /** Name, shape and role of each weight. */
  describeWeights(): WeightSpec[];
  /** Throws `TypeError` or `RangeError` for features that the network does not read. */
  checkFeatures(features: Features): void;
  /**
   * Sets `from .. end)` of features that it reads, as a batch of their own in which each set has the same scores; see
   * `sliceFeatures`. Left out where that cannot be: a batch then runs in one part, however large.
   */
  sliceFeatures?(features: Features, from: number, end: number): Features;
  /** Finds the weights: once for each device they are on. Throws what `find` throws. */
  bind(find: WeightLeaf<Tensor>): RunNetwork;
}

/** The network of a configuration. Throws what `checkModelConfig` throws. */
export function modelNetwork(config: ModelConfig): Network {
  checkModelConfig(config);
  const { head, input, encoder } = config;
  return {
    head: { kind: head.kind, labels: head.labels },
    layers: encoder.layers,
    poolingQueries: head.kind === "set-label" && head.pooling.kind === "attention" ? (head.pooling.queries ?? 1) : 0,
    describeWeights: () => describeModelWeights(config),
    checkFeatures: (features) => checkFeatures(input, features),
    sliceFeatures: (features, from, end) => sliceFeatures(input, features, from, end),
    bind(find) {
      const weights = layoutModel(config, find);
      return async (backend, workspace, features, options) =>
        runModel(backend, workspace, config, weights, features, options);
    },
  };
}
