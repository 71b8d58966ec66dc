// Graphs: what one is, networks of attention over neighbours, the task of labelling nodes, and how well it is done.
// Molecules are in `molecules.ts`.

export { nodeWeights, type WeightedEdges } from "./explain/node-weights.ts";
export { type GraphFeatureConfig, graphFeatures, type GraphFeatures } from "./features/graph-features.ts";
export { checkGraph } from "./graph/check-graph.ts";
export type { EdgeFeatures, Graph, GraphEdges, NodeFeatures } from "./graph/graph.ts";
export { attendingNodes, type NeighborOptions, neighborRows, type NeighborRows } from "./graph/neighbor-rows.ts";
export { type Accuracy, accuracyOf } from "@saccade/attention-core";
export { type RootMeanSquaredError, rootMeanSquaredErrorOf } from "./metrics/root-mean-squared-error.ts";
export {
  type GraphModel,
  type GraphModelConfig,
  type GraphModelDemand,
  type GraphModelFiles,
  type GraphModelOutput,
  openGraphModel,
} from "./model/graph-model.ts";
export {
  graphNetwork,
  type GraphNetwork,
  type GraphRunOptions,
  type RunGraphNetwork,
} from "./network/graph-network.ts";
export {
  checkGraphNetworkConfig,
  type GraphEdgeInput,
  type GraphHead,
  type GraphInput,
  type GraphLayer,
  type GraphNetworkConfig,
} from "./network/graph-network-config.ts";
export { citations, type NodeLabel } from "./tasks/citations.ts";
