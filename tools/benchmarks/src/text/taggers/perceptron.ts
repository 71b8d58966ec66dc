// The averaged perceptron of `perceptron.ts`, trained here; it has no splitting of its own and takes ours.
import { type ConlluSentence, tokenizer } from "@saccade/text-tokens";
import { createRandom } from "../../random.ts";
import { trainPerceptron } from "../perceptron.ts";
import { perceptronName } from "./names.ts";
import type { EnglishTagger } from "./tagger.ts";

/** What the best accuracy on the dev part asks for. */
const epochs = 8;

/** Trains on `sentences`; of EWT's that takes about a minute. */
export function trainPerceptronTagger(sentences: readonly ConlluSentence[]): EnglishTagger {
  const perceptron = trainPerceptron(
    sentences.map(({ words }) => ({ words: words.map(({ form }) => form), tags: words.map(({ upos }) => upos) })),
    epochs,
    createRandom(1),
  );
  const tokenize = tokenizer();
  const label: EnglishTagger["label"] = async (texts) =>
    texts.map((text) => {
      const { tokens, sentences: ends } = tokenize(text, { sentences: "split", paragraphs: "blank-lines" });
      const tags = Array.from(ends.slice(1), (end, n) =>
        perceptron.tag(tokens.slice(ends[n], end).map((token) => token.text)),
      ).flat();
      return tokens.map(({ text: form, start, end }, i) => ({ form, label: tags[i]!, start, end }));
    });
  return {
    name: perceptronName,
    learntFrom: "EWT train",
    tag: label,
    label,
    tagWords: async (cut) => cut.map((words) => perceptron.tag(words)),
    dispose: async () => {},
  };
}
