// A file on this machine's disk, in Node. Its length is looked at before it is read, and only regular files are: a named pipe
// would wait for ever, and a device has no end.

import { builtinModule } from "../builtin.ts";
import { ModelFileError } from "../errors.ts";

interface FileHandle {
  stat(): Promise<{ readonly size: number; isFile(): boolean }>;
  readFile(options: { readonly signal: AbortSignal }): Promise<Uint8Array>;
  close(): Promise<void>;
}

interface FileSystem {
  readonly constants: { readonly O_RDONLY: number; readonly O_NONBLOCK?: number };
  open(path: URL, flags: number): Promise<FileHandle>;
}

/** The bytes of the file at a `file:` URL, at most `longest`. Throws `ModelFileError`, or the signal's reason. */
export async function readLocalFile(url: URL, file: string, longest: number, signal: AbortSignal): Promise<Uint8Array> {
  const fs = builtinModule<FileSystem>("node:fs/promises");
  const refuse = (
    code: "file-missing" | "file-unreadable" | "length-mismatch",
    actual: string,
    cause?: unknown,
  ): never => {
    throw new ModelFileError(code, file, `Cannot read ${file}: ${url.href} must be a file to read, ${actual}`, {
      cause,
    });
  };
  if (fs === null) return refuse("file-unreadable", "but only Node reads file: URLs");
  signal.throwIfAborted();
  let handle: FileHandle | undefined;
  try {
    handle = await fs.open(url, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    const stat = await handle.stat();
    if (!stat.isFile()) return refuse("file-unreadable", "it is a folder, a pipe or a device");
    if (stat.size > longest) return refuse("length-mismatch", `of at most ${longest} bytes, it has ${stat.size}`);
    return await handle.readFile({ signal });
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    signal.throwIfAborted();
    const { code } = error as { readonly code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return refuse("file-missing", "there is none", error);
    return refuse("file-unreadable", String(error), error);
  } finally {
    await handle?.close();
  }
}
