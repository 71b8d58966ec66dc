// A process that tags one text by ours, weights read from the disk. Runs as a text: no imports of other files.
const started = performance.now();
const [{ createWasmBackend }, { openModel }, { createPipeline }, { upos }, { uposModel }] = await Promise.all([
  import("@saccade/attention-core/wasm"),
  import("@saccade/model-files"),
  import("@saccade/pipeline"),
  import("@saccade/text-tokens"),
  import("@saccade/text-tokens/models/upos"),
]);
const imported = performance.now();
await using tagger = await createPipeline(upos, {
  model: openModel(uposModel),
  backends: [() => createWasmBackend({ threads: 1 })],
});
const loaded = performance.now();
const [text] = await tagger.run(["I saw a saw"]);
const answered = performance.now();
const tags = text!.tokens.map(({ tag }) => tag);
console.log(JSON.stringify({ started, imported, loaded, answered, tags }));

export {};
