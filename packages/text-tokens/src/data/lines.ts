// Lines of a file, however it ends them.

import { DataFormatError } from "./data-format-error.ts";

/** Text, or the bytes of a file in UTF-8. */
export type TextSource = string | Uint8Array;

/** What a reader is reading, the line that it is at, and that line's number from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

/**
 * The lines of a source, without `\n` or `\r\n` and without a byte order mark; no line after a final line end. `format`
 * goes into errors. Throws `DataFormatError` with the line for bytes that are not UTF-8.
 */
export function* linesOf(source: TextSource, format: string): Generator<Line, void, undefined> {
  const text = typeof source === "string" ? source : decodeUtf8(source, format);
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let number = 1; start < text.length; number += 1) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    const last = end > start && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
    yield { text: text.slice(start, last), number };
    start = end + 1;
  }
}

function decodeUtf8(bytes: Uint8Array, format: string): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new DataFormatError(
      `Cannot read ${format}: the file must be UTF-8, line ${firstInvalidLine(bytes, decoder)} is not`,
      firstInvalidLine(bytes, decoder),
      { cause },
    );
  }
}

/** A line feed is never part of a longer UTF-8 sequence, so that each line can be decoded alone. */
function firstInvalidLine(bytes: Uint8Array, decoder: TextDecoder): number {
  let start = 0;
  for (let number = 1; ; number += 1) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return number;
    }
    if (found < 0) return number;
    start = end + 1;
  }
}
