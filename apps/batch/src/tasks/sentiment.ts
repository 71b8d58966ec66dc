// The task text/sentiment on the command line.

import type { Pipeline } from "@saccade/pipeline";
import { readLabelledTexts, sentiment, type SentimentLabel } from "@saccade/text-tokens";
import { sentimentModel } from "@saccade/text-tokens/models/sentiment";
import { openPipeline } from "./open-pipeline.ts";
import type { Task } from "./task.ts";
import { textOf } from "./text-input.ts";

/** What the labels of the data stand for: 0 negative, 1 positive; a label may also be written out. */
const names = new Map([
  ["0", "negative"],
  ["1", "positive"],
]);

/** Positive or negative. */
export const sentimentTask: Task = {
  name: "text/sentiment",
  summary: "whether English sentences are positive or negative",
  shipped: sentimentModel,
  labelled: "columns sentence and label (0 negative, 1 positive) between tabs, named in the first line",
  async open(options) {
    const pipeline = await openPipeline(sentiment, options);
    return {
      pipeline: pipeline as Pipeline<unknown, unknown>,
      inputOf: textOf,
      fieldsOf: (output) => ({ ...(output as SentimentLabel) }),
      evaluate: async ({ data, signal, onProgress }) => {
        const gold = readLabelledTexts(data.text(), { text: "sentence", label: "label" });
        const found = await pipeline.run(
          gold.map(({ text }) => text),
          { signal, onProgress: ({ percent }) => onProgress(percent / 100) },
        );
        const right = gold.filter(({ label }, n) => found[n]!.label === (names.get(label) ?? label)).length;
        return [{ metric: "accuracy", value: right / gold.length, count: gold.length, data: data.name }];
      },
    };
  },
};
