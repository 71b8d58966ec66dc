// Which words a negation turns around: those after it, up to so many, or to the end of the clause (as in Pang, Lee and
// Vaithyanathan 2002, "Thumbs up?", section 5, there without a limit).

import { checkInteger, checkKind } from "@saccade/attention-core";

/** What negates, and how far. */
export interface Negation {
  /** Words that negate, in lower case. */
  readonly words: readonly string[];
  /** Words that end a clause, in lower case. */
  readonly ends: readonly string[];
  /** How many words after it a negation reaches at most. */
  readonly reach: number;
}

/** Throws `TypeError` or `RangeError`, naming the field, unless `negation` is one. */
export function checkNegation(subject: string, field: string, negation: Negation): void {
  checkKind(subject, field, negation, "object");
  for (const list of ["words", "ends"] as const) {
    const words: unknown = negation[list];
    if (!Array.isArray(words) || !words.every((word) => typeof word === "string")) {
      throw new TypeError(`Cannot use ${subject}: ${field}.${list} must be a list of strings, it is none`);
    }
  }
  checkInteger(subject, `${field}.reach`, negation.reach, 1, 64);
}

/** For each word whether it stands in the scope of a negation: [P], 1 where it does. The negating word itself does not. */
export function negatedWords(words: readonly string[], { words: negating, ends, reach }: Negation): Uint8Array {
  const negated = new Uint8Array(words.length);
  let left = 0;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i]!.toLowerCase();
    if (negating.includes(word)) left = reach;
    else if (ends.includes(word)) left = 0;
    else if (left > 0) {
      negated[i] = 1;
      left -= 1;
    }
  }
  return negated;
}
