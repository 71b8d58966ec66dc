// The words of each sentence in another order, each with its label.

import { randomStream } from "@saccade/attention-core";
import type { TaggedSentence } from "../../recipes/text/tagger-data.ts";

/** `sentences` with their words shuffled, the same way for the same seed. */
export function shuffleWords(sentences: readonly TaggedSentence[], seed: number): TaggedSentence[] {
  const random = randomStream(seed, "words");
  return sentences.map(({ words, ids, labels }) => {
    const order = Array.from(words, (_, i) => i);
    for (let i = order.length - 1; i > 0; i -= 1) {
      const other = Math.floor(random.uniform() * (i + 1));
      [order[i], order[other]] = [order[other]!, order[i]!];
    }
    const columns = words.length === 0 ? 0 : ids.length / words.length;
    return {
      words: order.map((word) => words[word]!),
      ids: Int32Array.from(
        { length: ids.length },
        (_, i) => ids[order[Math.floor(i / columns)]! * columns + (i % columns)]!,
      ),
      labels: labels.map((own) => Int32Array.from(order, (word) => own[word]!)),
    };
  });
}
