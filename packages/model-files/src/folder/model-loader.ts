// Reads the files of one source, each held against what is expected of it: from the cache, else from where it is. A spoilt
// cache entry is fetched anew, and so is, once, a fetched file that is not the expected one: the browser's own cache, or a
// server in the middle of an update, may have mixed two versions.

import { browserCache } from "../cache/browser-cache.ts";
import type { FileCache } from "../cache/file-cache.ts";
import { guardCache } from "../cache/guarded-cache.ts";
import { ModelFileError } from "../errors.ts";
import { foreignFormat } from "../foreign-format.ts";
import { readDataUrl } from "./data-url.ts";
import { fetchFile } from "./fetch-file.ts";
import { readLocalFile } from "./local-file.ts";
import { findMismatch } from "./manifest.ts";
import type { ModelNotice, OpenModelOptions } from "./open-options.ts";
import type { LocatedSource, Place } from "./source.ts";

/** What a file must be: of this hash, and as long as this if that is known. */
export interface Expected {
  readonly path: string;
  readonly sha256: string;
  readonly bytes?: number;
}

/** How one file is read. */
export interface ReadRequest {
  /** What to call the file in errors. */
  readonly file: string;
  readonly longest: number;
  readonly mode: "default" | "no-cache" | "reload";
  readonly retries?: number;
  readonly signal: AbortSignal;
  readonly onBytes: (loaded: number) => void;
}

/** Reads from one source. */
export interface ModelLoader {
  /** The cache, which never rejects. */
  readonly cache: FileCache;
  notify(kind: ModelNotice["kind"], file: string, reason: string): void;
  /** The bytes of a file as they are. */
  read(place: Place, request: ReadRequest): Promise<Uint8Array>;
  /** The bytes of a file that is as expected. Throws `ModelFileError` if it is not. */
  readVerified(expected: Expected, request: Omit<ReadRequest, "mode">): Promise<Uint8Array>;
}

/** A loader for a source, with the settings of `options`. */
export function createLoader(source: LocatedSource, options: OpenModelOptions): ModelLoader {
  const { fetch = (url, init) => globalThis.fetch(url, init), retries = 2, stallMs = 30_000, onNotice } = options;
  const chosenCache = options.cache === undefined ? browserCache() : options.cache;
  const notify = (kind: ModelNotice["kind"], file: string, reason: string): void => onNotice?.({ kind, file, reason });
  const cache = guardCache(chosenCache, (reason) => notify("cache-unavailable", source.name, reason));

  const read = async (place: Place, request: ReadRequest): Promise<Uint8Array> => {
    const { file, longest, signal, onBytes } = request;
    signal.throwIfAborted();
    if (place.kind === "url" && isFetched(place.url)) {
      const onRetry = (reason: string): void => notify("retried", file, reason);
      const settings = { fetch, retries: request.retries ?? retries, stallMs, onRetry };
      return fetchFile({ ...request, url: place.url }, settings);
    }
    const bytes = await readOther(place, file, longest, signal);
    if (bytes.length > longest) {
      const text = `Cannot read ${file}: it must have at most ${longest} bytes, it has ${bytes.length}`;
      throw new ModelFileError("length-mismatch", file, text);
    }
    onBytes(bytes.length);
    return plain(bytes);
  };

  const readVerified: ModelLoader["readVerified"] = async (expected, request) => {
    const { file, signal } = request;
    const place = source.locate(expected.path);
    const isCached = mayBeCached(place, options);
    const cached = isCached ? await cache.read(expected.sha256) : undefined;
    if (cached !== undefined) {
      const mismatch = await findMismatch(cached, expected);
      signal.throwIfAborted();
      request.onBytes(cached.length);
      if (mismatch === undefined) return plain(cached);
      notify("cache-healed", file, mismatch.reason);
      await cache.remove(expected.sha256);
    }
    for (let isSecond = false; ; isSecond = true) {
      const fault = await tryRead(place, expected, { ...request, mode: isSecond ? "reload" : "default" });
      if (fault instanceof Uint8Array) {
        if (isCached) await cache.write(expected.sha256, fault);
        signal.throwIfAborted();
        return fault;
      }
      if (isSecond || place.kind !== "url" || !isFetched(place.url)) throw fault;
      notify("reloaded", file, fault.message);
    }
  };

  /** The bytes, or what is wrong with them. */
  const tryRead = async (
    place: Place,
    expected: Expected,
    request: ReadRequest,
  ): Promise<Uint8Array | ModelFileError> => {
    const { file } = request;
    let bytes: Uint8Array;
    try {
      bytes = await read(place, request);
    } catch (error) {
      if (error instanceof ModelFileError && error.code === "length-mismatch") return error;
      throw error;
    }
    const mismatch = await findMismatch(bytes, expected);
    if (mismatch === undefined) return bytes;
    const looksLike = foreignFormat(bytes);
    const hint = looksLike === undefined || looksLike === "JSON text" ? "" : `; it is ${looksLike}`;
    return new ModelFileError(mismatch.code, file, `Cannot use ${file}: ${mismatch.reason}${hint}`);
  };

  return { cache, notify, read, readVerified };
}

/** Without the methods of Node's Buffer, whose `slice` is a view where that of an array is a copy. */
function plain(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

async function readOther(place: Place, file: string, longest: number, signal: AbortSignal): Promise<Uint8Array> {
  switch (place.kind) {
    case "bytes":
      return place.bytes;
    case "url":
      if (place.url.protocol === "data:") return readDataUrl(place.url, file);
      return readLocalFile(place.url, file, longest, signal);
    case "reader": {
      const bytes = await place.read(signal);
      signal.throwIfAborted();
      if (bytes instanceof Uint8Array) return bytes;
      throw new TypeError(`Cannot read ${file}: the reader must give a Uint8Array, it gave ${String(bytes)}`);
    }
  }
}

/** Bundlers put small files into data: URLs, which a strict content security policy does not let `fetch` read. */
export function isFetched(url: URL): boolean {
  return url.protocol !== "file:" && url.protocol !== "data:";
}

/** What is at hand need not be copied; a reader's files are cached when a cache is given. */
function mayBeCached(place: Place, options: OpenModelOptions): boolean {
  if (place.kind === "url") return place.url.protocol.startsWith("http");
  return place.kind === "reader" && options.cache !== undefined;
}
