import type { FileCache } from "../src/index.ts";

/** A cache in memory that can be looked into. */
export function memoryCache(): FileCache & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  return {
    entries,
    read: async (key) => entries.get(key)?.slice(),
    write: async (key, bytes) => void entries.set(key, bytes.slice()),
    remove: async (key) => void entries.delete(key),
  };
}
