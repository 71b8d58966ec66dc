// A model in a folder on disk.

import { checkPath } from "../folder/path.ts";
import { manifestPath } from "../folder/manifest.ts";
import { type OpenModel, openModel } from "../folder/open-model.ts";
import type { OpenModelOptions } from "../folder/open-options.ts";
import { nodeModules, writeWhole } from "./file-system.ts";

/** Opens the model in the folder `path`. Throws what `openModel` throws. */
export async function openModelDirectory(path: string, options: OpenModelOptions = {}): Promise<OpenModel> {
  return openModel(nodeModules().toUrl(path), options);
}

/**
 * Writes the files of `packModel` into the folder `path`, which is made if need be; files.json comes last, so that until
 * then the folder is the old model, or none that opens. Each file is written whole or not at all. Throws `ModelFileError`
 * for a path that is refused, or the error of the file system.
 */
export async function writeModelDirectory(path: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  const { fs, paths } = nodeModules();
  const names = Object.keys(files).filter((name) => name !== manifestPath);
  for (const name of names) checkPath(name, "a model to write");
  if (Object.hasOwn(files, manifestPath)) names.push(manifestPath);
  for (const name of names) {
    const target = paths.join(paths.resolve(path), name);
    await fs.mkdir(paths.dirname(target), { recursive: true });
    await writeWhole(fs, target, files[name]!);
  }
}
