import { constantFrom, property, assert, jsonValue, array } from "fast-check";
import { describe, expect, test } from "vitest";
import { PlanetoidError, readPlanetoid } from "./planetoid.ts";

const graph = {
  name: "four papers",
  numNodes: 4,
  numFeatures: 3,
  numClasses: 2,
  edges: [
    [0, 1],
    [2, 3],
  ],
  features: [[2, 0], [], [1], [0, 1, 2]],
  labels: [0, 1, -1, 1],
  train: [0],
  val: [3, 1],
  test: [2],
};

function failure(data: unknown): PlanetoidError {
  try {
    readPlanetoid(typeof data === "string" ? data : JSON.stringify(data));
  } catch (error) {
    if (error instanceof PlanetoidError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("readPlanetoid()", () => {
  test("reads nodes, words, edges, labels and the split, ids in order", () => {
    const read = readPlanetoid(JSON.stringify(graph));
    expect(read).toMatchObject({ name: "four papers", nodes: 4, words: 3, classes: 2, edges: graph.edges });
    expect(read.features.map((words) => [...words])).toEqual([[0, 2], [], [1], [0, 1, 2]]);
    expect([...read.labels]).toEqual([0, 1, -1, 1]);
    expect([read.train, read.validation, read.test].map((part) => [...part])).toEqual([[0], [1, 3], [2]]);
  });

  test.each([
    ["text that is no JSON", "{", "must be JSON"],
    ["a list", "[]", "must be an object"],
    ["no number of nodes", { ...graph, numNodes: undefined }, "numNodes must be an integer"],
    ["a number of nodes beyond 2^31", { ...graph, numNodes: 2 ** 31 }, "numNodes must be an integer"],
    ["one class", { ...graph, numClasses: 1 }, "numClasses must be an integer from 2"],
    [
      "labels for other nodes (GR-11)",
      { ...graph, labels: [0] },
      "labels must be one for each of 4 nodes, there are 1",
    ],
    [
      "a label that is no class",
      { ...graph, labels: [0, 1, 2, 1] },
      "labels must be integers from -1 to 1, number 2 is 2",
    ],
    ["features of other nodes (GR-11)", { ...graph, features: [[0]] }, "one list for each of 4 nodes, there are 1"],
    [
      "a word out of range",
      { ...graph, features: [[3], [], [], []] },
      "features of node 0 must be integers from 0 to 2",
    ],
    ["a word twice", { ...graph, features: [[1, 1], [], [], []] }, "features of node 0 must be named once each, 1"],
    [
      "an edge to a node that is not there (GR-03)",
      { ...graph, edges: [[0, 4]] },
      "edge 0 must be integers from 0 to 3",
    ],
    ["an edge to a negative node (GR-03)", { ...graph, edges: [[0, -1]] }, "edge 0 must be integers"],
    ["an edge of one node", { ...graph, edges: [[0]] }, "edge 0 must be two nodes, it has 1"],
    ["an edge of three nodes", { ...graph, edges: [[0, 1, 2]] }, "edge 0 must be two nodes, it has 3"],
    ["a loop", { ...graph, edges: [[1, 1]] }, "it joins 1 to itself"],
    [
      "an edge in both directions",
      {
        ...graph,
        edges: [
          [0, 1],
          [1, 0],
        ],
      },
      "edge 1 must be there once",
    ],
    ["a node of two parts", { ...graph, test: [1, 2] }, "node 1 of 4 is in val and test"],
    ["a part with a node twice", { ...graph, train: [0, 0] }, "train must be named once each"],
    ["no split", { ...graph, val: undefined }, "val must be a list"],
  ])("refuses %s", (_, data, message) => {
    const error = failure(data);
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^Cannot read citation graph: .*[^.]$/su);
    expect(error.code).toBe("planetoid");
  });

  test("reads or refuses whatever stands in its fields", () => {
    const field = constantFrom(...Object.keys(graph));
    assert(
      property(field, jsonValue(), array(jsonValue()), (name, value, values) => {
        for (const other of [value, values]) {
          try {
            readPlanetoid(JSON.stringify({ ...graph, [name]: other }));
          } catch (error) {
            if (!(error instanceof PlanetoidError)) throw error;
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
