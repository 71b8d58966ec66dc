// Ids of the rows of one table, by which an embedding sees a word: [P, T], T ids that are added up for each position,
// -1 where a feature has nothing to say.

import { extendHash, hashUnits, emptyHash, rowOfHash } from "./hash.ts";
import {
  featureLayout,
  type FeatureLayout,
  type FeatureRange,
  lexiconLevels,
  type WordFeatureConfig,
} from "./feature-config.ts";
import { hasFlag, isPositional } from "./word-flags.ts";
import { negatedWords } from "./negation.ts";
import { type WordForm, wordInForm, wordShape } from "./word-form.ts";

/** Reads words with one configuration; keeps what it worked out for words that come again. */
export interface WordFeaturizer {
  readonly layout: FeatureLayout;
  /** Ids [P, T] of the words of one text. */
  featuresOf(words: readonly string[]): Int32Array;
}

/** Words whose ids are kept; beyond it all are forgotten, so that memory is bounded and new text finds room. */
const mostCached = 32_768;

/**
 * Ids [P, T] of the words of one text. For many texts make a `wordFeaturizer` once. Throws as `checkWordFeatureConfig`.
 *
 * @example
 * wordFeatures(["I", "saw"], [{ kind: "suffix", form: "lower", length: 2, rows: 10 }]); // Int32Array [-1, r]
 */
export function wordFeatures(words: readonly string[], config: WordFeatureConfig): Int32Array {
  return wordFeaturizer(config).featuresOf(words);
}

/** A reader of words for a configuration. Throws as `checkWordFeatureConfig`. */
export function wordFeaturizer(config: WordFeatureConfig): WordFeaturizer {
  const layout = featureLayout(config);
  return featurizerOf(layout, layout.rows, (row) => row);
}

/** One for a table of `rows` rows, in which each row of the layout has the place that `placeOf` says, or none, -1. */
export function featurizerOf(layout: FeatureLayout, rows: number, placeOf: (row: number) => number): WordFeaturizer {
  const { columns } = layout;
  const own = layout.ranges.map(writerOf).filter((write) => write !== undefined);
  const placed = layout.ranges.map((range) => placedWriterOf(range, placeOf)).filter((write) => write !== undefined);
  const known = new Map<string, number>();
  let cache = new Int32Array(256 * columns);

  /** The place of a word's ids in the cache, where they are put if they are not there. */
  const cached = (word: string): number => {
    const at = known.get(word);
    if (at !== undefined) return at;
    if (known.size === mostCached) known.clear();
    const from = known.size * columns;
    const end = from + columns;
    if (end > cache.length) {
      const larger = new Int32Array(cache.length * 2);
      larger.set(cache);
      cache = larger;
    }
    cache.fill(-1, from, end);
    const lower = wordInForm(word, "lower");
    const views = { written: word, lower, folded: wordInForm(lower, "folded") };
    for (const write of own) write(views, cache, from);
    for (let i = from; i < end; i += 1) if (cache[i]! >= 0) cache[i] = placeOf(cache[i]!);
    known.set(word, from);
    return from;
  };

  return {
    layout: { ...layout, rows },
    featuresOf(words) {
      const ids = new Int32Array(words.length * columns);
      for (let i = 0; i < words.length; i += 1) {
        const from = cached(words[i]!);
        const to = i * columns;
        for (let c = 0; c < columns; c += 1) ids[to + c] = cache[from + c]!;
      }
      for (const write of placed) write(words, ids, columns);
      return ids;
    },
  };
}

type Views = Readonly<Record<WordForm, string>>;

/** Writes what a feature says of a word, wherever it stands; `at` is the first id of the word. */
type Writer = (word: Views, ids: Int32Array, at: number) => void;

/** Writes what a feature says of words by their place. */
type PlacedWriter = (words: readonly string[], ids: Int32Array, columns: number) => void;

