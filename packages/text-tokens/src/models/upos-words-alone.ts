// The baseline beside the tagger that is shipped: the same without attention, file by file, so that bundlers see each.

/** The files of `text/upos` without attention and convolution: what a word alone tells. See models/upos-words-alone/README.md. */
export const uposWordsAloneModel: Readonly<Record<string, URL>> = {
  "files.json": new URL("../../models/upos-words-alone/files.json", import.meta.url),
  "config.json": new URL("../../models/upos-words-alone/config.json", import.meta.url),
  "model.safetensors": new URL("../../models/upos-words-alone/model.safetensors", import.meta.url),
  "rows.bin": new URL("../../models/upos-words-alone/rows.bin", import.meta.url),
};
