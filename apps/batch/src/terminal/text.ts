// Text that others wrote, made safe to print and to align.

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
/** Controls, and characters that turn or hide text; the joiner of emoji stays. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!\u200d)\p{Cf}/gu;
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const invisible = /^[\p{Mn}\p{Me}\u200d]+$/u;
// eslint-disable-next-line no-control-regex
const colours = /\u001b\[\d+m/g;

/**
 * `text` with control characters, marks of writing direction and lone surrogates written out, so that nothing in it
 * can steer a terminal.
 *
 * @example
 * printable("a\u001b[2Jb"); // "a\\u{1b}[2Jb"
 */
export function printable(text: string): string {
  return text.replaceAll(unprintable, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Columns that `text` takes, its colours left out: two for East Asian wide characters and emoji. */
export function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text.replaceAll(colours, ""))) width += widthOfGrapheme(segment);
  return width;
}

function widthOfGrapheme(grapheme: string): number {
  if (wide.test(grapheme)) return 2;
  return invisible.test(grapheme) ? 0 : 1;
}

/** The first `columns` columns of text without colours, closed by `cut` if that is not all of it. */
export function cutTo(text: string, columns: number, cut: string): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += widthOfGrapheme(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return kept + cut;
}

/** `text` and spaces up to `columns`. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/** Spaces and `text`. */
export function padStart(text: string, columns: number): string {
  return " ".repeat(Math.max(0, columns - widthOf(text))) + text;
}

/** `text` as lines of at most `columns`, broken at spaces; a longer word has a line of its own. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
