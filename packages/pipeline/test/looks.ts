// A modality whose few operations any device compiles at once: for tests that lose devices and open others. A letter is a row
// of a table; each layer adds what it attends to among the letters of its text.

import { dispose, initialWeights, type Network, type Tensor, type WeightSpec } from "@saccade/attention-core";
import type { ModelFiles } from "@saccade/model-files";
import type { Modality } from "../src/index.ts";

const labels = 4;
const table: WeightSpec = { name: "table", shape: [26, labels], role: "embedding" };

function looksNetwork(layers: number): Network {
  return {
    head: { kind: "position-labels", labels },
    layers,
    poolingQueries: 0,
    describeWeights: () => [table],
    checkFeatures: () => {},
    bind(find) {
      const letters = find(table);
      return async (backend, workspace, { offsets, values, pattern }, { onProgress } = {}) => {
        const plan = backend.plan(offsets, offsets, pattern);
        const ids = workspace.upload(values as Int32Array, [values.length]);
        let rows: Tensor = workspace.embed(letters, ids);
        for (let layer = 0; layer < layers; layer += 1) {
          const { output } = workspace.attention(rows, rows, rows, plan, { heads: 2 });
          const next = workspace.add(rows, output);
          rows[dispose]();
          output[dispose]();
          rows = next;
          await workspace.checkpoint();
          onProgress?.(layer + 1, layers);
        }
        return { hidden: rows, scores: rows, maps: [], plan };
      };
    },
  };
}

/** Scores of each letter: [letters][labels]. */
export const looks: Modality<string, number[][], "position-labels", { readonly layers: number }> = {
  name: "test/looks",
  head: "position-labels",
  settings: { layers: 2 },
  async open(_files, { layers }) {
    return {
      network: looksNetwork(layers),
      positionsOf: (text) => text.length,
      featurize(texts) {
        const offsets = Int32Array.from([0, ...texts].map((_, n) => texts.slice(0, n).join("").length));
        const values = Int32Array.from(texts.join(""), (letter) => letter.charCodeAt(0) - 97);
        return { offsets, values, pattern: { kind: "full" } };
      },
      decode({ values }, texts) {
        let row = 0;
        return texts.map((text) =>
          Array.from(text, () => Array.from(values.subarray(labels * row, labels * (row += 1)))),
        );
      },
    };
  },
};

/** The files of its model, with weights drawn from a seed. */
export function looksFiles(change: Partial<ModelFiles> = {}): ModelFiles {
  return {
    name: "looks",
    config: {},
    weights: async () => initialWeights([table], 7),
    text: async () => "",
    bytes: async () => new Uint8Array(0),
    ...change,
  };
}

/** The largest difference between numbers of two outputs of the same shape; Infinity where shapes differ. */
export function differenceOf(a: readonly number[][][], b: readonly number[][][]): number {
  const [left, right] = [a.flat(2), b.flat(2)];
  if (left.length !== right.length) return Infinity;
  return left.reduce((most, value, i) => Math.max(most, Math.abs(value - right[i]!)), 0);
}
