// Waiting for what cannot be stopped, and several signals as one.

/** `promise`, or the signal's reason as soon as it aborts; `promise` then goes on alone. */
export async function orAborted<T>(promise: Promise<T> | T, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => (stop = () => reject(signal.reason as Error)));
  try {
    signal.throwIfAborted();
    signal.addEventListener("abort", stop);
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A signal that aborts when one of others does, until it is let go. */
export interface LinkedSignal {
  readonly signal: AbortSignal;
  readonly abort: (reason: unknown) => void;
  readonly release: () => void;
}

/**
 * Links signals. `AbortSignal.any` would do, but under a signal that lives as long as a pipeline Node 20 keeps what it
 * makes for ever.
 */
export function linkSignals(signals: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const linked = new AbortController();
  const links = signals.flatMap((signal) => {
    if (signal === undefined) return [];
    const listener = (): void => linked.abort(signal.reason);
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener);
    return [{ signal, listener }];
  });
  return {
    signal: linked.signal,
    abort: (reason) => linked.abort(reason),
    release() {
      for (const { signal, listener } of links) signal.removeEventListener("abort", listener);
    },
  };
}
