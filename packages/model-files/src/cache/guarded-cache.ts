// A cache that never fails: what goes wrong is reported once, and the model loads without it.

import type { FileCache } from "./file-cache.ts";

/** `cache` as seen by one model. `report` is told why reading, or writing, was given up. */
export function guardCache(cache: FileCache | null, report: (reason: string) => void): FileCache {
  let reads = cache !== null;
  let writes = cache !== null;
  return {
    async read(key) {
      if (!reads) return undefined;
      try {
        return await cache?.read(key);
      } catch (error) {
        reads = false;
        writes = false;
        report(`nothing is cached: ${String(error)}`);
        return undefined;
      }
    },
    async write(key, bytes) {
      if (!writes) return;
      try {
        await cache?.write(key, bytes);
      } catch (error) {
        writes = false; // a full disk, or the page's quota; what is cached can still be read
        report(`nothing more is cached: ${String(error)}`);
      }
    },
    async remove(key) {
      try {
        if (reads) await cache?.remove(key);
      } catch {
        // It will be found spoilt again, and passed by again.
      }
    },
  };
}
