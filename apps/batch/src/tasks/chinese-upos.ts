// The task text/chinese-upos on the command line.

import type { Pipeline } from "@saccade/pipeline";
import {
  chineseUpos,
  type LabelledTokens,
  readLabelledTokens,
  sumScores,
  type TaggedText,
  taggingScores,
} from "@saccade/text-tokens";
import { openPipeline } from "./open-pipeline.ts";
import type { Task } from "./task.ts";
import { textOf } from "./text-input.ts";

/** Chinese words and their parts of speech. */
export const chineseUposTask: Task = {
  name: "text/chinese-upos",
  summary: "Chinese words and their parts of speech",
  shipped: undefined,
  labelled: "a word and its tag per line between tabs, a blank line between sentences",
  async open(options) {
    const pipeline = await openPipeline(chineseUpos, options);
    return {
      pipeline: pipeline as Pipeline<unknown, unknown>,
      inputOf: textOf,
      fieldsOf: (output) => ({ tokens: (output as TaggedText).tokens }),
      evaluate: async ({ data, signal, onProgress }) => {
        const sentences = readLabelledTokens(data.text());
        const texts = sentences.map(({ tokens }) => tokens.join(""));
        const found = await pipeline.run(texts, { signal, onProgress: ({ percent }) => onProgress(percent / 100) });
        const scores = sentences.map((sentence, n) => scoresOf(sentence, texts[n]!, found[n]!));
        const [words, labels] = [
          sumScores(scores.map((each) => each.words)),
          sumScores(scores.map((each) => each.labels)),
        ];
        return [
          { metric: "UPOS F1, text of sentences", value: labels.f1, count: labels.gold, data: data.name },
          { metric: "word F1, text of sentences", value: words.f1, count: words.gold, data: data.name },
        ];
      },
    };
  },
};

function scoresOf(
  { tokens, labels }: LabelledTokens,
  text: string,
  found: TaggedText,
): ReturnType<typeof taggingScores> {
  let at = 0;
  const words = tokens.map((form, i) => {
    const start = at;
    at += form.length;
    return { form, label: labels[i]!, start, end: at };
  });
  return taggingScores(
    { text, words, sentences: [{ start: 0, end: text.length }] },
    {
      text,
      words: found.tokens.map(({ text: form, tag: label, start, end }) => ({ form, label, start, end })),
      sentences: found.sentences,
    },
  );
}
