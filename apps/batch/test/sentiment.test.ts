// The model of text/sentiment that is shipped, as the command line opens it.

import { asyncDispose } from "@saccade/attention-core";
import type { SentimentLabel } from "@saccade/text-tokens";
import { expect, test } from "vitest";
import { openTask } from "../src/tasks/open-task.ts";
import { sentimentTask } from "../src/tasks/sentiment.ts";
import { textData } from "./text-data.ts";

const { signal } = new AbortController();

test("the model that is shipped tells praise from blame, a negation turning either round", async () => {
  const opened = await openTask(sentimentTask, { model: undefined, threads: 1 }, signal);
  const inputs = [
    "The food was wonderful.",
    "The food was not good.",
    "I hated every minute of this film.",
    "Works great, I would recommend it.",
    "",
  ];
  const found = (await opened.pipeline.run(inputs)) as SentimentLabel[];
  expect(found.slice(0, 4).map(({ label }) => label)).toEqual(["positive", "negative", "negative", "positive"]);
  for (const { labels } of found) expect(labels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6);
  await opened.pipeline[asyncDispose]();
});

test("evaluation reads the labels of the data as numbers and as words", async () => {
  const opened = await openTask(sentimentTask, { model: undefined, threads: 1 }, signal);
  const data = "label\tsentence\n1\tThe food was wonderful.\nnegative\tThe food was terrible.\n0\tI love this phone.\n";
  const figures = await opened.evaluate({ data: textData("x.tsv", data), signal, onProgress: () => undefined });
  expect(figures).toEqual([{ metric: "accuracy", value: 2 / 3, count: 3, data: "x.tsv" }]);
  await opened.pipeline[asyncDispose]();
});
