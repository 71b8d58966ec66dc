import { expect, test } from "vitest";
import { findLayerFaults, type ProjectGraph } from "./layers.ts";

const clean: ProjectGraph = {
  tags: { core: ["layer:core"], suite: ["layer:conformance"], app: ["layer:app"], bench: ["layer:tool"] },
  dependencies: { core: [], suite: ["core"], app: ["core", "suite"], bench: ["core", "suite"] },
};

test("findLayerFaults() finds nothing in a clean graph", () => {
  expect(findLayerFaults(clean)).toEqual([]);
});

test("findLayerFaults() finds a planted arrow from the core upwards, and one to a tool", () => {
  const graph = { ...clean, dependencies: { ...clean.dependencies, core: ["suite"], app: ["bench"] } };
  expect(findLayerFaults(graph)).toEqual([
    "core (core) must not depend on suite (conformance)",
    "app (app) must not depend on bench (tool)",
  ]);
});

test("findLayerFaults() finds a project without a layer, with two, or with one that has no rule", () => {
  const faults = findLayerFaults({
    tags: { a: [], b: ["layer:core", "layer:app"], c: ["layer:sky"] },
    dependencies: {},
  });
  expect(faults).toHaveLength(3);
});
