// What the rest of the library sees of a model on disk, on a server or in a cache.

import type { Weights } from "../weights/read-weights.ts";

/**
 * The files of one model. Opening it has read the configuration; everything else is read when it is asked for, and again
 * when it is asked for again, so that nothing is kept in memory twice. Every byte is held against its hash before use.
 */
export interface ModelFiles {
  /** What the model is called, for errors: "text/upos". */
  readonly name: string;
  /** The value of config.json. What it must say is the business of the model. */
  readonly config: unknown;
  /** The tensors of model.safetensors in float32. Throws `ModelFileError`, or the signal's reason. */
  weights(signal?: AbortSignal): Promise<Weights>;
  /** A file as text, which must be UTF-8. `path` is relative: "vocabulary.txt". Throws `ModelFileError`, or the signal's reason. */
  text(path: string, signal?: AbortSignal): Promise<string>;
  /** A file's bytes. Throws `ModelFileError`, or the signal's reason. */
  bytes(path: string, signal?: AbortSignal): Promise<Uint8Array>;
}
