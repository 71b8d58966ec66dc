import { type AttentionMaps, type LayerMapRequest, uploadWeights, type Weights } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { expect, it } from "vitest";
import { drawnWeights, graphOf, networkOf } from "../../test/graphs.ts";
import { graphFeatures, graphNetwork, type GraphNetworkConfig } from "../index.ts";

const batch = [
  graphOf(4, [
    [0, 1],
    [2, 1],
    [1, 2],
  ]),
  graphOf(0, []),
  graphOf(3, [
    [0, 2],
    [2, 0],
  ]),
];
const layer = { kind: "gatv2", heads: 2, headWidth: 3 } as const;
const ofNodes = networkOf([layer]);
const ofEdges = networkOf([layer], { edges: { width: 2, use: "keys" } });
/** With maps of edges that are zero, keys are those of the nodes. */
const weights: Weights = new Map(
  [...drawnWeights(ofEdges)].map(([name, { shape, values }]) => [
    name,
    { shape, values: name.includes("edges") ? new Float32Array(values.length) : values },
  ]),
);

async function mapsOf(config: GraphNetworkConfig, maps: LayerMapRequest): Promise<unknown[]> {
  await using backend = createReferenceBackend();
  using workspace = backend.workspace();
  const own = new Map([...weights].filter(([name]) => config === ofEdges || !name.includes("edges")));
  const run = graphNetwork(config).bind(uploadWeights(backend, own).find);
  const result = await run(backend, workspace, graphFeatures(config, batch), { maps });
  expect([...result.plan.keyOffsets]).toEqual([0, 4, 4, 7]);
  const { topK, ...rest } = result.maps[0]!;
  const tensors = [
    ...Object.entries(rest as AttentionMaps),
    ...(topK ? [["keys", topK.keys] as const, ["weights", topK.weights] as const] : []),
  ].sort(([a], [b]) => (a < b ? -1 : 1));
  return await Promise.all(
    tensors.map(async ([name, tensor]) => [
      name,
      tensor.shape,
      [...(await workspace.read(tensor))].map((each) => each.toFixed(5)),
    ]),
  );
}

it.each<[string, LayerMapRequest]>([
  ["edges", { edges: true }],
  ["rows", { rows: Int32Array.of(6, 1, 1) }],
  ["topK", { topK: 2 }],
  ["columnSums", { columnSums: true }],
  ["entropy", { entropy: true }],
  ["full", { full: "weights" }],
  ["all, the mean over heads", { edges: true, topK: 3, columnSums: true, full: "weights", meanOverHeads: true }],
])("maps of attention over edges are those of attention over nodes: %s", async (_, request) => {
  expect(await mapsOf(ofEdges, request)).toEqual(await mapsOf(ofNodes, request));
});

it("maps of scores are refused where keys are edges", async () => {
  await expect(mapsOf(ofEdges, { full: "scores" })).rejects.toThrow(
    "Cannot return maps: full must be weights where features of edges are in keys, it is scores",
  );
});
