import { ModelMismatchError } from "@saccade/attention-core";
import { expect, it } from "vitest";
import { networkOf } from "../../test/graphs.ts";
import { type GraphModelConfig, openGraphModel } from "../index.ts";

const nodes: GraphModelConfig = { model: networkOf([]), output: { kind: "label", labels: ["a", "b"] } };
const demand = { task: "graph/citations", head: "position-labels", output: "label" } as const;

it("openGraphModel() gives the network and what its scores mean", () => {
  const { network, output } = openGraphModel({ name: "m", config: nodes }, demand);
  expect(network.head).toEqual({ kind: "position-labels", labels: 2 });
  expect(output.labels).toEqual(["a", "b"]);
});

it.each<[string, unknown]>([
  ["its configuration must be an object, it is none", null],
  ["Cannot use network: the configuration must be a object, it is of type undefined", {}],
  ["output must be an object, it is none", { ...nodes, output: "label" }],
  ['output must be of kind "label", it is of kind "value"', { ...nodes, output: { kind: "value", unit: "mol" } }],
  ["labels must be a list of strings, they are none", { ...nodes, output: { kind: "label", labels: [1, 2] } }],
  ["labels must be as many as the head scores, 2; there are 1", { ...nodes, output: { kind: "label", labels: ["a"] } }],
  [
    'head must be "position-labels", the model has "set-label"',
    { ...nodes, model: networkOf([], { head: { kind: "set-label", labels: 2, readout: [{ kind: "mean" }] } }) },
  ],
])("openGraphModel() refuses: %s", (message, config) => {
  expect(() => openGraphModel({ name: "m", config }, demand)).toThrow(
    new ModelMismatchError(`Cannot open model "m" as graph/citations: ${message}`),
  );
});

it.each<[string, unknown]>([
  ["the head must have one score for a value, it has 2", { ...nodes, output: { kind: "value", unit: "mol" } }],
  ["unit must be a string, it is none", { ...value(), output: { kind: "value" } }],
  ["scale must be a finite number, it is none", { ...value(), output: { kind: "value", unit: "mol", scale: "1" } }],
  ["input must be sparse of 7 columns, it is dense of 3", value()],
])("openGraphModel() refuses for values: %s", (message, config) => {
  const features = { kind: "sparse", nodes: 7, edges: 2 } as const;
  const ofValue = { task: "graph/solubility", head: "position-labels", output: "value", features } as const;
  expect(() => openGraphModel({ name: "m", config }, ofValue)).toThrow(
    new ModelMismatchError(`Cannot open model "m" as graph/solubility: ${message}`),
  );
});

function value(): GraphModelConfig {
  return {
    model: networkOf([], { head: { kind: "position-labels", labels: 1 } }),
    output: { kind: "value", unit: "mol" },
  };
}
