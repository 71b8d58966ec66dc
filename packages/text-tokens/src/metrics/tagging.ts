// Scores of a tagger that does its own splitting, as the CoNLL 2018 shared task takes them (Zeman et al. 2018, "CoNLL 2018
// Shared Task: Multilingual Parsing from Raw Text to Universal Dependencies", section 5): words are matched by the
// characters that they cover, white space aside.

import type { Span } from "../span.ts";
import { type Score, scoreOf } from "./score.ts";

/** A word and its label, where it stands. */
export interface LabelledWord extends Span {
  readonly form: string;
  readonly label: string;
}

/** A text as somebody split and labelled it. */
export interface LabelledWords {
  readonly text: string;
  /** In the order of the text. */
  readonly words: readonly LabelledWord[];
  readonly sentences: readonly Span[];
}

/** How well splitting and labelling agree. */
export interface TaggingScores {
  /** Words of the same characters; of words that share their characters (`zum` = `zu dem`) those in common, in order. */
  readonly words: Score;
  readonly sentences: Score;
  /** Of the matched words those with the same label, among all words. */
  readonly labels: Score;
  /** The same, among the matched words. */
  readonly labelsOfMatched: number;
}

/**
 * Compares a system's words, sentences and labels with the gold ones. Throws `RangeError` if the texts differ in more than
 * white space, naming the place in the gold text.
 */
export function taggingScores(gold: LabelledWords, system: LabelledWords): TaggingScores {
  const places = [visiblePlaces(gold.text), visiblePlaces(system.text)] as const;
  checkSameText(gold.text, system.text);
  const goldWords = gold.words.map((word) => placed(word, places[0]));
  const systemWords = system.words.map((word) => placed(word, places[1]));
  const pairs = matchWords(goldWords, systemWords);
  const sameLabel = pairs.filter(([g, s]) => gold.words[g]!.label === system.words[s]!.label).length;
  const keyOf = ({ start, end }: Span): string => `${start} ${end}`;
  const goldSentences = new Set(gold.sentences.map((span) => keyOf(placed(span, places[0]))));
  const sameSentences = system.sentences.filter((span) => goldSentences.has(keyOf(placed(span, places[1])))).length;
  return {
    words: scoreOf(gold.words.length, system.words.length, pairs.length),
    sentences: scoreOf(gold.sentences.length, system.sentences.length, sameSentences),
    labels: scoreOf(gold.words.length, system.words.length, sameLabel),
    labelsOfMatched: pairs.length === 0 ? 0 : sameLabel / pairs.length,
  };
}

const blank = /\s/u;

/** For each place of a text the number of characters before it that can be seen: [length + 1]. */
function visiblePlaces(text: string): Int32Array {
  const places = new Int32Array(text.length + 1);
  for (let i = 0; i < text.length; i += 1) places[i + 1] = places[i]! + (blank.test(text.charAt(i)) ? 0 : 1);
  return places;
}

function placed<T extends Span>(span: T, places: Int32Array): T {
  return { ...span, start: places[span.start]!, end: places[span.end]! };
}

function checkSameText(gold: string, system: string): void {
  let g = 0;
  let s = 0;
  for (;;) {
    while (g < gold.length && blank.test(gold.charAt(g))) g += 1;
    while (s < system.length && blank.test(system.charAt(s))) s += 1;
    if (g === gold.length && s === system.length) return;
    if (gold.charAt(g) !== system.charAt(s)) {
      throw new RangeError(
        `Cannot compare words: both must have the same text but for white space, they differ at ${g} of the gold one: ${JSON.stringify(gold.slice(g, g + 20))} and ${JSON.stringify(system.slice(s, s + 20))}`,
      );
    }
    g += 1;
    s += 1;
  }
}

type Word = Span & { readonly form: string };

/** Pairs [gold, system] of the same characters, both ascending. */
function matchWords(gold: readonly Word[], system: readonly Word[]): [number, number][] {
  const pairs: [number, number][] = [];
  let g = 0;
  let s = 0;
  while (g < gold.length && s < system.length) {
    const a = gold[g]!;
    const b = system[s]!;
    if (a.end !== b.end || a.start !== b.start) {
      if (a.end < b.end || (a.end === b.end && a.start > b.start)) g += 1;
      else s += 1;
      continue;
    }
    const goldEnd = endOfShared(gold, g);
    const systemEnd = endOfShared(system, s);
    if (goldEnd === g + 1 && systemEnd === s + 1) pairs.push([g, s]);
    else pairs.push(...longestCommon(gold, g, goldEnd, system, s, systemEnd));
    g = goldEnd;
    s = systemEnd;
  }
  return pairs;
}

function endOfShared(words: readonly Word[], from: number): number {
  let end = from + 1;
  while (words[end]?.start === words[from]!.start && words[end]?.end === words[from]!.end) end += 1;
  return end;
}

/** Pairs of a longest common subsequence of forms, in lower case. */
function longestCommon(
  gold: readonly Word[],
  goldFrom: number,
  goldEnd: number,
  system: readonly Word[],
  systemFrom: number,
  systemEnd: number,
): [number, number][] {
  const rows = goldEnd - goldFrom;
  const columns = systemEnd - systemFrom;
  const same = (r: number, c: number): boolean =>
    gold[goldFrom + r]!.form.toLowerCase() === system[systemFrom + c]!.form.toLowerCase();
  const lengths = Array.from({ length: rows + 1 }, () => new Int32Array(columns + 1));
  for (let r = rows - 1; r >= 0; r -= 1) {
    for (let c = columns - 1; c >= 0; c -= 1) {
      lengths[r]![c] = same(r, c) ? lengths[r + 1]![c + 1]! + 1 : Math.max(lengths[r + 1]![c]!, lengths[r]![c + 1]!);
    }
  }
  const pairs: [number, number][] = [];
  for (let r = 0, c = 0; r < rows && c < columns;) {
    if (same(r, c)) pairs.push([goldFrom + r++, systemFrom + c++]);
    else if (lengths[r + 1]![c]! >= lengths[r]![c + 1]!) r += 1;
    else c += 1;
  }
  return pairs;
}
