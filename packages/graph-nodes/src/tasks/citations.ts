// A label for each node of a graph.

import { largestOf, probabilitiesOf } from "@saccade/attention-core";
import type { Modality } from "@saccade/pipeline";
import { graphFeatures } from "../features/graph-features.ts";
import type { Graph } from "../graph/graph.ts";
import { openGraphModel } from "../model/graph-model.ts";

/** The most probable label of a node. */
export interface NodeLabel {
  readonly label: string;
  /** The probability that the model gives it, 0 to 1. */
  readonly score: number;
}

/**
 * `graph/citations`: a label for each node, in the order of the nodes; with the models for Cora and Citeseer, what a paper is
 * about. A model of one graph knows its features and little of other graphs: it reads the same words. Weights of edges, by
 * `explain` with `edges`, are in the order of `neighborRows(graph, { selfLoops })` with the model's `selfLoops`.
 */
export const citations: Modality<Graph, readonly NodeLabel[], "position-labels"> = {
  name: "graph/citations",
  head: "position-labels",
  settings: {},
  async open(files) {
    const { network, output } = openGraphModel(files, {
      task: "graph/citations",
      head: "position-labels",
      output: "label",
    });
    return {
      network,
      positionsOf: (graph) => graph.nodes,
      featurize: (graphs) => graphFeatures(network.config, graphs),
      decode({ values, labels, offsets }, graphs) {
        return graphs.map((_, n) =>
          Array.from({ length: offsets[n + 1]! - offsets[n]! }, (__, node): NodeLabel => {
            const probabilities = probabilitiesOf(values, offsets[n]! + node, labels);
            const best = largestOf(probabilities);
            return { label: output.labels[best]!, score: probabilities[best]! };
          }),
        );
      },
    };
  },
};
