// Data that is a text in the test, in place of a file.

import type { DataFile } from "../src/records/data-file.ts";

/** A file of that name and text, with nothing beside it. */
export function textData(name: string, text: string): DataFile {
  return {
    name,
    text: () => text,
    bytes: () => new TextEncoder().encode(text),
    beside(path) {
      throw new RangeError(`Cannot read ${path}: it must be there, there is nothing beside ${name}`);
    },
  };
}
