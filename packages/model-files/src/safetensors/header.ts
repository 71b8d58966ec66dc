// The header's text to plain data. It is read by its grammar and not as any JSON, so that a hostile header is refused at its
// first odd character and nothing is built that a tensor does not need.

import { ModelFileError, type ModelFileErrorCode, quote } from "../errors.ts";
import { JsonCursor } from "../json/cursor.ts";
import { isStoredDType, type StoredDType } from "./dtype.ts";

/** Where a tensor lies, in bytes after the header: `begin` up to `end`. */
export interface TensorEntry {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The header of a file. */
export interface Header {
  readonly metadata: ReadonlyMap<string, string>;
  readonly entries: ReadonlyMap<string, TensorEntry>;
}

/** The key of the header that is not a tensor. */
export const metadataKey = "__metadata__";

/** The most axes of a shape. The format has no limit; NumPy's is 64. */
export const mostAxes = 64;

/** The most tensors, and the most pairs of metadata: an entry of 55 bytes costs ten times that in memory. */
export const mostEntries = 16_384;

/** Reads the header of `file`. Throws `ModelFileError`. */
export function parseHeader(text: string, file: string): Header {
  const refuse = (code: ModelFileErrorCode, rule: string, actual: string): never => {
    throw new ModelFileError(code, file, `Cannot read ${file}: ${rule}, it is ${quote(actual)}`);
  };
  const cursor = new JsonCursor(text, (rule, actual) => refuse("header-invalid", `header: ${rule}`, actual));
  const metadata = new Map<string, string>();
  const entries = new Map<string, TensorEntry>();
  let hasMetadata = false;

  for (const name of keysOf(cursor)) {
    if (name === metadataKey) {
      if (hasMetadata) refuse("duplicate-name", "header must have __metadata__ once", "there twice");
      hasMetadata = true;
      for (const key of keysOf(cursor)) {
        if (metadata.size === mostEntries)
          refuse("header-invalid", `metadata must have at most ${mostEntries} pairs`, "more");
        if (metadata.has(key)) refuse("duplicate-name", "no key of __metadata__ may occur twice", key);
        if (cursor.peek() !== '"') cursor.refuse(`value ${quote(key)} of __metadata__ must be a string`);
        metadata.set(key, cursor.string());
      }
    } else {
      if (entries.size === mostEntries)
        refuse("header-invalid", `a file must have at most ${mostEntries} tensors`, "more");
      if (entries.has(name)) refuse("duplicate-name", "no tensor may occur twice", name);
      entries.set(name, parseEntry(cursor, name, refuse));
    }
  }
  cursor.end();
  return { metadata, entries };
}

type Refuse = (code: ModelFileErrorCode, rule: string, actual: string) => never;

function parseEntry(cursor: JsonCursor, name: string, refuse: Refuse): TensorEntry {
  const tensor = `tensor ${quote(name)}`;
  let dtype: StoredDType | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  for (const key of keysOf(cursor)) {
    if (key === "dtype" && dtype === undefined) {
      const found = cursor.string();
      if (!isStoredDType(found)) return refuse("dtype-unknown", `dtype of ${tensor} must be one of the format`, found);
      dtype = found;
    } else if (key === "shape" && shape === undefined) {
      shape = counts(cursor, mostAxes, `shape of ${tensor}`, (rule, actual) => refuse("shape-invalid", rule, actual));
    } else if (key === "data_offsets" && offsets === undefined) {
      const refuseOffsets = (rule: string, actual: string): never => refuse("offsets-invalid", rule, actual);
      offsets = counts(cursor, 2, `data_offsets of ${tensor}`, refuseOffsets);
    } else {
      refuse("header-invalid", `${tensor} must have dtype, shape and data_offsets, once each, and nothing else`, key);
    }
  }
  const [begin, end] = offsets ?? [];
  if (dtype === undefined || shape === undefined || begin === undefined || end === undefined) {
    return cursor.refuse(`${tensor} must have dtype, shape and two data_offsets, and ends`);
  }
  return { dtype, shape, begin, end };
}

function counts(
  cursor: JsonCursor,
  most: number,
  what: string,
  refuse: (rule: string, actual: string) => never,
): number[] {
  const numbers: number[] = [];
  cursor.expect("[");
  if (cursor.take("]")) return numbers;
  do {
    if (numbers.length === most) refuse(`${what} must have at most ${most} numbers`, "longer");
    numbers.push(cursor.count(what, refuse));
  } while (cursor.take(","));
  cursor.expect("]");
  return numbers;
}

/** Each key of the object that is next; the caller consumes the value before it asks for another. */
function* keysOf(cursor: JsonCursor): Generator<string, void, undefined> {
  cursor.expect("{");
  if (cursor.take("}")) return;
  do {
    const key = cursor.string();
    cursor.expect(":");
    yield key;
  } while (cursor.take(","));
  cursor.expect("}");
}
