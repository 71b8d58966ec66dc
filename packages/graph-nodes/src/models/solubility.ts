// The model of solubility that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `graph/solubility`: `openModel(solubilityModel)`. See models/solubility/README.md. */
export const solubilityModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/solubility/files.json", import.meta.url),
  "config.json": new URL("../../models/solubility/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/solubility/model.safetensors", import.meta.url),
};
