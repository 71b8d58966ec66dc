// The parts of Node that the functions of this folder use, and the one way that they write a file: a temporary one beside it,
// flushed, then renamed over it. A reader sees the old bytes or the new ones, and of two writers one wins whole.

import { builtinModule } from "../builtin.ts";

interface WritableHandle {
  writeFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

interface FileStat {
  readonly size: number;
  readonly mtimeMs: number;
  isFile(): boolean;
}

/** `node:fs/promises`. */
export interface FileSystem {
  open(path: string, flags: string): Promise<WritableHandle>;
  readFile(path: string): Promise<Uint8Array>;
  lstat(path: string): Promise<FileStat>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string, options: { readonly recursive: true }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
}

/** `node:path` and the parts of `node:url`. */
export interface Paths {
  join(...parts: readonly string[]): string;
  dirname(path: string): string;
  resolve(path: string): string;
}

/** The modules. Throws `Error` outside Node. */
export function nodeModules(): { readonly fs: FileSystem; readonly paths: Paths; toUrl(path: string): URL } {
  const fs = builtinModule<FileSystem>("node:fs/promises");
  const paths = builtinModule<Paths>("node:path");
  const urls = builtinModule<{ pathToFileURL(path: string): URL }>("node:url");
  if (fs !== null && paths !== null && urls !== null) return { fs, paths, toUrl: (path) => urls.pathToFileURL(path) };
  throw new Error("Cannot use @saccade/model-files/node: it must run in Node 20.16 or later, it does not");
}

/** How temporary files end. */
export const temporarySuffix = ".tmp";

/** Writes a file whole or not at all. Its folder must be there. Rejects with the error of the file system. */
export async function writeWhole(fs: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${globalThis.crypto.randomUUID()}${temporarySuffix}`;
  const handle = await fs.open(temporary, "wx"); // "x" also means that no link is followed
  try {
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.unlink(temporary).catch(() => undefined);
    throw error;
  }
}
