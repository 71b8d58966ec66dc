// The sample texts through the models that are shipped.

import type { ModelSource } from "@saccade/model-files";
import { sentiment, type SentimentLabel, type TaggedText, upos } from "@saccade/text-tokens";
import { type ReadingSummary, sampleReader } from "./sample-reader.ts";

/** The models that samples are read with. */
export interface SampleModels {
  readonly tagger: ModelSource;
  /** The tagger without attention. */
  readonly wordsAlone: ModelSource;
  readonly sentiment: ModelSource;
}

/** What the tagger says of the twins, and by which weights. */
export interface TaggedTwins {
  readonly words: readonly string[];
  readonly tags: readonly string[];
  /** The tags of the tagger without attention; null without its model. */
  readonly tagsAlone: readonly string[] | null;
  /** The last layer's, mean over heads [words, words]. */
  readonly weights: Float32Array;
  readonly layers: number;
}

/** What the models say of the samples. */
export interface ReadSamples extends ReadingSummary {
  readonly texts: readonly {
    readonly text: string;
    /** Null without the model. */
    readonly tagged: TaggedText | null;
    readonly sentiment: SentimentLabel | null;
  }[];
  readonly twins: TaggedTwins | null;
}

/** Reads `samples` and the text `twins`. Rejects with the reason of `signal`, or for models that are damaged. */
export async function readSamples(
  samples: readonly string[],
  twins: string,
  models: SampleModels,
  signal: AbortSignal,
): Promise<ReadSamples> {
  const reader = sampleReader(signal);
  const tagged = await reader.read(upos, models.tagger, async (pipeline) => {
    const texts = await pipeline.run(samples, { signal });
    const [explained] = await pipeline.explain([twins], { full: true, meanOverHeads: true }, { signal });
    const { layers } = explained!.sets[0]!;
    const weights = layers.at(-1)!.full!;
    const scores = texts.flatMap(({ tokens }) => tokens.map(({ score }) => score));
    const result = { texts, twins: explained!.output.tokens, weights, layers: layers.length };
    return { result, numbers: [...scores, ...weights] };
  });
  const tagsAlone = await reader.read(
    upos,
    models.wordsAlone,
    async (pipeline) => {
      const [text] = await pipeline.run([twins], { signal });
      return { result: text!.tokens.map(({ tag }) => tag), numbers: text!.tokens.map(({ score }) => score) };
    },
    "text/upos-words-alone",
  );
  const judged = await reader.read(sentiment, models.sentiment, async (pipeline) => {
    const labels = await pipeline.run(samples, { signal });
    return { result: labels, numbers: labels.map(({ score }) => score) };
  });
  return {
    texts: samples.map((text, n) => ({
      text,
      tagged: tagged?.texts[n] ?? null,
      sentiment: judged?.[n] ?? null,
    })),
    twins: tagged
      ? {
          words: tagged.twins.map(({ text }) => text),
          tags: tagged.twins.map(({ tag }) => tag),
          tagsAlone,
          weights: tagged.weights,
          layers: tagged.layers,
        }
      : null,
    ...reader.summary(),
  };
}
