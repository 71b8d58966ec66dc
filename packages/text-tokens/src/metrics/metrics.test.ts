import { describe, expect, test } from "vitest";
import { accuracyOf } from "@saccade/attention-core";
import { scoreOf, sumScores } from "./score.ts";
import { spanScores } from "./spans.ts";
import { type LabelledWords, taggingScores } from "./tagging.ts";

/** Words of a text by their forms and labels: "a/X b/Y", each found after the one before. */
function labelled(
  text: string,
  words: string,
  sentences: readonly [number, number][] = [[0, text.length]],
): LabelledWords {
  let at = 0;
  return {
    text,
    words: words.split(" ").map((word) => {
      const [form, label] = word.split("/") as [string, string];
      const start = text.indexOf(form, at);
      at = start + form.length;
      return { form, label, start, end: at };
    }),
    sentences: sentences.map(([start, end]) => ({ start, end })),
  };
}

describe("taggingScores()", () => {
  test("is 1 for the same", () => {
    const gold = labelled("Do n't go", "Do/AUX n't/PART go/VERB");
    expect(taggingScores(gold, gold)).toMatchObject({
      words: { f1: 1 },
      sentences: { f1: 1 },
      labels: { f1: 1 },
      labelsOfMatched: 1,
    });
  });

  test("counts words of the same characters, and labels among all words", () => {
    const gold = labelled("I can not go.", "I/PRON can/AUX not/PART go/VERB ./PUNCT");
    const system = labelled("I cannot go.", "I/PRON cannot/AUX go/NOUN ./PUNCT");
    const scores = taggingScores(gold, system);
    expect(scores.words).toMatchObject({ gold: 5, system: 4, correct: 3 });
    expect(scores.labels).toMatchObject({ correct: 2, precision: 0.5, recall: 0.4, f1: 4 / 9 });
    expect(scores.labelsOfMatched).toBe(2 / 3);
  });

  test("does not look at white space, and at sentences only by their ends", () => {
    const gold = labelled("A b. C d.", "A/X b/X ./X C/X d/X ./X", [
      [0, 4],
      [5, 9],
    ]);
    const system = labelled(" A  b.\n\nC d. ", "A/X b/X ./X C/X d/X ./X", [
      [0, 7],
      [8, 13],
    ]);
    expect(taggingScores(gold, system)).toMatchObject({ words: { f1: 1 }, sentences: { f1: 1 } });
  });

  test("matches words that share their characters by their forms, in order", () => {
    const word = (form: string, start: number, end: number) => ({ form, start, end, label: form });
    const text = "vámonos al mar";
    const gold = {
      text,
      words: [word("vamos", 0, 7), word("nos", 0, 7), word("a", 8, 10), word("el", 8, 10), word("mar", 11, 14)],
      sentences: [],
    };
    const system = {
      text,
      words: [word("vamos", 0, 7), word("nos", 0, 7), word("A", 8, 10), word("mar", 11, 14)],
      sentences: [],
    };
    expect(taggingScores(gold, system).words).toMatchObject({ gold: 5, system: 4, correct: 4 });
    expect(taggingScores(gold, system).labels.correct).toBe(3);
  });

  test("refuses other texts, and says where they part", () => {
    const gold = labelled("A b", "A/X b/X");
    expect(() => taggingScores(gold, labelled("A c", "A/X c/X"))).toThrow(/differ at 2 of the gold one: "b" and "c"$/u);
    expect(() => taggingScores(gold, labelled("A", "A/X"))).toThrow(RangeError);
  });
});

describe("spanScores()", () => {
  test("counts a span once, if place and label are right", () => {
    const a = { start: 0, end: 1, label: "PER" };
    const b = { start: 2, end: 3, label: "LOC" };
    const scores = spanScores([[a, b], []], [[a, a, { ...b, label: "PER" }], [b]]);
    expect(scores).toMatchObject({ gold: 2, system: 4, correct: 1, precision: 0.25, recall: 0.5 });
    expect(scores.labels["PER"]).toMatchObject({ gold: 1, system: 3, correct: 1 });
    expect(scores.labels["LOC"]).toMatchObject({ gold: 1, system: 1, correct: 0, f1: 0 });
    expect(() => spanScores([[]], [])).toThrow(RangeError);
  });
});

describe("accuracyOf() and scores", () => {
  test("are numbers for nothing, too", () => {
    expect(accuracyOf([], [])).toEqual({ value: 0, correct: 0, count: 0 });
    expect(accuracyOf(["a", "b"], ["a", "c"])).toEqual({ value: 0.5, correct: 1, count: 2 });
    expect(() => accuracyOf(["a"], [])).toThrow(RangeError);
    expect(scoreOf(0, 0, 0)).toMatchObject({ precision: 0, recall: 0, f1: 0 });
    expect(sumScores([scoreOf(2, 2, 1), scoreOf(2, 4, 2)])).toEqual(scoreOf(4, 6, 3));
  });
});
