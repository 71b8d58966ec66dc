// Chunks of sound through a pipeline, in bounded memory: excerpts are made as the pipeline asks for them.

import type { Pipeline } from "@saccade/pipeline";
import { openSpeechModel, type SpeechModelConfig, type SpeechModelFiles } from "../model/speech-model.ts";
import type { AudioExcerpt, SpeechInput } from "../tasks/excerpt.ts";
import { createSpeechStream, type SpeechStream, type SpeechStreamSettings } from "./speech-stream.ts";

/** Samples as they come, in chunks of any size. */
export type SampleChunks = Iterable<Float32Array> | AsyncIterable<Float32Array>;

/** How to stream. */
export interface StreamOptions extends SpeechStreamSettings {
  /** The files of the model that the pipeline runs, of which config.json is read. */
  readonly model: SpeechModelFiles;
  /** Rejects with its reason, soon. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each excerpt, with the seconds of sound that have their output. */
  readonly onProgress?: ((seconds: number) => void) | undefined;
}

/** The outputs of excerpts in order, and the stream that they come of. Closes the chunks when it is left. */
export async function* streamExcerpts<Output>(
  pipeline: Pipeline<SpeechInput, Output>,
  chunks: SampleChunks,
  stream: SpeechStream,
  signal: AbortSignal | undefined,
): AsyncGenerator<Output> {
  // A pipeline waits for sources that are slow, and gathers from those that are not.
  const excerpts = Symbol.asyncIterator in chunks ? cutLater(chunks, stream) : cutNow(chunks, stream);
  const transfer = ({ samples }: SpeechInput): Transferable[] => [samples.buffer as ArrayBuffer];
  yield* pipeline.stream(excerpts, { signal, transfer });
}

/** The stream that `options` ask for, and the configuration of its model. */
export function openStream(options: StreamOptions): {
  readonly config: SpeechModelConfig;
  readonly stream: SpeechStream;
} {
  const { model, sampleRate, blockSeconds, signal } = options;
  const { config } = openSpeechModel(model, "a stream of speech", "position-labels", signal);
  return {
    config,
    stream: createSpeechStream(config, { sampleRate, ...(blockSeconds !== undefined && { blockSeconds }) }),
  };
}

function* cutNow(chunks: Iterable<Float32Array>, stream: SpeechStream): Generator<AudioExcerpt> {
  for (const chunk of chunks) for (const piece of piecesOf(chunk)) yield* stream.push(piece);
  yield* stream.finish();
}

async function* cutLater(chunks: AsyncIterable<Float32Array>, stream: SpeechStream): AsyncGenerator<AudioExcerpt> {
  for await (const chunk of chunks) for (const piece of piecesOf(chunk)) yield* stream.push(piece);
  yield* stream.finish();
}

/** A whole recording may come as one chunk: its excerpts are not all made at once. */
function* piecesOf(chunk: Float32Array): Generator<Float32Array> {
  if (!(chunk instanceof Float32Array)) {
    throw new TypeError("Cannot stream speech: chunks must be Float32Arrays, one is not");
  }
  for (let at = 0; at < chunk.length; at += pieceSamples) yield chunk.subarray(at, at + pieceSamples);
}

const pieceSamples = 16_384;
