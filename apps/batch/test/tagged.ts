// Made-up sentences as a treebank.

const nouns = ["dog", "boat", "saw", "park", "child", "song", "river", "lamp"];
const verbs = ["saw", "heard", "park", "sank", "found", "sings"];

/** `count` sentences of four words as CoNLL-U, others for another `first`. */
export function treebank(count: number, first = 0): string {
  return Array.from({ length: count }, (_, i) => {
    const n = first + i;
    const words = [
      [n % 2 === 0 ? "I" : "They", "PRON"],
      [verbs[(n * 5 + 1) % verbs.length]!, "VERB"],
      [n % 3 === 0 ? "a" : "the", "DET"],
      [nouns[(n * 3) % nouns.length]!, "NOUN"],
    ] as const;
    const lines = words.map(([form, tag], w) =>
      [w + 1, form, form, tag, tag.slice(0, 2), "_", w === 0 ? 0 : 1, w === 0 ? "root" : "dep", "_", "_"].join("\t"),
    );
    return [`# sent_id = ${n}`, `# text = ${words.map(([form]) => form).join(" ")}`, ...lines, "", ""].join("\n");
  }).join("");
}
