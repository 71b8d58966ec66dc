// The judge of sentences that is shipped with this package, file by file, so that bundlers see each of them.

/** The files of `text/sentiment` for English: `openModel(sentimentModel)`. See models/sentiment/README.md. */
export const sentimentModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/sentiment/files.json", import.meta.url),
  "config.json": new URL("../../models/sentiment/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/sentiment/model.safetensors", import.meta.url),
  "rows.bin": new URL("../../models/sentiment/rows.bin", import.meta.url),
};
