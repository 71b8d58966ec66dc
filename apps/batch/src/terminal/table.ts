// Columns of text.

import { padEnd, padStart, widthOf } from "./text.ts";

/** A column. */
export interface Column {
  readonly title: string;
  /** Numbers stand at the right. Default left. */
  readonly align?: "left" | "right";
}

/** A head and `rows` under it, columns two spaces apart, without spaces at the end of a line. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, c) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[c] ?? ""))));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, c) => (align === "right" ? padStart : padEnd)(cells[c] ?? "", widths[c]!))
      .join("  ")
      .trimEnd();
  return [columns.map(({ title }) => title), ...rows].map(line);
}

/** Blocks of lines beside one another, `gap` spaces apart. */
export function sideBySide(blocks: readonly (readonly string[])[], gap = 3): string[] {
  const widths = blocks.map((lines) => Math.max(0, ...lines.map(widthOf)));
  const height = Math.max(0, ...blocks.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    blocks
      .map((lines, b) => padEnd(lines[row] ?? "", widths[b]!))
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}

/** Lines moved to the right. */
export function indent(lines: readonly string[], by = 2): string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(by) + line));
}
