// A cache in the browser's Cache API, in pages and workers. It needs a secure context: https, or localhost.

import type { FileCache } from "./file-cache.ts";

/** A cache under `name`, which `caches.delete(name)` empties. Without a Cache API every method rejects. */
export function browserCache(name: string = "saccade-models"): FileCache {
  const open = async (): Promise<Cache> => {
    const { caches: storage } = globalThis as { readonly caches?: CacheStorage };
    if (storage === undefined)
      throw new Error("there is no Cache API here, which takes a browser and a secure context");
    return storage.open(name);
  };
  return {
    async read(key) {
      const found = await (await open()).match(requestOf(key));
      return found === undefined ? undefined : new Uint8Array(await found.arrayBuffer());
    },
    async write(key, bytes) {
      const headers = { "Content-Type": "application/octet-stream", "Content-Length": String(bytes.length) };
      await (await open()).put(requestOf(key), new Response(new Uint8Array(bytes), { headers }));
    },
    async remove(key) {
      await (await open()).delete(requestOf(key));
    },
  };
}

/** The Cache API wants addresses; this one is nobody's. */
function requestOf(key: string): string {
  return `https://model-files.saccade.invalid/${key}`;
}
