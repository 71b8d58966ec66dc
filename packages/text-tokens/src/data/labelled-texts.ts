// Texts with one label each, a line per text, columns separated by tabs. There is no quoting: a quote is a character of
// the text, which is why a library for CSV would be wrong here.

import { DataFormatError } from "./data-format-error.ts";
import { linesOf, type TextSource } from "./lines.ts";

/** A text and its label. */
export interface LabelledText {
  readonly text: string;
  readonly label: string;
  /** From 1. */
  readonly line: number;
}

/** Where text and label stand: by name, of columns that the first line names, or by number from 0, without such a line. */
export type LabelledTextsOptions =
  | { readonly text: string; readonly label: string }
  | { readonly text: number; readonly label: number };

const format = "labelled texts";

/**
 * The texts of a file of tab-separated columns. Blank lines are skipped. Throws `DataFormatError` with the line where a
 * named column is not in the header, where a line has another number of columns than the first one, and for an empty label.
 *
 * @example
 * readLabelledTexts("sentence\tlabel\nGood.\t1\n", { text: "sentence", label: "label" })[0].label; // "1"
 */
export function readLabelledTexts(source: TextSource, options: LabelledTextsOptions): LabelledText[] {
  const texts: LabelledText[] = [];
  let columns: { readonly text: number; readonly label: number; readonly count: number } | undefined;
  for (const { text: line, number } of linesOf(source, format)) {
    if (line === "") continue;
    const cells = line.split("\t");
    if (columns === undefined) {
      const find = (column: string | number): number => {
        const at = typeof column === "number" ? column : cells.indexOf(column);
        if (at >= 0 && at < cells.length) return at;
        throw new DataFormatError(
          `Cannot read ${format}: line ${number} must have a column ${typeof column === "number" ? column + 1 : `"${column}"`}, it has ${cells.length} columns`,
          number,
        );
      };
      columns = { text: find(options.text), label: find(options.label), count: cells.length };
      if (typeof options.text === "string") continue;
    }
    if (cells.length !== columns.count) {
      throw new DataFormatError(
        `Cannot read ${format}: line ${number} must have ${columns.count} columns as the first one, it has ${cells.length}`,
        number,
      );
    }
    const label = cells[columns.label]!;
    if (label === "") {
      throw new DataFormatError(
        `Cannot read ${format}: line ${number} must have a label in column ${columns.label + 1}, it is empty`,
        number,
      );
    }
    texts.push({ text: cells[columns.text]!, label, line: number });
  }
  return texts;
}
