import { array, assert, constantFrom, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { featureLayout, type WordFeature, type WordFeatureConfig } from "./feature-config.ts";
import { hashUnits, rowOfHash } from "./hash.ts";
import { keepRows } from "./kept-rows.ts";
import { vocabularyOf } from "./vocabulary.ts";
import { wordFeatures, wordFeaturizer } from "./word-features.ts";
import { hasFlag, type WordFlag, wordFlags } from "./word-flags.ts";
import { wordInForm, wordShape } from "./word-form.ts";

const everything: WordFeatureConfig = [
  { kind: "word", form: "lower", vocabulary: ["the", "saw"], hashRows: 50 },
  { kind: "prefix", form: "lower", length: 2, rows: 40 },
  { kind: "suffix", form: "folded", length: 3, rows: 40 },
  { kind: "shape", longestRun: 2, rows: 30 },
  { kind: "character-ngrams", form: "lower", length: 3, columns: 6, rows: 60 },
  { kind: "flags", flags: [...wordFlags] },
  { kind: "word-ngram", form: "lower", length: 2, rows: 70 },
];

describe("hashUnits() and rowOfHash()", () => {
  test("give the values that trained tables are bound to", () => {
    // FNV-1a of ASCII text is a known answer: "a" 0xe40c292c, "foobar" 0xbf9cf968.
    expect([hashUnits("") >>> 0, hashUnits("a") >>> 0, hashUnits("foobar") >>> 0]).toEqual([
      0x811c9dc5, 0xe40c292c, 0xbf9cf968,
    ]);
    expect(["the", "ing", "İ", "👍"].map((text) => rowOfHash(hashUnits(text), 1000))).toEqual([769, 430, 948, 996]);
  });

  test("spread words evenly over rows", () => {
    const counts = new Int32Array(64);
    for (let i = 0; i < 6400; i += 1) counts[rowOfHash(hashUnits(`word${i}`), 64)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(145);
  });
});

describe("wordFeatures()", () => {
  test("gives each feature its own rows and columns", () => {
    const layout = featureLayout(everything);
    expect(
      layout.ranges.map(({ firstRow, rows, firstColumn, columns }) => [firstRow, rows, firstColumn, columns]),
    ).toEqual([
      [0, 53, 0, 1],
      [53, 40, 1, 1],
      [93, 40, 2, 1],
      [133, 30, 3, 1],
      [163, 60, 4, 6],
      [223, 14, 10, 14],
      [237, 70, 24, 1],
    ]);
    expect([layout.rows, layout.columns]).toEqual([307, 25]);
    assert(
      property(array(string({ unit: "binary", minLength: 1 })), (words) => {
        const ids = wordFeatures(words, everything);
        expect(ids).toHaveLength(words.length * layout.columns);
        for (const { firstRow, rows, firstColumn, columns } of layout.ranges) {
          for (let i = 0; i < words.length; i += 1) {
            for (let c = firstColumn; c < firstColumn + columns; c += 1) {
              const id = ids[i * layout.columns + c]!;
              if (id !== -1 && (id < firstRow || id >= firstRow + rows)) throw new Error(`id ${id} in column ${c}`);
            }
          }
        }
      }),
    );
  });

  test("gives a table of some rows their places, of placed features too", () => {
    const whole = wordFeaturizer(everything);
    const rows = Int32Array.from({ length: Math.ceil(whole.layout.rows / 2) }, (_, i) => 2 * i);
    const kept = keepRows(whole, rows);
    const words = ["I", "SAW", "a", "saw", "."];
    const expected = whole.featuresOf(words).map((id) => (id >= 0 ? rows.indexOf(id) : -1));
    expect(kept.featuresOf(words)).toEqual(expected);
    expect(kept.featuresOf(words)).toEqual(expected);
    expect(() => keepRows(kept, rows)).toThrow(RangeError);
  });

  test("sees a word alike wherever it stands, but for first and n-grams of words", () => {
    const alone = everything.filter(({ kind }) => kind !== "word-ngram" && kind !== "flags");
    const words = constantFrom("I", "saw", "a", "Saw", "x-ray", "U.S.", "1990s", "👍");
    assert(
      property(array(words, { minLength: 1 }), (sentence) => {
        const ids = wordFeatures(sentence, alone);
        const { columns } = featureLayout(alone);
        sentence.forEach((word, i) => {
          expect(ids.slice(i * columns, (i + 1) * columns)).toEqual(wordFeatures([word], alone));
        });
      }),
    );
  });

  test("gives words of the vocabulary rows of their own, and others a hashed row or the unknown one", () => {
    const vocabulary = ["the", "__proto__", "constructor"];
    const unknown = wordFeatures(
      ["The", "constructor", "__proto__", "toString"],
      [{ kind: "word", form: "lower", vocabulary, hashRows: 0 }],
    );
    expect([...unknown]).toEqual([1, 3, 2, 0]);
    const [hashed] = wordFeatures(["other"], [{ kind: "word", form: "lower", vocabulary, hashRows: 10 }]);
    expect(hashed).toBe(4 + rowOfHash(hashUnits("other"), 10));
  });

  test("takes affixes of words that are long enough, and n-grams from the ends inward", () => {
    const suffix: WordFeature = { kind: "suffix", form: "lower", length: 3, rows: 1000 };
    expect([...wordFeatures(["RunnING", "ing", "go"], [suffix])]).toEqual([rowOf("ing"), rowOf("ing"), -1]);
    const ngrams: WordFeature = { kind: "character-ngrams", form: "written", length: 3, columns: 3, rows: 1000 };
    expect([...wordFeatures(["abcd", "a", ""], [ngrams])]).toEqual([
      rowOf("\u0002ab"),
      rowOf("cd\u0003"),
      rowOf("abc"),
      rowOf("\u0002a\u0003"),
      -1,
      -1,
      -1,
      -1,
      -1,
    ]);
  });

  test("gives a word and those before it a row, where there are enough", () => {
    const trigram: WordFeature = { kind: "word-ngram", form: "lower", length: 3, rows: 100_000 };
    const ids = wordFeatures(["a", "b", "c", "d", "A", "b", "c"], [trigram]);
    expect(ids.slice(0, 2)).toEqual(Int32Array.of(-1, -1));
    expect(ids[2]).toBe(ids[6]);
    expect(new Set(ids.slice(2, 6)).size).toBe(4);
  });

  test("says first of the first position alone", () => {
    const flags: WordFeature = { kind: "flags", flags: ["capitalized-first", "upper", "first"] };
    expect([...wordFeatures(["US", "US", "x"], [flags])]).toEqual([0, 1, 2, -1, 1, -1, -1, -1, -1]);
    expect([...wordFeatures([], [flags])]).toEqual([]);
  });

  test("is the same whatever was read before, and after all is forgotten", () => {
    const featurizer = wordFeaturizer(everything);
    const sentence = ["The", "saw", "saw", "zebra"];
    const before = featurizer.featuresOf(sentence);
    for (let i = 0; i < 40_000; i += 1000) featurizer.featuresOf(Array.from({ length: 1000 }, (_, k) => `w${i + k}`));
    expect(featurizer.featuresOf(sentence)).toEqual(before);
    expect(wordFeatures(sentence, everything)).toEqual(before);
  });

  test.each([
    [null, TypeError],
    [[], RangeError],
    [["word"], TypeError],
    [[{ kind: "constructor" }], RangeError],
    [[{ kind: "word", form: "lower", vocabulary: "the", hashRows: 1 }], TypeError],
    [[{ kind: "word", form: "lower", vocabulary: ["a", "a"], hashRows: 1 }], RangeError],
    [[{ kind: "word", form: "lower", vocabulary: [], hashRows: -1 }], RangeError],
    [[{ kind: "word", form: "upper", vocabulary: [], hashRows: 1 }], RangeError],
    [[{ kind: "suffix", form: "lower", length: 0, rows: 1 }], RangeError],
    [[{ kind: "suffix", form: "lower", length: 2, rows: 1e9 }], RangeError],
    [[{ kind: "prefix", form: "lower", length: 2 }], TypeError],
    [[{ kind: "shape", longestRun: 1.5, rows: 3 }], RangeError],
    [[{ kind: "character-ngrams", form: "lower", length: 3, columns: 2000, rows: 3 }], RangeError],
    [[{ kind: "flags", flags: [] }], TypeError],
    [[{ kind: "flags", flags: ["toString"] }], RangeError],
  ])("refuses %j", (config, kind) => {
    const layOut = (): unknown => featureLayout(config as unknown as WordFeatureConfig);
    expect(layOut).toThrow(kind);
    expect(layOut).toThrow(/^Cannot use word features: /u);
  });
});

function rowOf(text: string): number {
  return rowOfHash(hashUnits(text), 1000);
}

describe("forms, shapes and flags of words", () => {
  test("wordInForm() lowers and folds digits", () => {
    expect((["written", "lower", "folded"] as const).map((form) => wordInForm("A-٣5İ", form))).toEqual([
      "A-٣5İ",
      "a-٣5i̇",
      "a-00i̇",
    ]);
  });

  test.each([
    ["McDonald-2026", "XxXxx-dd"],
    ["don't", "xx'x"],
    ["3.14", "d.dd"],
    ["中文字", "cc"],
    ["Ünï", "Xxx"],
    ["", ""],
    ["👍", "👍"],
  ])("wordShape() of %j is %j", (word, shape) => {
    expect(wordShape(word, 2)).toBe(shape);
  });

  test.each<[string, WordFlag[]]>([
    ["Paris", ["capitalized"]],
    ["USA", ["capitalized", "upper"]],
    ["I", ["capitalized"]],
    ["3,5", ["digit", "number"]],
    ["x-ray", ["hyphen"]],
    ["n't", ["apostrophe"]],
    ["U.S.", ["capitalized", "upper", "period"]],
    ["...", ["period", "punctuation"]],
    ["http://a.b", ["period", "url"]],
    ["whitehouse.gov", ["period", "url"]],
    ["a@b.de", ["period", "email"]],
    ["👍", ["punctuation", "emoji"]],
    ["XD", ["capitalized", "upper", "emoji"]],
    [":-)", ["hyphen", "punctuation", "emoji"]],
    ["@Ryan", ["mention"]],
    ["word", []],
  ])("hasFlag() finds in %j %j", (word, flags) => {
    expect(wordFlags.filter((flag) => hasFlag(flag, word, false))).toEqual(flags);
  });
});

describe("vocabularyOf()", () => {
  test("takes frequent words first, and says the same for the same sentences", () => {
    const sentences = [
      ["b", "a", "B"],
      ["a", "c", "b"],
    ];
    expect(vocabularyOf(sentences, { form: "lower" })).toEqual(["b", "a"]);
    expect(vocabularyOf(sentences, { form: "lower", minimumCount: 1, most: 2 })).toEqual(["b", "a"]);
    expect(vocabularyOf(sentences, { form: "written", minimumCount: 1 })).toEqual(["a", "b", "B", "c"]);
  });
});
