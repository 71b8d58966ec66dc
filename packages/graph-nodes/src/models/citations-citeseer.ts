// The reader of Citeseer that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `graph/citations` for Citeseer: `openModel(citationsCiteseerModel)`. See models/citations-citeseer/README.md. */
export const citationsCiteseerModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/citations-citeseer/files.json", import.meta.url),
  "config.json": new URL("../../models/citations-citeseer/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/citations-citeseer/model.safetensors", import.meta.url),
};
