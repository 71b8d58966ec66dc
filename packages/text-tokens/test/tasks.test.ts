import { ModelMismatchError } from "@saccade/attention-core";
import { InputError } from "@saccade/pipeline";
import { describe, expect, test } from "vitest";
import { chineseUpos, encodeRows, entities, sentiment, upos } from "../src/index.ts";
import { runTask, smallModel } from "./run-task.ts";

const tags = ["NOUN", "VERB", "DET", "PUNCT"];
const tagger = smallModel({ kind: "position-labels", labels: 4 }, tags);
const classifier = smallModel(
  { kind: "set-label", labels: 2, pooling: { kind: "mean" } },
  ["negative", "positive"],
  "one",
);

function longText(words: number): string[] {
  return Array.from({ length: words }, (_, i) => `w${(i * i) % 97}ord${i % 13}`);
}

describe("upos", () => {
  test("gives every word its place, a tag and a probability", async () => {
    const text = "I saw  a saw.\nYou don't!";
    const [result] = await runTask(upos, tagger, [text]);
    expect(result!.tokens.map((token) => token.text)).toEqual(["I", "saw", "a", "saw", ".", "You", "do", "n't", "!"]);
    for (const { text: word, start, end, tag, score } of result!.tokens) {
      expect(text.slice(start, end)).toBe(word);
      expect(tags).toContain(tag);
      expect(score).toBeGreaterThanOrEqual(0.25);
      expect(score).toBeLessThanOrEqual(1);
    }
    expect(result!.sentences).toEqual([
      { start: 0, end: 13 },
      { start: 14, end: 24 },
    ]);
  });

  test("takes words that are cut already, and says the same of them", async () => {
    const results = await runTask(upos, tagger, ["We don't know.", ["We", "do", "n't", "know", "."]]);
    const [text, words] = results.map(({ tokens }) => tokens);
    expect(words!.map(({ tag }) => tag)).toEqual(text!.map(({ tag }) => tag));
    expect(words!.map(({ start, end }) => [start, end])).toEqual([
      [0, 2],
      [3, 5],
      [6, 9],
      [10, 14],
      [15, 16],
    ]);
  });

  test("says nothing of nothing, between other texts (TK-16)", async () => {
    const results = await runTask(upos, tagger, ["", "one", " \n ", "two", []]);
    expect(results.map(({ tokens }) => tokens.length)).toEqual([0, 1, 0, 1, 0]);
    expect(results[0]).toEqual({ tokens: [], sentences: [] });
  });

  test("says the same of a long text in windows as of the whole, where half the overlap is what the model reaches", async () => {
    const words = longText(300);
    const [whole] = await runTask(upos, tagger, [words]);
    const [inWindows] = await runTask(upos, tagger, [words], { longest: 31, overlap: 8 });
    expect(inWindows!.tokens.map(({ text }) => text)).toEqual(words);
    inWindows!.tokens.forEach(({ tag, score }, i) => {
      expect(tag).toBe(whole!.tokens[i]!.tag);
      expect(score).toBeCloseTo(whole!.tokens[i]!.score, 5);
    });
  });

  test("says something of every word in windows that do not overlap", async () => {
    const [result] = await runTask(upos, tagger, [longText(100)], { longest: 7, overlap: 0 });
    expect(result!.tokens).toHaveLength(100);
  });

  test("is the same in any batch", async () => {
    const texts = ["The cat sat. It purred.", "Hello", longText(50).join(" ")];
    const together = await runTask(upos, tagger, texts, { longest: 20, overlap: 8 });
    const alone = await Promise.all(texts.map((text) => runTask(upos, tagger, [text], { longest: 20, overlap: 8 })));
    expect(together).toEqual(alone.flat());
  });

  test("reads tables that kept some rows", async () => {
    const { model } = tagger;
    if (model.input.kind !== "embeddings") throw new Error("not a table");
    const rows = Int32Array.from({ length: 40 }, (_, i) => 2 * i);
    const kept = { ...tagger, model: { ...model, input: { ...model.input, rows: 40 } }, rows: "rows.bin" };
    const [result] = await runTask(upos, kept, ["I saw a saw"], {}, { "rows.bin": encodeRows(rows) });
    expect(result!.tokens).toHaveLength(4);
    await expect(runTask(upos, kept, ["x"], {}, { "rows.bin": Uint8Array.of(200) })).rejects.toThrow(
      ModelMismatchError,
    );
  });

  test.each([
    ["no object", 7],
    ["no model", {}],
    ["another head", classifier],
    ["too few labels", { ...tagger, labels: tags.slice(1) }],
    ["labels that are none", { ...tagger, labels: [1, 2, 3, 4] }],
    ["a pattern for graphs", { ...tagger, pattern: { kind: "neighbors" } }],
    ["a table of other features", { ...tagger, features: [{ kind: "shape", longestRun: 2, rows: 9 }] }],
    ["features that are none", { ...tagger, features: [{ kind: "constructor" }] }],
    ["sentences that are none", { ...tagger, sentences: "maybe" }],
    ["rows that are none", { ...tagger, rows: 5 }],
  ])("refuses a model with %s", async (_, config) => {
    await expect(runTask(upos, config, ["x"])).rejects.toThrow(ModelMismatchError);
    await expect(runTask(upos, config, ["x"])).rejects.toThrow(/^Cannot open model "small" as text\/upos: .*[^.]$/u);
  });

  test("refuses inputs of another kind", async () => {
    for (const input of [7, null, ["a", 7]]) {
      await expect(runTask(upos, tagger, ["x", input as unknown as string])).rejects.toThrow(InputError);
      await expect(runTask(upos, tagger, ["x", input as unknown as string])).rejects.toThrow(
        /on input 1: .*text or a list of words/u,
      );
    }
  });
});

