import type { Pipeline } from "@saccade/pipeline";
import { createCtcSearch } from "../ctc/create-search.ts";
import type { CtcSettings } from "../ctc/ctc-search.ts";
import { positionTimes } from "../model/subsampling.ts";
import { type DigitString, digitStrings } from "../tasks/digit-strings.ts";
import type { SpeechInput } from "../tasks/excerpt.ts";
import { openStream, type SampleChunks, streamExcerpts, type StreamOptions } from "./stream-excerpts.ts";

/** What is known since the update before. */
export interface DigitsUpdate {
  /** The next labels, of those that will stay. */
  readonly labels: readonly string[];
  /** As of `DigitString`, of the recording up to here. */
  readonly logProbability: number;
}

/** How to stream, and how to search; by default as `digitStrings` does. */
export interface DigitStreamOptions extends StreamOptions, Partial<CtcSettings> {}

/**
 * Digits as they are said, by a pipeline of `digitStrings`: the labels of all updates together are those of the whole
 * recording. A beam search gives a label once all of its prefixes have it. Rejects as `streamFrames` does.
 *
 * @example
 * for await (const { labels } of streamDigitStrings(pipeline, microphone, { model, sampleRate: 48_000 })) console.log(...labels);
 */
export async function* streamDigitStrings(
  pipeline: Pipeline<SpeechInput, DigitString>,
  chunks: SampleChunks,
  options: DigitStreamOptions,
): AsyncGenerator<DigitsUpdate, void, void> {
  const { config, stream } = openStream(options);
  const { search = digitStrings.settings.search, beams = digitStrings.settings.beams } = options;
  const ctc = createCtcSearch(config.labels.length, { search, beams });
  const { center, step } = positionTimes(config.frames, config.stem);
  let [told, positions] = [0, 0];
  const update = (upTo: number): DigitsUpdate => {
    const { labels, logProbability } = ctc.result();
    const names = Array.from(labels.subarray(told, upTo), (label) => config.labels[label]!);
    told = Math.max(told, upTo);
    return { labels: names, logProbability };
  };
  for await (const { logProbabilities } of streamExcerpts(pipeline, chunks, stream, options.signal)) {
    ctc.push(logProbabilities!);
    positions += logProbabilities!.length / config.labels.length;
    options.onProgress?.(center + (positions - 0.5) * step);
    yield update(ctc.settled());
  }
  yield update(ctc.result().labels.length);
}
