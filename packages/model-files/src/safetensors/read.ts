// A safetensors file, read as its specification says (github.com/huggingface/safetensors, README, "Format"): eight bytes with
// the length of the header, the header, the data. Everything is checked before anything is allocated: the header's length
// against a limit and the file, each tensor's bytes against its shape, and that tensors tile the data without
// overlap, hole or rest. What comes back are views, so a file costs what its header costs.

import { ModelFileError, type ModelFileErrorCode, quote } from "../errors.ts";
import { foreignFormat } from "../foreign-format.ts";
import { bitsOf, elementsOf, type StoredDType } from "./dtype.ts";
import { parseHeader, type TensorEntry } from "./header.ts";

/** A tensor as it is stored: row-major, little-endian. */
export interface StoredTensor {
  readonly dtype: StoredDType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The contents of a safetensors file. */
export interface Safetensors {
  readonly metadata: ReadonlyMap<string, string>;
  /** By name, in the order of the header. A map, since `__proto__` is a name like any other. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** What to call the file in errors. */
export interface ReadOptions {
  readonly file?: string;
}

/** The longest header that is read, in bytes; the limit of Hugging Face's reader for JavaScript (the one in Rust takes 100 MB). */
export const longestHeaderBytes = 25_000_000;

const lengthBytes = 8;
const brace = 0x7b;

/** Reads a whole file. The tensors' bytes are views of `bytes`. Throws `ModelFileError`. */
export function readSafetensors(bytes: Uint8Array, options: ReadOptions = {}): Safetensors {
  const { file = "safetensors" } = options;
  const headerEnd = findHeader(bytes, file);
  const { metadata, entries } = parseHeader(decodeHeader(bytes.slice(lengthBytes, headerEnd), file), file);
  checkTiling(entries, bytes.length - headerEnd, file);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, begin, end }] of entries) {
    tensors.set(name, { dtype, shape, bytes: bytes.subarray(headerEnd + begin, headerEnd + end) });
  }
  return { metadata, tensors };
}

/** Where the header ends. A foreign file fails here, since its first bytes are no sensible length or no brace follows them. */
function findHeader(bytes: Uint8Array, file: string): number {
  const refuse = (code: ModelFileErrorCode, rule: string, actual: string): never => {
    const foreign = foreignFormat(bytes);
    if (foreign === undefined) throw new ModelFileError(code, file, `Cannot read ${file}: ${rule}, it is ${actual}`);
    throw new ModelFileError(
      "foreign-format",
      file,
      `Cannot read ${file}: it must be a safetensors file, it is ${foreign}`,
    );
  };
  if (bytes.length < lengthBytes) {
    refuse("truncated", "a safetensors file must have at least 8 bytes", `${bytes.length} bytes long`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getBigUint64(0, true);
  if (length > BigInt(longestHeaderBytes)) {
    refuse("header-too-large", `the header must have at most ${longestHeaderBytes} bytes`, `${length} bytes long`);
  }
  if (length < 2n) refuse("header-invalid", "the header must have at least 2 bytes", `${length} bytes long`);
  const end = lengthBytes + Number(length);
  if (end > bytes.length) {
    refuse("truncated", `the file must have ${end} bytes or more for its header`, `${bytes.length} bytes long`);
  }
  let at = lengthBytes;
  // Some writers pad in front, so white space is taken, though the specification wants the brace at once.
  while (at < end && [0x20, 0x09, 0x0a, 0x0d].includes(bytes[at] ?? 0)) at += 1;
  if (at === end || bytes[at] !== brace) {
    refuse("header-invalid", "the header must begin with {", `byte ${bytes[at]} at ${at}`);
  }
  return end;
}

function decodeHeader(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ModelFileError("header-invalid", file, `Cannot read ${file}: the header must be UTF-8, it is not`, {
      cause,
    });
  }
}

function checkTiling(entries: ReadonlyMap<string, TensorEntry>, dataBytes: number, file: string): void {
  const refuse = (code: ModelFileErrorCode, text: string): never => {
    throw new ModelFileError(code, file, `Cannot read ${file}: ${text}`);
  };
  for (const [name, { dtype, shape, begin, end }] of entries) {
    const tensor = `tensor ${quote(name)} ${dtype} [${shape.join(", ")}]`;
    const bits = elementsOf(shape) * bitsOf(dtype);
    if (Number.isNaN(bits)) refuse("shape-invalid", `${tensor} must have fewer than 2^47 elements`);
    if (bits % 8 !== 0) refuse("shape-invalid", `${tensor} must fill whole bytes, it has ${bits} bits`);
    if (begin > end) refuse("offsets-invalid", `${tensor} must begin before it ends, it is at ${begin} to ${end}`);
    if (end > dataBytes) {
      refuse(
        "truncated",
        `${tensor} is at ${begin} to ${end}, so the data must have ${end} bytes, it has ${dataBytes}`,
      );
    }
    if (bits / 8 !== end - begin) {
      refuse("shape-invalid", `${tensor} must have ${bits / 8} bytes, it has ${end - begin}`);
    }
  }
  const sorted = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const [name, { begin, end }] of sorted) {
    if (begin !== covered) {
      const what = begin < covered ? "overlap" : "leave a hole";
      refuse(
        "offsets-invalid",
        `tensors must not ${what}: ${quote(name)} must begin at ${covered}, it begins at ${begin}`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    refuse("offsets-invalid", `tensors must fill the data, ${dataBytes} bytes, they end at ${covered}`);
  }
}
