// One file by `fetch`. It stops reading as soon as there are more bytes than there should be, gives up on a server that falls
// silent, and tries again after failures that may pass: no connection, one that breaks, statuses 408, 429 and 5xx.

import { ModelFileError } from "../errors.ts";
import { delay } from "./delay.ts";

/** The part of `fetch` that is used. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** How to fetch. */
export interface FetchSettings {
  readonly fetch: Fetch;
  /** Further attempts after a failure that may pass; the first after 250 ms, then each four times later. */
  readonly retries: number;
  /** How long a server may be silent, in milliseconds. */
  readonly stallMs: number;
  /** Told of each attempt that failed and is repeated. */
  readonly onRetry: (reason: string) => void;
}

/** What to fetch. */
export interface FetchRequest {
  readonly url: URL;
  /** What to call the file in errors. */
  readonly file: string;
  /** The most bytes that it may have. */
  readonly longest: number;
  /** "no-cache" asks the server whether the browser's copy is current, "reload" does not look at that copy. */
  readonly mode: "default" | "no-cache" | "reload";
  readonly signal: AbortSignal;
  /** Told how many bytes there are so far. */
  readonly onBytes: (loaded: number) => void;
}

const firstDelayMs = 250;
const passingStatuses = new Set([408, 429, 500, 502, 503, 504]);

/** A failure that another attempt may not meet. */
class PassingFailure extends Error {}

/** The bytes of a file. Throws `ModelFileError`, or the signal's reason. */
export async function fetchFile(request: FetchRequest, settings: FetchSettings): Promise<Uint8Array> {
  const { file, url, signal } = request;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptFetch(request, settings);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      if (attempt > settings.retries) {
        const text = `Cannot read ${file}: ${url.href} must answer with it, ${error.message}, at attempt ${attempt} of ${attempt}`;
        throw new ModelFileError("fetch-failed", file, text, { cause: error.cause });
      }
      settings.onRetry(error.message);
      await delay(firstDelayMs * 4 ** (attempt - 1), signal);
    }
  }
}

async function attemptFetch(request: FetchRequest, settings: FetchSettings): Promise<Uint8Array> {
  const { url, file, mode, longest, signal, onBytes } = request;
  const attempt = new AbortController();
  const abort = (): void => attempt.abort(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", abort, { once: true });
  const watch = watchStall(settings.stallMs, attempt);
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  /** What the network does wrong may pass; what a callback throws does not. */
  const passing = (cause: unknown): never => {
    const what = attempt.signal.aborted ? `it fell silent for ${settings.stallMs} ms` : "the connection failed";
    throw new PassingFailure(`${what} after ${loaded} bytes`, { cause });
  };
  try {
    const response = await settings.fetch(url, { signal: attempt.signal, cache: mode }).catch(passing);
    checkStatus(response, request);
    const reader = response.body?.getReader();
    while (reader !== undefined) {
      const { done, value } = await reader.read().catch(passing);
      if (done) break;
      watch.touch();
      loaded += value.length;
      if (loaded > longest) {
        const text = `Cannot read ${file}: it must have ${longest} bytes or fewer, ${url.href} gives more`;
        throw new ModelFileError("length-mismatch", file, text);
      }
      chunks.push(value);
      onBytes(loaded);
    }
    return join(chunks, loaded);
  } finally {
    watch.stop();
    signal.removeEventListener("abort", abort);
    attempt.abort(); // hangs up, if the answer was not read to its end
  }
}

function checkStatus({ ok, status, statusText }: Response, { file, url }: FetchRequest): void {
  if (ok) return;
  const answer = `it answered ${status} ${statusText}`.trim();
  if (passingStatuses.has(status)) throw new PassingFailure(answer);
  const code = status === 404 || status === 410 ? "file-missing" : "fetch-failed";
  throw new ModelFileError(code, file, `Cannot read ${file}: ${url.href} must answer with it, ${answer}`);
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Aborts `attempt` when nobody has touched the watch for `milliseconds`. */
function watchStall(milliseconds: number, attempt: AbortController): { touch(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => clearTimeout(timer);
  const touch = (): void => {
    stop();
    timer = setTimeout(() => attempt.abort(), milliseconds);
  };
  touch();
  return { touch, stop };
}
