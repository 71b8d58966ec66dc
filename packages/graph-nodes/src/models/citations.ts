// The reader of citations that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `graph/citations` for Cora: `openModel(citationsModel)`. See models/citations/README.md. */
export const citationsModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/citations/files.json", import.meta.url),
  "config.json": new URL("../../models/citations/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/citations/model.safetensors", import.meta.url),
};
