// A process that tags one text by compromise. Runs as a text: no imports of other files.
const started = performance.now();
const { default: nlp } = await import("compromise/two");
const imported = performance.now();
const loaded = imported;
const terms = nlp("I saw a saw").termList();
const answered = performance.now();
const tags = terms.map((term) => [...(term.tags ?? [])].join(" "));
console.log(JSON.stringify({ started, imported, loaded, answered, tags }));

export {};
