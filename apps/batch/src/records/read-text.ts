// A whole file as text.

import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { UsageError } from "../commands/errors.ts";

/** The text of the file that `option` names. Throws `UsageError` if there is none, or it is not UTF-8: then with the line. */
export function readText(option: string, path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${option}: it must be a file: ${(error as Error).message}`, { cause: error });
  }
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new UsageError(`Cannot read ${option}: ${path} must be UTF-8, line ${firstBadLine(bytes)} is not`);
}

/** From 1; a line feed is never part of another character. */
function firstBadLine(bytes: Buffer): number {
  let [line, from] = [1, 0];
  for (let to = bytes.indexOf(10); to !== -1 && isUtf8(bytes.subarray(from, to)); to = bytes.indexOf(10, from)) {
    [line, from] = [line + 1, to + 1];
  }
  return line;
}
