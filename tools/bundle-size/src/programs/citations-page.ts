// A page that labels the nodes of a graph, and says by which of them.
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { attendingNodes, citations, type Graph, neighborRows, nodeWeights } from "@saccade/graph-nodes";
import { citationsModel } from "@saccade/graph-nodes/models/citations";
import { openModel } from "@saccade/model-files";
import { createPipeline } from "@saccade/pipeline";

const graph: Graph = {
  nodes: 2,
  direction: "undirected",
  edges: { kind: "list", from: Int32Array.of(0), to: Int32Array.of(1) },
  nodeFeatures: { kind: "sparse", width: 1433, offsets: Int32Array.of(0, 1, 2), columns: Int32Array.of(3, 70) },
};
const pipeline = await createPipeline(citations, { model: openModel(citationsModel), backends: [createWasmBackend] });
const [explained] = await pipeline.explain([graph], { edges: true });
const rows = neighborRows(graph, { selfLoops: true });
const shares = nodeWeights(graph.nodes, { from: rows.indices, to: attendingNodes(rows) }, explained!.sets[0]!);
console.log(explained!.output, shares);
