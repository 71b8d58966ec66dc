import { expect, it } from "vitest";
import { networkOf } from "../../test/graphs.ts";
import { checkGraphNetworkConfig, type GraphNetworkConfig } from "../index.ts";

const layer = { kind: "gat", heads: 2, headWidth: 2 } as const;
const network = networkOf([layer]);

it.each<[string, unknown]>([
  ["network: the configuration must be a object, it is of type null", null],
  [
    'network.input: kind must be one of dense, sparse, weighted-sparse, it is "words"',
    { ...network, input: { kind: "words" } },
  ],
  [
    "network.input: columns must be an integer from 1 to 65536, it is 100000",
    { ...network, input: { kind: "dense", columns: 1e5, width: 4 } },
  ],
  [
    'network.input: scaling must be one of sum, it is "mean"',
    { ...network, input: { ...network.input, scaling: "mean" } },
  ],
  ["network: selfLoops must be a boolean, it is of type undefined", { ...network, selfLoops: undefined }],
  ["network: layers must be a list, it is none", { ...network, layers: layer }],
  [
    'network.layers.0: kind must be one of gat, gatv2, transformer, it is "gcn"',
    { ...network, layers: [{ ...layer, kind: "gcn" }] },
  ],
  [
    "network.layers.0: heads must be an integer from 1 to 1024, it is 0",
    { ...network, layers: [{ ...layer, heads: 0 }] },
  ],
  [
    "network.layers.0: a layer without a map must be a gat layer as wide as its rows, 4; it is gatv2, 4 wide",
    { ...network, layers: [{ ...layer, kind: "gatv2", map: false }] },
  ],
  [
    "network.layers.0: a layer without a map must be a gat layer as wide as its rows, 4; it is gat, 6 wide",
    { ...network, layers: [{ ...layer, headWidth: 3, map: false }] },
  ],
  [
    "network.layers.0: diffusion.teleport must be below 1, it is 1",
    { ...network, layers: [{ ...layer, diffusion: { steps: 2, teleport: 1 } }] },
  ],
  [
    'network: edges.use must be one of bias, keys, keys-values, it is "values"',
    { ...network, edges: { width: 2, use: "values" } },
  ],
  [
    "network.head: labels must be the columns of the last layer, 4, for a head without a map; they are 2",
    { ...network, head: { kind: "position-labels", labels: 2, map: false } },
  ],
  [
    "network.head: readout must be a list of at least one, it is none",
    { ...network, head: { kind: "set-label", labels: 1, readout: [] } },
  ],
  [
    "network.head: at most one readout may attend, 2 do",
    {
      ...network,
      head: { kind: "set-label", labels: 1, readout: [1, 2].map((heads) => ({ kind: "attention", heads })) },
    },
  ],
])("checkGraphNetworkConfig() refuses: %s", (message, config) => {
  expect(() => checkGraphNetworkConfig(config as GraphNetworkConfig)).toThrow(`Cannot use ${message}`);
});
