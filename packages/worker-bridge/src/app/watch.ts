// Notices that a worker is gone. Node says so by an event; a browser says nothing when a worker is terminated, closes
// itself or runs out of memory, so there the fall of a lock that the worker held tells it, and the close of its port where
// the engine has that event.

import type { OnEnd, WorkerChannel } from "./pipeline-worker.ts";

/** What a worker's life can be told from. */
export interface Signs {
  readonly channel: WorkerChannel;
  readonly port: MessagePort;
  /** The name of a lock that the worker holds, if there are locks. */
  readonly lock: string | null;
}

interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, held: () => void): Promise<unknown>;
}

/** Calls `onEnd` once when the worker is gone, unless the function that comes back is called before. */
export function watchWorker({ channel, port, lock }: Signs, onEnd: OnEnd): () => void {
  const stop = new AbortController();
  const end: OnEnd = (reason, cause) => {
    if (stop.signal.aborted) return;
    stop.abort();
    onEnd(reason, cause);
  };
  stop.signal.addEventListener(
    "abort",
    channel.listen(() => {}, end),
  );
  if (channel.endsSilently) {
    const onGone = (): void => end("it was terminated or has closed itself");
    port.addEventListener("close", onGone, { signal: stop.signal });
    if (lock !== null) {
      const { locks } = globalThis.navigator as { readonly locks: Locks };
      locks.request(lock, { signal: stop.signal }, onGone).catch(() => {});
    }
  }
  return () => stop.abort();
}
