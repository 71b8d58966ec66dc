// The sample texts through the models that are shipped. A model that is not there is named, and the others go on.

import { asyncDispose } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { ModelFileError, type ModelSource, openModel } from "@saccade/model-files";
import { createPipeline, type Modality, type OpenBackend, type Pipeline } from "@saccade/pipeline";
import {
  sentiment,
  type SentimentLabel,
  type TaggedText,
  type TextInput,
  type TextSettings,
  upos,
} from "@saccade/text-tokens";
import { largestDifference } from "./backends.ts";

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
export interface ReadSamples {
  readonly texts: readonly {
    readonly text: string;
    /** Null without the model. */
    readonly tagged: TaggedText | null;
    readonly sentiment: SentimentLabel | null;
  }[];
  readonly twins: TaggedTwins | null;
  /** Names and sizes of the models that were there. */
  readonly models: readonly { readonly name: string; readonly bytes: number }[];
  /** What is missing, a sentence each. */
  readonly missing: readonly string[];
  /** Of opening the models and running them, comparison left out. */
  readonly milliseconds: number;
  /** The largest difference to the reference, and in how many numbers. */
  readonly difference: number;
  readonly numbers: number;
}

/** A result, and the numbers that it was made of. */
interface Reading<T> {
  readonly result: T;
  readonly numbers: readonly number[];
}

/** A reading on WASM, and the numbers of the same on the reference. */
interface ComparedReading<T> extends Reading<T> {
  readonly model: { readonly name: string; readonly bytes: number };
  readonly milliseconds: number;
  readonly expected: readonly number[];
}

/** Reads `samples` and the text `twins`. Rejects with the reason of `signal`, or for models that are damaged. */
export async function readSamples(
  samples: readonly string[],
  twins: string,
  models: SampleModels,
  signal: AbortSignal,
): Promise<ReadSamples> {
  const missing: string[] = [];
  const unlessMissing = async <T>(name: string, reading: Promise<T>): Promise<T | null> => {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof ModelFileError) || error.code !== "file-missing") throw error;
      missing.push(`The model of ${name} is missing: ${error.message}`);
      return null;
    }
  };
  const tagger = await unlessMissing(
    "text/upos",
    read(upos, models.tagger, signal, async (pipeline) => {
      const texts = await pipeline.run(samples, { signal });
      const [explained] = await pipeline.explain([twins], { full: true, meanOverHeads: true }, { signal });
      const { layers } = explained!.sets[0]!;
      const weights = layers.at(-1)!.full!;
      const scores = texts.flatMap(({ tokens }) => tokens.map(({ score }) => score));
      const result = { texts, twins: explained!.output.tokens, weights, layers: layers.length };
      return { result, numbers: [...scores, ...weights] };
    }),
  );
  const wordsAlone = await unlessMissing(
    "text/upos-words-alone",
    read(upos, models.wordsAlone, signal, async (pipeline) => {
      const [text] = await pipeline.run([twins], { signal });
      return { result: text!.tokens.map(({ tag }) => tag), numbers: text!.tokens.map(({ score }) => score) };
    }),
  );
  const judge = await unlessMissing(
    "text/sentiment",
    read(sentiment, models.sentiment, signal, async (pipeline) => {
      const labels = await pipeline.run(samples, { signal });
      return { result: labels, numbers: labels.map(({ score }) => score) };
    }),
  );
  const readings = [tagger, wordsAlone, judge].filter((reading) => reading !== null);
  const tagged = tagger?.result;
  return {
    texts: samples.map((text, n) => ({
      text,
      tagged: tagged?.texts[n] ?? null,
      sentiment: judge?.result[n] ?? null,
    })),
    twins: tagged
      ? {
          words: tagged.twins.map(({ text }) => text),
          tags: tagged.twins.map(({ tag }) => tag),
          tagsAlone: wordsAlone?.result ?? null,
          weights: tagged.weights,
          layers: tagged.layers,
        }
      : null,
    models: readings.map(({ model }) => model),
    missing,
    milliseconds: readings.reduce((sum, reading) => sum + reading.milliseconds, 0),
    difference: Math.max(0, ...readings.map(differenceOf)),
    numbers: readings.reduce((sum, { numbers }) => sum + numbers.length, 0),
  };
}

type TextTask<Output> =
  | Modality<TextInput, Output, "position-labels", TextSettings>
  | Modality<TextInput, Output, "set-label", TextSettings>;

/** What `body` comes to with a pipeline on WASM, timed, and then on the reference. */
async function read<Output, T>(
  task: TextTask<Output>,
  source: ModelSource,
  signal: AbortSignal,
  body: (pipeline: Pipeline<TextInput, Output>) => Promise<Reading<T>>,
): Promise<ComparedReading<T>> {
  const begin = performance.now();
  const model = await openModel(source, { signal });
  const on = async (backend: OpenBackend): Promise<Reading<T>> => {
    const pipeline = await createPipeline(task, { model, backends: [backend], signal });
    try {
      return await body(pipeline);
    } finally {
      await pipeline[asyncDispose]();
    }
  };
  const made = await on(() => createWasmBackend({ threads: 1 }));
  const milliseconds = performance.now() - begin;
  const { numbers: expected } = await on(async () => createReferenceBackend());
  const bytes = model.files.reduce((sum, file) => sum + file.bytes, 0);
  return { ...made, model: { name: model.name, bytes }, milliseconds, expected };
}

function differenceOf({ numbers, expected }: ComparedReading<unknown>): number {
  return largestDifference([Float32Array.from(numbers)], [Float32Array.from(expected)]);
}
