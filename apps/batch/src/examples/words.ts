// Words as vectors without any training: hashed character n-grams (as in Bojanowski et al. 2017, whose vectors are
// learned; here each n-gram adds ±1 in a column that its hash picks, Weinberger et al. 2009).

/** D, columns of a head. */
export const headWidth = 32;

const segmenter = new Intl.Segmenter("und", { granularity: "word" });

/** The words of a text and its punctuation, in order; spaces left out. */
export function wordsOf(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment).filter((word) => word.trim() !== "");
}

/**
 * A row for each word, [P, H · D]. Head h holds the n-grams of h + 1 characters of the word between marks of its ends,
 * the last head the whole word; each head's part has length 1, so that a product of two heads is their likeness.
 *
 * Equal words have equal rows, but for capitals, which do not count.
 */
export function wordVectors(words: readonly string[], heads: number): Float32Array {
  const rows = new Float32Array(words.length * heads * headWidth);
  words.forEach((word, row) => {
    const characters = Array.from(`<${word.toLowerCase()}>`);
    for (let head = 0; head < heads; head += 1) {
      const at = (row * heads + head) * headWidth;
      const part = rows.subarray(at, at + headWidth);
      for (const gram of gramsOf(characters, head, heads)) addGram(part, gram);
      const length = Math.hypot(...part);
      if (length > 0) part.forEach((value, d) => (part[d] = value / length));
    }
  });
  return rows;
}

/** What a head looks at, for people. */
export function headTitles(heads: number): string[] {
  const titles = Array.from({ length: heads - 1 }, (_, head) => (head === 0 ? "letters" : `${head + 1} letters`));
  return [...titles, "whole words"];
}

function gramsOf(characters: readonly string[], head: number, heads: number): string[] {
  const size = head + 1;
  if (head === heads - 1 || characters.length <= size) return [characters.join("")];
  // The marks of the ends say nothing by themselves.
  const from = size === 1 ? characters.slice(1, -1) : characters;
  return Array.from({ length: from.length - size + 1 }, (_, i) => from.slice(i, i + size).join(""));
}

function addGram(part: Float32Array, gram: string): void {
  const hash = hashOf(gram);
  const column = (hash >>> 1) % part.length;
  part[column]! += (hash & 1) === 0 ? 1 : -1;
}

/** FNV-1a over code units, its bits mixed once more so that the low ones are as good as the high ones. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
