// The judge of clothing that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `image/clothing`: `openModel(clothingModel)`. See models/clothing/README.md. */
export const clothingModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/clothing/files.json", import.meta.url),
  "config.json": new URL("../../models/clothing/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/clothing/model.safetensors", import.meta.url),
};
