// Gets files.json. It is the one file that nothing vouches for, unless the caller pins its hash; so it is asked for anew each
// time, and the last one seen serves when there is no network.

import type { FileCache } from "../cache/file-cache.ts";
import { ModelFileError } from "../errors.ts";
import { longestManifestBytes, type ManifestEntry, manifestPath, parseManifest } from "./manifest.ts";
import { isFetched, type ModelLoader } from "./model-loader.ts";
import { sha256 } from "./sha256.ts";
import type { LocatedSource } from "./source.ts";

/** The list of a model's files, and the hash of that list. */
export interface Manifest {
  readonly entries: ReadonlyMap<string, ManifestEntry>;
  readonly sha256: string;
}

/** Reads the list; `pinned` is the hash that it must have, if the caller knows it. Throws `ModelFileError`, or the signal's reason. */
export async function readManifest(
  source: LocatedSource,
  loader: ModelLoader,
  pinned: string | undefined,
  signal: AbortSignal,
): Promise<Manifest> {
  const file = `${manifestPath} of ${source.name}`;
  const request = { file, longest: longestManifestBytes, signal, onBytes: () => undefined };
  if (pinned !== undefined) {
    if (!/^[0-9a-f]{64}$/.test(pinned)) {
      const rule = "manifestSha256 must be 64 digits of lower-case hexadecimal";
      throw new RangeError(`Cannot open model: ${rule}, it is ${JSON.stringify(pinned)}`);
    }
    const bytes = await loader.readVerified({ path: manifestPath, sha256: pinned }, request);
    return { entries: parseManifest(bytes, file), sha256: pinned };
  }
  const place = source.locate(manifestPath);
  if (place.kind !== "url" || !isFetched(place.url)) {
    const bytes = await loader.read(place, { ...request, mode: "default" });
    return { entries: parseManifest(bytes, file), sha256: await sha256(bytes) };
  }

  const key = await sha256(new TextEncoder().encode(`files.json at ${place.url.href}`));
  const last = await loader.cache.read(key);
  let bytes: Uint8Array;
  try {
    const patience = last === undefined ? {} : { retries: 0 };
    bytes = await loader.read(place, { ...request, ...patience, mode: "no-cache" });
  } catch (error) {
    if (last === undefined || !(error instanceof ModelFileError) || error.code !== "fetch-failed") throw error;
    loader.notify("offline", file, error.message);
    bytes = last;
  }
  const hash = await sha256(bytes);
  const entries = parseManifest(bytes, file);
  if (last === undefined || (await sha256(last)) !== hash) {
    await loader.cache.write(key, bytes);
    await forgetReplaced(loader.cache, last, entries);
  }
  return { entries, sha256: hash };
}

/** Removes from the cache what the last list named and this one does not, so that old versions do not pile up. */
async function forgetReplaced(
  cache: FileCache,
  last: Uint8Array | undefined,
  entries: ReadonlyMap<string, ManifestEntry>,
): Promise<void> {
  if (last === undefined) return;
  const current = new Set(Array.from(entries.values(), ({ sha256: hash }) => hash));
  let replaced: Iterable<ManifestEntry> = [];
  try {
    replaced = parseManifest(last, manifestPath).values();
  } catch {
    // a spoilt list says nothing about what is there
  }
  for (const { sha256: hash } of replaced) if (!current.has(hash)) await cache.remove(hash);
}
