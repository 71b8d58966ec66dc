// The calls that run in the worker, each with a signal that the app can abort.

import { decodeError } from "../wire/error-wire.ts";
import type { Note } from "../wire/messages.ts";

/** Calls by their number. */
export interface Calls {
  /** Runs `body` with a signal of its own. */
  run<T>(call: number, body: (signal: AbortSignal) => Promise<T>): Promise<T>;
  onNote(note: Note): void;
  /** Aborts everything, now and whatever comes. */
  end(reason: Error): void;
}

/** None yet. */
export function openCalls(): Calls {
  const running = new Map<number, AbortController>();
  let ended: Error | null = null;
  return {
    async run(call, body) {
      if (ended) throw ended;
      const stop = new AbortController();
      running.set(call, stop);
      try {
        return await body(stop.signal);
      } finally {
        running.delete(call);
      }
    },
    onNote(note) {
      if (note.note === "cancel") running.get(note.call)?.abort(decodeError(note.reason));
    },
    end(reason) {
      ended = reason;
      for (const stop of running.values()) stop.abort(reason);
    },
  };
}
