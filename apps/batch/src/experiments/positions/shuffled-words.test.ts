import { expect, test } from "vitest";
import { shuffleWords } from "./shuffled-words.ts";

test("shuffleWords() moves ids and labels with their words, the same way each time", () => {
  const words = Array.from({ length: 9 }, (_, i) => `w${i}`);
  const sentence = {
    words,
    ids: Int32Array.from({ length: 18 }, (_, i) => 10 * Math.floor(i / 2) + (i % 2)),
    labels: [Int32Array.from({ length: 9 }, (_, i) => i)],
  };
  const [shuffled] = shuffleWords([sentence], 1);
  expect(shuffled!.words).not.toEqual(words);
  expect([...shuffled!.words].toSorted()).toEqual(words);
  shuffled!.words.forEach((word, place) => {
    const was = words.indexOf(word);
    expect(shuffled!.labels[0]![place]).toBe(was);
    expect([...shuffled!.ids.subarray(2 * place, 2 * place + 2)]).toEqual([10 * was, 10 * was + 1]);
  });
  expect(shuffleWords([sentence], 1)).toEqual([shuffled]);
  expect(shuffleWords([{ words: [], ids: new Int32Array(0), labels: [new Int32Array(0)] }], 1)[0]!.words).toEqual([]);
});
