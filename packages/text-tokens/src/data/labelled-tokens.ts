// Tokens with a label each, one per line, in columns: the format of CoNLL-2003, WNUT-17 and others.

import { DataFormatError } from "./data-format-error.ts";
import { linesOf, type TextSource } from "./lines.ts";

/** A sentence whose tokens are labelled. */
export interface LabelledTokens {
  readonly tokens: readonly string[];
  /** As many as tokens. */
  readonly labels: readonly string[];
  /** Of its first token in the file, from 1. */
  readonly line: number;
}

/** Where a token and its label stand in a line. */
export interface LabelledTokensOptions {
  /** Column of the token, from 0; default 0. */
  readonly token?: number;
  /** Column of the label, from 0; default 1. */
  readonly label?: number;
  /** "tab" (default), or any run of blanks. */
  readonly separator?: "tab" | "blanks";
  /** Lines that begin so are skipped; by default none are, since a token may begin with anything. */
  readonly comment?: string;
}

const format = "labelled tokens";

/**
 * The sentences of a file with a token and its label per line and a blank line between sentences. Throws
 * `DataFormatError` with the line where a column is missing or empty.
 *
 * @example
 * readLabelledTokens("Saccade\tB-product\nruns\tO\n")[0].labels; // ["B-product", "O"]
 */
export function readLabelledTokens(source: TextSource, options: LabelledTokensOptions = {}): LabelledTokens[] {
  const { token = 0, label = 1, separator = "tab", comment } = options;
  const sentences: LabelledTokens[] = [];
  let tokens: string[] = [];
  let labels: string[] = [];
  let first = 0;
  const close = (): void => {
    if (tokens.length > 0) sentences.push({ tokens, labels, line: first });
    tokens = [];
    labels = [];
  };
  for (const line of linesOf(source, format)) {
    if (comment !== undefined && line.text.startsWith(comment)) continue;
    if (line.text.trim() === "") {
      close();
      continue;
    }
    const cells = separator === "tab" ? line.text.split("\t") : line.text.trim().split(/[ \t]+/u);
    for (const [column, name] of [
      [token, "a token"],
      [label, "a label"],
    ] as const) {
      if (!cells[column]) {
        throw new DataFormatError(
          `Cannot read ${format}: line ${line.number} must have ${name} in column ${column + 1}, it has ${cells.length} columns${column < cells.length ? " and that one is empty" : ""}`,
          line.number,
        );
      }
    }
    if (tokens.length === 0) first = line.number;
    tokens.push(cells[token]!);
    labels.push(cells[label]!);
  }
  close();
  return sentences;
}
