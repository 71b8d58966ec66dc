// Batches of molecules, and a citation graph of Cora's size, whole.
import { type Graph, graphFeatures, type GraphModelConfig, graphNetwork } from "@saccade/graph-nodes";
import { citationsModel } from "@saccade/graph-nodes/models/citations";
import { solubilityModel } from "@saccade/graph-nodes/models/solubility";
import { moleculeGraph } from "@saccade/graph-nodes/molecules";
import { type ModelFiles, openModel } from "@saccade/model-files";
import type { PeerFactory, Prepared, Work } from "../contestant.ts";
import { graphOperations } from "../count-operations.ts";
import { citationGraph } from "../graph/citation-graph.ts";
import { moleculesOfBatch } from "../graph/molecules.ts";
import { expectedScores, ourNetwork } from "../our-network.ts";
import { onnxGraphForms } from "../peers/onnx-graph-inputs.ts";
import type { BenchmarkCase } from "../shapes.ts";

/** `molecules` molecules in one batch, atoms and bonds known. */
export async function prepareMolecules({
  molecules,
  threads,
}: BenchmarkCase & { kind: "molecules" }): Promise<Prepared> {
  const graphs = moleculesOfBatch(molecules).map((smiles) => moleculeGraph(smiles).graph);
  return prepareGraphs(await openModel(solubilityModel), graphs, threads, { unit: "molecules", count: molecules });
}

/** One graph of papers. */
export async function prepareCitations({ threads }: BenchmarkCase & { kind: "citations" }): Promise<Prepared> {
  const files = await openModel(citationsModel);
  const { columns } = (files.config as GraphModelConfig).model.input;
  return prepareGraphs(files, [citationGraph(columns)], threads, undefined);
}

async function prepareGraphs(
  files: ModelFiles,
  graphs: readonly Graph[],
  threads: number,
  items: Work["items"],
): Promise<Prepared> {
  const weights = await files.weights();
  const { model: config } = files.config as GraphModelConfig;
  const network = graphNetwork(config);
  const features = graphFeatures(config, graphs);
  return {
    work: {
      operations: graphOperations(config, features),
      positions: features.offsets.at(-1)!,
      ...(items && { items }),
    },
    tolerance: 2e-5,
    expected: async () => expectedScores(network, weights, features),
    ours: async () => ourNetwork(threads, network, weights, features),
    peers: onnxGraphForms.map((form): PeerFactory => ({
      name: `onnxruntime-web graph with ${form}`,
      create: async ({ onnxGraphNetwork }) => onnxGraphNetwork(config, weights, features, form),
    })),
  };
}
