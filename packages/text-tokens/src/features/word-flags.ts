// Yes-or-no features of a word.

/**
 * `first`: first position of its text. `capitalized`: begins in upper case; `capitalized-first`: that, in first position.
 * `upper`: two letters or more, none in lower case. `digit`: has one. `number`: digits with `.` `,` `:` `/` `-` between
 * them. `hyphen`, `apostrophe`, `period`: has one (` ’ counts as an apostrophe). `punctuation`: nothing but punctuation
 * and symbols. `url`, `email`, `emoji`: looks like one. `mention`: begins with @ or #.
 */
export type WordFlag =
  | "first"
  | "capitalized"
  | "capitalized-first"
  | "upper"
  | "digit"
  | "number"
  | "hyphen"
  | "apostrophe"
  | "period"
  | "punctuation"
  | "url"
  | "email"
  | "emoji"
  | "mention";

/** All flags; those of one word in one place of the table stand in the order that a configuration gives them. */
export const wordFlags: readonly WordFlag[] = [
  "first",
  "capitalized",
  "capitalized-first",
  "upper",
  "digit",
  "number",
  "hyphen",
  "apostrophe",
  "period",
  "punctuation",
  "url",
  "email",
  "emoji",
  "mention",
];

/** Whether `flag` depends on where the word stands. */
export function isPositional(flag: WordFlag): boolean {
  return flag === "first" || flag === "capitalized-first";
}

/** Most words of a text, of which no flag but `first` can say anything. */
const isPlain = /^[a-z]+$/u;

/** Whether a word has a flag; `first` says that it stands in first position. */
export function hasFlag(flag: WordFlag, word: string, first: boolean): boolean {
  if (isPlain.test(word)) return flag === "first" && first;
  switch (flag) {
    case "first":
      return first;
    case "capitalized":
      return isCapitalized(word);
    case "capitalized-first":
      return first && isCapitalized(word);
    case "upper":
      return (
        word.length > 1 && word !== word.toLowerCase() && word === word.toUpperCase() && /\p{L}.*\p{L}/su.test(word)
      );
    case "digit":
      return /\p{Nd}/u.test(word);
    case "number":
      return /^[+-]?[.,]?\p{Nd}+(?:[.,:/-]\p{Nd}+)*[.,]?$/u.test(word);
    case "hyphen":
      return /\p{Pd}/u.test(word);
    case "apostrophe":
      return /['’`]/u.test(word);
    case "period":
      return word.includes(".");
    case "punctuation":
      return /^[\p{P}\p{S}]+$/u.test(word);
    case "url":
      return (
        /^(?:https?:|ftp:|www\.)|\.(?:com|org|net|edu|gov|co|uk|html?)(?:\/|$)/iu.test(word) && !word.includes("@")
      );
    case "email":
      return /^[^\s@]+@[^\s@.]+\./u.test(word);
    case "emoji":
      return /\p{Extended_Pictographic}|^[<>]?[:;=][-'^o]?[)(\][DPpOo3/\\|*]+$|^[xX]D+$|^\^[_.]?\^$|^<3+$/u.test(word);
    case "mention":
      return /^[@#][\p{L}\p{N}_]/u.test(word);
  }
}

function isCapitalized(word: string): boolean {
  const code = word.charCodeAt(0);
  return code < 128 ? code >= 65 && code <= 90 : /^[\p{Lu}\p{Lt}]/u.test(word);
}
