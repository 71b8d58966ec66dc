// The judge of patches that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `image/patches`: `openModel(patchesModel)`. See models/patches/README.md. */
export const patchesModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/patches/files.json", import.meta.url),
  "config.json": new URL("../../models/patches/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/patches/model.safetensors", import.meta.url),
};
