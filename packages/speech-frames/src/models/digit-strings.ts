// A model that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `speech/digit-strings`, which digits are said in a row: `openModel(digitStringsModel)`. See models/digit-strings/README.md. */
export const digitStringsModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/digit-strings/files.json", import.meta.url),
  "config.json": new URL("../../models/digit-strings/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/digit-strings/model.safetensors", import.meta.url),
};
