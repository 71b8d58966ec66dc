// Where sentences end, in words that are cut already.

import type { Abbreviation } from "./abbreviations.ts";
import type { Token } from "./token.ts";

/** What stands between a token and the one before it. */
export type Gap = "none" | "blank" | "paragraph";

/** What a text's tokens are, for decisions about sentences. */
export interface TokensInText {
  readonly tokens: readonly Token[];
  /** Of each token, before it. */
  readonly gaps: readonly Gap[];
  readonly abbreviations: ReadonlyMap<string, Abbreviation>;
}

const terminal = /^(?:\.|[!?]+)$/u;
const closing = /^(?:["'”’)\]}]|''|’’)$/u;
const emoticon = /^[<>]?[:;=][-^o']?[)(\][DPpOo/\\|*]$|^\^[_.]?\^$|^\p{ExtPict}/u;
const upper = /^\p{Lu}/u;
const lower = /^\p{Ll}/u;

/** Words that begin a sentence more often than they go on with a name. */
const openers =
  /^(?:The|This|That|These|Those|He|She|It|They|We|You|I|A|An|If|When|In|On|At|For|And|But|So|There|My|Our|His|Her|Their|What|How|Why|Who)$/u;

/** Whether a sentence ends after token `i`, which is not the last one. */
export function endsSentence({ tokens, gaps, abbreviations }: TokensInText, i: number): boolean {
  if (gaps[i + 1] === "paragraph") return true;
  if (gaps[i + 1] === "none") return false;
  const next = tokens[i + 1]!.text;
  let last = i;
  while (last > 0 && gaps[last] === "none" && closing.test(tokens[last]!.text)) last -= 1;
  const { text } = tokens[last]!;
  if (last < i) return terminal.test(text) && (text === "." || !lower.test(next));
  if (terminal.test(text)) return !/^[”’)\]}]$/u.test(next) && !emoticon.test(next);
  if (/^(?:\.{2,}|…+)$/u.test(text)) return upper.test(next);
  if (emoticon.test(text)) return last > 0 && terminal.test(tokens[last - 1]!.text) && !closing.test(next);
  if (!/\p{L}\.$/u.test(text)) return false;
  const known = abbreviations.get(text.slice(0, -1).toLowerCase());
  if (known && isWordAndPeriod(known, text, next)) return true;
  return known?.opens === false && openers.test(next);
}

/** Whether a token that ends with a period is a word at the end of a sentence, for all that it looks like an abbreviation. */
function isWordAndPeriod(known: Abbreviation, text: string, next: string): boolean {
  return known.isWord && !/^[\p{N},;:)-]/u.test(next) && !(upper.test(text) && lower.test(next));
}
