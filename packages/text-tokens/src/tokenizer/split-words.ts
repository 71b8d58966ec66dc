// Text to words: runs without blanks, cut by the rules; then contractions.

import { type Abbreviation, longestAbbreviation } from "./abbreviations.ts";
import { contractionSplitter } from "./contractions.ts";
import { tokenPattern } from "./rules.ts";

/** Ends of the words of a run of characters without blanks: ascending, the last one is the length of the run. */
export type RunSplitter = (run: string) => readonly number[];

/** Longer runs are cut in pieces of this length, so that no rule sees more; no word is as long. */
const longestRun = 2048;

/** Runs that are kept, since most of a text are runs that were there before; all are forgotten when there are more. */
const mostKept = 32_768;
const longestKept = 40;

const period = 0x2e;

/** A splitter that remembers. */
export function runSplitter(abbreviations: ReadonlyMap<string, Abbreviation>): RunSplitter {
  const pattern = tokenPattern();
  const splitContraction = contractionSplitter();
  const kept = new Map<string, readonly number[]>();

  const split = (run: string): readonly number[] => {
    const ends: number[] = [];
    for (let at = 0; at < run.length;) {
      pattern.lastIndex = at;
      const isWord = pattern.exec(run)?.groups?.["word"] !== undefined;
      let end = pattern.lastIndex;
      if (isWord) {
        if (takesPeriod(run, at, end, abbreviations)) end += 1;
        else for (const place of splitContraction(run.slice(at, end))) ends.push(at + place);
      }
      ends.push(end);
      at = end;
    }
    return ends;
  };

  return (run) => {
    if (run.length > longestKept) return split(run);
    let ends = kept.get(run);
    if (ends === undefined) {
      ends = split(run);
      if (kept.size === mostKept) kept.clear();
      kept.set(run, ends);
    }
    return ends;
  };
}

/** The next run without blanks from `from` on, `start .. end)`, of at most `longestRun` units; none if start = end. */
export function nextRun(text: string, from: number): { readonly start: number; readonly end: number } {
  let start = from;
  while (start < text.length && isBlank(text.charCodeAt(start))) start += 1;
  let end = start;
  const limit = Math.min(text.length, start + longestRun);
  while (end < limit && !isBlank(text.charCodeAt(end))) end += 1;
  const cutsPair =
    end === limit && end < text.length && isHigh(text.charCodeAt(end - 1)) && isLow(text.charCodeAt(end));
  return { start, end: cutsPair ? end - 1 : end };
}

/** Whether the word is an abbreviation and its period follows: that one, or that and one of the sentence, but no ellipsis. */
function takesPeriod(
  run: string,
  start: number,
  end: number,
  abbreviations: ReadonlyMap<string, Abbreviation>,
): boolean {
  if (run.charCodeAt(end) !== period || end - start > longestAbbreviation) return false;
  if (run.charCodeAt(end + 1) === period && run.charCodeAt(end + 2) === period) return false;
  return abbreviations.has(run.slice(start, end).toLowerCase());
}

/** Whether a UTF-16 unit is white space, or a space without width. */
function isBlank(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
  return unit === 0x85 || unit === 0x200b || unit === 0x2060 || /\s/u.test(String.fromCharCode(unit));
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
