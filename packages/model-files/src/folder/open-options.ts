// What can be said when a model is opened, and what is reported back.

import type { FileCache } from "../cache/file-cache.ts";
import type { Fetch } from "./fetch-file.ts";
import type { LoadProgress } from "./progress.ts";

/** Something that went wrong on the way and was made good. */
export interface ModelNotice {
  readonly kind:
    /** The cache cannot be read, or nothing more can be written: no Cache API, quota, a full disk. */
    | "cache-unavailable"
    /** A cached file was spoilt; it is fetched anew. */
    | "cache-healed"
    /** The server could not be reached; the model is the one in the cache. */
    | "offline"
    /** An attempt to fetch a file failed; there is another. */
    | "retried"
    /** What was fetched is not the file; it is fetched once more, past the browser's own cache. */
    | "reloaded";
  readonly file: string;
  readonly reason: string;
}

/** How to open a model; everything has a default. */
export interface OpenModelOptions {
  /** Stops the opening. What is read later has signals of its own. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly onNotice?: (notice: ModelNotice) => void;
  /**
   * Where fetched files stay; null for nowhere. By default files that are fetched stay in the Cache API of a page
   * (`browserCache()`); Node has `directoryCache` of "@saccade/model-files/node".
   */
  readonly cache?: FileCache | null;
  /** The SHA-256 of files.json. It pins the model: another is refused, and one in the cache is opened without a request. */
  readonly manifestSha256?: string;
  /** In place of the global `fetch`: to add headers, for instance. */
  readonly fetch?: Fetch;
  /** Further attempts after a failure that may pass. Default 2, after 250 ms and 1 s. */
  readonly retries?: number;
  /** How long a server may be silent before an attempt counts as failed, in milliseconds. Default 30,000. */
  readonly stallMs?: number;
}
