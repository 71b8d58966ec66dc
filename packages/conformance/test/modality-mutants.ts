// Broken plugins: the letters of the pipeline's tests, each with one fault.

import type { ModalityFeatures, Processor } from "@saccade/pipeline";
import { letterModel, letters } from "../../pipeline/test/letters.ts";
import type { ModalityCase } from "../src/index.ts";

type Letters = typeof letters;
type LettersProcessor = Processor<string, number[][], "position-labels">;

/** A broken plugin and the group of cases that must tell. */
export interface ModalityMutant {
  readonly group: ModalityCase["group"];
  readonly modality: Letters;
}

function processed(change: (original: LettersProcessor) => Partial<LettersProcessor>): Letters {
  return {
    ...letters,
    async open(files, settings, signal) {
      const original = await letters.open(files, settings, signal);
      return { ...original, ...change(original) };
    },
  };
}

function featured(
  change: (features: ModalityFeatures, texts: readonly string[]) => Partial<ModalityFeatures>,
): Letters {
  return processed((original) => ({
    featurize(texts) {
      const features = original.featurize(texts);
      return { ...features, ...change(features, texts) };
    },
  }));
}

function decoded(change: (outputs: number[][][], texts: readonly string[]) => number[][][]): Letters {
  return processed((original) => ({
    decode: (scores, texts, features) => change(original.decode(scores, texts, features), texts),
  }));
}

let calls = 0;

/** By what is wrong with each. */
export const modalityMutants: Readonly<Record<string, ModalityMutant>> = {
  "has a function among its settings": {
    group: "opening",
    modality: { ...letters, settings: { longest: 8, cut: () => 1 } as never },
  },
  "opens a model with another head": { group: "opening", modality: { ...letters, head: "set-label" as never } },
  "opens whatever the configuration says": {
    group: "opening",
    modality: {
      ...letters,
      open: (files, settings, signal) => letters.open({ ...files, config: { model: letterModel } }, settings, signal),
    },
  },
  "does not look at an aborted signal but throws something else": {
    group: "opening",
    modality: {
      ...letters,
      async open(files, settings, signal) {
        if (signal?.aborted) throw new Error("aborted");
        return letters.open(files, settings, signal);
      },
    },
  },
  "gives numbers where the model reads ids": {
    group: "features",
    modality: featured(({ values }) => ({ values: Float32Array.from(values) })),
  },
  "gives sets to inputs that are not there": {
    group: "features",
    modality: featured(({ inputOfSet }) => ({ inputOfSet: inputOfSet!.map((input) => input + 1) })),
  },
  "gives no inputs a set": {
    group: "features",
    modality: featured((_, texts) =>
      texts.length === 0 ? { offsets: Int32Array.of(0, 0), inputOfSet: Int32Array.of(0) } : {},
    ),
  },
  "counts its calls in the features": {
    group: "features",
    modality: featured(({ values }) => {
      calls += 1;
      return { values: Int32Array.from(values, () => calls % 26) };
    }),
  },
  "sees the batch in its features": {
    group: "features",
    modality: featured(({ values }, texts) => ({ values: Int32Array.from(values, () => texts.length % 26) })),
  },
  "lets attention cross between inputs by the size of the batch": {
    group: "features",
    modality: featured((_, texts) => ({ pattern: { kind: "window", left: texts.length, right: 0 } })),
  },
  "estimates far too many positions": { group: "features", modality: processed(() => ({ positionsOf: () => 1e6 })) },
  "gives its outputs in another order": { group: "outputs", modality: decoded((outputs) => outputs.toReversed()) },
  "sees the batch in its outputs": {
    group: "outputs",
    modality: decoded((outputs, texts) => outputs.map(() => [[texts.length]])),
  },
  "returns functions": { group: "outputs", modality: decoded((outputs) => outputs.map(() => (() => 1) as never)) },
  "takes everything for an input": {
    group: "refusals",
    modality: processed((original) => ({
      featurize: (texts) => original.featurize(texts.map((text) => (/^[a-z]*$/.test(text) ? text : "a"))),
    })),
  },
  "throws what is no error of the kinds that callers know": {
    group: "refusals",
    modality: processed((original) => ({
      featurize(texts) {
        if (texts.every((text) => /^[a-z]*$/.test(text))) return original.featurize(texts);
        throw new Error("no");
      },
    })),
  },
};
