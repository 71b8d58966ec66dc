// Lines into a file or the standard output. A file gets its name only when it is whole.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { finished } from "node:stream/promises";
import type { Writable } from "node:stream";

/** Takes lines. */
export interface LineWriter {
  /** Resolves when the next line may come: whoever reads slowly is waited for. */
  write(line: string): Promise<void>;
  /** All lines are there. */
  commit(): Promise<void>;
  /** Gives up: a file that is not whole goes away. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/** A writer into the file `path`: lines stand in `path.partial` until all are there. */
export function fileWriter(path: string): LineWriter {
  const partial = `${path}.partial`;
  const stream = createWriteStream(partial, { flush: true });
  const failure = failureOf(stream);
  let committed = false;
  return {
    write: async (line) => writeLine(stream, line, failure),
    async commit() {
      stream.end();
      await Promise.race([finished(stream), failure]);
      await rename(partial, path);
      committed = true;
    },
    async discard() {
      if (committed) return;
      stream.destroy();
      await rm(partial, { force: true });
    },
  };
}

/** A writer into a stream that stays open. */
export function streamWriter(stream: Writable): LineWriter {
  const failure = failureOf(stream);
  return {
    write: async (line) => writeLine(stream, line, failure),
    commit: async () => {},
    discard: async () => {},
  };
}

/** Rejects when the stream fails; whoever writes next is told. */
async function failureOf(stream: Writable): Promise<never> {
  const failure = new Promise<never>((_, reject) => {
    stream.once("error", reject);
  });
  failure.catch(() => {});
  return failure;
}

async function writeLine(stream: Writable, line: string, failure: Promise<never>): Promise<void> {
  if (!stream.write(`${line}\n`)) await Promise.race([once(stream, "drain"), failure]);
}
