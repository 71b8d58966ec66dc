// The task text/entities on the command line.

import type { Pipeline } from "@saccade/pipeline";
import { entities, type Entity, readLabelledTokens, spanScores, spansOfBio } from "@saccade/text-tokens";
import { openPipeline } from "./open-pipeline.ts";
import type { Task } from "./task.ts";
import { textOf } from "./text-input.ts";

/** Names of persons, places and things. */
export const entitiesTask: Task = {
  name: "text/entities",
  summary: "names of persons, places and things in English text",
  shipped: undefined,
  labelled: "a token and its BIO label per line between tabs, a blank line between sentences",
  async open(options) {
    const pipeline = await openPipeline(entities, options);
    return {
      pipeline: pipeline as Pipeline<unknown, unknown>,
      inputOf: textOf,
      fieldsOf: (output) => ({ entities: output as readonly Entity[] }),
      evaluate: async ({ data, signal, onProgress }) => {
        const sentences = readLabelledTokens(data.text());
        const found = await pipeline.run(
          sentences.map(({ tokens }) => tokens),
          { signal, onProgress: ({ percent }) => onProgress(percent / 100) },
        );
        // The task tells units of the words with a blank between them.
        const gold = sentences.map(({ tokens, labels }) => {
          let at = 0;
          const starts = tokens.map((token) => (at += token.length + 1) - token.length - 1);
          return spansOfBio(labels).map(({ start, end, label }) => ({
            start: starts[start]!,
            end: starts[end - 1]! + tokens[end - 1]!.length,
            label,
          }));
        });
        const scores = spanScores(gold, found);
        return (["f1", "precision", "recall"] as const).map((part) => ({
          metric: `span ${part === "f1" ? "F1" : part}, gold words`,
          value: scores[part],
          count: part === "precision" ? scores.system : scores.gold,
          data: data.name,
        }));
      },
    };
  },
};
