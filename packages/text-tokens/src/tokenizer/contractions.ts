// Words that are two words: those that Universal Dependencies' English data splits although nothing shows it, and those
// that it splits at an apostrophe.

/** In lower case, with a bar where the words meet. */
const fused =
  "can|not gon|na got|ta wan|na gim|me lem|me du|n|no out|ta wha|t|cha a|lot i|'m|a " +
  "do|nt did|nt does|nt is|nt was|nt were|nt are|nt ar|nt ai|nt ca|nt wo|nt would|nt could|nt should|nt have|nt has|nt had|nt must|nt " +
  "i|m i|ve you|ve we|ve they|ve you|re they|re you|ll they|ll it|ll he|s that|s there|s what|s who|s where|s here|s let|s else|s";

/**
 * Says where a word of letters, digits and apostrophes falls apart: places inside it, ascending.
 *
 * @example
 * contractionSplitter()("don't"); // [2]
 */
export function contractionSplitter(): (word: string) => readonly number[] {
  const places = new Map<string, readonly number[]>();
  for (const word of fused.split(" ")) {
    const parts = word.split("|");
    let at = 0;
    places.set(
      parts.join(""),
      parts.slice(0, -1).map((part) => (at += part.length)),
    );
  }
  return (word) => places.get(word.toLowerCase()) ?? (/['’`]/u.test(word) ? splitsAtApostrophe(word) : []);
}

function splitsAtApostrophe(word: string): readonly number[] {
  if (/.n['’]t$/isu.test(word)) return [word.length - 3];
  // Not after a digit: 60's is one word.
  const clitic = /[^0-9](['’`](?:s|re|ve|ll|d|m))$/isu.exec(word)?.[1];
  if (clitic !== undefined) {
    const at = word.length - clitic.length;
    return [...splitsAtApostrophe(word.slice(0, at)), at];
  }
  const dropsLetter = /^(?:\p{L}{2,5}in|o|an|ol|th)['’]$/iu;
  return word.length > 1 && /['’`]$/u.test(word) && !dropsLetter.test(word) ? [word.length - 1] : [];
}