describe("entities", () => {
  const model = smallModel({ kind: "position-labels", labels: 3 }, ["B-thing", "O", "I-thing"], "one");

  test("gives spans of the text", async () => {
    const text = longText(60).join(" ");
    const [found] = await runTask(entities, model, [text]);
    expect(found!.length).toBeGreaterThan(0);
    for (const { text: name, start, end, label, score } of found!) {
      expect(text.slice(start, end)).toBe(name);
      expect(label).toBe("thing");
      expect(score).toBeGreaterThan(1 / 3);
    }
    for (const grouping of ["first", "average", "max"] as const) {
      expect(await runTask(entities, model, [text], { grouping })).toEqual([found]);
    }
  });

  test("refuses groupings that there are not", async () => {
    await expect(runTask(entities, model, ["x"], { grouping: "none" as "simple" })).rejects.toThrow(RangeError);
  });
});

describe("sentiment", () => {
  test("gives a label per text, with all probabilities, and one for no words", async () => {
    const results = await runTask(sentiment, classifier, ["Not bad. Really!", "", ["good"]]);
    for (const { label, score, labels } of results) {
      expect(labels.map((each) => each.label)).toEqual(["negative", "positive"]);
      expect(labels.reduce((sum, each) => sum + each.score, 0)).toBeCloseTo(1);
      expect(labels.find((each) => each.label === label)!.score).toBe(score);
      expect(score).toBeGreaterThanOrEqual(0.5);
    }
  });

  test("takes the mean over windows, each weighing the words that it answers for", async () => {
    const words = longText(10);
    const settings = { longest: 6, overlap: 2 };
    const [whole] = await runTask(sentiment, classifier, [words], settings);
    const parts = await runTask(
      sentiment,
      { ...classifier, features: classifier.features },
      [words.slice(0, 6), words.slice(4)],
      settings,
    );
    // `first` is said of the first word of a text, which the second part is not.
    expect(whole!.labels[0]!.score).toBeCloseTo(0.5 * (parts[0]!.labels[0]!.score + parts[1]!.labels[0]!.score), 1);
  });
});

describe("chineseUpos", () => {
  const model = smallModel({ kind: "position-labels", labels: 4 }, ["B-NOUN", "I-NOUN", "B-VERB", "I-VERB"]);

  test("cuts text into tagged words, and only tags words that are given", async () => {
    const text = "我看见一把锯子。\n他来了";
    const [cut, given] = await runTask(chineseUpos, model, [text, ["看见", "锯子"]]);
    expect(cut!.tokens.map((token) => token.text).join("")).toBe(text.replace("\n", ""));
    expect(cut!.tokens.every(({ text: word, start, end }) => text.slice(start, end) === word)).toBe(true);
    expect(cut!.sentences).toEqual([
      { start: 0, end: 8 },
      { start: 9, end: 12 },
    ]);
    expect(given!.tokens.map(({ text: word, start, end }) => [word, start, end])).toEqual([
      ["看见", 0, 2],
      ["锯子", 2, 4],
    ]);
  });
});
