// A small modality for tests: a position is a letter, an output says which label each letter, or each text, got. Its
// weights are drawn from a seed.

import {
  describeModelWeights,
  initialWeights,
  type ModelConfig,
  ModelMismatchError,
  modelNetwork,
} from "@saccade/attention-core";
import type { ModelFiles } from "@saccade/model-files";
import type { Modality, ModalityFeatures } from "../src/index.ts";

const encoder: ModelConfig["encoder"] = {
  layers: 2,
  width: 16,
  heads: 2,
  feedForwardWidth: 16,
  activation: "gelu",
  norm: "layer",
  placement: "pre",
  epsilon: 1e-5,
  positions: { kind: "sinusoidal" },
};
const input = { kind: "embeddings", rows: 26, columns: 1 } as const;

/** Labels letters. */
export const letterModel: ModelConfig = { input, encoder, head: { kind: "position-labels", labels: 3 } };

/** Labels texts. */
export const wordModel: ModelConfig = {
  input,
  encoder,
  head: { kind: "set-label", labels: 3, pooling: { kind: "attention", heads: 2 } },
};

/** The files of a model with drawn weights. */
export function filesOf(model: ModelConfig, change: Partial<ModelFiles> = {}): ModelFiles {
  return {
    name: "letters",
    config: { model },
    weights: async () => initialWeights(describeModelWeights(model), 5),
    text: async () => "",
    bytes: async () => new Uint8Array(0),
    ...change,
  };
}

/** Settings of the tasks. */
export interface LetterSettings {
  /** Longer texts become several sets. */
  readonly longest: number;
}

/** The configuration of a model with the head `kind`. */
function modelOf(files: ModelFiles, kind: ModelConfig["head"]["kind"], signal: AbortSignal | undefined): ModelConfig {
  signal?.throwIfAborted();
  const { model } = (files.config ?? {}) as { readonly model?: Partial<ModelConfig> };
  if (model?.head?.kind === kind) return model as ModelConfig;
  throw new ModelMismatchError(`Cannot open ${files.name}: the head must be for ${kind}, it is not`);
}

function featurize(inputs: readonly string[], { longest }: LetterSettings): ModalityFeatures {
  const offsets = [0];
  const inputOfSet: number[] = [];
  const ids: number[] = [];
  inputs.forEach((text, n) => {
    if (typeof text !== "string") throw new TypeError("Cannot read letters: they must be a text, they are none");
    if (!/^[a-z]*$/.test(text)) throw new RangeError(`Cannot read letters: they must be a to z, the text is ${text}`);
    for (let from = 0; from < Math.max(1, text.length); from += longest) {
      for (const letter of text.slice(from, from + longest)) ids.push(letter.charCodeAt(0) - 97);
      offsets.push(ids.length);
      inputOfSet.push(n);
    }
  });
  return {
    offsets: Int32Array.from(offsets),
    values: Int32Array.from(ids),
    pattern: { kind: "full" },
    inputOfSet: Int32Array.from(inputOfSet),
  };
}

/** Scores of each letter, rounded: [letters][labels]. */
export const letters: Modality<string, number[][], "position-labels", LetterSettings> = {
  name: "test/letters",
  head: "position-labels",
  settings: { longest: 8 },
  async open(files, settings, signal) {
    return {
      network: modelNetwork(modelOf(files, "position-labels", signal)),
      positionsOf: (text) => text.length,
      featurize: (inputs) => featurize(inputs, settings),
      decode({ values, labels }, inputs) {
        let row = 0;
        return inputs.map((text) =>
          Array.from(text, () => {
            row += 1;
            return Array.from(values.slice((row - 1) * labels, row * labels));
          }),
        );
      },
    };
  },
};

/** Scores of each text's first set. */
export const words: Modality<string, number[], "set-label", LetterSettings> = {
  name: "test/words",
  head: "set-label",
  settings: { longest: 1000 },
  async open(files, settings, signal) {
    return {
      network: modelNetwork(modelOf(files, "set-label", signal)),
      featurize: (inputs) => featurize(inputs, settings),
      decode: ({ values, labels }, inputs) =>
        inputs.map((_, n) => Array.from(values.slice(n * labels, (n + 1) * labels))),
    };
  },
};
