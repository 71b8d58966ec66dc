// The models of `graph/solubility` and `graph/citations`. Where their files are not here, drawn weights for the same networks
// stand in for them: what they say is then nonsense, how long they take is the same.
import { existsSync } from "node:fs";
import { initialWeights, type Weights } from "@saccade/attention-core";
import { type GraphModelConfig, graphNetwork, type GraphNetworkConfig } from "@saccade/graph-nodes";
import { citationsModel } from "@saccade/graph-nodes/models/citations";
import { solubilityModel } from "@saccade/graph-nodes/models/solubility";
import { atomColumns, bondColumns } from "@saccade/graph-nodes/molecules";
import { type ModelFiles, openModel } from "@saccade/model-files";

/** The files of a model that gives a number to a molecule. */
export async function openSolubility(): Promise<ModelFiles> {
  return openOrDraw("solubility", solubilityModel, solubility);
}

/** The files of a model that labels papers by their words and what they cite. */
export async function openCitations(): Promise<ModelFiles> {
  return openOrDraw("citations", citationsModel, citations);
}

async function openOrDraw(
  name: string,
  model: Readonly<Record<string, URL>>,
  network: GraphNetworkConfig,
): Promise<ModelFiles> {
  if (Object.values(model).every((file) => existsSync(file))) return openModel(model);
  const refuse = async (path: string): Promise<never> => {
    throw new RangeError(`Cannot read ${path}: a drawn model must not need it, it does`);
  };
  const config: GraphModelConfig = { model: network, output: { kind: "value", unit: "none" } };
  const weights = async (): Promise<Weights> => initialWeights(graphNetwork(network).describeWeights(), 1);
  return { name: `${name}, drawn`, config, weights, text: refuse, bytes: refuse };
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
  head: { kind: "set-label", labels: 1, readout: [{ kind: "sum" }, { kind: "attention", heads: 4 }] },
};

const citations: GraphNetworkConfig = {
  input: { kind: "sparse", columns: 1433, width: 64, scaling: "mean" },
  selfLoops: true,
  layers: [
    { kind: "gat", heads: 8, headWidth: 8, map: false, activation: "elu", diffusion: { steps: 6, teleport: 0.1 } },
  ],
  head: { kind: "position-labels", labels: 7 },
};
