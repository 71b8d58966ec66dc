// Records of a stream: plain lines, each a text, or JSON lines. What is no record says why, and the others come all the same.

import { readLines } from "./read-lines.ts";

/** How the lines of an input are to be read. */
export type RecordFormat = "lines" | "jsonl";

/** A line and what it says. */
export interface InputRecord {
  /** From 1. */
  readonly line: number;
  /** The value of the line; undefined where there is a problem. */
  readonly value: unknown;
  /** The value's own id; undefined if it has none. */
  readonly id: unknown;
  /** Why the line is no record. */
  readonly problem: string | undefined;
}

/** The longest line that is read, in bytes. */
export const longestLine = 16_000_000;

/**
 * The records of `source`. Blank lines of JSON lines are skipped; a blank plain line is an empty text. Rejects with the
 * error of the source.
 */
export async function* readRecords(
  source: AsyncIterable<Uint8Array | string>,
  format: RecordFormat,
): AsyncGenerator<InputRecord, void, void> {
  for await (const { line, text, problem } of readLines(source, longestLine)) {
    if (problem !== undefined) yield { line, value: undefined, id: undefined, problem };
    else if (format === "lines") yield { line, value: text, id: undefined, problem: undefined };
    else if (text.trim() !== "") yield parse(text, line);
  }
}

function parse(text: string, line: number): InputRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { line, value: undefined, id: undefined, problem: `it must be JSON: ${(error as Error).message}` };
  }
  const id = typeof value === "object" && value !== null && Object.hasOwn(value, "id") ? idOf(value) : undefined;
  // JSON.parse has rounded it: another id would come back, and perhaps that of another record.
  if (typeof id === "number" && !isExact(id)) {
    const problem = `its id must be a text or a number below 2^53, it is about ${id}`;
    return { line, value: undefined, id: undefined, problem };
  }
  return { line, value, id, problem: undefined };
}

function idOf(value: object): unknown {
  return (value as { readonly id: unknown }).id;
}

function isExact(id: number): boolean {
  return Number.isSafeInteger(id) || (Number.isFinite(id) && !Number.isInteger(id));
}
