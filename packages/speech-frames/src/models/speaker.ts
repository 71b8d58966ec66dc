// A model that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `speech/speaker`, who of the six of the Free Spoken Digit Dataset says a digit: `openModel(speakerModel)`. See models/speaker/README.md. */
export const speakerModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/speaker/files.json", import.meta.url),
  "config.json": new URL("../../models/speaker/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/speaker/model.safetensors", import.meta.url),
};
