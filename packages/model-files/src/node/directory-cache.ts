// A cache in a folder, a file per key. Processes may share it: files are written whole, and readers check what they read.

import type { FileCache } from "../cache/file-cache.ts";
import { nodeModules, temporarySuffix, writeWhole } from "./file-system.ts";

const oneDayMs = 86_400_000;

/**
 * A cache in the folder `path`, made when first written to. Deleting the folder, or any file in it, is fine at any time.
 * Temporary files that a killed process left are removed after a day. Throws `Error` outside Node.
 */
export function directoryCache(path: string): FileCache {
  const { fs, paths } = nodeModules();
  const folder = paths.resolve(path);
  const fileOf = (key: string): string => {
    if (/^[0-9a-f]{64}$/.test(key)) return paths.join(folder, key);
    throw new RangeError(`Cannot use cache: a key must be 64 hexadecimal digits, it is ${JSON.stringify(key)}`);
  };
  let isSwept = false;

  const sweep = async (): Promise<void> => {
    for (const name of await fs.readdir(folder)) {
      if (!name.endsWith(temporarySuffix)) continue;
      const left = paths.join(folder, name);
      const { mtimeMs } = await fs.lstat(left);
      if (Date.now() - mtimeMs > oneDayMs) await fs.unlink(left);
    }
  };

  return {
    async read(key) {
      const file = fileOf(key);
      try {
        // A link or a pipe is not something that this cache wrote.
        return (await fs.lstat(file)).isFile() ? await fs.readFile(file) : undefined;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async write(key, bytes) {
      const file = fileOf(key);
      await fs.mkdir(folder, { recursive: true });
      if (!isSwept) {
        isSwept = true;
        await sweep().catch(() => undefined); // another process may be sweeping too
      }
      await writeWhole(fs, file, bytes);
    },
    async remove(key) {
      try {
        await fs.unlink(fileOf(key));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === "ENOENT";
}