function writerOf({ feature, firstRow, firstColumn }: FeatureRange): Writer | undefined {
  switch (feature.kind) {
    case "word": {
      const { form, vocabulary, hashRows } = feature;
      const known = new Map(vocabulary.map((word, i) => [word, firstRow + 1 + i]));
      const firstHashed = firstRow + 1 + vocabulary.length;
      return (views, ids, at) => {
        const word = views[form];
        const unknown = hashRows === 0 ? firstRow : firstHashed + rowOfHash(hashUnits(word), hashRows);
        ids[at + firstColumn] = known.get(word) ?? unknown;
      };
    }
    case "prefix":
      return (views, ids, at) => {
        const word = views[feature.form];
        if (word.length < feature.length) return;
        ids[at + firstColumn] = firstRow + rowOfHash(hashUnits(word, 0, feature.length), feature.rows);
      };
    case "suffix":
      return (views, ids, at) => {
        const word = views[feature.form];
        const from = word.length - feature.length;
        if (from < 0) return;
        ids[at + firstColumn] = firstRow + rowOfHash(hashUnits(word, from), feature.rows);
      };
    case "shape":
      return ({ written }, ids, at) => {
        ids[at + firstColumn] = firstRow + rowOfHash(hashUnits(wordShape(written, feature.longestRun)), feature.rows);
      };
    case "character-ngrams":
      return (views, ids, at) => {
        const word = `\u0002${views[feature.form]}\u0003`;
        const { length, rows } = feature;
        const count = Math.min(feature.columns, word.length - length + 1);
        for (let i = 0; i < count; i += 1) {
          // By turns from the left and from the right: 0, last, 1, last - 1.
          const from = i % 2 === 0 ? i / 2 : word.length - length - (i - 1) / 2;
          ids[at + firstColumn + i] = firstRow + rowOfHash(hashUnits(word, from, from + length), rows);
        }
      };
    case "flags":
      return ({ written }, ids, at) => {
        feature.flags.forEach((flag, i) => {
          if (!isPositional(flag) && hasFlag(flag, written, false)) ids[at + firstColumn + i] = firstRow + i;
        });
      };
    case "word-ngram":
    case "lexicon":
    case "negated-word":
      return undefined;
  }
}

function placedWriterOf(
  { feature, firstRow, firstColumn }: FeatureRange,
  placeOf: (row: number) => number,
): PlacedWriter | undefined {
  if (feature.kind === "flags") {
    const flags = feature.flags.flatMap((flag, i) => (isPositional(flag) ? [{ flag, i }] : []));
    if (flags.length === 0) return undefined;
    return (words, ids) => {
      const [word] = words;
      if (word === undefined) return;
      for (const { flag, i } of flags) if (hasFlag(flag, word, true)) ids[firstColumn + i] = placeOf(firstRow + i);
    };
  }
  if (feature.kind === "lexicon") return lexiconWriter(feature, firstRow, firstColumn, placeOf);
  if (feature.kind === "negated-word") {
    const { form, negation, rows } = feature;
    return (words, ids, columns) => {
      negatedWords(words, negation).forEach((negated, i) => {
        if (negated === 0) return;
        ids[i * columns + firstColumn] = placeOf(firstRow + rowOfHash(hashUnits(wordInForm(words[i]!, form)), rows));
      });
    };
  }
  if (feature.kind !== "word-ngram") return undefined;
  const { form, length, rows } = feature;
  return (words, ids, columns) => {
    const hashes = Int32Array.from(words, (word) => hashUnits(wordInForm(word, form)));
    for (let i = length - 1; i < words.length; i += 1) {
      let hash = emptyHash;
      for (let before = length - 1; before >= 0; before -= 1) hash = extendHash(hash, hashes[i - before]!);
      ids[i * columns + firstColumn] = placeOf(firstRow + rowOfHash(hash, rows));
    }
  };
}

function lexiconWriter(
  {
    form,
    words: listed,
    scores,
    negation,
    signs = false,
  }: Extract<FeatureRange["feature"], { readonly kind: "lexicon" }>,
  firstRow: number,
  firstColumn: number,
  placeOf: (row: number) => number,
): PlacedWriter {
  const levels = lexiconLevels(scores);
  const firstSign = firstRow + 2 * levels.length;
  const levelOf = new Map(levels.map((score, level) => [score, level]));
  const known = new Map(listed.map((word, i) => [word, levelOf.get(scores[i]!)!]));
  return (words, ids, columns) => {
    const negated = negatedWords(words, negation);
    for (let i = 0; i < words.length; i += 1) {
      const level = known.get(wordInForm(words[i]!, form));
      if (level === undefined) continue;
      const at = i * columns + firstColumn;
      ids[at] = placeOf(firstRow + level + negated[i]! * levels.length);
      const score = levels[level]!;
      if (signs && score !== 0) ids[at + 1] = placeOf(firstSign + (score > 0 ? 1 : 0) + 2 * negated[i]!);
    }
  };
}
