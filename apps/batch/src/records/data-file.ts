// Files of data that a command names: read when they are asked for, and with the files beside them.

import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../commands/errors.ts";
import { readText } from "./read-text.ts";

/** A file of labelled data. */
export interface DataFile {
  /** Its name, for errors and figures. */
  readonly name: string;
  /** Its text. Throws `UsageError` for a file that is not there, is a folder or is not UTF-8. */
  text(): string;
  /** Its bytes. Throws `UsageError` for a file that is not there or is a folder. */
  bytes(): Uint8Array;
  /** Another by its path from the folder of this one. */
  beside(path: string): DataFile;
}

/** The file at `path`, which `option` named. Nothing is read yet. */
export function dataFile(option: string, path: string): DataFile {
  return {
    name: basename(path),
    text: () => readText(option, path),
    bytes: () => readBytes(option, path),
    beside: (other) => dataFile(option, join(dirname(path), other)),
  };
}

function readBytes(option: string, path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UsageError(`Cannot read ${option}: it must be a file: ${(cause as Error).message}`, { cause });
  }
}
