// Where a model's files come from, and where each of them is.

import { ModelFileError } from "../errors.ts";

/** Gives the bytes of a file by its path within the model; rejects if it cannot, or with the signal's reason. */
export type ModelReader = (path: string, signal: AbortSignal) => Promise<Uint8Array>;

/**
 * Files by path: where each is, or its bytes. A package that carries a model names its files this way, one by one, since
 * bundlers find a file by `new URL("../models/upos/config.json", import.meta.url)` and cannot find a folder. As texts
 * (`url.href`) the addresses can also be sent to a worker.
 */
export type ModelFileSet = Readonly<Record<string, URL | string | Uint8Array>>;

/** A model: the address of its folder, its files one by one, or a function that reads them. */
export type ModelSource = URL | string | ModelFileSet | ModelReader;

/** Where one file is. */
export type Place =
  | { readonly kind: "url"; readonly url: URL }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "reader"; readonly read: (signal: AbortSignal) => Promise<Uint8Array> };

/** A source of which every file can be found by its path, with a name for errors. */
export interface LocatedSource {
  readonly name: string;
  /** Throws `ModelFileError` ("file-missing") if the source has no such file. */
  locate(path: string): Place;
}

/** Looks at a source once. Throws `TypeError` if it is none. */
export function locateSource(source: ModelSource): LocatedSource {
  if (typeof source === "function") {
    return { name: "the reader", locate: (path) => ({ kind: "reader", read: (signal) => source(path, signal) }) };
  }
  if (typeof source === "string" || source instanceof URL) {
    const folder = new URL(addressOf(source));
    folder.search = "";
    folder.hash = "";
    if (!folder.pathname.endsWith("/")) folder.pathname += "/";
    return { name: folder.href, locate: (path) => ({ kind: "url", url: new URL(path, folder) }) };
  }
  if (typeof source !== "object" || source === null) {
    throw new TypeError(`Cannot open model: it must be a URL, files by path, or a reader, it is ${String(source)}`);
  }
  return { name: "the given files", locate: (path) => locateInSet(source, path) };
}

function locateInSet(files: ModelFileSet, path: string): Place {
  const found = Object.hasOwn(files, path) ? files[path] : undefined;
  if (found === undefined) {
    throw new ModelFileError("file-missing", path, `Cannot read ${path}: it must be among the given files, it is not`);
  }
  if (found instanceof Uint8Array) return { kind: "bytes", bytes: found };
  return { kind: "url", url: addressOf(found) };
}

function addressOf(address: URL | string): URL {
  if (typeof address !== "string") return address;
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  try {
    const url = new URL(address, location?.href);
    if (url.protocol.length > 2) return url; // "c:" is a drive of Windows
  } catch {
    // the same error
  }
  throw new TypeError(
    `Cannot open model: a text must be a URL, it is ${JSON.stringify(address)}; paths are for openModelDirectory of @saccade/model-files/node`,
  );
}
