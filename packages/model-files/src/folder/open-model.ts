// Opens a model: its list of files, then its configuration; the rest is read when it is asked for.

import { ModelFileError, quote } from "../errors.ts";
import { parseConfig } from "../config.ts";
import { readWeights } from "../weights/read-weights.ts";
import { configPath, type ManifestEntry, weightsPath } from "./manifest.ts";
import type { ModelFiles } from "./model-files.ts";
import { createLoader } from "./model-loader.ts";
import type { OpenModelOptions } from "./open-options.ts";
import { checkPath } from "./path.ts";
import { trackProgress } from "./progress.ts";
import { readManifest } from "./read-manifest.ts";
import { locateSource, type ModelSource } from "./source.ts";

/** An open model. It holds no resources. */
export interface OpenModel extends ModelFiles {
  /** The SHA-256 of files.json, which stands for every byte of the model. */
  readonly manifestSha256: string;
  readonly files: readonly ManifestEntry[];
}

/**
 * Opens the model at `source`: a URL of its folder (http, https; file in Node), its files by path, or a function that reads
 * them. Reads files.json and config.json. Throws `ModelFileError` for whatever is wrong with them, `TypeError` for
 * something that is no source, or the signal's reason.
 */
export async function openModel(source: ModelSource, options: OpenModelOptions = {}): Promise<OpenModel> {
  const located = locateSource(source);
  const loader = createLoader(located, options);
  const neverAborted = new AbortController().signal;
  const { signal = neverAborted } = options;
  const { entries, sha256 } = await readManifest(located, loader, options.manifestSha256, signal);
  const track = trackProgress(entries, options.onProgress ?? (() => undefined));

  const read = async (path: string, model: string, within: AbortSignal): Promise<Uint8Array> => {
    const expected = entries.get(path);
    const file = `${path} of ${model}`;
    if (expected === undefined) {
      checkPath(path, model);
      const known = quote([...entries.keys()].join(", "));
      throw new ModelFileError("file-missing", file, `Cannot read ${file}: it must be one of ${known}, it is not`);
    }
    const onBytes = (loaded: number): void => track(path, loaded);
    return loader.readVerified(expected, { file, longest: expected.bytes, signal: within, onBytes });
  };

  const config = parseConfig(await read(configPath, located.name, signal), {
    file: `${configPath} of ${located.name}`,
  });
  const { name } = config;
  return {
    name,
    config,
    manifestSha256: sha256,
    files: [...entries.values()],
    bytes: async (path, within = neverAborted) => read(path, name, within),
    async text(path, within = neverAborted) {
      const bytes = await read(path, name, within);
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      } catch (cause) {
        const file = `${path} of ${name}`;
        throw new ModelFileError("file-unreadable", file, `Cannot read ${file}: a text must be UTF-8, it is not`, {
          cause,
        });
      }
    },
    async weights(within = neverAborted) {
      const bytes = await read(weightsPath, name, within);
      return readWeights(bytes, { file: `${weightsPath} of ${name}` });
    },
  };
}
