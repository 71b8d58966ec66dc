// Where records come from and go to, looked at before anything else is done.

import { createReadStream, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Readable, Writable } from "node:stream";
import { UsageError } from "../commands/errors.ts";
import { deviceWriter, fileWriter, type LineWriter, streamWriter } from "./line-writer.ts";

/** The streams of the process, or those of a test. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
}

/** The stream of `input`, a file or "-". Throws `UsageError` if there is none. */
export async function openInput(input: string, { stdin }: Streams): Promise<Readable> {
  if (input === "-") return stdin;
  const refuse = (actual: string, cause?: unknown): UsageError =>
    new UsageError(`Cannot read --input: it must be a file or -, ${actual}`, { cause });
  if ((await statOf(input))?.isDirectory()) throw refuse(`${input} is a folder`);
  const stream = createReadStream(input);
  return new Promise((resolve, reject) => {
    stream.once("open", () => resolve(stream));
    stream.once("error", (error) => reject(refuse(error.message, error)));
  });
}

/**
 * A writer into `output`, a file or "-", that does not touch `input`. Throws `UsageError` if the file is the input, or
 * cannot be written.
 */
export async function openOutput(output: string, input: string, { stdout }: Streams): Promise<LineWriter> {
  if (output === "-") return streamWriter(stdout);
  const there = await statOf(output);
  const refuse = (rule: string, actual: string, cause?: unknown): UsageError =>
    new UsageError(`Cannot write --output: it must be ${rule}, ${actual}`, { cause });
  if (there?.isDirectory()) throw refuse("a file or -", `${output} is a folder`);
  if (there !== null && !there.isFile()) return deviceWriter(output);
  if (there !== null && input !== "-" && isSame(there, await statOf(input))) {
    throw refuse("another file than --input", `both are ${input}`);
  }
  if (!(await statOf(dirname(output)))?.isDirectory()) {
    throw refuse("in a folder that is there", `${dirname(output)} is none`);
  }
  try {
    return await fileWriter(output);
  } catch (error) {
    throw refuse("a file that can be written", (error as Error).message, error);
  }
}

async function statOf(path: string): Promise<Stats | null> {
  return stat(path).catch(() => null);
}

function isSame(a: Stats, b: Stats | null): boolean {
  return a.dev === b?.dev && a.ino === b.ino;
}
