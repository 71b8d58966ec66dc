// The model of lipophilicity that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `graph/lipophilicity`: `openModel(lipophilicityModel)`. See models/lipophilicity/README.md. */
export const lipophilicityModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/lipophilicity/files.json", import.meta.url),
  "config.json": new URL("../../models/lipophilicity/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/lipophilicity/model.safetensors", import.meta.url),
};
