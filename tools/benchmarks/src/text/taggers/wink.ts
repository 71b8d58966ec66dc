// wink-nlp with its English model, of whose annotations sentences and tags alone are asked for. Its tags are those of
// Universal Dependencies; white space is a token to it, which is left out.
import type { LabelledWord } from "@saccade/text-tokens";
import model from "wink-eng-lite-web-model";
import winkNLP from "wink-nlp";
import { winkName } from "./names.ts";
import type { EnglishTagger } from "./tagger.ts";

/** Loads it. */
export function openWink(): EnglishTagger {
  const nlp = winkNLP(model, ["sbd", "pos"]);
  const read = (text: string): { readonly words: string[]; readonly tags: string[] } => {
    const tokens = nlp.readDoc(text).tokens();
    // wink-nlp knows what is asked for by the function itself.
    const tags = tokens.out(nlp.its.pos); // oxlint-disable-line typescript/unbound-method
    return { words: tokens.out(), tags };
  };
  return {
    name: winkName,
    learntFrom: "general English",
    tag: async (texts) => texts.map(read),
    label: async (texts) => texts.map((text) => placeTokens(text, read(text))),
    dispose: async () => {},
  };
}

/** Tokens where they stand in `text`. Throws `Error` for one that does not. */
function placeTokens(
  text: string,
  { words, tags }: { readonly words: string[]; readonly tags: string[] },
): LabelledWord[] {
  let at = 0;
  return words.flatMap((form, i) => {
    const start = text.indexOf(form, at);
    if (start < 0)
      throw new Error(`Cannot place the token ${form}: it must stand in the text after ${at}, it does not`);
    at = start + form.length;
    return tags[i] === "SPACE" ? [] : [{ form, label: tags[i]!, start, end: at }];
  });
}
