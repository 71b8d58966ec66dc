// A process that tags one text by wink-nlp. Runs as a text: no imports of other files.
const started = performance.now();
const [{ default: winkNLP }, { default: model }] = await Promise.all([
  import("wink-nlp"),
  import("wink-eng-lite-web-model"),
]);
const imported = performance.now();
const nlp = winkNLP(model, ["sbd", "pos"]);
const loaded = performance.now();
const tags = nlp.readDoc("I saw a saw").tokens().out(nlp.its.pos); // oxlint-disable-line typescript/unbound-method
const answered = performance.now();
console.log(JSON.stringify({ started, imported, loaded, answered, tags }));

export {};
