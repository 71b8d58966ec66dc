// Graphs: what one is, networks of attention over neighbours, the tasks, and how well they do.

export { checkGraph } from "./graph/check-graph.ts";
export type { EdgeFeatures, Graph, GraphEdges, NodeFeatures } from "./graph/graph.ts";
export { attendingNodes, type NeighborOptions, neighborRows, type NeighborRows } from "./graph/neighbor-rows.ts";
export { type GraphFeatureConfig, graphFeatures, type GraphFeatures } from "./features/graph-features.ts";
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
