// Records about text: a JSON string, or an object with `text`, or with `tokens` for words that are cut already.

import type { TextInput } from "@saccade/text-tokens";

/** The input of a record. Throws `TypeError` if it has none. */
export function textOf(record: unknown): TextInput {
  if (typeof record === "string") return record;
  if (typeof record === "object" && record !== null && !Array.isArray(record)) {
    const { text, tokens } = record as { readonly text?: unknown; readonly tokens?: unknown };
    if (tokens === undefined && typeof text === "string") return text;
    if (text === undefined && Array.isArray(tokens) && tokens.every((token) => typeof token === "string"))
      return tokens;
  }
  throw new TypeError(
    'Cannot read record: it must be a text in quotes, or an object with "text", a string, or "tokens", a list of strings; it is neither',
  );
}
