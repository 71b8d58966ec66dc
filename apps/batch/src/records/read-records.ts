// Records of a stream: plain lines, each a text, or JSON lines. A line is read when it is asked for, so that memory does
// not grow with the file.

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** How the lines of an input are to be read. */
export type RecordFormat = "lines" | "jsonl";

/** A line and what it says. */
export interface InputRecord {
  /** From 1. */
  readonly line: number;
  /** The value of the line; undefined where it is not JSON. */
  readonly value: unknown;
  /** Why the line is no record. */
  readonly problem: string | undefined;
}

/** The longest line that is read, in UTF-16 units. */
export const longestLine = 50_000_000;

/** The records of `source`. Blank lines of JSON lines are skipped; a blank plain line is an empty text. */
export async function* readRecords(source: Readable, format: RecordFormat): AsyncGenerator<InputRecord> {
  const lines = createInterface({ input: source, crlfDelay: Infinity });
  let line = 0;
  try {
    for await (const text of lines) {
      line += 1;
      const content = line === 1 && text.startsWith("\uFEFF") ? text.slice(1) : text;
      if (content.length > longestLine) {
        yield {
          line,
          value: undefined,
          problem: `it must have at most ${longestLine} characters, it has ${content.length}`,
        };
      } else if (format === "lines") yield { line, value: content, problem: undefined };
      else if (content.trim() !== "") yield parse(content, line);
    }
  } finally {
    lines.close();
    source.destroy();
  }
}

function parse(content: string, line: number): InputRecord {
  try {
    return { line, value: JSON.parse(content) as unknown, problem: undefined };
  } catch (error) {
    return { line, value: undefined, problem: `it must be JSON: ${(error as Error).message}` };
  }
}
