// The forms of a word that features look at.

/** `written`: as it stands. `lower`: in lower case. `folded`: in lower case, each digit a 0. */
export type WordForm = "written" | "lower" | "folded";

export const wordForms: readonly WordForm[] = ["written", "lower", "folded"];

/** A word in a form. Lower case is Unicode's, of no locale, so it may be longer than the word (U+0130). */
export function wordInForm(word: string, form: WordForm): string {
  if (form === "written") return word;
  const lower = word.toLowerCase();
  return form === "lower" ? lower : lower.replace(/\p{Nd}/gu, "0");
}

/**
 * The shape of a word: X for a letter in upper case, x in lower, c without case, d for a digit, anything else itself,
 * where no class stands more than `longestRun` times in a row.
 *
 * @example
 * wordShape("McDonald-2026", 2); // "XxXxx-dd"
 */
export function wordShape(word: string, longestRun: number): string {
  let shape = "";
  let before = "";
  let run = 0;
  for (const character of word) {
    const kind = classOf(character);
    run = kind === before ? run + 1 : 1;
    before = kind;
    if (run <= longestRun) shape += kind;
  }
  return shape;
}

function classOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 128) {
    if (code >= 97 && code <= 122) return "x";
    if (code >= 65 && code <= 90) return "X";
    if (code >= 48 && code <= 57) return "d";
    return character;
  }
  if (/\p{Lu}|\p{Lt}/u.test(character)) return "X";
  if (/\p{Ll}/u.test(character)) return "x";
  if (/\p{L}/u.test(character)) return "c";
  return /\p{Nd}/u.test(character) ? "d" : character;
}
