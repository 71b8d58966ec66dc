// A model that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `speech/digits`, which digit is said in a recording of one: `openModel(digitsModel)`. See models/digits/README.md. */
export const digitsModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/digits/files.json", import.meta.url),
  "config.json": new URL("../../models/digits/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/digits/model.safetensors", import.meta.url),
};
