// CoNLL-U, the format of Universal Dependencies (https://universaldependencies.org/format.html): ten columns for a word,
// ranges of ids for a token of several words, decimal ids for empty nodes, `#` for comments, a blank line between
// sentences. What a column holds is given as it stands; `_` is the format's word for nothing.

import { DataFormatError } from "./data-format-error.ts";
import { type Line, linesOf, type TextSource } from "./lines.ts";
import { checkTree } from "./conllu-tree.ts";

/** A sentence of a treebank. */
export interface ConlluSentence {
  /** Without the `#` and the space after it. */
  readonly comments: readonly string[];
  /** Syntactic words, ids 1, 2, ... in order. */
  readonly words: readonly ConlluWord[];
  /** Tokens of several words, ascending: `don't` is `do` and `n't`. */
  readonly ranges: readonly ConlluRange[];
  readonly emptyNodes: readonly ConlluEmptyNode[];
  /** Of its first line in the file, from 1. */
  readonly line: number;
}

/** The columns of a word, but for its id. */
export interface ConlluWord {
  readonly form: string;
  readonly lemma: string;
  readonly upos: string;
  readonly xpos: string;
  readonly feats: string;
  /** The id of the word that governs this one, 0 for the root; null where the column is `_`. */
  readonly head: number | null;
  readonly deprel: string;
  readonly deps: string;
  readonly misc: string;
}

/** A token as it is written, which stands for the words `from .. end) of the sentence, counted from 0. */
export interface ConlluRange {
  readonly from: number;
  readonly end: number;
  readonly form: string;
  readonly misc: string;
}

/** A word that is not in the text, after so many words of the sentence. */
export interface ConlluEmptyNode {
  readonly after: number;
  readonly form: string;
}

/** What a reader is strict about. */
export interface ConlluOptions {
  /**
   * "check" (default): where a sentence has heads, they must be one tree. "ignore": heads are only numbers within the
   * sentence; for data of which only the labels are read.
   */
  readonly trees?: "check" | "ignore";
}

const format = "CoNLL-U";
const columns = ["ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC"] as const;

/**
 * The sentences of a CoNLL-U file. Line ends may be `\n` or `\r\n`, the last blank line may be missing, and there may
 * be a byte order mark. Throws `DataFormatError` with the line for a row without ten columns, an empty column, ids out of
 * order, ranges that overlap or leave the sentence, a head outside the sentence, and heads that are not a tree.
 *
 * @example
 * readConllu("1\tHi\thi\tINTJ\tUH\t_\t0\troot\t_\t_\n\n")[0].words[0].upos; // "INTJ"
 */
export function readConllu(source: TextSource, options: ConlluOptions = {}): ConlluSentence[] {
  const sentences: ConlluSentence[] = [];
  let open: OpenSentence | undefined;
  for (const line of linesOf(source, format)) {
    if (line.text === "") {
      if (open) sentences.push(close(open, options));
      open = undefined;
      continue;
    }
    open ??= { comments: [], words: [], ranges: [], emptyNodes: [], line: line.number, heads: [], empty: 0 };
    addLine(open, line);
  }
  if (open) sentences.push(close(open, options));
  return sentences;
}

/**
 * What a comment says: of `# text = Hi` the value of `text` is "Hi", of a bare `# newpar` that of `newpar` is "";
 * undefined where there is no such comment. `newdoc` and `newpar` also match with an id, which is then the value.
 */
export function commentOf(sentence: ConlluSentence, name: string): string | undefined {
  for (const comment of sentence.comments) {
    if (!comment.startsWith(name)) continue;
    const rest = comment.slice(name.length);
    if (rest.trim() === "") return "";
    const value = /^(?: id)?\s*=\s?(.*)$/su.exec(rest);
    if (value) return value[1]!;
  }
  return undefined;
}

interface OpenSentence {
  readonly comments: string[];
  readonly words: ConlluWord[];
  readonly ranges: ConlluRange[];
  readonly emptyNodes: ConlluEmptyNode[];
  readonly line: number;
  /** The line of each word. */
  readonly heads: number[];
  /** Empty nodes since the last word. */
  empty: number;
}

function addLine(open: OpenSentence, line: Line): void {
  if (line.text.startsWith("#")) {
    open.comments.push(line.text.slice(line.text.startsWith("# ") ? 2 : 1));
    return;
  }
  const cells = line.text.split("\t");
  if (cells.length !== columns.length) {
    fail(line, `must have ${columns.length} columns separated by tabs, it has ${cells.length}`);
  }
  const missing = cells.indexOf("");
  if (missing >= 0) fail(line, `must have no empty column, ${columns[missing]} is empty`);
  const [id, form, lemma, upos, xpos, feats, head, deprel, deps, misc] = cells as Row;
  const kind = /^(\d{1,9})(?:([-.])(\d{1,9}))?$/u.exec(id);
  if (!kind) return fail(line, `must begin with an id as 3, 3-4 or 3.1, it begins with "${shortened(id)}"`);
  const [, first, separator, second] = kind;
  if (separator === "-") addRange(open, line, Number(first), Number(second), form, misc);
  else if (separator === ".") addEmptyNode(open, line, Number(first), Number(second), form);
  else {
    const expected = open.words.length + 1;
    if (Number(first) !== expected) fail(line, `must have the id ${expected}, it has ${first}`);
    if (head !== "_" && !/^\d{1,9}$/u.test(head))
      fail(line, `must have a number or _ as HEAD, it has "${shortened(head)}"`);
    open.words.push({ form, lemma, upos, xpos, feats, head: head === "_" ? null : Number(head), deprel, deps, misc });
    open.heads.push(line.number);
    open.empty = 0;
  }
}

type Row = [string, string, string, string, string, string, string, string, string, string];

function addRange(open: OpenSentence, line: Line, first: number, last: number, form: string, misc: string): void {
  const expected = open.words.length + 1;
  if (last < first) fail(line, `must have a range that does not end before it begins, it is ${first}-${last}`);
  if (first !== expected) fail(line, `must have a range from ${expected}, the next word, it is ${first}-${last}`);
  const before = open.ranges.at(-1);
  if (before && before.end >= first) {
    fail(line, `must have a range after the one before, which ends with ${before.end}; it is ${first}-${last}`);
  }
  open.ranges.push({ from: first - 1, end: last, form, misc });
}

function addEmptyNode(open: OpenSentence, line: Line, after: number, count: number, form: string): void {
  const expected = `${open.words.length}.${open.empty + 1}`;
  if (`${after}.${count}` !== expected) fail(line, `must have the id ${expected}, it has ${after}.${count}`);
  open.emptyNodes.push({ after, form });
  open.empty += 1;
}

function close(open: OpenSentence, options: ConlluOptions): ConlluSentence {
  const { comments, words, ranges, emptyNodes, line, heads } = open;
  if (words.length === 0) fail({ text: "", number: line }, "must begin a sentence with at least one word, it has none");
  const last = ranges.at(-1);
  if (last && last.end > words.length) {
    fail(
      { text: "", number: line },
      `must begin a sentence whose ranges end with its words, ${words.length}; one ends with ${last.end}`,
    );
  }
  checkTree(words, heads, options.trees ?? "check");
  return { comments, words, ranges, emptyNodes, line };
}

function fail(line: Line, rule: string): never {
  throw new DataFormatError(`Cannot read ${format}: line ${line.number} ${rule}`, line.number);
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
