import { expect, test } from "vitest";
import { featureLayout, type WordFeatureConfig } from "./feature-config.ts";
import { type Negation, negatedWords } from "./negation.ts";
import { wordFeatures } from "./word-features.ts";

const negation: Negation = { words: ["not", "n't"], ends: [".", ",", "but"], reach: 3 };
const lexicon = {
  kind: "lexicon",
  form: "lower",
  words: ["good", "bad", "great"],
  scores: [2, -3, 2],
  negation,
} as const;

test("negatedWords() reaches to the end of the clause, and so many words at most", () => {
  const scope = (text: string): string => [...negatedWords(text.split(" "), negation)].join("");
  expect(scope("it is not good , really")).toBe("000100");
  expect(scope("I do n't like it at all")).toBe("0001110");
  expect(scope("Not bad but good")).toBe("0100");
  expect(scope("not not good")).toBe("001");
});

test("a lexicon has a row for each score, and as many under negation", () => {
  const config: WordFeatureConfig = [{ kind: "shape", longestRun: 1, rows: 5 }, lexicon];
  expect(featureLayout(config)).toMatchObject({ rows: 9, columns: 2 });
  const ids = wordFeatures(["Good", "not", "bad", "film", "great"], config);
  expect([1, 3, 5, 7, 9].map((at) => ids[at])).toEqual([6, -1, 7, -1, 8]);
});

test("a lexicon with signs tells what words have in common whose scores differ, and nothing of a score of 0", () => {
  const words = [...lexicon.words, "plain", "fine"];
  const config: WordFeatureConfig = [{ ...lexicon, words, scores: [2, -3, 2, 0, 1], signs: true }];
  expect(featureLayout(config)).toMatchObject({ rows: 12, columns: 2 });
  const signs = wordFeatures(["good", "fine", "bad", "plain", "film", "not", "fine", "bad"], config);
  expect([...signs].filter((_, i) => i % 2 === 1)).toEqual([9, 9, 8, -1, -1, -1, 11, 10]);
  expect([...signs].filter((_, i) => i % 2 === 0)).toEqual([3, 2, 0, 1, -1, -1, 6, 4]);
});

test("a negated word has a row where the negation reaches it alone", () => {
  const config: WordFeatureConfig = [{ kind: "negated-word", form: "lower", negation, rows: 1000 }];
  const [good, , negated] = wordFeatures(["good", "not", "good"], config);
  expect(good).toBe(-1);
  expect(negated).toBeGreaterThanOrEqual(0);
  expect(wordFeatures(["not", "bad"], config)[1]).not.toBe(negated);
});

test.each([
  [{ ...lexicon, scores: [1, 2] }, "scores"],
  [{ ...lexicon, scores: [1, 2, 0.5] }, "scores"],
  [{ ...lexicon, words: ["a", "a", "b"] }, "words"],
  [{ ...lexicon, signs: 1 }, "signs"],
  [{ ...lexicon, negation: { ...negation, reach: 0 } }, "negation.reach"],
  [{ ...lexicon, negation: { ...negation, ends: "." } }, "negation.ends"],
  [{ kind: "negated-word", form: "lower", negation, rows: 0 }, "rows"],
])("a configuration that is none is refused: %j", (feature, field) => {
  expect(() => featureLayout([feature] as WordFeatureConfig)).toThrow(field);
});
