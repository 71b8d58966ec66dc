// Lines into a file or a stream. A file gets its name only when it is whole.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

/** Takes lines. */
export interface LineWriter {
  /** Resolves when the next line may come: whoever reads slowly is waited for. Rejects with the reason of `signal`. */
  readonly write: (line: string, signal: AbortSignal) => Promise<void>;
  /** All lines are there. */
  commit(): Promise<void>;
  /** Gives up: a file that is not whole goes away. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/**
 * A writer into the file `path`, new or in the place of the one that is there. Lines stand in a file beside it until all
 * are there. Rejects if that cannot be made.
 */
export async function fileWriter(path: string): Promise<LineWriter> {
  const target = await realpath(path).catch(() => path); // a link stays one
  const partial = join(dirname(target), `.${basename(target)}.${randomUUID()}.partial`);
  const handle = await open(partial, "wx");
  const stream = handle.createWriteStream({ flush: true });
  const lines = linesInto(stream);
  let committed = false;
  return {
    write: lines.write,
    async commit() {
      stream.end();
      await finished(stream);
      await rename(partial, target);
      committed = true;
    },
    async discard() {
      if (committed) return;
      stream.destroy();
      await finished(stream).catch(() => undefined);
      await rm(partial, { force: true });
    },
  };
}

/** A writer into something that has a path and is no file: a device, or a pipe with a name. */
export function deviceWriter(path: string): LineWriter {
  const stream = createWriteStream(path, { flags: "a" });
  const { write } = linesInto(stream);
  return {
    write,
    async commit() {
      stream.end();
      await finished(stream);
    },
    discard: async () => void stream.destroy(),
  };
}

/** A writer into a stream that stays open. */
export function streamWriter(stream: Writable): LineWriter {
  const { write, release } = linesInto(stream);
  return { write, commit: async () => release(), discard: async () => release() };
}

function linesInto(stream: Writable): {
  readonly write: (line: string, signal: AbortSignal) => Promise<void>;
  readonly release: () => void;
} {
  let failure: Error | undefined;
  const fail = (error: Error): void => void (failure ??= error);
  stream.on("error", fail);
  return {
    write: async (line, signal) => {
      if (failure !== undefined) throw failure;
      if (stream.destroyed) throw new Error("Cannot write: the output must be open, it is closed");
      if (stream.write(`${line}\n`)) return;
      try {
        await once(stream, "drain", { signal });
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
    release: () => void stream.off("error", fail),
  };
}
