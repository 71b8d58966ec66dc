// The tasks on graphs and molecules against the contract of a modality, with small models whose weights are drawn.

import { initialWeights } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { describeModality } from "@saccade/conformance";
import { citations, type Graph, type GraphModelConfig, graphNetwork, nodeWeights } from "@saccade/graph-nodes";
import { atomColumns, bondColumns, lipophilicity, MoleculeError, solubility } from "@saccade/graph-nodes/molecules";
import { openModel, packModel } from "@saccade/model-files";
import { createPipeline, InputError } from "@saccade/pipeline";
import { describe, expect, it, test } from "vitest";

const citationConfig: GraphModelConfig & { readonly name: string } = {
  name: "drawn",
  model: {
    input: { kind: "sparse", columns: 9, width: 8, scaling: "mean" },
    selfLoops: true,
    layers: [
      { kind: "gat", heads: 2, headWidth: 4, map: false, activation: "elu" },
      { kind: "gat", heads: 1, headWidth: 3 },
    ],
    head: { kind: "position-labels", labels: 3, map: false },
  },
  output: { kind: "label", labels: ["theory", "practice", "neither"] },
};

const moleculeConfig: GraphModelConfig & { readonly name: string } = {
  name: "drawn",
  model: {
    input: { kind: "sparse", columns: atomColumns.length, width: 8 },
    edges: { width: bondColumns.length, use: "keys" },
    selfLoops: true,
    layers: [{ kind: "gatv2", heads: 2, headWidth: 4, residual: true }],
    head: { kind: "set-label", labels: 1, readout: [{ kind: "attention", heads: 2 }, { kind: "sum" }] },
  },
  output: { kind: "value", unit: "log mol/l", mean: -3, scale: 2 },
};

const modelOf = async (config: typeof citationConfig): Promise<Awaited<ReturnType<typeof openModel>>> => {
  const weights = initialWeights(graphNetwork(config.model).describeWeights(), 1);
  return openModel(await packModel({ config: { ...config }, weights }));
};

function graph(nodes: number, pairs: readonly (readonly [number, number])[], features: readonly number[][]): Graph {
  return {
    nodes,
    direction: "undirected",
    edges: { kind: "list", from: Int32Array.from(pairs, ([a]) => a), to: Int32Array.from(pairs, ([, b]) => b) },
    nodeFeatures: {
      kind: "sparse",
      width: 9,
      offsets: Int32Array.from([0, ...features.map((_, n) => features.slice(0, n + 1).flat().length)]),
      columns: Int32Array.from(features.flat()),
    },
  };
}

const graphs: readonly Graph[] = [
  graph(4, [[0, 1], [1, 2]], [[0, 3], [8], [], [1, 2, 3]]), // prettier-ignore
  graph(0, [], []),
  graph(2, [[0, 0], [0, 1]], [[5], [6]]), // prettier-ignore
];
const broken: readonly unknown[] = [
  { ...graphs[0], nodes: 5 },
  { ...graphs[0], edges: { kind: "list", from: Int32Array.of(0), to: Int32Array.of(4) } },
  { ...graphs[0], nodeFeatures: { kind: "dense", width: 1, values: new Float32Array(4) } },
];

describeModality(
  citations,
  { model: () => modelOf(citationConfig), inputs: graphs, refused: [5, null, undefined, {}, "C", [], ...broken] },
  { describe, test },
);

const molecules = ["CCO", "c1ccccc1C(=O)[O-].[Na+]", "C", "CC(=O)Oc1ccccc1C(=O)O", "F/C=C/F"];

for (const task of [solubility, lipophilicity]) {
  describeModality(
    task,
    {
      model: () => modelOf(moleculeConfig),
      backend: createWasmBackend,
      inputs: molecules,
      refused: [5, null, undefined, {}, "", "C(", "xyz", "C1CC", "CC CC", "c1cccc1", "C".repeat(5000)],
    },
    { describe, test },
  );
}

describe("solubility", () => {
  it("gives weights of bonds for each layer and head, and shares of atoms that sum to 1", async () => {
    await using pipeline = await createPipeline(solubility, {
      model: await modelOf(moleculeConfig),
      backends: [createWasmBackend],
    });
    const [{ output, sets }] = (await pipeline.explain(["CCO"], { edges: true, columnSums: true })) as [
      Awaited<ReturnType<typeof pipeline.explain>>[number],
    ];
    expect([...output.edges.from]).toEqual([1, 0, 0, 2, 1, 1, 2]);
    expect([...output.edges.to]).toEqual([0, 0, 1, 1, 1, 2, 2]);
    expect(output.unit).toBe("log mol/l");
    const { edges } = sets[0]!.layers[0]!;
    const ofHydroxyl = [10, 12].map((place) => edges![place]! + 0);
    expect(ofHydroxyl[0]! + ofHydroxyl[1]!).toBeCloseTo(1, 5);
    const shares = nodeWeights(output.atoms.length, output.edges, sets[0]!);
    expect(shares.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5);
  });

  it("says where a string is no SMILES", async () => {
    await using pipeline = await createPipeline(solubility, {
      model: await modelOf(moleculeConfig),
      backends: [createWasmBackend],
    });
    const failure = await pipeline.run(["CC", "CCx"]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    const { cause } = failure as InputError;
    expect(cause).toBeInstanceOf(MoleculeError);
    expect((cause as MoleculeError).position).toBe(2);
  });
});
