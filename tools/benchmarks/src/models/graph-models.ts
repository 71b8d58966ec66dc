// The models of `graph/solubility` and `graph/citations`.
import type { ModelFiles } from "@saccade/model-files";
import { graphNetwork, type GraphNetworkConfig } from "@saccade/graph-nodes";
import { atomColumns, bondColumns } from "@saccade/graph-nodes/molecules";
import { pluginModel } from "./plugin-model.ts";

/** What config.json of a model over graphs says of its network. */
export interface GraphModelConfig {
  readonly network: GraphNetworkConfig;
}

/** The files of a model that gives a number to a molecule. */
export async function solubilityModel(): Promise<ModelFiles> {
  return graphModel("solubility", solubility);
}

/** The files of a model that labels papers by their words and what they cite. */
export async function citationsModel(): Promise<ModelFiles> {
  return graphModel("cora", cora);
}

async function graphModel(name: string, network: GraphNetworkConfig): Promise<ModelFiles> {
  return pluginModel("graph-nodes", name, { network }, () => graphNetwork(network).describeWeights());
}

const solubility: GraphNetworkConfig = {
  input: { kind: "sparse", columns: atomColumns.length, width: 64, bias: true },
  edges: { width: bondColumns.length, use: "keys-values" },
  selfLoops: false,
  layers: Array.from({ length: 4 }, () => ({
    kind: "transformer",
    heads: 4,
    headWidth: 16,
    residual: true,
    norm: "layer",
    feedForward: { width: 128, activation: "gelu" },
  })),
  head: {
    kind: "set-label",
    labels: 1,
    readout: [{ kind: "sum" }, { kind: "attention", heads: 4 }],
    hidden: { width: 64, activation: "gelu" },
  },
};

const cora: GraphNetworkConfig = {
  input: { kind: "sparse", columns: 1433, width: 64, scaling: "mean" },
  selfLoops: true,
  layers: [
    { kind: "gat", heads: 8, headWidth: 8, map: false, activation: "relu" },
    { kind: "gat", heads: 1, headWidth: 7 },
  ],
  head: { kind: "position-labels", labels: 7, map: false },
};
