import { describe, expect, test } from "vitest";
import { headTitles, headWidth, wordsOf, wordVectors } from "./words.ts";

test("wordsOf() keeps punctuation and leaves spaces out", () => {
  expect(wordsOf("  I saw\ta saw, didn't I?\n")).toEqual(["I", "saw", "a", "saw", ",", "didn't", "I", "?"]);
  expect(wordsOf(" \n")).toEqual([]);
});

describe("wordVectors()", () => {
  const heads = 4;
  const rows = (words: readonly string[]): Float32Array[] => {
    const values = wordVectors(words, heads);
    return words.map((_, row) => values.subarray(row * heads * headWidth, (row + 1) * heads * headWidth));
  };
  const likeness = (a: Float32Array, b: Float32Array, head: number): number => {
    let sum = 0;
    for (let d = head * headWidth; d < (head + 1) * headWidth; d += 1) sum += a[d]! * b[d]!;
    return sum;
  };

  test("equal words have equal rows, but for capitals", () => {
    const [a, b, c] = rows(["Saw", "saw", "sow"]);
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
  });

  test("each head's part has length 1, for any word", () => {
    for (const row of rows(["a", "saw", "!", "你好", "👩‍🚀", "\ud800"])) {
      for (let head = 0; head < heads; head += 1) expect(likeness(row, row, head)).toBeCloseTo(1, 5);
    }
  });

  test("words that share letters are alike where heads look at letters, not where they look at whole words", () => {
    const [flies, files] = rows(["flies", "files"]);
    expect(likeness(flies!, files!, 0)).toBeCloseTo(1, 5);
    expect(Math.abs(likeness(flies!, files!, 3))).toBeLessThan(0.5);
  });
});

test("headTitles() has one for each head", () => {
  expect(headTitles(3)).toEqual(["letters", "2 letters", "whole words"]);
  expect(headTitles(1)).toEqual(["whole words"]);
});
