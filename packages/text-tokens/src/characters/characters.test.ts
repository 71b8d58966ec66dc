import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { jointLabels, jointWords } from "../labels/joint-words.ts";
import { charactersOf, charactersOfWords } from "./characters.ts";

function sentences(text: string): string[] {
  const { tokens, sentences: offsets } = charactersOf(text);
  return Array.from(offsets.slice(1), (end, s) =>
    tokens
      .slice(offsets[s], end)
      .map((token) => token.text)
      .join(""),
  );
}

describe("charactersOf()", () => {
  test("ends sentences after their marks and what closes, and at line ends", () => {
    expect(sentences("他说：“好。”她笑了！真的？！\r\n标题\n\n正文 完。")).toEqual([
      "他说：“好。”",
      "她笑了！",
      "真的？！",
      "标题",
      "正文完。",
    ]);
    expect(sentences(" \n")).toEqual([]);
  });

  test("keeps code points and their marks whole", () => {
    expect(charactersOf("𠮷野家e\u0301\ud800").tokens.map((token) => token.text)).toEqual([
      "𠮷",
      "野",
      "家",
      "e\u0301",
      "\ud800",
    ]);
  });

  test("covers every text but its blanks", () => {
    assert(
      property(string({ unit: "binary" }), (text) => {
        const { tokens, sentences: offsets } = charactersOf(text);
        let at = 0;
        for (const { text: part, start, end } of tokens) {
          expect(text.slice(start, end)).toBe(part);
          expect(text.slice(at, start)).toMatch(/^[\s\u0085\u200b\u2060]*$/u);
          at = end;
        }
        expect([offsets[0], offsets.at(-1)]).toEqual([0, tokens.length]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("jointWords()", () => {
  const labels = ["B-NOUN", "I-NOUN", "B-VERB", "I-VERB", "X"];
  const oneHot = (label: string): number[] => labels.map((each) => (each === label ? 1 : 0));
  const characters = (text: string, given: readonly (readonly number[])[]): Parameters<typeof jointWords>[1] =>
    charactersOf(text).tokens.map((token, i) => ({ ...token, probabilities: given[i]! }));

  test("is undone by jointLabels()", () => {
    const words = jointWords(
      "我们看书",
      characters("我们看书", ["B-NOUN", "I-NOUN", "B-VERB", "B-NOUN"].map(oneHot)),
      labels,
    );
    expect(words.map(({ text, tag, start, end, score }) => [text, tag, start, end, score])).toEqual([
      ["我们", "NOUN", 0, 2, 1],
      ["看", "VERB", 2, 3, 1],
      ["书", "NOUN", 3, 4, 1],
    ]);
    expect(
      jointLabels(
        words.map(({ text }) => text.length),
        words.map(({ tag }) => tag),
      ),
    ).toEqual(["B-NOUN", "I-NOUN", "B-VERB", "B-NOUN"]);
    expect(() => jointLabels([1], [])).toThrow(RangeError);
  });

  test("begins words where B labels together are probable, after gaps, and where it is told to", () => {
    const torn = [0.3, 0.2, 0.3, 0.2, 0];
    const inside = [0.1, 0.45, 0, 0.45, 0];
    expect(jointWords("ab", characters("ab", [torn, torn]), labels).map(({ text }) => text)).toEqual(["a", "b"]);
    expect(jointWords("abc", characters("abc", [inside, inside, inside]), labels).map(({ text }) => text)).toEqual([
      "abc",
    ]);
    expect(jointWords("a bc", characters("a bc", [inside, inside, inside]), labels).map(({ text }) => text)).toEqual([
      "a",
      "bc",
    ]);
    const given = charactersOfWords(["a", "bc"]);
    const known = given.tokens.map((token, i) => ({ ...token, probabilities: torn, begins: given.begins[i] }));
    expect(jointWords(given.text, known, labels).map(({ text, tag }) => [text, tag])).toEqual([
      ["a", "NOUN"],
      ["bc", "NOUN"],
    ]);
    expect(jointWords("a", characters("a", [oneHot("X")]), labels)[0]).toMatchObject({ tag: "X", score: 1 });
  });

  test("charactersOfWords() refuses words without characters", () => {
    expect(() => charactersOfWords(["a", ""])).toThrow(RangeError);
    expect(charactersOfWords([]).tokens).toEqual([]);
  });
});
