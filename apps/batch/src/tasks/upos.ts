// The task text/upos on the command line.

import type { Pipeline } from "@saccade/pipeline";
import {
  conlluText,
  type ConlluSentence,
  documentsOf,
  readConllu,
  sumScores,
  type TaggedText,
  taggingScores,
  type TextInput,
  upos,
} from "@saccade/text-tokens";
import { uposModel } from "@saccade/text-tokens/models/upos";
import type { Figure } from "../recipes/recipe.ts";
import { openPipeline } from "./open-pipeline.ts";
import type { EvaluateTask, Task } from "./task.ts";
import { textOf } from "./text-input.ts";

/** Part-of-speech tags. */
export const uposTask: Task = {
  name: "text/upos",
  summary: "part-of-speech tags of English words",
  shipped: uposModel,
  labelled: "CoNLL-U",
  async open(options) {
    const pipeline = await openPipeline(upos, options);
    return {
      pipeline: pipeline as Pipeline<unknown, unknown>,
      inputOf: textOf,
      fieldsOf: (output) => ({ tokens: (output as TaggedText).tokens }),
      evaluate: async (data) => evaluateTagger(pipeline, data),
    };
  },
};

/** Accuracy on the words of the data, and F1 on its text, of which the task makes words and sentences itself. */
async function evaluateTagger(
  pipeline: Pipeline<TextInput, TaggedText>,
  { data, signal, onProgress }: EvaluateTask,
): Promise<readonly Figure[]> {
  const file = data.name;
  const sentences = readConllu(data.text());
  const gold = await goldAccuracy(pipeline, sentences, signal, (share) => onProgress(share / 2));
  const documents = documentsOf(sentences).map((document) => conlluText(document));
  const texts = documents.map(({ text }) => text);
  const tagged = await pipeline.run(texts, { signal, onProgress: ({ percent }) => onProgress(0.5 + percent / 200) });
  const scores = documents.map(({ text, words, sentences: spans }, n) =>
    taggingScores(
      {
        text,
        sentences: spans,
        words: words.map(({ form, upos: label, start, end }) => ({ form, label, start, end })),
      },
      {
        text,
        sentences: tagged[n]!.sentences,
        words: tagged[n]!.tokens.map(({ text: form, tag: label, start, end }) => ({ form, label, start, end })),
      },
    ),
  );
  const sum = (part: "words" | "sentences" | "labels") => sumScores(scores.map((score) => score[part]));
  const figures = (["labels", "words", "sentences"] as const).map((part): Figure => {
    const score = sum(part);
    const names = { labels: "UPOS F1, raw text", words: "word F1, raw text", sentences: "sentence F1, raw text" };
    return { metric: names[part], value: score.f1, count: score.gold, data: file };
  });
  return [{ metric: "accuracy, gold words", ...gold, data: file }, ...figures];
}

async function goldAccuracy(
  pipeline: Pipeline<TextInput, TaggedText>,
  sentences: readonly ConlluSentence[],
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<{ readonly value: number; readonly count: number }> {
  const inputs = sentences.map(({ words }) => words.map(({ form }) => form));
  const outputs = await pipeline.run(inputs, { signal, onProgress: ({ percent }) => onShare(percent / 100) });
  let [right, count] = [0, 0];
  sentences.forEach(({ words }, n) => {
    words.forEach((word, i) => {
      count += 1;
      if (outputs[n]!.tokens[i]?.tag === word.upos) right += 1;
    });
  });
  return { value: right / count, count };
}
