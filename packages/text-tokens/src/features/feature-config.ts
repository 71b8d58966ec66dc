// Which features of words a model reads, as plain data: it stands in the model's configuration, and a recipe varies it.
// Each feature has its own range of the rows of one table, in the order of the list, and its own columns of the ids.

import { checkInteger, checkKind, checkOneOf } from "@saccade/attention-core";
import { type WordFlag, wordFlags } from "./word-flags.ts";
import { checkNegation, type Negation } from "./negation.ts";
import { type WordForm, wordForms } from "./word-form.ts";

/** One kind of feature. Rows are hashed, so `rows` is a choice: fewer rows, more words that share one. */
export type WordFeature =
  /**
   * The word itself, one column. A word of `vocabulary` (in the feature's form) has a row of its own; others share
   * `hashRows` rows by their hash, or the one row for unknown words if there are none.
   */
  | {
      readonly kind: "word";
      readonly form: WordForm;
      readonly vocabulary: readonly string[];
      readonly hashRows: number;
    }
  /** The first `length` UTF-16 units, one column; nothing for a shorter word. */
  | { readonly kind: "prefix"; readonly form: WordForm; readonly length: number; readonly rows: number }
  /** The last `length` units, one column; nothing for a shorter word. */
  | { readonly kind: "suffix"; readonly form: WordForm; readonly length: number; readonly rows: number }
  /** The shape of the word, runs cut to `longestRun`, one column. */
  | { readonly kind: "shape"; readonly longestRun: number; readonly rows: number }
  /**
   * Runs of `length` units of the word between a mark of its begin and one of its end, in `columns` columns. Where a word
   * has more, those nearest to its ends are taken; where it has fewer, the other columns hold nothing.
   */
  | {
      readonly kind: "character-ngrams";
      readonly form: WordForm;
      readonly length: number;
      readonly columns: number;
      readonly rows: number;
    }
  /** A column, and a row, for each flag; nothing where the word does not have it. */
  | { readonly kind: "flags"; readonly flags: readonly WordFlag[] }
  /** The word and the `length` - 1 words before it, one column; nothing where the text has not begun by then. */
  | { readonly kind: "word-ngram"; readonly form: WordForm; readonly length: number; readonly rows: number }
  | ContextFeature;

/** What a list of words with scores says of a word, or what a word says under a negation. */
export type ContextFeature =
  /**
   * The score of a word in a lexicon, one column: a row for each score that occurs, ascending, then as many for words in the
   * scope of a negation; nothing for a word that is not in the lexicon. With `signs` a second column says whether the score
   * is below or above 0, with rows for these, then for both under negation: what strong and weak words have in common.
   */
  | {
      readonly kind: "lexicon";
      readonly form: WordForm;
      readonly words: readonly string[];
      /** One per word, integers. */
      readonly scores: readonly number[];
      /** Default false. */
      readonly signs?: boolean;
      readonly negation: Negation;
    }
  /** The word where a negation reaches it, one column; nothing elsewhere. */
  | { readonly kind: "negated-word"; readonly form: WordForm; readonly negation: Negation; readonly rows: number };

/** The features of a model. */
export type WordFeatureConfig = readonly WordFeature[];

/** Where a feature is: rows `firstRow .. firstRow + rows)` of the table, columns `firstColumn ..` of the ids. */
export interface FeatureRange {
  readonly feature: WordFeature;
  readonly firstRow: number;
  readonly rows: number;
  readonly firstColumn: number;
  readonly columns: number;
}

/** How large the table and the ids of a configuration are. */
export interface FeatureLayout {
  /** V, rows of the table. */
  readonly rows: number;
  /** T, ids of a position. */
  readonly columns: number;
  /** One per feature. */
  readonly ranges: readonly FeatureRange[];
}

const subject = "word features";
const kinds = [
  "word",
  "prefix",
  "suffix",
  "shape",
  "character-ngrams",
  "flags",
  "word-ngram",
  "lexicon",
  "negated-word",
] as const;
/** Below 0 and above, each plain and under negation. */
const signRows = 4;
const most = { rows: 16_777_216, columns: 1024, length: 64 } as const;

/**
 * Where each feature of a configuration lies. The rows of a word feature's range are first the one for unknown words,
 * then the vocabulary in its order, then the hashed ones.
 *
 * Throws as `checkWordFeatureConfig`.
 *
 * @example
 * featureLayout([{ kind: "word", form: "lower", vocabulary: ["the", "a"], hashRows: 100 }]).rows; // 103
 */
