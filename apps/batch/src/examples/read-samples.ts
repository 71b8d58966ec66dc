// The sample texts through the models that are shipped. A model that is not there is named, and the others go on.

import { asyncDispose } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { ModelFileError, type ModelSource, openModel } from "@saccade/model-files";
import { createPipeline, type LayerMaps, type Modality, type OpenBackend, type Pipeline } from "@saccade/pipeline";
import { sentiment, type SentimentLabel, type TaggedText, type TextInput, upos } from "@saccade/text-tokens";

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
  /** From opening the first model to the last output. */
  readonly milliseconds: number;
  /** The largest difference to the reference, and in how many numbers; null if nothing was compared. */
  readonly difference: number;
  readonly numbers: number;
}

const wasm: OpenBackend = () => createWasmBackend({ threads: 1 });
const reference: OpenBackend = async () => createReferenceBackend();

/** Reads `samples` and the text `twins`. Rejects with the reason of `signal`, or for models that are damaged. */
export async function readSamples(
  samples: readonly string[],
  twins: string,
  { tagger, wordsAlone, sentiment: judge }: SampleModels,
  signal: AbortSignal,
): Promise<ReadSamples> {
  const models: { name: string; bytes: number }[] = [];
  const missing: string[] = [];
  const numbers: number[][] = [];
  const compared: number[][] = [];
  /** What `body` comes to on WASM, or null without a model; the same on the reference is kept for comparison. */
  const withModel = async <Output, T>(
    modality: AnyTextTask<Output>,
    [name, source]: readonly [name: string, source: ModelSource],
    body: (pipeline: Pipeline<TextInput, Output>) => Promise<{ readonly result: T; readonly numbers: number[] }>,
  ): Promise<T | null> => {
    try {
      const model = await openModel(source, { signal });
      const run = async (open: OpenBackend) => {
        const pipeline = await createPipeline(modality, { model, backends: [open], signal });
        try {
          return await body(pipeline);
        } finally {
          await pipeline[asyncDispose]();
        }
      };
      const made = await run(wasm);
      models.push({ name: model.name, bytes: model.files.reduce((sum, { bytes }) => sum + bytes, 0) });
      numbers.push(made.numbers);
      later.push(async () => void compared.push((await run(reference)).numbers));
      return made.result;
    } catch (error) {
      if (!(error instanceof ModelFileError) || error.code !== "file-missing") throw error;
      missing.push(`The model of ${name} is missing: ${error.message}`);
      return null;
    }
  };
  const later: (() => Promise<void>)[] = [];
  const begin = performance.now();
  const tagged = await withModel(upos, ["text/upos", tagger], async (pipeline) => {
    const texts = await pipeline.run(samples, { signal });
    const [explained] = await pipeline.explain([twins], { full: true, meanOverHeads: true }, { signal });
    const last = lastLayer(explained!.sets[0]!.layers);
    const scores = texts.flatMap(({ tokens }) => tokens.map(({ score }) => score));
    return { result: { texts, twins: explained!.output, ...last }, numbers: [...scores, ...last.weights] };
  });
  const alone = await withModel(upos, ["text/upos-words-alone", wordsAlone], async (pipeline) => {
    const [text] = await pipeline.run([twins], { signal });
    return { result: text!.tokens.map(({ tag }) => tag), numbers: text!.tokens.map(({ score }) => score) };
  });
  const judged = await withModel(sentiment, ["text/sentiment", judge], async (pipeline) => {
    const labels = await pipeline.run(samples, { signal });
    return { result: labels, numbers: labels.map(({ score }) => score) };
  });
  const milliseconds = performance.now() - begin;
  for (const compare of later) await compare();
  const [ours, theirs] = [numbers.flat(), compared.flat()];
  return {
    texts: samples.map((text, n) => ({
      text,
      tagged: tagged?.texts[n] ?? null,
      sentiment: judged?.[n] ?? null,
    })),
    twins: tagged && {
      words: tagged.twins.tokens.map(({ text }) => text),
      tags: tagged.twins.tokens.map(({ tag }) => tag),
      tagsAlone: alone,
      weights: tagged.weights,
      layers: tagged.layers,
    },
    models,
    missing,
    milliseconds,
    difference: ours.reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs[i] ?? Infinity))), 0),
    numbers: ours.length,
  };
}

type AnyTextTask<Output> =
  | Modality<TextInput, Output, "position-labels", typeof upos.settings>
  | Modality<TextInput, Output, "set-label", typeof sentiment.settings>;

function lastLayer(layers: readonly LayerMaps[]): { readonly weights: Float32Array; readonly layers: number } {
  return { weights: layers.at(-1)!.full!, layers: layers.length };
}
