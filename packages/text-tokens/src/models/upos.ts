// The tagger that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `text/upos` for English: `openModel(uposModel)`. See models/upos/README.md. */
export const uposModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/upos/files.json", import.meta.url),
  "config.json": new URL("../../models/upos/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/upos/model.safetensors", import.meta.url),
  "rows.bin": new URL("../../models/upos/rows.bin", import.meta.url),
};
