// A safetensors file from tensors. Widest elements first, then by name, after a header padded to eight bytes: every tensor
// is aligned, and the same tensors give the same bytes.

import { bitsOf, elementsOf, isStoredDType } from "./dtype.ts";
import { longestHeaderBytes, type StoredTensor } from "./read.ts";
import { metadataKey, mostAxes, mostEntries } from "./header.ts";

/**
 * The bytes of a file with `tensors` and free `metadata`. Throws `RangeError` for a tensor that the format cannot hold: a
 * name that is taken or no well-formed text, a shape that does not fit its bytes.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [name: string, tensor: StoredTensor]>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort(([a, { dtype: x }], [b, { dtype: y }]) => bitsOf(y) - bitsOf(x) || (a < b ? -1 : 1));
  const members: string[] = [];
  if (metadata.size > 0) {
    const pairs = Array.from(metadata, ([key, value]) => `${text(key)}:${text(value)}`);
    members.push(`"${metadataKey}":{${pairs.join(",")}}`);
  }
  const names = new Set<string>();
  let end = 0;
  for (const [name, tensor] of sorted) {
    checkTensor(name, tensor);
    if (names.has(name)) refuse(name, "the name must occur once, it occurs twice");
    names.add(name);
    const { dtype, shape, bytes } = tensor;
    const begin = end;
    end += bytes.length;
    members.push(`${text(name)}:{"dtype":"${dtype}","shape":[${shape.join(",")}],"data_offsets":[${begin},${end}]}`);
  }
  if (names.size > mostEntries || metadata.size > mostEntries) {
    const rule = `a file must have at most ${mostEntries} tensors and pairs of metadata`;
    throw new RangeError(`Cannot write safetensors: ${rule}, it has ${names.size} and ${metadata.size}`);
  }
  const header = new TextEncoder().encode(`{${members.join(",")}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  if (headerBytes > longestHeaderBytes) {
    throw new RangeError(
      `Cannot write safetensors: the header must have at most ${longestHeaderBytes} bytes, it has ${headerBytes}`,
    );
  }
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(header, 8);
  let at = 8 + headerBytes;
  for (const [, { bytes }] of sorted) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

function checkTensor(name: string, { dtype, shape, bytes }: StoredTensor): void {
  if (name === metadataKey) refuse(name, "the name must not be that of the metadata");
  if (!isStoredDType(dtype)) refuse(name, `dtype must be one of the format, it is ${String(dtype)}`);
  if (shape.length > mostAxes || !shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    refuse(name, `shape must be at most ${mostAxes} integers >= 0, it is [${shape.join(", ")}]`);
  }
  const needed = (elementsOf(shape) * bitsOf(dtype)) / 8;
  if (bytes.length !== needed) {
    refuse(name, `${dtype} [${shape.join(", ")}] must have ${needed} bytes, it has ${bytes.length}`);
  }
}

function text(string: string): string {
  if (!string.isWellFormed()) refuse(string, "names and metadata must have no lone surrogates");
  return JSON.stringify(string);
}

function refuse(name: string, rule: string): never {
  throw new RangeError(`Cannot write tensor ${JSON.stringify(name)}: ${rule}`);
}
