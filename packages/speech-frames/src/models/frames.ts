// A model that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `speech/frames`, which digit is said when, in strings of them: `openModel(framesModel)`. See models/frames/README.md. */
export const framesModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/frames/files.json", import.meta.url),
  "config.json": new URL("../../models/frames/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/frames/model.safetensors", import.meta.url),
};
