// How far a model is loaded.

import { cardPath, type ManifestEntry } from "./manifest.ts";

/** What is loaded of a model. Never falls, also when a download starts again. */
export interface LoadProgress {
  /** The file that just grew. */
  readonly path: string;
  /** Bytes so far, and bytes of all files of the model but its README.md. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** Told that there are so many bytes of a file. */
export type TrackProgress = (path: string, loaded: number) => void;

/** Adds up what is loaded of each file, and hands the sum to `onProgress` whenever it grows. */
export function trackProgress(
  entries: ReadonlyMap<string, ManifestEntry>,
  onProgress: (progress: LoadProgress) => void,
): TrackProgress {
  let totalBytes = 0;
  for (const { path, bytes } of entries.values()) totalBytes += path === cardPath ? 0 : bytes;
  const loadedByPath = new Map<string, number>();
  let loadedBytes = 0;
  return (path, loaded) => {
    const before = loadedByPath.get(path) ?? 0;
    if (path === cardPath || loaded <= before) return;
    loadedByPath.set(path, loaded);
    loadedBytes += loaded - before;
    onProgress({ path, loadedBytes, totalBytes });
  };
}