export function featureLayout(config: WordFeatureConfig): FeatureLayout {
  checkWordFeatureConfig(config);
  let rows = 0;
  let columns = 0;
  const ranges = config.map((feature): FeatureRange => {
    const range = { feature, firstRow: rows, rows: rowsOf(feature), firstColumn: columns, columns: columnsOf(feature) };
    rows += range.rows;
    columns += range.columns;
    return range;
  });
  return { rows, columns, ranges };
}

/** Throws `TypeError` or `RangeError`, naming the field, unless `config` describes features; it may come from a file. */
export function checkWordFeatureConfig(config: WordFeatureConfig): void {
  if (!Array.isArray(config)) throw new TypeError(`Cannot use ${subject}: they must be a list, they are none`);
  config.forEach((feature: WordFeature, i) => checkWordFeature(feature, `[${i}]`));
  const sum = (count: (feature: WordFeature) => number): number => config.reduce((all, each) => all + count(each), 0);
  checkInteger(subject, "rows of all features", sum(rowsOf), 1, most.rows);
  checkInteger(subject, "columns of all features", sum(columnsOf), 1, most.columns);
}

function checkWordFeature(feature: WordFeature, at: string): void {
  checkKind(subject, at, feature, "object");
  checkOneOf(subject, `${at}.kind`, feature.kind, kinds);
  const check = (field: string, value: unknown, from: number, to: number): void =>
    checkInteger(subject, `${at}.${field}`, value, from, to);
  if (feature.kind !== "shape" && feature.kind !== "flags") {
    checkOneOf(subject, `${at}.form`, feature.form, wordForms);
  }
  if ("rows" in feature || (feature.kind !== "word" && feature.kind !== "flags" && feature.kind !== "lexicon")) {
    check("rows", (feature as { readonly rows?: unknown }).rows, 1, most.rows);
  }
  if (["prefix", "suffix", "character-ngrams", "word-ngram"].includes(feature.kind)) {
    check("length", (feature as { readonly length?: unknown }).length, 1, most.length);
  }
  switch (feature.kind) {
    case "word":
      check("hashRows", feature.hashRows, 0, most.rows);
      checkVocabulary(feature.vocabulary, `${at}.vocabulary`);
      return;
    case "shape":
      check("longestRun", feature.longestRun, 1, most.length);
      return;
    case "character-ngrams":
      check("columns", feature.columns, 1, most.columns);
      return;
    case "flags":
      checkFlags(feature.flags, `${at}.flags`);
      return;
    case "lexicon":
      checkLexicon(feature, at);
      checkNegation(subject, `${at}.negation`, feature.negation);
      return;
    case "negated-word":
      checkNegation(subject, `${at}.negation`, feature.negation);
      return;
    case "prefix":
    case "suffix":
    case "word-ngram":
  }
}

function checkLexicon({ words, scores, signs }: Extract<WordFeature, { readonly kind: "lexicon" }>, at: string): void {
  checkVocabulary(words, `${at}.words`);
  if (signs !== undefined) checkKind(subject, `${at}.signs`, signs, "boolean");
  if (
    !Array.isArray(scores) ||
    scores.length !== words.length ||
    !scores.every((score) => Number.isSafeInteger(score))
  ) {
    throw new TypeError(`Cannot use ${subject}: ${at}.scores must be an integer for each of its words, they are not`);
  }
}

/** The scores that occur in a lexicon, ascending: the order of its rows. */
export function lexiconLevels(scores: readonly number[]): number[] {
  return [...new Set(scores)].toSorted((a, b) => a - b);
}

function checkVocabulary(vocabulary: unknown, field: string): void {
  if (!Array.isArray(vocabulary) || !vocabulary.every((word) => typeof word === "string")) {
    throw new TypeError(`Cannot use ${subject}: ${field} must be a list of strings, it is none`);
  }
  if (new Set(vocabulary).size !== vocabulary.length) {
    throw new RangeError(`Cannot use ${subject}: ${field} must hold each word once, it repeats one`);
  }
}

function checkFlags(flags: unknown, field: string): void {
  if (!Array.isArray(flags) || flags.length === 0) {
    throw new TypeError(`Cannot use ${subject}: ${field} must be a list of at least one flag, it is none`);
  }
  for (const flag of flags) checkOneOf(subject, field, flag, wordFlags);
}

function rowsOf(feature: WordFeature): number {
  if (feature.kind === "word") return 1 + feature.vocabulary.length + feature.hashRows;
  if (feature.kind === "lexicon") return 2 * lexiconLevels(feature.scores).length + (feature.signs ? signRows : 0);
  return feature.kind === "flags" ? feature.flags.length : feature.rows;
}

function columnsOf(feature: WordFeature): number {
  if (feature.kind === "character-ngrams") return feature.columns;
  if (feature.kind === "lexicon") return feature.signs ? 2 : 1;
  return feature.kind === "flags" ? feature.flags.length : 1;
}
